"""Every clock of a case, computed anew from its marks: nothing is stored, so a changed fact or calendar needs no repair."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from domain import people
from domain.acts import ACTS
from domain.case import Case, instant, iso
from domain.conditions import Look, barred, look_of
from domain.context import Context, kept
from domain.cumulative import ending
from domain.deadlines import Due, before
from domain.law import Law
from domain.limits import deadline, on_day, resolve
from domain.parts import PARTS, part_at, part_duties, part_end, recurring

SILENT = frozenset({"target", "floor", "window"})


class Clock(NamedTuple):
    """One running or ended clock: `key` is unique in the case; instants at +08:00; `overdue_at` is the first late instant."""

    key: str
    term: str
    subject: str
    zh: str
    en: str
    start: datetime
    warn_at: datetime | None
    due_day: str
    due_at: datetime
    overdue_at: datetime
    state: str
    met_at: datetime | None
    provisional: bool
    clause: tuple[str, ...]
    reading: str
    nature: str
    policy: bool
    limit: tuple[Any, ...]
    due: Due


class Alarm(NamedTuple):
    """Something that time alone makes true: when by law, which event, about what."""

    at: datetime
    key: str
    kind: str
    subject: str
    clause: tuple[str, ...]
    clock: Clock | None
    row: Mapping[str, Any]


def clause_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A row's clauses as a tuple; () for office policy."""
    value = row.get("clause", ())
    return (value,) if isinstance(value, str) else tuple(value)


def alarms(case: Case, law: Law) -> list[Clock]:
    """Every clock of the case with its warn, due and overdue instants, the earliest end first (design, section 2).

    Asked several times between two events (what rings, the row, the wait): computed once for the same law.
    """
    known = kept(case, law)
    if "alarms" not in known:
        context = Context(case, law)
        known["alarms"] = sorted([*_terms(context), *_duties(context), *_orders(context)], key=lambda c: (c.overdue_at, c.key))
    return list(known["alarms"])


def _terms(context: Context) -> Iterator[Clock]:
    taken: set[str] = set()
    marks = context.case.marks
    fact = context.fact
    begun = [(key, row) for key, row, begins, look in context.law.once("terms", _terms_of) if (not begins or begins in marks) and not (look and barred(look, fact))]
    if "limits" in context.law.book:
        begun += [(key, row) for key, row in rows_of_limits(context) if not (begins := _begins(row)) or begins in marks]
    for key, row in begun:
        group = row.get("set", "")
        if (group and group in taken) or not context.holds(row):
            continue
        if group:
            taken.add(group)
        if row.get("per") == "step":
            yield from _steps(context, key, row)
        elif row.get("per") in PARTS:
            for aid, part in context.case.sections[PARTS[row["per"]]].items():
                start = part_at(row.get("from", ""), part)
                if start is not None:
                    yield from _clock(context, key, row, start, part_end(row.get("until", ""), part), aid, part)
        else:
            start = _first(context.case, row.get("from", ""))
            if start is not None:
                yield from _clock(context, key, row, start, _end(context.case, row.get("until", ""), start), "", None)


def _steps(context: Context, key: str, row: Mapping[str, Any]) -> Iterator[Clock]:
    """A clock for each step of the chains named: from the step before (or the chain's own beginning) until this one is done."""
    for name in row.get("of", ()):
        chain = context.law.row("chain", name)
        if not chain or not context.holds(chain):
            continue
        fitting: Mapping[str, Any] = next((one for one in chain.get("rows", ()) if context.holds(one)), {})
        steps = fitting.get("steps", ())
        known: Mapping[str, Any] = context.case.chains.get(name) or {}
        done = {one["n"]: instant(one["at"]) for one in known.get("steps", ())}
        reached = mark_at(context.case, str(chain.get("on", "")))
        for n, step in enumerate(steps):
            if reached is not None and "propose" not in step.values():
                yield from _clock(context, key, row, reached, done.get(n), f"{name}.{n + 1}", None)
            reached = done.get(n)


def _begins(row: Mapping[str, Any]) -> str:
    """The one mark without which a term has no clock; '' where more must be asked."""
    begins = row.get("from")
    return begins if isinstance(begins, str) and not row.get("set") and "per" not in row else ""


def _terms_of(law: Law) -> list[tuple[str, Mapping[str, Any], str, Look | None]]:
    """The terms with what tells most of those that do not run at a look: the mark that has not come, the first word asked that is another."""
    return [(key, row, _begins(row), look_of(row)) for key, row in law.table("term").items()]


def rows_of_terms(context: Context) -> list[tuple[str, Mapping[str, Any]]]:
    """Every term of the book, and of each limits table the first row that holds, named as the table and with what the row leaves to it."""
    return [*context.law.table("term").items(), *rows_of_limits(context)]


def rows_of_limits(context: Context) -> list[tuple[str, Mapping[str, Any]]]:
    """Of each limits table the first row that holds."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for key, table in context.law.table("limits").items():
        row = next((one for one in table.get("rows", ()) if context.holds(one)), None) if context.holds(table) else None
        if row is not None:
            found.append((key, {**{k: v for k, v in table.items() if k not in ("rows", "when", "any", "unless")}, **row}))
    return found


def _duties(context: Context) -> Iterator[Clock]:
    for key, row in begun_duties(context):
        if "within" not in row:
            continue
        if row.get("per") == "assignment":
            if context.holds(row):
                for one in part_duties(context, key, row):
                    yield from _clock(context, f"duty:{key}", {**row, "limit": row["within"]}, one.begun, one.met, one.subject, None)
            continue
        start = duty_begun(context.case, row)
        if start is not None and (context.holds(row) or key in context.case.done):
            met = duty_done(context.case, key, row, start)
            ended = met or _acted(context.case, row, start)
            yield from _clock(context, f"duty:{key}", {**row, "limit": row["within"]}, start, ended, "", None)
    for one in recurring(context):
        if context.holds(one.row):
            yield from _clock(context, f"duty:{one.name}", one.row, one.begun, one.met, "", None)


def begun_duties(context: Context) -> list[tuple[str, dict[str, Any]]]:
    """The duties of the book of whose events at least one has come: most have not, and need no further look."""
    marks = context.case.marks.keys()
    return context.once("begun", lambda: [(key, row) for key, row, on in context.law.once("duties", _duties_of) if not marks.isdisjoint(on)])


def _duties_of(law: Law) -> list[tuple[str, dict[str, Any], list[str]]]:
    return [(key, row, [on] if isinstance(on := row.get("on", ""), str) else list(on)) for key, row in law.table("duty").items()]


def duty_begun(case: Case, row: Mapping[str, Any]) -> datetime | None:
    """When the event of a duty (or one of several) came first; its last time where each anew calls for it (`again`)."""
    on = row.get("on", "")
    if isinstance(on, str) and on not in case.marks:
        return None
    if row.get("again"):
        return max((mark.last for name in ([on] if isinstance(on, str) else on) if (mark := case.marks.get(name))), default=None)
    return _first(case, {"any": on} if isinstance(on, list) else on)


def duty_done(case: Case, key: str, row: Mapping[str, Any], start: datetime) -> datetime | None:
    """When a duty was done by `do`; what was done before its event came again does not count."""
    met = case.done.get(key)
    return None if not met or (row.get("again") and instant(met) < start) else instant(met)


def _acted(case: Case, row: Mapping[str, Any], start: datetime) -> datetime | None:
    """When a duty that an act of its own fulfils was fulfilled: that act's first time since the duty began, as far as marks tell.

    One that an event fulfils (`until`) is met at its start where the event came first.
    """
    until = row.get("until", ())
    if until:
        came = [mark.first for name in ([until] if isinstance(until, str) else until) if (mark := case.marks.get(name))]
        return max(min(came), start) if came else None
    act = ACTS.get(str(row.get("does", "")))
    mark = case.marks.get(act.event) if act else None
    return next((at for at in (mark.first, mark.last) if at >= start), None) if mark else None


def _orders(context: Context) -> Iterator[Clock]:
    for oid, part in context.case.orders.items():
        row = context.law.row("order", part["kind"])
        if "due" in row:
            met = part.get("confirmed_at") or (part.get("complied_at") if row.get("ends") == "complied" else "")
            yield from _clock(context, f"order:{part['kind']}", {**row, "limit": row["due"]}, instant(part["issued_at"]), instant(met) if met else None, oid, part)


def _clock(context: Context, term: str, row: Mapping[str, Any], start: datetime, met: datetime | None, subject: str, part: Mapping[str, Any] | None) -> Iterator[Clock]:
    sections = context.case.sections
    limits = resolve(row.get("limit", {}), context, part)
    turns = sections["attrs"].get("away", {}).get(term, []) if "runs" in row else []
    end = ending(limits, start, turns, context.law, str(row.get("roll", "next_workday")))
    if end is None:
        return
    extensions = sections["extensions"]
    moved = (extensions.get(f"{term}#{subject}") or extensions.get(term)) if extensions else None
    if moved and moved.get("until"):
        end = on_day(moved["until"], start, context.law)
    ended = context.case.marks.get("ended")
    state = "open" if met is None else ("met" if met < end.overdue_at else "late")
    if met is None and ended is not None and start < ended.last:  # a term that the end itself starts (立卷归档) runs on
        state = "ended"
    yield Clock(
        f"{term}#{subject}" if subject else term, term, subject, str(row.get("zh", term)), str(row.get("en", term)), start, end.warn_at,
        end.due_day.isoformat(), end.due_at, end.overdue_at, state, met, end.provisional, clause_of(row), str(row.get("reading", "")),
        str(row.get("nature", "must")), bool(row.get("office")), tuple(limits), end,
    )  # fmt: skip


def _at(case: Case, name: str, last: bool) -> datetime | None:
    corrected = case.sections["attrs"].get("corrected")
    if corrected and corrected.get(name):
        return instant(corrected[name])
    mark = case.marks.get(name)
    return None if mark is None else (mark.last if last else mark.first)


def mark_at(case: Case, name: str) -> datetime | None:
    """When a milestone was first reached, as corrected; None if not yet. A total limit may count from another mark than its clock."""
    return _at(case, name, last=False)


def _first(case: Case, names: Any) -> datetime | None:
    if isinstance(names, str):
        return _at(case, names, last=names == "opinion_fixed")
    if isinstance(names, Mapping) and "since" in names:  # begins at one event, and anew at each of others that come later
        start = _first(case, names["since"])
        later = [mark.last for name in names.get("again", ()) if (mark := case.marks.get(name)) and start and mark.last > start]
        return max(later, default=start)
    wanted = names.get("any", []) if isinstance(names, Mapping) else [names]
    # an opinion that was reopened starts the transfer anew: before it was fixed again nobody could transfer
    found = [at for name in wanted if (at := _at(case, name, last=name == "opinion_fixed"))]
    return min(found, default=None)


def _end(case: Case, names: Any, start: datetime) -> datetime | None:
    """When a term from `start` ended. An end once reached is reached: a second answer moves nothing; of several reports the last one counts."""
    if not isinstance(names, str) and isinstance(names, Mapping):
        ends = [_end(case, name, start) for name in names.get("any", ()) or [one for one in names.get("all", ()) if _possible(case, one)]]
        if "any" in names:
            return min((at for at in ends if at), default=None)
        return max((at for at in ends if at), default=None) if ends and all(ends) else None
    if names == "concluded" and any(not a.get("reported_at") for a in people.active(case)):
        return None
    once = _at(case, names, last=False)
    return once if once is None or (once >= start and names != "concluded") else _at(case, names, last=True)


def _possible(case: Case, name: str) -> bool:
    """Whether a case can have such an end at all: no answer without an address, no reply without a source."""
    if name == "fed_back":
        return case.attrs.get("has_contact") is not False
    return name not in ("replied_to_source", "reported_up") or case.attrs.get("source") not in (None, "", "self")


def pending(case: Case, law: Law) -> list[Alarm]:
    """Alarms that have not rung and still may, by legal instant; a closed case has none."""
    if case.phase in ("none", "archived"):
        return []
    known = kept(case, law)
    if "pending" not in known:
        known["pending"] = _pending(Context(case, law))
    return list(known["pending"])


def _pending(context: Context) -> list[Alarm]:
    clocks, rung = alarms(context.case, context.law), context.case.rung
    found = [*_ends(clocks), *_urges(context, clocks), *_deemed(context)]
    return sorted((a for a in found if a.key not in rung), key=lambda a: (a.at, a.key))


def _ends(clocks: list[Clock]) -> Iterator[Alarm]:
    for clock in clocks:
        if clock.state != "open" or clock.nature in SILENT:
            continue
        stamp = iso(clock.overdue_at)
        if clock.warn_at is not None and clock.warn_at > clock.start:
            yield Alarm(clock.warn_at, f"warn:{clock.key}:{stamp}", "warned", clock.term, clock.clause, clock, {})
        kind = "duty_overdue" if clock.term.startswith("duty:") else "overdue"
        yield Alarm(clock.overdue_at, f"overdue:{clock.key}:{stamp}", kind, clock.term, clock.clause, clock, {})


def _urges(context: Context, clocks: list[Clock]) -> Iterator[Alarm]:
    case, law = context.case, context.law
    for key, row in context.fitting("urge"):
        if "every" in row:
            yield from _every(context, key, row)
        for clock in clocks:
            if clock.state == "open" and clock.term in row.get("before", ()) and "at" in row and not _reported(case):
                (unit, count), *_ = row["at"].items()
                at = before(clock.due, int(count), unit.removesuffix("s"), law.calendar)
                if at is not None:
                    yield Alarm(at, f"urge:{key}:{clock.key}:{clock.due_day}", "urge_due", key, clause_of(row), clock, row)


def _every(context: Context, key: str, row: Mapping[str, Any]) -> Iterator[Alarm]:
    """The next of the reminders at intervals: from the event named (else the disposition), then from the last one, while a report is still owed."""
    case = context.case
    begins = row.get("on", {"any": ["transferred", "assigned", "joint", "submitted"]})
    start = _first(case, {"any": begins} if isinstance(begins, list) else begins)
    if start is None or _reported(case) or case.phase not in ("handling", "review"):
        return
    rung = [instant(at) for name, at in case.rung.items() if name.startswith(f"every:{key}:")]
    since = max([start, *rung])
    end = deadline(resolve(row["every"], context), since, context.law)
    if end is not None:
        at = before(end, 0, "working_day", context.law.calendar) if end.term.unit not in ("hour", "minute", "working_hour") else end.due_at
        yield Alarm(at or end.due_at, f"every:{key}:{since.isoformat()}", "urge_due", key, clause_of(row), None, row)


def _reported(case: Case) -> bool:
    parts = people.active(case)
    return bool(parts) and all(a.get("reported_at") for a in parts)


def _deemed(context: Context) -> Iterator[Alarm]:
    law, row = context.law, context.law.table("assign")
    if row.get("receive") != "deemed" or "receive_limit" not in row:
        return
    for aid, part in context.case.assignments.items():
        if part.get("sent_at") and not part.get("received_at") and not part.get("returned_at"):
            end = deadline(resolve(row["receive_limit"], context), instant(part["sent_at"]), law)
            if end is not None:
                # within the last day, not after it: the unit's own term counts from the day after receipt
                yield Alarm(end.due_at, f"deemed:{aid}", "unit_received", aid, clause_of(row), None, row)
