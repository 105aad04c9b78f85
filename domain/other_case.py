"""A case that another one opens: its id, its filing, and the link from the one to the other (vocabulary: kind, trigger)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.asking import Accepted, Ask, Draft
from domain.case import Case, Command, Event, instant
from domain.law import Law
from domain.ledger_watch import words

LED_TO = "led_to"


def opened(ask: Ask, draft: Draft, what: dict[str, Any], by: str = "", about: Any = ()) -> Draft:
    """The event that opens another case; it carries the filing too where `ready` has one, and the link to it."""
    child = child_of(ask.case, str(what["kind"]))
    whole = ready(ask.law, (child, ask.case.office, ask.case.book), what, {"case": ask.case.id, "relation": what["relation"], "by": by}, about, ask.command.received_at)
    draft.more["open"] = whole or what
    if not whole:
        return draft
    link = {"relation": LED_TO, "case": child, **({"about": list(about)} if about else {})}  # those whom it is about learn of it by being heard there
    return draft.put("attrs", links=[*ask.case.attrs.get("links", []), link])


def ready(law: Law, child: tuple[str, str, str], what: Mapping[str, Any], origin: Mapping[str, str], about: Any, at: datetime) -> dict[str, Any]:
    """What is opened with its id and filing, where the kind lets a trigger open it (`opened_by`) and the filing would be taken; else {}.

    Where more is needed than a rule can know, the person whom the book names files it. `child` = id, office, book.
    """
    kind = law.row("kind", str(what["kind"]))
    if "trigger" not in words(kind.get("opened_by")):
        return {}
    from domain.decisions import decide

    fields: dict[str, Any] = {"kind": what["kind"], "origin": dict(origin)}
    if about:
        fields["respondents"] = [_respondent(one) for one in about]
    if what.get("ground") and "ground" in law.table("fact"):
        fields["facts"] = {"ground": what["ground"]}
    whole = {**what, "case": child[0], "fields": fields}
    return whole if isinstance(decide(Case.new(*child), _command(whole, at, at), law), Accepted) else {}


def child_of(case: Case, kind: str) -> str:
    """The id of the next case of a kind that this one opens; the same whoever asks."""
    mark = case.marks.get(f"opens:{kind}")
    return derived(f"{case.id}:{kind}:{mark.count if mark else 0}")


def derived(text: str) -> str:
    """A case id that follows from what opened it."""
    return "case-" + hashlib.sha256(text.encode()).hexdigest()[:32]


def filing(event: Event) -> Command | None:
    """The filing that an event carries for a case of its own; None where a person files it, or the event opens nothing."""
    what = event.data.get("open") or {}
    return _command(what, event.at, event.data.get("entered_at", event.at)) if "case" in what else None


def _command(what: Mapping[str, Any], at: Any, entered: Any) -> Command:
    return Command(f"{what['case']}:file", "file", dict(what["fields"]), at, instant(entered), "system")


def _respondent(one: str) -> dict[str, str]:
    return {"unit": one.removeprefix("unit:")} if one.startswith("unit:") else {"person": one}
