"""Who must hear what: one notice for each row of the book that an event meets, without personal data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.case import Case, Event, instant, names_of
from domain.clocks import clause_of
from domain.context import Context
from domain.entry import entered
from domain.law import Law, current
from domain.people import barred

RETALIATION = "retaliation_reported"  # told whatever the book says: nobody who is threatened waits for a clerk


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: its key is unique for ever, so a second attempt sends nothing twice; `demanded` = a clause asks for it."""

    key: str
    to: tuple[str, ...]
    event_seq: int
    form: str
    demanded: bool
    clause: tuple[str, ...]
    data: dict[str, Any]


def notices(events: Iterable[Event], case: Case, law: Law) -> list[Notice]:
    """The notices that events call for, on the case as it stands after them (vocabulary: notice)."""
    found: list[Notice] = []
    context, old = Context(case, current(law, case)), False
    for event in events:
        old = entered(case, event) if event.command_id else old and event.at < instant(case.attrs["entered_at"])
        if old:  # what happened before the case came in here was told by the old way
            continue
        if event.data.get("tell"):
            found.append(_notice(case, event, str(event.data["trigger"]), {"office": True}, context.staff(event.data["tell"])))
        names, rows = names_of(event), context.law.once("notices", lambda one: [(k, r, _on(r)) for k, r in one.table("notice").items()])
        for key, row, on in rows:
            if on.isdisjoint(names) or not context.holds(row) or (row.get("needs") == "address" and context.fact("has_contact") is False):
                continue
            to = [one for one in context.who(row.get("to", ())) if one not in ("", "public")]
            if context.fact("has_contact") is False:
                to = [one for one in to if one != "complainant"]
            if to:
                found.append(_notice(case, event, key, row, to))
        if event.kind == RETALIATION:
            known = {one for notice in found if notice.event_seq == event.seq for one in notice.to}
            over = [one for one in watchers(context) if one not in known]
            found += [_notice(case, event, RETALIATION, {"office": True}, over)] if over else []
    return found


def watchers(context: Context) -> list[str]:
    """Who hears of retaliation straight from who reports it: supervision, else the nearest above; never whom the case is about, nor who has withdrawn."""
    people, closed = context.law.office.get("person", {}), {*context.who(["respondent", "respondent_unit"]), *barred(context.case)}
    for role in ("supervisor", "principal", "leader_in_charge", "centre_head"):
        posts = {post for post, row in context.law.table("post").items() if row.get("role") == role}
        held = [one for one, row in people.items() if not posts.isdisjoint(row.get("posts", ())) and closed.isdisjoint((one, f"unit:{row.get('unit', '')}"))]
        if held:
            return held
    return []


def _on(row: dict[str, Any]) -> set[str]:
    on = row.get("on", "")
    return {on} if isinstance(on, str) else set(on)


def _notice(case: Case, event: Event, key: str, row: dict[str, Any], to: list[str]) -> Notice:
    data = {"register_no": case.register_no, "kind": event.kind, "subject": event.subject, "due_day": event.data.get("due_day", "")}
    clause = clause_of(row) or event.clause
    return Notice(f"{case.id}:{event.seq}:{key}", tuple(to), event.seq, key, bool(clause) and not row.get("office"), clause, data)
