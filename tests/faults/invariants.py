"""The six invariants of the design (section 9), by one function, after every test that breaks something.

I1 each acknowledged act is exactly one event. I2 folded history = events of the record = its rows. I3 each due notice sent at least once, recorded
once, to nobody else. I4 every alarm that the law required exists with its legal instant. I5 the chain verifies. I6 no case stuck in a failing task;
no open case without a future alarm or an expected act.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.testing import TimeSkipper

from cli.audit import histories_of, replay
from cli.audit_watch import Seen
from domain.core import Case, Event, Law, chained, current, fold, grace_of, iso, next_wake, notices, pending, tasks
from domain.workdays import ZONE
from tests.faults.mail import Mail
from workflows.batches import outcomes
from workflows.converter import CodecKeys
from workflows.laws import law_of

FLAT = {"phase": "phase", "register_no": "register_no", "kind": "kind", "channel": "channel", "grade": "grade", "clerk": "clerk", "units": "units",
        "waiting_on": "waiting_on", "overdue": "overdue", "late": "late", "provisional": "provisional"}  # fmt: skip
ADDRESS = Callable[[str, str], str]
SLACK = timedelta(seconds=5)  # a busy machine's timer may be that late


def no_address(_office: str, _person: str) -> str:
    """Nobody has one: the inbox alone is checked."""
    return ""


@dataclass
class Evidence:
    """What a test holds against its cases: where to ask, what was acknowledged (case to command ids), what mail was received."""

    client: Client
    pool: asyncpg.Pool
    codec: CodecKeys
    acknowledged: Mapping[str, Collection[str]] = field(default_factory=dict)
    mails: Sequence[Mail] = ()
    address: ADDRESS = no_address


@dataclass
class Told:
    """One case as the record and the engine tell it."""

    id: str
    seen: Seen
    law: Law
    row: Mapping[str, Any]
    events: list[Event]
    rows: Sequence[Mapping[str, Any]]
    outcomes: Sequence[Mapping[str, Any]]
    outbox: Sequence[Mapping[str, Any]]
    inbox: Sequence[Mapping[str, Any]]

    @property
    def case(self) -> Case:
        """The fold of the record's events; gaps are somebody else's finding."""
        return folded(self, self.events)


async def check(evidence: Evidence, cases: Iterable[str], *, rest: float = 90) -> None:
    """Wait until the cases are at rest, then fail with every violation there is."""
    ids = list(cases)
    for case in ids:
        await at_rest(evidence, case, rest)
    found = await violations(evidence, ids)
    assert not found, "\n".join(found)


async def violations(evidence: Evidence, cases: Iterable[str]) -> list[str]:
    """Every violation, each with its invariant and its case."""
    found: list[str] = []
    for case in cases:
        histories = await histories_of(evidence.client, case)
        seen = Seen()
        audit = await replay(case, histories, evidence.pool, evidence.codec, seen)
        found += [f"{'I5' if 'chain' in text else 'I2'} {case}: {text}" for holds, text in audit.lines if not holds and "skipped time" not in text]  # the tests do that
        told = await _told(evidence.pool, case, seen)
        if told is None:
            found.append(f"I2 {case}: the record has no such case")
            continue
        found += [*acts(told, evidence.acknowledged.get(case, ())), *projections(told), *told_rightly(told), *mailed(told, evidence), *rung_rightly(told), *chain(told)]
        found += await alive(evidence.client, told, histories)
    return found


def acts(told: Told, acknowledged: Collection[str]) -> list[str]:
    """I1: each acknowledged act is exactly one event, with exactly one answer; no command has two."""
    count = Counter(event.command_id for event in told.events if event.command_id)
    answers = Counter(row["command_id"] for row in told.outcomes)
    found = [f"I1 {told.id}: acknowledged act {one} is {count[one]} events and {answers[one]} answers" for one in sorted(acknowledged) if (count[one], answers[one]) != (1, 1)]
    return found + [f"I1 {told.id}: command {one} is {n} events" for one, n in count.items() if n != 1 and one not in acknowledged]


def projections(told: Told) -> list[str]:
    """I2: the answers are those of the events, and the columns say what the row says (the row itself is the audit's)."""
    answered = {row["command_id"]: (row["code"], row["first_seq"], row["last_seq"]) for row in told.outcomes}
    ours = {one["command_id"]: (one["code"], one["first_seq"]) for one in outcomes(told.events)}
    found = [f"I2 {told.id}: answer to {one} is {answered.get(one)}, the events say {ours.get(one)}" for one in sorted({*answered, *ours}) if answered.get(one, ())[:2] != ours.get(one)]
    flat = json.loads(told.row["row"])
    return found + [f"I2 {told.id}: column {name} is {told.row[name]!r}, its row says {flat.get(key)!r}" for name, key in FLAT.items() if (told.row[name] or None) != (flat.get(key) or None)]


def told_rightly(told: Told) -> list[str]:
    """I3 in the record: exactly the notices that were due stand there, those a clause demands are sent, each once to each receiver and to nobody else."""
    due = _due(told)
    kept = {row["key"]: row for row in told.outbox}
    found = [f"I3 {told.id}: notice {key} is {'not due' if key in kept else 'missing'}" for key in sorted({*due} ^ {*kept})]
    found += [f"I3 {told.id}: notice {key} stands for {sorted(row['to'])}, due to {sorted(due[key])}" for key, row in kept.items() if key in due and sorted(row["to"]) != sorted(due[key])]
    found += [f"I3 {told.id}: notice {key} is demanded by a clause and not sent" for key, row in kept.items() if row["demanded"] and row["sent_at"] is None]
    want = Counter((who, key) for key, row in kept.items() if row["shown_at"] is not None for who in row["to"])
    got = Counter((row["person"], row["key"]) for row in told.inbox)
    return found + [f"I3 {told.id}: notice {key} to {who} is recorded {got[who, key]} times, should be {want[who, key]}" for who, key in sorted({*want, *got}) if want[who, key] != got[who, key]]


def mailed(told: Told, evidence: Evidence) -> list[str]:
    """I3 outside: each sent notice reached each address at least once, and no address got one of this case that was not for it."""
    number = told.case.register_no
    mine = [mail for mail in evidence.mails if number and number in mail.text]
    due = [(row, address) for row in told.outbox for who in row["to"] if (address := evidence.address(row["office"], who))]
    alone = Counter(address for row, address in due if row["demanded"] and row["sent_at"] is not None and number and number in row["data"])  # each a mail of its own
    came = Counter(mail.to for mail in mine)
    found = [f"I3 {told.id}: {n} notices to {address} are said to be sent, {came[address]} came: one never reached it" for address, n in alone.items() if came[address] < n]
    return found + [f"I3 {told.id}: a mail of this case went to {mail.to}, to whom nothing was due" for mail in mine if mail.to not in {one for _, one in due}]


def rung_rightly(told: Told) -> list[str]:
    """I4: each alarm rang with the instant that the law gives on the case as it stood, before any act received later, and none is missing now."""
    found, case = [], folded(told, [])
    for event in told.events:
        due = {alarm.key: alarm for alarm in pending(case, current(told.law, case))}
        rung = {key: at for key, at in event.data.get("patch", {}).get("rung", {}).items() if not key.startswith("trigger:")}  # those follow an act, not a clock
        for key, at in rung.items():
            if key not in due:
                found.append(f"I4 {told.id}: event {event.seq} rings {key}, which the law did not require")
            elif iso(due[key].at) != at or (event.kind != "missed_before_entry" and event.at != due[key].at):
                found.append(f"I4 {told.id}: event {event.seq} rings {key} at {at}, the legal instant is {iso(due[key].at)}")
        if event.command_id:
            found += [f"I4 {told.id}: {alarm.key} was due {iso(alarm.at)} and had not rung before event {event.seq}" for alarm in due.values() if alarm.at <= event.at]
        try:
            fold(case, event)
        except ValueError:
            return [*found, f"I4 {told.id}: event {event.seq} does not follow {case.version}"]
    return found


def chain(told: Told) -> list[str]:
    """I5: each hash follows from the one before and the event's text; the case's head is the last."""
    head, found = folded(told, []).chain_head, []
    for event, row in zip(told.events, told.rows, strict=True):
        head = chained(head, event)
        if row["hash"] != head:
            found.append(f"I5 {told.id}: the chain breaks at event {event.seq}")
    return found if told.row["chain_head"] == head else [*found, f"I5 {told.id}: the case's head is not the chain's"]


async def alive(client: Client, told: Told, histories: Sequence[WorkflowHistory]) -> list[str]:
    """I6: no task that fails again and again; what is open has a future alarm, armed in the engine, or somebody who must act."""
    shown = await client.get_workflow_handle(told.id).describe()
    case = told.case
    law = current(told.law, case)
    attempt = shown.raw_description.pending_workflow_task.attempt
    found = [f"I6 {told.id}: its task fails, attempt {attempt}"] if attempt > 2 else []
    wanted = WorkflowExecutionStatus.COMPLETED if case.archived else WorkflowExecutionStatus.RUNNING
    if shown.status != wanted:
        return [*found, f"I6 {told.id}: phase {case.phase}, the engine says {shown.status.name if shown.status else None}"]
    if case.archived or case.phase == "none":  # a refused filing may be filed again
        return found
    wake = next_wake(case, law, grace_of(told.id))
    if wake is None and not tasks(case, law):
        found.append(f"I6 {told.id}: open, without an alarm and without anybody who must act")
    now = await case_now(client, told.id, told.seen.starts[0].clock_offset)
    if wake is not None and now - wake > SLACK:
        found.append(f"I4 {told.id}: an alarm was due {iso(wake)} and has not rung by {iso(now)}")
    if wake is not None and not armed(histories[-1]):
        found.append(f"I6 {told.id}: its next alarm is {iso(wake)} and no timer runs")
    return found


def armed(history: WorkflowHistory) -> bool:
    """Whether a timer runs at the end of a history."""
    running: set[int] = set()
    for event in history.events:
        if event.HasField("timer_started_event_attributes"):
            running.add(event.event_id)
        running.discard(event.timer_fired_event_attributes.started_event_id)
        running.discard(event.timer_canceled_event_attributes.started_event_id)
    return bool(running)


async def case_now(client: Client, case: str, offset: float) -> datetime:
    """The case's own now: the engine's clock with the time that was skipped, and the story's offset."""
    now = await TimeSkipper(client).get_current_time(client.get_workflow_handle(case))
    return now.astimezone(ZONE) + timedelta(seconds=offset)


async def at_rest(evidence: Evidence, case: str, seconds: float) -> None:
    """Wait until nothing of a case is in hand: no task, no activity, every demanded notice sent, the record where the case is. Gives up silently: the check then says what is wrong."""
    until = time.monotonic() + seconds
    calm = 0
    while calm < 3 and time.monotonic() < until:
        shown = (await evidence.client.get_workflow_handle(case).describe()).raw_description
        busy = shown.HasField("pending_workflow_task") or bool(shown.pending_activities)
        row = await evidence.pool.fetchrow(
            'select "row" ->> \'phase\' phase, (select count(*) from outbox o where o.case_id = c.case_id and demanded and sent_at is null) open from cases c where case_id = $1', case)
        ended = shown.workflow_execution_info.status != WorkflowExecutionStatus.RUNNING
        calm = calm + 1 if not busy and row is not None and row["open"] == 0 and (row["phase"] == "archived") == ended else 0
        await asyncio.sleep(0.1)


def folded(told: Told, events: Sequence[Event]) -> Case:
    """A case from events of the record, as far as they follow each other."""
    case = Case.new(told.id, told.row["office"], told.row["book"])
    for event in events:
        if event.seq == case.version + 1:
            fold(case, event)
    return case


def _due(told: Told) -> dict[str, list[str]]:
    """The notices that were due: those of each batch as the case decided it; for an adopted one, on the case as adopted."""
    due: dict[str, list[str]] = {}
    for batch, answer in told.seen.batches:
        if not answer.stored:
            due |= {row["key"]: row["to"] for row in batch.outbox}
            continue
        adopted = [Event.load(json.loads(text)) for text in answer.stored]
        case = folded(told, [event for event in told.events if event.seq <= adopted[-1].seq])
        due |= {one.key: list(one.to) for one in notices(adopted, case, current(told.law, case))}
    return due


async def _told(pool: asyncpg.Pool, case: str, seen: Seen) -> Told | None:
    row = await pool.fetchrow("select * from cases where case_id = $1", case)
    if row is None or not seen.starts:
        return None
    rows = await pool.fetch("select * from events where case_id = $1 order by seq", case)
    others = {name: await pool.fetch(f"select * from {name} where case_id = $1", case) for name in ("outcomes", "outbox", "inbox")}
    events = [Event.load(json.loads(one["body"])) for one in rows]
    return Told(case, seen, law_of(seen.starts[0].law), row, events, rows, others["outcomes"], others["outbox"], others["inbox"])
