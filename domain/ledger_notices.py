"""Whom a ledger tells what: a duty that was missed, a proposal to decide, what a rule says to tell. Without names, and nobody about themselves."""

from collections.abc import Iterable
from typing import Any

from domain.case import Case, Event
from domain.law import Law
from domain.ledger_watch import words
from domain.notices import Notice
from domain.people import OUTSIDERS, related

COUNTED = frozenset({"fired", "missed", "quota_missed", "undelivered"})  # what follows in a step is about these


def ledger_notices(events: Iterable[Event], ledger: str, law: Law) -> list[Notice]:
    """What the events of a step have somebody hear of; a duty that was missed is told to whom it was owed, too."""
    found, about = [], ""
    for event in events:
        patch = event.data.get("patch", {})
        if event.kind in COUNTED:
            about = next((str(one["subject"]) for one in patch.get("fired", {}).values() if "subject" in one), "")
        for form, names, subject in _told(event, law, about):
            to = tuple(one for one in dict.fromkeys(names) if one not in OUTSIDERS and one != subject)
            if to:
                data: dict[str, Any] = {"register_no": "", "kind": event.kind, "subject": event.subject, "due_day": event.data.get("due_day", ""), "ledger": True}
                data |= {name: event.data[name] for name in ("period", "unit") if event.data.get(name)}
                found.append(Notice(f"{ledger}:{event.seq}:{form}", to, event.seq, form, bool(event.clause), event.clause, data))
    return found


def _told(event: Event, law: Law, about: str) -> list[tuple[str, list[str], str]]:
    """Form, receivers and whom it is about."""
    tell = list(event.data.get("tell", ()))
    if event.kind == "missed":
        return [(event.subject, [*tell, *related(words(law.row("recur", event.subject).get("to")), Case.new("", "", ""), law.office)], "")]
    if event.kind in ("proposal", "undelivered"):
        return [(str(one["trigger"]), list(one["to"]), str(one["subject"])) for one in event.data.get("patch", {}).get("proposals", {}).values()]
    return [(event.subject, tell, about)] if event.kind == "told" else []
