"""One plugin for worker, API, tests and replay: converter, sandbox, workflow, and the guard of the story clock."""

from typing import Any

from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from workflows import visits
from workflows.archive import ArchiveCheckWorkflow, ArchiveWorkflow
from workflows.complaint import ComplaintWorkflow
from workflows.converter import CodecKeys, data_converter
from workflows.courier import CourierWorkflow
from workflows.ledger import LedgerWorkflow
from workflows.revision import RevisionWorkflow
from workflows.runner import Sandbox, plain_isinstance

# The core and what judges messages are pure: loaded once, shared, frozen. The workflow itself stays in the sandbox.
OURS = ("domain", "activities.types", "workflows.contract", "workflows.batches", "workflows.laws", "workflows.converter", "workflows.attributes", "workflows.policies")
PASSED = (*OURS, "cryptography")


class _RealTime(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's name
        if getattr(input.args[0], "clock_offset", 0.0):
            raise RuntimeError("clock_offset is for stories only; this worker runs on real time (story_clock is off)")
        return await super().execute_workflow(input)


class RealTimeOnly(Interceptor):
    """Refuses cases that were started with a story's clock: their task fails here and waits for a worker that may."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002
        """See the SDK."""
        return _RealTime


def plugin(keys: CodecKeys, *, story_clock: bool = False) -> SimplePlugin:
    """Everything that the parties must have in common; activities are the worker's own."""
    return SimplePlugin(
        "huiyin", data_converter=data_converter(keys), workflows=[ComplaintWorkflow, CourierWorkflow, ArchiveWorkflow, ArchiveCheckWorkflow, RevisionWorkflow, LedgerWorkflow],
        workflow_runner=_sandboxed,
        interceptors=() if story_clock else (RealTimeOnly(),),
    )  # fmt: skip


def _sandboxed(_: WorkflowRunner | None) -> WorkflowRunner:
    plain_isinstance(OURS)
    visits.once()
    return Sandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED))
