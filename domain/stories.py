"""Stories: dated acts and hand-written expectations, run through the core alone (docs/stories.md has the format)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain.case import Case, Command, Event, names_of
from domain.clocks import Clock, alarms
from domain.law import Law, current
from domain.ledger import OPEN, entry_command
from domain.ledger_entries import entries_of
from domain.machine import named, next_wake, ring_until, step
from domain.notices import Notice, notices
from domain.other_case import filing
from domain.story_bounds import bounds
from domain.story_ledger import EXPECTED, LEDGER_ACTS, Shelf, check, counted_command, sends, undelivered
from domain.story_ledger import trace as ledger_trace
from domain.story_text import StoryError, commands, variants, when
from domain.tasks import approvers, tasks
from domain.views import reader_of, view
from domain.workdays import ZONE

__all__ = ["Run", "Step", "StoryError", "bounds", "commands", "pass_time", "run", "single", "trace", "variants", "when"]


@dataclass(slots=True)
class Step:
    """What one act (or a passing of time) brought."""

    title: str
    events: list[Event]
    told: list[Notice]
    clocks: list[Clock]
    case: Case


@dataclass(slots=True)
class Run:
    """A story that ran: its steps, its end, and what differs from the expectations."""

    id: str
    title: str
    law: Law
    case: Case
    number: int = 1
    cases: dict[str, Case] = field(default_factory=dict)
    hand: str = ""
    shelf: Shelf = field(init=False)
    reached: datetime = datetime(1, 1, 1, tzinfo=ZONE)
    steps: list[Step] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    checks: int = 0

    def __post_init__(self) -> None:
        """The ledger of its office stands beside its cases."""
        self.shelf = Shelf(self.law, self.case.office, self.case.book)
        self.cases[""] = self.case

    @property
    def events(self) -> list[Event]:
        """All events of the case in hand, in order."""
        return self.events_of(self.steps)

    def events_of(self, steps: Iterable[Step]) -> list[Event]:
        """Those of some steps."""
        return [event for one in steps if one.case.id == self.case.id for event in one.events]

    def take_up(self, name: str) -> None:
        """Turn to another case of the story; '' is the first."""
        self.cases[self.hand], self.hand = self.case, name
        if name not in self.cases:
            self.cases[name] = Case.new(f"{self.id}:{name}", self.case.office, self.case.book)
        self.case = self.cases[name]


def single(story: Mapping[str, Any]) -> bool:
    """Whether a story is one case without acts of the ledger: what a single workflow can tell."""
    return not any(act.get("case") or act["do"] in LEDGER_ACTS for act in story.get("act", ()))


def run(story: Mapping[str, Any], law: Law, number: int = 1, *, alone: bool = False) -> Run:
    """Run one story (no variants) and hold it against its expectations; `number` = what the register gives its first case.

    `alone` = as one workflow tells it, without its office's ledger: what is expected of the ledger is left out.
    """
    case = Case.new(str(story["story"]), law.office.get("office", {}).get("id", ""), str(story.get("rulebook", "")))
    out = Run(str(story["story"]), str(story.get("title", "")), law, case, number)
    out.shelf.on = out.shelf.on and not alone
    expectations = [{k: v for k, v in one.items() if not alone or k not in EXPECTED} for one in story.get("expect", ())]
    acts = list(story.get("act", ()))
    if story.get("since"):
        out.shelf.take([Command("open", OPEN, {}, when(story["since"]), when(story["since"]), "system")], when(story["since"]))
    queue = commands(story)
    for n, command in enumerate(queue, 1):
        out.take_up(str(acts[n - 1].get("case", "")))
        _catch_up(out, min(command.received_at, command.entered_at))
        _act(out, n, acts[n - 1], command)
        for expected in [e for e in expectations if e.get("after") == n and "at" not in e]:
            _check(out, f"after act {n}", expected)
        _pass_and_check(out, [e for e in expectations if e.get("after") == n and "at" in e])
        nearest = queue[n].received_at if n < len(queue) else None
        _pass_and_check(out, [e for e in expectations if "after" not in e and "at" in e and _between(e, command.received_at, nearest)])
    if story.get("until"):
        pass_time(out, when(story["until"]))
    for expected in [e for e in expectations if "after" not in e and "at" not in e]:
        _check(out, "at the end", expected)
    out.take_up("")
    return out


def _between(expected: Mapping[str, Any], since: datetime, nearest: datetime | None) -> bool:
    at = when(expected["at"])
    return at >= since and (nearest is None or at < nearest)


def _pass_and_check(out: Run, expectations: list[Mapping[str, Any]]) -> None:
    for expected in sorted(expectations, key=lambda e: when(e["at"])) if expectations else ():
        pass_time(out, when(expected["at"]))
        _check(out, f"at {expected['at']}", expected)


def _catch_up(out: Run, at: datetime) -> None:
    """Where several cases or a ledger stand side by side, let the time of the others run first."""
    out.reached = max(out.reached, at)
    hand = out.hand
    for name in [one for one in out.cases if one != hand]:
        out.take_up(name)
        _ring(out, at)
    out.take_up(hand)
    if made := out.shelf.take([], at):
        _shelve(out, made, at)


def _act(out: Run, n: int, act: Mapping[str, Any], command: Command) -> None:
    if command.act not in LEDGER_ACTS:
        before = len(out.steps)
        _take(out, command)
        _check_act(out, n, act, out.events_of(out.steps[before:]), command)
        return
    fields = dict(command.fields)
    if "of" in fields:
        of = out.cases.get(str(fields["of"]))
        mark = of.marks.get("archived") if of else None
        fields |= {"of": of.id if of else fields["of"]} | ({"archived_at": mark.first.isoformat()} if mark and command.act == "dispose" else {})
    if str(fields.get("entry", "")).removeprefix("e").isdigit():
        fields["entry"] = f"{out.id}:{fields['entry'][1:]}"
    made = out.shelf.take([Command(command.id, command.act, fields, command.received_at, command.entered_at, command.actor, command.post)], command.received_at)
    _check_act(out, n, act, made, command)
    _shelve(out, made, command.received_at)


def _take(out: Run, command: Command) -> None:
    after, events = step(out.case, [command], min(command.received_at, command.entered_at), out.law)
    _fold(out, f"{command.act} {command.actor}", events, after)


def pass_time(out: Run, at: datetime) -> None:
    """Let time run to `at`: what is due until then rings, in every case and in the ledger."""
    _catch_up(out, at)
    _ring(out, at, shown=True)
    _shelve(out, out.shelf.take([], at), at)


def _ring(out: Run, at: datetime, *, shown: bool = False) -> None:
    due = next_wake(out.case, out.law)
    if not shown and (due is None or due > at):
        return
    after = out.case.copy()
    events = ring_until(after, at, out.law)
    if events or shown:
        _fold(out, f"until {at:%Y-%m-%d %H:%M}", events, after)


def _shelve(out: Run, made: list[Event], at: datetime) -> None:
    """What the ledger says goes to the cases it concerns; where a case has ended, back to the ledger. What it opens, begins."""
    _open(out, made)
    for send in sends(made):
        hand = out.hand
        name = next((n for n, case in {**out.cases, hand: out.case}.items() if case.id == send["case"]), None)
        if name is None:
            continue
        out.take_up(name)
        if out.case.archived:
            out.shelf.take([undelivered(send, at)], at)
        else:
            _take(out, counted_command(send, max(at, out.reached)))
        out.take_up(hand)


def _fold(out: Run, title: str, events: list[Event], after: Case) -> None:
    """What was decided becomes the case, with the number that the register gave."""
    before, case = out.case, after
    if any(event.kind == "registered" for event in events):
        events, case = named(before, after, events, out.number if not out.hand else out.number + list(out.cases).index(out.hand))
    law = current(out.law, case)
    out.case = out.cases[out.hand] = case
    out.steps.append(Step(title, events, notices(events, case, law), alarms(case, law), case))
    if out.shelf.on and events:
        for entry in entries_of(before, events, law):
            at = max(out.reached, events[-1].at)
            _shelve(out, out.shelf.take([entry_command(entry, at)], at), at)
    _open(out, events)


def _open(out: Run, events: list[Event]) -> None:
    """A case that another one opens stands in the story under the name of its kind (`breach`, then `breach-2`)."""
    for event in events:
        command = filing(event)
        if command is None:
            continue
        kind, hand = str(command.fields["kind"]), out.hand
        name = next(one for n in range(1, 1000) if (one := kind if n == 1 else f"{kind}-{n}") not in out.cases)
        out.cases[hand], out.cases[name] = out.case, Case.new(event.data["open"]["case"], out.case.office, out.case.book)
        out.take_up(name)
        _take(out, command)
        out.take_up(hand)


def _check_act(out: Run, n: int, act: Mapping[str, Any], events: list[Event], command: Command) -> None:
    mine = [e for e in events if e.command_id == command.id]
    refusal = next((e for e in mine if e.kind == "refused"), None)
    wanted = act.get("refused") or ""
    got = str(refusal.data["code"]) if refusal else ""
    detail = f" {refusal.data.get('detail')}" if refusal else ""
    _hold(out, f"act {n} {command.act}: refused", wanted, got, detail + (f" clause {refusal.clause}" if refusal else ""))
    if act.get("clause") and refusal:
        _hold(out, f"act {n} {command.act}: clause", True, _has_all(refusal.clause, act["clause"]), str(refusal.clause))
    elif act.get("clause") and mine:
        _hold(out, f"act {n} {command.act}: clause", True, _has_all(mine[0].clause, act["clause"]), str(mine[0].clause))
    if "events" in act and not (refusal and not act["events"]):
        since = next((i for i, e in enumerate(events) if e.command_id == command.id), 0)
        _hold(out, f"act {n} {command.act}: events", list(act["events"]), [e.kind for e in events[since:]])


def _has_all(clause: tuple[str, ...], wanted: Any) -> bool:
    return all(one in clause for one in ([wanted] if isinstance(wanted, str) else wanted))


def _hold(out: Run, what: str, wanted: Any, got: Any, more: str = "") -> None:
    out.checks += 1
    if wanted != got:
        out.failures.append(f"{what}: expected {wanted!r}, got {got!r}{more}")


def _names(events: list[Event]) -> set[str]:
    return {name for event in events for name in names_of(event)}


def _check(out: Run, where: str, expected: Mapping[str, Any]) -> None:
    hand = out.hand
    out.take_up(str(expected.get("case", "")))
    for key, value in expected.items():
        if key in ("after", "at", "case"):
            continue
        if key in EXPECTED:
            check(out.shelf, {**out.cases, out.hand: out.case}, out.reached, key, value, lambda what, wanted, got, more="": _hold(out, f"{where}: {what}", wanted, got, more))
            continue
        checker = CHECKS.get(key)
        if checker is None:
            raise StoryError(f"{out.id}: unknown expectation {key!r}; known: {', '.join(sorted({*CHECKS, *EXPECTED}))}")
        checker(out, where, value)
    out.take_up(hand)


def _check_clocks(out: Run, where: str, wanted: list[Mapping[str, Any]]) -> None:
    clocks = alarms(out.case, current(out.law, out.case))
    for one in wanted:
        found = [c for c in clocks if c.term == one["term"] and one.get("subject", c.subject) == c.subject]
        _hold(out, f"{where}: clock {one['term']} runs", True, bool(found), f"; running: {[c.key for c in clocks]}")
        for key, value in one.items():
            if found and key not in ("term", "subject"):
                clock = min(found, key=lambda c: 0 if _clock_value(c, key, value) == _wanted(key, value) else 1)
                _hold(out, f"{where}: {one['term']}.{key}", _wanted(key, value), _clock_value(clock, key, value))


def _wanted(key: str, value: Any) -> Any:
    if key in ("start", "due", "overdue", "warn") and len(str(value).split()[-1]) == 5 and ":" in str(value):
        return when(value)
    if key in ("start", "due", "overdue", "warn"):
        return date.fromisoformat(str(value).split()[-1])
    return [value] if key == "clause" and isinstance(value, str) else value


def _clock_value(clock: Clock, key: str, value: Any) -> Any:
    instants = {"start": clock.start, "due": clock.due_at, "overdue": clock.overdue_at, "warn": clock.warn_at}
    if key in instants:
        at = instants[key]
        if isinstance(_wanted(key, value), datetime) or at is None:
            return at.replace(second=0) if at and key in ("start", "overdue") else at
        return date.fromisoformat(clock.due_day) if key == "due" else at.date()
    if key == "clause":
        wanted = _wanted(key, value)
        return wanted if all(one in clock.clause for one in wanted) else list(clock.clause)
    return getattr(clock, key)


def _check_no_clocks(out: Run, where: str, wanted: list[str]) -> None:
    running = {c.term for c in alarms(out.case, current(out.law, out.case)) if c.state == "open"}
    for term in wanted:
        _hold(out, f"{where}: no clock {term}", False, term in running)


def _check_notices(out: Run, where: str, wanted: list[Mapping[str, Any]]) -> None:
    told = [n for one in out.steps for n in one.told]
    for one in wanted:
        fits = [n for n in told if one.get("to", "") in ("", *n.to) and one.get("notice", n.form) == n.form and _has_all(n.clause, one.get("clause", ()))]
        _hold(out, f"{where}: notice {dict(one)}", True, bool(fits), f"; sent: {[(n.form, n.to) for n in told]}")


def _check_no_notices(out: Run, where: str, wanted: list[Mapping[str, Any]]) -> None:
    told = [n for one in out.steps for n in one.told]
    for one in wanted:
        fits = [n for n in told if one.get("to", "") in ("", *n.to) and one.get("notice", n.form) == n.form]
        _hold(out, f"{where}: no notice {dict(one)}", False, bool(fits))


def _check_view(out: Run, where: str, wanted: list[Mapping[str, Any]]) -> None:
    law = current(out.law, out.case)
    for one in wanted:
        seen = view(out.case, reader_of(one["reader"], law), law)
        if "none" in one:
            _hold(out, f"{where}: {one['reader']} sees nothing", one["none"], seen is None)
        for path in one.get("sees", ()):
            _hold(out, f"{where}: {one['reader']} sees {path}", True, _at(seen, path) not in (None, "", [], {}))
        for path in one.get("hides", ()):
            _hold(out, f"{where}: {one['reader']} does not see {path}", True, _at(seen, path) in (None, "", [], {}))
        for path, value in one.get("values", {}).items():
            _hold(out, f"{where}: {one['reader']} sees {path}", value, _at(seen, path))


def _at(seen: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(seen, Mapping):
            seen = seen.get(key)
        elif isinstance(seen, list) and key.isdigit() and int(key) < len(seen):
            seen = seen[int(key)]
        else:
            return None
    return seen


def _check_facts(out: Run, where: str, wanted: Mapping[str, Any]) -> None:
    from domain.context import Context

    context = Context(out.case, current(out.law, out.case))
    for name, value in wanted.items():
        _hold(out, f"{where}: fact {name}", value, context.fact(name))


def _waiting(out: Run) -> list[str]:
    return sorted({who for task in tasks(out.case, current(out.law, out.case)) for who in task.who})


CHECKS: dict[str, Any] = {
    "clocks": _check_clocks,
    "no_clocks": _check_no_clocks,
    "approver": lambda out, where, wanted: _hold(out, f"{where}: approver", sorted(wanted), sorted(approvers(out.case, current(out.law, out.case)))),
    "waiting_on": lambda out, where, wanted: _hold(out, f"{where}: waiting on", [], [w for w in wanted if w not in _waiting(out)], f"; waiting on {_waiting(out)}"),
    "not_waiting_on": lambda out, where, wanted: _hold(out, f"{where}: not waiting on", [], [w for w in wanted if w in _waiting(out)]),
    "notices": _check_notices,
    "no_notices": _check_no_notices,
    "events": lambda out, where, wanted: _hold(out, f"{where}: events", [], [n for n in wanted if n not in _names(out.events)], f"; happened: {sorted(_names(out.events))}"),
    "no_events": lambda out, where, wanted: _hold(out, f"{where}: no events", [], [n for n in wanted if n in _names(out.events)]),
    "phase": lambda out, where, wanted: _hold(out, f"{where}: phase", wanted, out.case.phase),
    "register_no": lambda out, where, wanted: _hold(out, f"{where}: register number", bool(wanted), bool(out.case.register_no)),
    "facts": _check_facts,
    "view": _check_view,
}


def trace(out: Run) -> list[tuple[str, Any]]:
    """Everything a rule could change, step by step: events, notices, clocks, tasks, and what each reader sees."""
    lines: list[tuple[str, Any]] = []
    law = out.law
    readers = ["complainant", *law.office.get("person", {})]
    for n, one in enumerate(out.steps, 1):
        now = current(law, one.case)
        lines += [(f"{n} {one.title}: event", {k: v for k, v in e.dump().items() if k != "clause"}) for e in one.events]
        lines += [(f"{n} {one.title}: notice", (t.form, t.to, t.demanded)) for t in one.told]
        lines += [(f"{n} {one.title}: clock", (c.key, c.start, c.due_day, c.overdue_at, c.state)) for c in one.clocks]
        lines += [(f"{n} {one.title}: task", (t.act, t.subject, t.who)) for t in tasks(one.case, now)]
    for reader in readers:
        seen = view(out.case, reader_of(reader, law), current(law, out.case))
        lines.append((f"view of {reader}", _without_clauses(seen)))
    return lines + [(what, _without_clauses(told)) for what, told in ledger_trace(out.shelf, out.reached)]


def _without_clauses(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_clauses(v) for k, v in value.items() if k not in ("clause", "zh", "en")}
    return [_without_clauses(v) for v in value] if isinstance(value, (list, tuple)) else value
