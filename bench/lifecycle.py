"""A whole case against the textbook: filing and four acts, each awaited, 24 cases at once, one worker process a side, in turn."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import EventType

from api import sealing
from api.answers import Answers
from api.gateway import now
from bench.stand import BOOK, OFFICE, Stand, cpu_ms
from bench.textbook import ACTS, QUEUE, Act, Filed
from cli import library
from domain.core import Command, Law, iso
from engine.process import Child
from workflows import policies

AT_ONCE = 24
PATIENCE = 60.0  # of one answer; nothing here is timed against it
TIMES = (EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED, EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED)
TEXT = "来电人称在3号窗口办理发票代开时，工作人员态度粗暴，未一次告知应补的材料。"


@dataclass
class Round:
    """One side, once: how many cases ended as they should, how long it took, the wait for each answer, CPU of the worker."""

    cases: int
    seconds: float
    waits: list[float]
    worker_ms: float
    ids: list[str] = field(repr=False)

    @property
    def rate(self) -> float:
        """Cases a second."""
        return self.cases / self.seconds


class Wrong(RuntimeError):
    """A case did not come to its end: the figures would mean nothing."""


Case = Callable[[str], Awaitable[list[float]]]


async def round_of(case: Case, count: int, worker: Child, name: str) -> Round:
    """Run `count` cases, AT_ONCE at a time."""
    ids = [f"{name}-{uuid4().hex}" for _ in range(count)]
    left, waits = list(ids), list[float]()

    async def lane() -> None:
        while left:
            waits.extend(await case(left.pop()))

    cpu, began = cpu_ms(worker), time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(min(AT_ONCE, count))))
    seconds = time.perf_counter() - began
    return Round(count, seconds, waits, (cpu_ms(worker) - cpu) / count, ids)


class Ours:
    """The real case: signed signals, sealed identity, encrypted payloads, each answer read from the record."""

    def __init__(self, here: Stand) -> None:
        self.here, self.answers = here, Answers(here.pool)
        self.law: Law = library.law(BOOK, OFFICE)

    async def case(self, case_id: str) -> list[float]:
        """File and do four acts; the seconds each act waited."""
        gateway, at = self.here.gateway, now()
        fields = filing_fields(self.here, case_id)
        filing = Command(f"{case_id}:file", "file", fields, at, at, "wang", entered_by="wang")
        await gateway.start(case_id, self.law, filing, "bench", 0.0)
        await self.accepted(filing.id)
        waits = []
        for number, (who, act, given) in enumerate(acts()):
            at = now()
            one = Command(f"{case_id}:act{number}", act, given, at, at, who)
            began = time.perf_counter()
            if not await gateway.send(case_id, one):
                raise Wrong(f"{act}: the case is gone")
            await self.accepted(one.id)
            waits.append(time.perf_counter() - began)
        return waits

    async def accepted(self, command_id: str) -> None:
        """Wait for the record's answer as the API does; Wrong unless it is 'accepted'."""
        row = await self.answers.wait(command_id, PATIENCE)
        if row is None or row["code"] != "accepted":
            raise Wrong(f"{command_id}: {'no answer' if row is None else row['code']}")

    async def closed(self, ids: list[str]) -> int:
        """How many of them the record shows closed, with filing and four acts accepted."""
        return int(
            await self.here.pool.fetchval(
                "select count(*) from cases c where case_id = any($1) and phase = 'closed' and register_no <> '' and $2 = "
                "(select count(*) from outcomes o where o.case_id = c.case_id and o.code = 'accepted')",
                ids,
                len(acts()) + 1,
            )
        )


def filing_fields(here: Stand, case_id: str) -> dict[str, Any]:
    """What a clerk files after a call, sealed as the API seals it."""
    at = now()
    keys, identity = here.gateway.keys, {"name": "示例·投诉人", "telephone": "13800000000"}
    return {
        "channel": "telephone",
        "recording": {"told_at": iso(at - timedelta(minutes=9)), "started_at": iso(at - timedelta(minutes=8))},
        "respondents": [{"person": "zhou", "unit": "tax", "window": "3"}],
        "facts": {"ground": "g8", "respondent_name": "示例·周窗口", "window_no": "3", "business_time": "办事当日上午", "matter": "发票代开", "reason": "态度粗暴"},
        "anonymous": False,
        "has_contact": True,
        "identity": sealing.seal(keys, OFFICE, at.year, {"identity": identity, "text": TEXT}),
        "summary_sha": keys.mac("digest", OFFICE, "text", TEXT).hex(),
        "digests": sealing.digests(keys, OFFICE, identity),
    }


def acts() -> list[tuple[str, str, dict[str, Any]]]:
    """Who, act, fields: from acceptance to the answer that closes the case."""
    return [
        ("wang", "accept", {"forms": {"telephone_register": {"record": TEXT}}}),
        ("wang", "transfer", {"unit": "tax", "excerpt": "反映3号窗口服务态度", "opinion": "请查明并答复"}),
        ("sun", "conclude", {"finding": "true", "report": "经查属实", "measures": "批评教育"}),
        (
            "wang",
            "feedback",
            {"mode": "telephone", "text": "经查属实,已批评教育", "call_note": "已接通,表示接受", "satisfaction": "satisfied", "suggestions": "无"},
        ),
    ]


class Theirs:
    """The textbook's case."""

    def __init__(self, here: Stand, *, kept: bool = False) -> None:
        self.here, self.kept = here, kept

    async def case(self, case_id: str) -> list[float]:
        """Start and four updates; the seconds each waited. The start is its filing, awaited until the workflow has taken it."""
        filed = Filed(case_id, OFFICE, self.kept, {"channel": "telephone", "text": TEXT, "respondent": "zhou", "unit": "tax"})
        handle = await self.here.plain.start_workflow("Textbook", filed, id=case_id, task_queue=QUEUE, task_timeout=policies.TASK_TIMEOUT)
        if await handle.query("taken", result_type=str) != case_id:  # filing is awaited too, as ours is
            raise Wrong(f"{case_id}: filed as another")
        waits = []
        for number, (who, kind, given) in enumerate(acts()):
            act = Act(case_id, number, kind, who, {name: str(value) for name, value in given.items()})
            began = time.perf_counter()
            if await handle.execute_update("act", act, id=f"{case_id}:{number}", result_type=str) != ACTS[number]:
                raise Wrong(f"{case_id}: another answer than that of {kind}")
            waits.append(time.perf_counter() - began)
        return waits

    async def closed(self, ids: list[str]) -> int:
        """How many of them the server lists (its lists lag a little), or the table holds in full."""
        if self.kept:
            wanted = "select count(*) from (select 1 from bench_acts where case_id = any($1) group by case_id having count(*) = $2) as whole"
            return int(await self.here.pool.fetchval(wanted, ids, len(ACTS)))
        query = f"WorkflowType = 'Textbook' AND WorkflowId STARTS_WITH '{ids[0].rpartition('-')[0]}-'"
        found = 0
        for _ in range(200):
            if (found := (await self.here.plain.count_workflows(query)).count) >= len(ids):
                break
            await asyncio.sleep(0.1)
        return min(found, len(ids))


async def events(here: Stand, case_id: str) -> int:
    """Events of one case's history, less those of skipped time."""
    history = await here.plain.get_workflow_handle(case_id).fetch_history()
    return sum(event.event_type not in TIMES for event in history.events)


async def bytes_of(here: Stand, case_id: str) -> tuple[int, int]:
    """Bytes of its history, and of its start input as the server holds it."""
    history = await here.plain.get_workflow_handle(case_id).fetch_history()
    start = history.events[0].workflow_execution_started_event_attributes.input
    return sum(event.ByteSize() for event in history.events), sum(len(one.data) for one in start.payloads)


def quantile(values: list[float], share: float) -> float:
    """A quantile in milliseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def spread(values: list[float]) -> str:
    """Median, least and most."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"
