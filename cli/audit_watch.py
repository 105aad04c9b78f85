"""What the workflow code decides while a history is replayed: start input, batches with the answers that history holds, notices sent."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import extern_functions

from activities.types import NOTIFY, RECORD, whole
from workflows.converter import CodecKeys
from workflows.plugin import plugin


@dataclass
class Seen:
    """What the workflow code did while it was replayed; `failures` has a text for each run, '' where it replays."""

    starts: list[Any] = field(default_factory=list)
    batches: list[tuple[Any, Any]] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    @property
    def start(self) -> Any:
        """The first start input, None where none was read."""
        return self.starts[0] if self.starts else None


@dataclass(frozen=True)
class Step:
    """One step of the case: its events as canonical text, with the number that history holds; the head it answered; what was taken over unseen."""

    texts: dict[int, str]
    head: str
    number: int | None
    adopted: int


async def watched(histories: Sequence[WorkflowHistory], keys: CodecKeys, seen: Seen | None = None) -> Seen:
    """Replay every run, oldest first; into `seen` where one is given."""
    seen = seen or Seen()
    replayer = Replayer(workflows=[], plugins=[plugin(keys, story_clock=True)], interceptors=[_Watching(seen)])
    for history in histories:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        seen.failures.append("" if result.replay_failure is None else f"{type(result.replay_failure).__name__}: {str(result.replay_failure)[:300]}")
    return seen


def steps_of(seen: Seen) -> list[Step]:
    """The steps as the workflow decided them, or took them over from the record after a lost answer."""
    steps = []
    for batch, answer in seen.batches:
        ours = _own(batch, answer)
        if answer.stored:
            stored = {int(json.loads(text)["seq"]): text for text in answer.stored}
            steps.append(Step(stored, answer.head, None, sum(not _alike(ours.get(seq), text) for seq, text in stored.items())))
        else:
            steps.append(Step(ours, answer.head, answer.number, 0))
    return steps


def _own(batch: Any, answer: Any) -> dict[int, str]:
    texts = {}
    for event in batch.events:
        text = event["text"]
        if answer.number is not None and batch.number:
            ask = batch.number
            number = ask["prefix"] + str(answer.number).rjust(ask["width"], "0") + ask["suffix"]
            text = text.replace(json.dumps(ask["token"], ensure_ascii=False), json.dumps(number, ensure_ascii=False))
        texts[int(event["seq"])] = text
    return texts


def _alike(ours: str | None, stored: str) -> bool:
    """Whether a stored event is the one decided here; the number of a lost answer is known from the record alone."""
    if ours is None or ours == stored:
        return ours is not None
    mine, theirs = json.loads(ours), json.loads(stored)
    for one in (mine, theirs):
        one["data"].get("patch", {}).get("attrs", {}).pop("register_no", None)
    return bool(mine == theirs)


class _Watching(Interceptor):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - the SDK's name
        """See the SDK."""
        input.unsafe_extern_functions["audit_start"] = self.seen.starts.append
        input.unsafe_extern_functions["audit_done"] = self._done
        return _Inbound

    def _done(self, activity: str, given: Any, answer: Any) -> None:
        if activity == RECORD:
            self.seen.batches.append((given, answer))
        elif isinstance(answer, list):
            self.seen.sent |= {one for one in answer if isinstance(one, str)}


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.next.init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        extern_functions()["audit_start"](input.args[0])
        return await super().execute_workflow(input)


class _Outbound(WorkflowOutboundInterceptor):
    def start_local_activity(self, input: StartLocalActivityInput) -> Any:  # noqa: A002
        return _reported(input.activity, input.args, super().start_local_activity(input))

    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        return _reported(input.activity, input.args, super().start_activity(input))


def _reported(activity: str, args: Sequence[Any], handle: Any) -> Any:
    if activity in (RECORD, NOTIFY):
        tell, given = extern_functions()["audit_done"], whole(args[0]) if activity == RECORD else args[0]  # now: the case lets go of it when it has its answer

        def done(task: asyncio.Task[Any]) -> None:
            if not task.cancelled() and task.exception() is None:
                tell(activity, given, task.result())

        handle.add_done_callback(done)
    return handle
