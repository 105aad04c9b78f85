"""The machine: alarms and commands in the order of their legal instants, each folded as it is decided."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from domain.asking import Draft, Refused
from domain.case import Case, Command, Event, chained, fold, iso
from domain.clocks import Alarm, pending
from domain.decisions import decided, event_of, refused, settled
from domain.entry import enters
from domain.law import Law, current

NO_GRACE = timedelta(0)


def step(case: Case, commands: Iterable[Command], now: datetime, law: Law, grace: timedelta = NO_GRACE) -> tuple[Case, list[Event]]:
    """Ring what is due before each command, decide it, then ring what is due now; the given case stays as it is.

    A repeated command id gives nothing; a refusal gives its event. Alarms ring at `now` only after their grace, commands first.
    """
    after, events, queue = case.copy(), [], list(commands)
    for n, command in enumerate(queue):
        if after.decided(command.id):
            continue
        entry = enters(after, command)
        events += _silently(after, command.received_at, law) if entry else ring_until(after, command.received_at, law)
        batch = decided(after, command, law)
        if isinstance(batch, Refused):
            batch = [refused(after, command, batch)]
            fold(after, batch[0])
        events += batch
        if entry and not any(enters(after, other) for other in queue[n + 1 :]):
            events += _silently(after, command.entered_at, law)
        elif batch[0].kind == "filed" and not entry:
            events += _missed(after, command, law)
    events += ring_until(after, now - grace, law)
    return after, events


def ring_until(case: Case, at: datetime, law: Law) -> list[Event]:
    """Ring, in order, every alarm whose legal instant is not later; folds into the case."""
    events: list[Event] = []
    for _ in range(10_000):
        due = _first_due(case, at, law)
        if due is None:
            return events
        events += _ring(case, due, law)
    raise RuntimeError("alarms without end: the book rings in a circle")


def _first_due(case: Case, at: datetime, law: Law) -> Alarm | None:
    following = pending(case, current(law, case))
    return following[0] if following and following[0].at <= at else None


def _ring(case: Case, alarm: Alarm, law: Law) -> list[Event]:
    draft = _draft(alarm)
    event = event_of(case, draft, alarm.at, "system", "", "", "")
    fold(case, event)
    echo = Command("", "close", {}, alarm.at, alarm.at, "system")
    return [event, *settled(case, law, echo)]


def _draft(alarm: Alarm) -> Draft:
    draft = Draft(alarm.kind, alarm.subject, alarm.clause).put("rung", **{alarm.key: iso(alarm.at)})
    if alarm.kind == "unit_received":
        draft.put("assignments", **{alarm.subject: {"received_at": iso(alarm.at), "deemed": True}})
        draft.more["deemed"] = True
    if alarm.clock is not None:
        clock = alarm.clock
        draft.more |= {"term": clock.term, "key": clock.key, "due_day": clock.due_day, "due_at": iso(clock.due_at), "provisional": clock.provisional}
        if clock.policy or alarm.row.get("office"):
            draft.more["policy"] = True
    return draft


def _missed(case: Case, command: Command, law: Law) -> list[Event]:
    """What was due before a late entry becomes one event and urges nobody (design, section 2)."""
    if command.entered_at <= command.received_at:
        return []
    late = [a for a in pending(case, current(law, case)) if a.at <= command.entered_at]
    return [_unrung(case, late, command.entered_at)] if late else []


def _unrung(case: Case, late: list[Alarm], at: datetime) -> Event:
    draft = Draft("missed_before_entry", "", tuple(dict.fromkeys(c for a in late for c in a.clause)))
    draft.put("rung", **{a.key: iso(a.at) for a in late})
    draft.more["missed"] = [{"kind": a.kind, "subject": a.subject, "at": iso(a.at)} for a in late]
    event = event_of(case, draft, at, "system", "", "", "")
    fold(case, event)
    return event


def _silently(case: Case, at: datetime, law: Law) -> list[Event]:
    """Let the time of an old register pass: a receipt that the book deems is one, all else that was due becomes one event up to the next act."""
    events: list[Event] = []
    for _ in range(10_000):
        late, deemed = _due_silently(case, at, law)
        if late:
            events.append(_unrung(case, late, at))
        if deemed is None:
            return events
        events += _ring(case, deemed, law)
    raise RuntimeError("alarms without end: the book rings in a circle")


def _due_silently(trial: Case, at: datetime, law: Law) -> tuple[list[Alarm], Alarm | None]:
    """What was due up to an instant or to the next deemed receipt; reminders at intervals follow one another on the trial."""
    late: list[Alarm] = []
    for _ in range(10_000):
        due = _first_due(trial, at, law)
        if due is None or due.kind == "unit_received":
            return late, due
        late.append(due)
        trial = trial.supposed({"rung": {due.key: iso(due.at)}})
    raise RuntimeError("alarms without end: the book rings in a circle")


def next_wake(case: Case, law: Law, grace: timedelta = NO_GRACE) -> datetime | None:
    """When the next alarm rings, its grace included; None when only a person can move the case."""
    following = pending(case, current(law, case))
    return following[0].at + grace if following else None


def grace_of(workflow_id: str) -> timedelta:
    """2 to 20 s, fixed by the id: a storm of alarms is spread, and an act on its way arrives first (design, section 8)."""
    return timedelta(milliseconds=2_000 + int.from_bytes(hashlib.sha256(workflow_id.encode()).digest()[:4]) % 18_000)


def numbered(events: Iterable[Event], number: int | None) -> list[Event]:
    """The events with the register number that `record` gave, as the office writes it."""
    return [_with_number(event, number) if event.kind == "registered" and number is not None else event for event in events]


def named(before: Case, after: Case, events: Iterable[Event], number: int) -> tuple[list[Event], Case]:
    """The same, and the case after them. What was computed of it still holds: no row asks for the number, and the chain is the only other thing that changes."""
    known, case = numbered(events, number), after.copy()
    case.chain_head, attrs = before.chain_head, dict(after.attrs)
    for event in known:
        case.chain_head = chained(case.chain_head, event)
        if event.kind == "registered":
            attrs.update(event.data["patch"]["attrs"])
            del attrs["register_pattern"]
    case.sections["attrs"] = attrs
    return known, case


def _with_number(event: Event, number: int) -> Event:
    attrs: dict[str, Any] = dict(event.data["patch"]["attrs"])
    attrs["register_no"] = attrs.pop("register_pattern").format(year=attrs["register_year"], n=number)
    data = {**event.data, "patch": {**event.data["patch"], "attrs": attrs}}
    return Event(event.seq, event.kind, event.at, event.actor, event.post, event.entered_by, event.command_id, event.clause, data)
