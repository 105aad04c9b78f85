"""What a reader may hear of events, of a list's row and of the answers given; deny by default, by the same rules as the view."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.acts import SEALED
from domain.case import Case, Event
from domain.context import Context
from domain.law import Law, current
from domain.views import WITHHELD, Reader, closed_to, concerned, hidden_from, is_accused

COMPLAINANT_HEARS = frozenset({
    "filed", "registered", "asked_once", "supplemented", "accepted", "not_accepted", "guided", "diverted", "turned_into", "answered_on_the_spot", "extended",
    "explained", "fed_back", "rated", "reopened", "withdrawal_wished", "withdrawal_settled", "appealed", "retaliation_reported", "material_added", "consented",
    "item_held", "item_returned", "date_moved", "closed", "archived", "return_visited",
})  # fmt: skip
ANSWERS = frozenset({"fed_back", "answered_on_the_spot", "not_accepted", "guided", "explained", "asked_once"})
ANSWER_FIELDS = ("text", "mode", "contents", "suggestions", "ground", "reason", "basis", "route", "where", "explanation", "missing")
HIDES = {
    "identity": ("identity", "digests", "source_person"),
    "contact": ("called",),
    "original": ("attachments", "summary_sha", "sha"),
    "form": ("forms", "fields"),
    "evidence": ("evidence", "proof"),
}
NEEDS = {  # a column of the list: the part of the view that must be open to show it
    "register_no": "register_no", "phase": "phase", "kind": "kind", "channel": "channel", "grade": "facts", "received_at": "received_at",
    "next_due_day": "clocks", "next_due_at": "clocks", "overdue": "clocks", "provisional": "clocks", "late": "clocks",
    "source": "source", "disposition": "disposition", "outcome": "outcome", "found": "found", "respondent_units": "respondents",
}  # fmt: skip
INSIDE = ("clerk", "closed_at", "waiting_since", "unsent")  # columns that their timeline tells those who look over the case


def told(events: Iterable[Event], case: Case, reader: Reader, law: Law) -> list[dict[str, Any]]:
    """The events of a case as this reader may hear of them; [] where the case is closed to them."""
    if reader.person == "complainant":
        return [_plain(event) for event in events if event.kind in COMPLAINANT_HEARS or event.actor == "complainant"]
    if case.phase == "none" or reader.person == "public":
        return []
    context = Context(case, current(law, case))
    hidden = hidden_from(context, reader)
    if "existence" in hidden or not concerned(context, reader):  # as the view decides, which need not be made for it
        return []
    shown = []
    for event in events:
        mine = reader.person in (event.actor, event.entered_by)
        if mine or (not reader.outside and "progress" not in hidden):
            open_fields = mine or not is_accused(context, reader)
            shown.append(_full(event, hidden, fields=open_fields))
        elif "progress" not in hidden and _concerns(event, context, reader):
            shown.append(_plain(event))
    return shown


def _plain(event: Event) -> dict[str, Any]:
    return {"seq": event.seq, "kind": event.kind, "at": event.at.isoformat(), "clause": list(event.clause)}


def _full(event: Event, hidden: set[str], *, fields: bool) -> dict[str, Any]:
    shown = {**_plain(event), "subject": event.subject, "actor": event.actor, "post": event.post, "entered_by": event.entered_by}
    shown |= {name: event.data[name] for name in ("for", "paper", "act", "code", "due_day", "old", "new") if event.data.get(name)}
    if fields and not ("original" in hidden and event.actor == "complainant"):
        closed = {name for kind in hidden for name in HIDES.get(kind, ())}
        shown["fields"] = {k: v for k, v in event.data.get("fields", {}).items() if k not in closed and not ("original" in hidden and _sealed(v))}
    return shown


def _sealed(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith(SEALED)
    if isinstance(value, Mapping):
        return any(_sealed(one) for one in value.values())
    return isinstance(value, (list, tuple)) and any(_sealed(one) for one in value)


def _concerns(event: Event, context: Context, reader: Reader) -> bool:
    """A unit hears of its colleagues' acts, of its own assignments, of dates and of the phase: that it happened, no more."""
    patch = event.data.get("patch", {})
    mine = {key for key, part in context.case.assignments.items() if part.get("unit") == reader.unit or part.get("person") == reader.person}
    colleague = bool(reader.unit) and context.law.office.get("person", {}).get(event.actor, {}).get("unit") == reader.unit
    return colleague or not mine.isdisjoint(patch.get("assignments", {})) or "rung" in patch or "phase" in patch.get("attrs", {})


def line(row: Mapping[str, Any], shown: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """A row of a list: the columns of the projection that the reader's view holds."""
    names = reader.names | set(reader.stands_for)
    waiting = {who for task in shown.get("tasks", ()) for who in task["who"]}
    own = {part["unit"] for part in shown.get("assignments", {}).values() if part.get("unit")}
    return {
        "id": row.get("id"), "version": row.get("version"), **{name: row.get(name) for name, need in NEEDS.items() if need in shown},
        **({"old_no": shown["old_no"]} if "old_no" in shown else {}), **({name: row.get(name) for name in INSIDE} if "clocks" in shown and not reader.outside else {}),
        "units": sorted(own & set(row.get("units", ()))), "waiting_on": sorted(waiting & names if reader.outside else waiting),
    }  # fmt: skip


def line_inside(row: Mapping[str, Any], reader: Reader) -> dict[str, Any]:
    """The same line for a reader who is not outside, of the row alone: a hundred of them need no case to be folded."""
    hidden = {kind for rule in row.get("closed", ()) if closed_to(rule, reader) for kind in rule["hide"]}
    closed = {key for kind in hidden for key in WITHHELD.get(kind, ())}
    open_now = "clocks" not in closed
    return {
        "id": row.get("id"), "version": row.get("version"), **{name: row.get(name) for name, need in NEEDS.items() if need not in closed},
        **({"old_no": row["old_no"]} if "old_no" in row else {}), **({name: row.get(name) for name in INSIDE} if open_now else {}), "units": list(row.get("units", ())), "waiting_on": list(row.get("waiting_on", ())) if open_now else [],
    }  # fmt: skip


def answers(events: Iterable[Event]) -> list[dict[str, Any]]:
    """What the complainant has been told, as it was written: the answers given, with their clause."""
    found = []
    for event in events:
        fields = event.data.get("fields", {})
        if event.kind in ANSWERS and fields.get("to", "complainant") in ("", "complainant"):
            said = {name: fields[name] for name in ANSWER_FIELDS if fields.get(name) not in (None, "", [], {})}
            found.append({"at": event.at.isoformat(), "kind": event.kind, "clause": list(event.clause), **said})
    return found
