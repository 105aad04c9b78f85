"""`huiyin audit replay`: the recorded history through the workflow code, held against the record in Postgres value by value."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from temporalio.client import Client, WorkflowHistory
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

from activities.types import RECORD
from domain.core import Case, Event, chained, fold, projection
from workflows.converter import CodecKeys
from workflows.laws import law_of
from workflows.plugin import plugin


@dataclass
class Findings:
    """What was checked, line by line: whether it holds, and what was compared."""

    lines: list[tuple[bool, str]] = field(default_factory=list)

    def say(self, holds: object, text: str) -> None:
        """One line."""
        self.lines.append((bool(holds), text))

    @property
    def sound(self) -> bool:
        """Whether everything held."""
        return all(holds for holds, _ in self.lines)


@dataclass
class Seen:
    """What the workflow code did while it was replayed."""

    start: Any = None
    batches: list[tuple[Any, Any]] = field(default_factory=list)


class _Watching(Interceptor):
    """Hands out the start input, each batch and the answer that history holds for it."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002 - the SDK's name
        """See the SDK."""
        input.unsafe_extern_functions["audit_start"] = lambda start: setattr(self.seen, "start", start)
        input.unsafe_extern_functions["audit_batch"] = lambda batch, answer: self.seen.batches.append((batch, answer))
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.next.init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        extern_functions()["audit_start"](input.args[0])
        return await super().execute_workflow(input)


class _Outbound(WorkflowOutboundInterceptor):
    def start_local_activity(self, input: StartLocalActivityInput) -> Any:  # noqa: A002
        return _watched(input.activity, input.args, super().start_local_activity(input))

    def start_activity(self, input: StartActivityInput) -> Any:  # noqa: A002
        return _watched(input.activity, input.args, super().start_activity(input))


def _watched(activity: str, args: Sequence[Any], handle: Any) -> Any:
    if activity == RECORD:
        tell = extern_functions()["audit_batch"]

        def done(task: asyncio.Task[Any]) -> None:
            if not task.cancelled() and task.exception() is None:
                tell(args[0], task.result())

        handle.add_done_callback(done)
    return handle


async def replay(case_id: str, histories: Sequence[WorkflowHistory], pool: asyncpg.Pool, keys: CodecKeys, seen: Seen | None = None) -> Findings:
    """Replay every run of a case and compare; nothing is written. `seen` takes what the workflow code did."""
    found, seen = Findings(), seen or Seen()
    replayer = Replayer(workflows=[], plugins=[plugin(keys, story_clock=True)], interceptors=[_Watching(seen)])
    for n, history in enumerate(histories, 1):
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        found.say(result.replay_failure is None, f"运行 run {n}: 工作流代码重放 replays ({len(history.events)} 个引擎事件 engine events)" + (f": {result.replay_failure}" if result.replay_failure else ""))
    decided = _decided(seen)
    rows = await pool.fetch("select seq, kind, actor, command_id, body, data, hash from events where case_id = $1 order by seq", case_id)
    found.say(len(rows) == len(decided), f"事件数 events: 历史 history {len(decided)}, 记录 record {len(rows)}")
    _compare(found, decided, rows)
    case = _chain(found, case_id, rows, seen)
    await _copy(found, pool, case, seen)
    return found


def _decided(seen: Seen) -> dict[int, str]:
    """Canonical texts by sequence, as the workflow decided (or adopted) them, with the number that history holds."""
    texts: dict[int, str] = {}
    for batch, answer in seen.batches:
        if answer.stored:
            texts |= {json.loads(text)["seq"]: text for text in answer.stored}
            continue
        for event in batch.events:
            text = event["text"]
            if answer.number is not None and batch.number:
                ask = batch.number
                number = ask["prefix"] + str(answer.number).rjust(ask["width"], "0") + ask["suffix"]
                text = text.replace(json.dumps(ask["token"], ensure_ascii=False), json.dumps(number, ensure_ascii=False))
            texts[event["seq"]] = text
    return texts


def _compare(found: Findings, decided: dict[int, str], rows: Sequence[Any]) -> None:
    differing = 0
    for row in rows:
        stored, ours = json.loads(row["body"]), json.loads(decided.get(row["seq"], "{}"))
        columns = {"kind": row["kind"], "actor": row["actor"], "command_id": row["command_id"], "data": json.loads(row["data"])}
        parts = [key for key in sorted({*stored, *ours}) if stored.get(key) != ours.get(key)] + [f"column {k}" for k, v in columns.items() if stored.get(k) != v]
        if parts:
            differing += 1
            found.say(False, f"事件 event {row['seq']} {row['kind']}: 与历史不符 differs from history: {', '.join(parts)}")
    found.say(not differing, f"{len(rows)} 个事件逐值相同 events equal value by value")


def _chain(found: Findings, case_id: str, rows: Sequence[Any], seen: Seen) -> Case:
    case = Case.new(case_id, seen.start.office if seen.start else "", seen.start.book if seen.start else "")
    head, broken = case.chain_head, 0
    for row in rows:
        event = Event.load(json.loads(row["body"]))
        head = chained(head, event)
        if head != row["hash"]:
            broken = broken or row["seq"]
        fold(case, event)
    found.say(not broken, f"哈希链 hash chain: {head[:16]}…" if not broken else f"哈希链在事件 {broken} 断开 hash chain broken at event {broken}")
    heads = [answer.head for _, answer in seen.batches]
    found.say(heads and heads[-1] == head, "链头与历史所载相同 chain head as history has it")
    return case


async def _copy(found: Findings, pool: asyncpg.Pool, case: Case, seen: Seen) -> None:
    row = await pool.fetchrow('select version, chain_head, phase, register_no, "row" from cases where case_id = $1', case.id)
    if row is None or seen.start is None:
        found.say(False, "记录中没有此件 the record has no such case")
        return
    ours = json.loads(json.dumps(projection(case, law_of(seen.start.law)), default=str))
    stored = json.loads(row["row"])
    parts = [key for key in sorted({*ours, *stored}) if ours.get(key) != stored.get(key)]
    found.say(not parts, "列表行与折叠结果相同 list row equals the fold" if not parts else f"列表行不符 list row differs: {', '.join(parts)}")
    same = (row["version"], row["chain_head"], row["phase"], row["register_no"]) == (case.version, case.chain_head, case.phase, case.register_no)
    found.say(same, f"版本、链头、阶段、编号 version, head, phase, number: {case.version}, {case.phase}, {case.register_no}")


async def histories_of(client: Client, case_id: str) -> list[WorkflowHistory]:
    """Every run of a case from the engine, oldest first."""
    runs = []
    run_id: str | None = None
    while True:
        history = await client.get_workflow_handle(case_id, run_id=run_id).fetch_history()
        runs.append(history)
        first = history.events[0].workflow_execution_started_event_attributes
        if not first.continued_execution_run_id:
            return list(reversed(runs))
        run_id = first.continued_execution_run_id


def printed(case_id: str, found: Findings) -> str:
    """The findings, line by line, with the verdict last."""
    lines = [f"{'✓' if holds else '✗'} {text}" for holds, text in found.lines]
    verdict = "一致 sound" if found.sound else "不一致:记录与历史不符 NOT sound: the record differs from history"
    return "\n".join([f"audit {case_id}", *lines, verdict])
