"""`huiyin audit replay`: the recorded history through the workflow code and the core, held against the record in Postgres value by value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from temporalio.client import WorkflowHistory

from activities.histories import begins, ending
from activities.histories import fetched as histories_of
from cli import audit_acts, audit_law, audit_record
from cli.audit_watch import Seen, steps_of, watched
from workflows.converter import UNOPENED, CodecKeys, SealingCodec

__all__ = ["Findings", "Unchecked", "histories_of", "printed", "replay"]
SOUND, DIFFERS, UNCHECKED = 0, 1, 2


class Unchecked(Exception):
    """Nothing could be compared: why, and what to do, in both languages."""


@dataclass
class Findings:
    """What was checked, line by line: whether it holds, and what was compared."""

    lines: list[tuple[bool, str]] = field(default_factory=list)

    def say(self, holds: object, text: str) -> None:
        """One line."""
        self.lines.append((bool(holds), text))

    def settle(self, wrong: Sequence[str], text: str) -> None:
        """A line for each thing that differs, or the one that says what is alike."""
        for one in wrong:
            self.say(False, one)
        if not wrong:
            self.say(True, text)

    @property
    def sound(self) -> bool:
        """Whether everything held."""
        return all(holds for holds, _ in self.lines)


async def replay(case_id: str, histories: Sequence[WorkflowHistory], pool: asyncpg.Pool, keys: CodecKeys, seen: Seen | None = None, actors: Mapping[str, str] | None = None, rules: Ed25519PublicKey | None = None) -> Findings:
    """Replay every run of a case and compare; nothing is written. `seen` takes what the workflow code did; `actors` = keys by which the installation ever signed, for what came after the end; `rules` proves who published the law. Raises Unchecked where the keys of the payloads are not here."""
    found = Findings()
    await _opened(histories, keys)
    seen = await watched(histories, keys, seen)
    for n, (history, failure) in enumerate(zip(histories, seen.failures, strict=True), 1):
        text = f"运行 run {n} {history.run_id}: 工作流代码重放 replays ({len(history.events)} 个引擎事件 engine events)"
        found.say(not failure, text + (f": {failure}" if failure else ""))
    found.settle(_links(histories), f"{len(histories)} 个运行首尾相接 runs, linked from the first to the last; 结束 ended: {ending(histories) or '在办 still open'}")
    if not seen.starts:
        found.say(False, "历史中没有起始输入 no start input was read")
        return found
    steps = steps_of(seen)
    if not steps and not await pool.fetchval("select 1 from cases where case_id = $1", case_id):
        raise Unchecked(f"{case_id} 已收件,尚未登记 filed and not recorded yet: 请看 worker 是否在运行 see whether a worker runs")
    story = audit_record.told(case_id, seen.starts[0], steps)
    await audit_record.compare(found, pool, story, seen)
    await audit_acts.compare(found, pool, story, seen, histories, keys, actors or {})
    began = histories[0].events[0].event_time.ToDatetime(UTC)
    await audit_law.compare(found, pool, story, rules, began)
    return found


async def _opened(histories: Sequence[WorkflowHistory], keys: CodecKeys) -> None:
    payloads = list(histories[0].events[0].workflow_execution_started_event_attributes.input.payloads)
    shut = [one for one in await SealingCodec(keys).decode(payloads) if one.metadata.get("encoding") == UNOPENED]
    if shut or not payloads:
        name = payloads[0].metadata.get("key", b"").decode(errors="replace") if payloads else ""
        raise Unchecked(f"HUIYIN_KEYS 中没有打开此历史的密钥 {name or '?'} the key that opens this history is not in HUIYIN_KEYS")


def _links(histories: Sequence[WorkflowHistory]) -> list[str]:
    starts = [one.events[0].workflow_execution_started_event_attributes for one in histories]
    wrong = [] if begins(histories) else [f"更早的运行已不在 earlier runs are not there: {starts[0].continued_execution_run_id}"]
    pairs = zip(histories, starts[1:], strict=False)
    return wrong + [f"运行 {n} 与 {n + 1} 不相接 runs {n} and {n + 1} are not linked" for n, (one, after) in enumerate(pairs, 1) if after.continued_execution_run_id != one.run_id]


def printed(case_id: str, found: Findings) -> str:
    """The findings, line by line, with the verdict last."""
    lines = [f"{'✓' if holds else '✗'} {text}" for holds, text in found.lines]
    verdict = "一致 sound" if found.sound else "不一致:记录与历史不符 NOT sound: the record differs from history"
    return "\n".join([f"audit {case_id}", *lines, verdict])
