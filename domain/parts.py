"""The parts of a case (assignments, orders, items): when what happened to one of them, and the duties that each one brings or that come again."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from domain.case import Case, instant
from domain.context import Context

PART_MARKS = {
    "transferred": "sent_at", "assigned": "sent_at", "joint": "sent_at", "submitted": "sent_at", "unit_received": "received_at",
    "concluded": "reported_at", "finished": "reported_at", "returned": "returned_at", "handed_over": "handed_at", "leader_told": "told_at",
    "order_issued": "issued_at", "served": "issued_at", "complied": "complied_at", "confirmed": "confirmed_at", "item_held": "held_at", "item_returned": "returned_at",
}  # fmt: skip
PARTS = {"assignment": "assignments", "order": "orders", "item": "items"}
LEFT = ("returned_at", "taken_over_at")


class PartDuty(NamedTuple):
    """A duty of one assignment (`name#a1`) or one that comes again: its row with who owes it, since when, and when it was done or fell away."""

    name: str
    row: dict[str, Any]
    begun: datetime
    met: datetime | None
    subject: str


def part_at(names: Any, part: Mapping[str, Any]) -> datetime | None:
    """When one of these events came to this part; None if none did."""
    wanted = names.get("any", []) if isinstance(names, Mapping) else [names]
    found = [instant(part[key]) for name in wanted if (key := PART_MARKS.get(name, name)) and part.get(key)]
    return min(found, default=None)


def part_end(names: Any, part: Mapping[str, Any]) -> datetime | None:
    """When what a part owed was done, or somebody took the part away."""
    own = part_at(names, part)
    ends = [part[key] for key in LEFT if part.get(key)]
    return own if own is not None else (instant(ends[0]) if ends else None)


def part_duties(context: Context, key: str, row: Mapping[str, Any]) -> Iterator[PartDuty]:
    """A duty with `per = "assignment"`: each unit's own, begun by what came to that unit, owed by the people the row names there."""
    for aid, part in context.case.assignments.items():
        begun = part_at({"any": [name for name in _listed(row.get("on", ())) if _came(context.case, name, part)]}, part)
        who = _alone(context, aid, part).who(row.get("by", ())) if begun is not None else []
        if begun is None or not who:  # no such people there: a duty of the supporting units is none of the lead's
            continue
        done = context.case.done.get(f"{key}#{aid}")
        met = instant(done) if done else _fulfilled(context, _listed(row.get("until", ())), part, begun)
        yield PartDuty(f"{key}#{aid}", {**row, "by": who}, begun, met, aid)


def _fulfilled(context: Context, until: list[str], part: Mapping[str, Any], begun: datetime) -> datetime | None:
    """When an event fulfilled what this part owed: its own, a document that its unit drew up, or what came to the whole case; else when the part was taken away."""
    staff, found = context.law.office.get("person", {}), []
    for name in until:
        form: Mapping[str, Any] = context.case.forms.get(name.removeprefix("sent:"), {}) if name.startswith("sent:") else {}
        if name in PART_MARKS:
            found.append(part_at(name, part))
        elif form:
            found.append(instant(form["at"]) if staff.get(form.get("by", ""), {}).get("unit") == part.get("unit") else None)
        elif mark := context.case.marks.get(name):
            found.append(mark.last)
    came = [max(at, begun) for at in found if at is not None and at >= begun]
    return min(came) if came else part_end("", part)


def _came(case: Case, name: str, part: Mapping[str, Any]) -> bool:
    """Whether it came in this way: passed on and assigned are different events of the case and the same instant of its part."""
    mark = case.marks.get(name)
    return mark is not None and (PART_MARKS.get(name) != "sent_at" or mark.first <= instant(part["sent_at"]) <= mark.last)


def _alone(context: Context, aid: str, part: Mapping[str, Any]) -> Context:
    case = context.case.supposed({})
    case.sections["assignments"] = {aid: {name: value for name, value in part.items() if name not in LEFT}}
    return Context(case, context.law)


def recurring(context: Context) -> Iterator[PartDuty]:
    """Duties that come again inside a case (`recur` with `on`): every so long since the event, then since they were done last, until an event ends them."""
    for key, row in context.law.table("recur").items():
        marks = [mark for name in _listed(row.get("on", ())) if (mark := context.case.marks.get(name))]
        if marks:
            first = min(mark.first for mark in marks)
            done = context.case.done.get(key)
            until = [mark.last for name in (*_listed(row.get("until", ())), "ended") if (mark := context.case.marks.get(name)) and mark.last >= first]
            begun = max(first, instant(done)) if done else first
            yield PartDuty(key, {"blocks": (), **row, "limit": row.get("every", {})}, begun, max(min(until), begun) if until else None, "")


def of_name(name: str, open_now: Iterable[str]) -> list[str]:
    """The open duties that a name means: itself, or those of each assignment under it."""
    return [one for one in open_now if one == name or one.startswith(f"{name}#")]


def ever_done(case: Case, name: str, open_now: Iterable[str]) -> bool:
    """Whether a duty was done; where each assignment has its own, all of them."""
    return name in case.done or (any(one.startswith(f"{name}#") for one in case.done) and not of_name(name, open_now))


def _listed(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
