"""A case that another one opens: its id, its filing, and the link from the one to the other (vocabulary: kind, trigger)."""

import hashlib
from collections.abc import Mapping
from typing import Any

from domain.asking import Accepted, Ask, Draft
from domain.case import Case, Command, Event, instant
from domain.ledger_watch import words

LED_TO = "led_to"


def opened(ask: Ask, draft: Draft, what: dict[str, Any], by: str = "", about: Any = ()) -> Draft:
    """The event that opens another case. Where the kind lets a trigger open it (`opened_by`), it also carries the filing, if that would be taken.

    Else, or where more is needed than a rule can know, the person whom the book names files it.
    """
    draft.more["open"] = what
    kind = ask.law.row("kind", str(what["kind"]))
    if "trigger" not in words(kind.get("opened_by")):
        return draft
    from domain.decisions import decide

    child = child_of(ask.case, str(what["kind"]))
    fields: dict[str, Any] = {"kind": what["kind"], "origin": {"case": ask.case.id, "relation": what["relation"], "by": by}}
    if about:
        fields["respondents"] = [_respondent(one) for one in about]
    if what.get("ground") and "ground" in ask.law.table("fact"):
        fields["facts"] = {"ground": what["ground"]}
    whole = {**what, "case": child, "fields": fields}
    at = ask.command.received_at
    if not isinstance(decide(Case.new(child, ask.case.office, ask.case.book), _command(whole, at, at), ask.law), Accepted):
        return draft
    draft.more["open"] = whole
    link = {"relation": LED_TO, "case": child, **({"about": list(about)} if about else {})}  # those whom it is about learn of it by being heard there
    return draft.put("attrs", links=[*ask.case.attrs.get("links", []), link])


def child_of(case: Case, kind: str) -> str:
    """The id of the next case of a kind that this one opens; the same whoever asks."""
    mark = case.marks.get(f"opens:{kind}")
    return "case-" + hashlib.sha256(f"{case.id}:{kind}:{mark.count if mark else 0}".encode()).hexdigest()[:32]


def filing(event: Event) -> Command | None:
    """The filing that an event carries for a case of its own; None where a person files it, or the event opens nothing."""
    what = event.data.get("open") or {}
    return _command(what, event.at, event.data.get("entered_at", event.at)) if "case" in what else None


def _command(what: Mapping[str, Any], at: Any, entered: Any) -> Command:
    return Command(f"{what['case']}:file", "file", dict(what["fields"]), at, instant(entered), "system")


def _respondent(one: str) -> dict[str, str]:
    return {"unit": one.removeprefix("unit:")} if one.startswith("unit:") else {"person": one}
