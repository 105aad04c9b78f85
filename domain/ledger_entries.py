"""Entries of the ledger: what a case's event says across cases, and how conditions read it. Keyed by case and event, so twice is once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.case import Case, Event, fold, instant, iso, names_of
from domain.conditions import holds
from domain.context import Context
from domain.law import Law, current
from domain.ledger_watch import OFFICE
from domain.people import RELATIONS, respondent_units, respondents

Entry = dict[str, Any]


def entries_of(before: Case, events: Iterable[Event], law: Law) -> list[Entry]:
    """The entries that a step of a case makes, each with the case as it stood at that event."""
    said = [(event, sorted(law.watch.names.intersection(names_of(event)))) for event in events] if law.watch.names else []
    while said and not said[-1][1]:
        said.pop()  # nothing hears of what comes after the last entry
    case, found = before.copy() if said else before, []
    for event, names in said:
        fold(case, event)
        if names:
            found.append(_entry(case, event, names, law))
    return found


def _entry(case: Case, event: Event, names: list[str], law: Law) -> Entry:
    context = Context(case, current(law, case))
    facts = {name: _plain(value) for name in law.watch.facts if (value := context.fact(name)) is not None}
    marks = {name: iso(mark.first) for name in law.watch.marks if (mark := case.marks.get(name))}
    subjects = {per: found for per in law.watch.subjects if (found := subjects_of(context, per))}
    return {"key": f"{case.id}@{event.seq}", "what": names, "case": case.id, "at": iso(event.at), "subjects": subjects, "facts": facts, "marks": marks}


def subjects_of(context: Context, per: str) -> list[str]:
    """Whom or what an event of a case is counted for."""
    staff = context.law.office.get("person", {})
    named = respondents(context.case)
    if per == "person":
        return [r["person"] for r in named if r.get("person")]
    if per == "unit":
        return respondent_units(context.case, context.law.office)
    if per == "window":
        own = [str(r.get("window") or staff.get(r.get("person", ""), {}).get("window", "")) for r in named]
        return list(dict.fromkeys(w for w in (*own, str(context.fact("window_no") or "")) if w))
    if per in RELATIONS or ":" in per:
        return [one.removeprefix("unit:") for one in context.who(per)]
    value = context.fact(per)
    return [str(one) for one in (value if isinstance(value, (list, tuple)) else [value]) if one not in (None, "")]


def dated(entry: Entry, row: Mapping[str, Any]) -> datetime:
    """The instant that counts for a row: the event's, or the mark's that the row names."""
    return instant(entry["marks"].get(str(row.get("dated", "")), entry["at"]))


def fits(row: Mapping[str, Any], entry: Entry, law: Law, more: Mapping[str, Any] | None = None) -> bool:
    """Whether a row's conditions hold on an entry (and on `more`, such as the count reached)."""
    return holds(row, lambda name: (more or {}).get(name, read(entry, name, law)), law.scale)


def read(entry: Entry, name: str, law: Law) -> Any:
    """A fact of an entry, a subject's list, or a parameter."""
    if name.startswith("param."):
        row = law.row("param", name.removeprefix("param."))
        return row.get("value", row.get("default"))
    return entry["facts"].get(name, entry["subjects"].get(name))


def per_of(entry: Entry, per: str) -> list[str]:
    """The subjects of an entry; the office itself is the empty one."""
    if per in ("", OFFICE):
        return [""]
    found = entry["subjects"].get(per)
    return list(found) if found else [str(entry["facts"][per])] if entry["facts"].get(per) not in (None, "", []) else []


def figure(value: Any, law: Law) -> Any:
    """A figure of the book: itself, or the office's value of a parameter; None where nobody gave one."""
    if isinstance(value, Mapping) and "param" in value:
        row = law.row("param", str(value["param"]))
        return row.get("value", row.get("default"))
    return value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
