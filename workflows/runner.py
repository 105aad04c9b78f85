"""The sandbox of the SDK, entered less often.

For every payload of every task the SDK enters the sandbox three times to ask in which context to convert it. Our converter looks at no context
(`SealingCodec` seals every payload alike), so the answer needs no visit: "none". The workflow itself stays in the sandbox.

It enters by source text that it compiles anew for each task: the few texts are compiled once here.

While a workflow runs, the SDK puts a function of its own in the place of `isinstance`, everywhere, to see through its proxies. What is passed through
and pure never meets one, and asks some thousand times a case: it keeps Python's own.
"""

import builtins
import sys
from collections.abc import Collection
from functools import cache
from types import CodeType
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox._runner import _Instance
from temporalio.workflow import Info

PREPARED: set[type] = set()


class WithoutContext(WorkflowInstance):
    """A sandboxed instance whose payloads are all converted alike."""

    def __init__(self, inner: WorkflowInstance) -> None:
        """The instance in the sandbox does the work."""
        self.inner = inner

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """One activation, in the sandbox."""
        return self.inner.activate(act)

    def get_serialization_context(self, command_info: Any) -> None:
        """None: no context, whatever the command."""

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:  # noqa: ARG002 - the SDK's shape
        """No target: nothing of ours is stored outside by the SDK."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        """See the SDK."""
        return self.inner.get_info()

    def get_thread_id(self) -> int | None:
        """See the SDK; for its watch over deadlocks."""
        return self.inner.get_thread_id()


class Entered(_Instance):
    """The SDK's instance in the sandbox, whose few ways in are compiled once a process."""

    def _run_code(self, code: str | CodeType, **extra_globals: Any) -> None:
        super()._run_code(_compiled(code) if isinstance(code, str) else code, **extra_globals)  # type: ignore[arg-type]  # it is handed to `exec`


@cache
def _compiled(code: str) -> CodeType:
    return compile(code, "<string>", "exec")


def plain_isinstance(names: Collection[str]) -> None:
    """Give the modules of these names, and those below them, Python's own `isinstance` by name."""
    own = getattr(builtins.isinstance, "orig", builtins.isinstance)  # another worker of this process may be in its sandbox now
    for name, module in list(sys.modules.items()):
        if any(name == one or name.startswith(f"{one}.") for one in names):
            vars(module).setdefault("isinstance", own)


class Sandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox with such instances."""

    def prepare_workflow(self, defn: Any) -> None:
        """See the SDK: it tries whether a workflow can be loaded in a sandbox; once a process is enough, an audit makes a replayer for each case."""
        if defn.cls not in PREPARED:
            super().prepare_workflow(defn)
            PREPARED.add(defn.cls)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See the SDK."""
        return WithoutContext(Entered(det, self.runner_class, self.restrictions))
