"""An appeal that the book hears as a case of its own: filed by a clerk with one click, in the complainant's own words, linked both ways (vocabulary: again, kind)."""

import json
from typing import Any

from cryptography.exceptions import InvalidTag
from fastapi import Request

from api import acts, filing, queries, sealing, words
from api.acts import Wish
from api.errors import Problem
from api.filing import Filing, Respondent
from api.gateway import now
from api.keyring import Destroyed
from api.office import Parts, Seen, caller, parts, seen
from domain.case import Event
from domain.core import current

OF, TO = "appeal_of", "led_to"


def appeals(found: Seen) -> list[Event]:
    """The appeals of a case, the first first."""
    return [event for event in found.events if event.kind == "appealed"]


def kind_of(event: Event) -> str:
    """The kind of case that an appeal opens; '' where it is heard in this one."""
    return str((event.data.get("open") or {}).get("kind", ""))


async def child_of(here: Parts, found: Seen, event: Event) -> str:
    """The case that was filed for an appeal, '' while there is none. Its id proves it: it follows from who filed it and from this very event."""
    for link in found.case.attrs.get("links", []):
        other = await queries.case_of(here.pool, str(link["case"])) if link["relation"] == TO else None
        if other is not None and other.case.id == here.gateway.case_id(found.case.office, str(other.events[0].actor), _key(found, event)):
            return other.case.id
    return ""


async def file(request: Request, found: Seen, seq: int, seconds: float) -> tuple[dict[str, Any], list[str]]:
    """File the case of one appeal and link both; the answer of the filing, and what could not be linked. Twice is once. Raises Problem."""
    here, clerk = parts(request), found.reader.person
    event = next((one for one in appeals(found) if one.seq == seq and kind_of(one)), None)
    if event is None or "identity" not in found.shown:  # whoever files it takes the complainant's name along, unread
        raise Problem("not_your_act")
    known = await child_of(here, found, event)
    if known and known != here.gateway.case_id(found.case.office, clerk, _key(found, event)):  # a colleague was first
        raise Problem("already_filed", detail={"case": known})
    made = filing.fit(request, _filing(here, found, event), clerk)
    sent = await filing.send(request, made, [], clerk, key=_key(found, event), began=now(), seconds=seconds)
    answer: dict[str, Any] = json.loads(bytes(sent.body))
    child, failed = str(answer["case"]), []
    for case_id, relation, other in ((child, OF, found.case.id), (found.case.id, TO, child)):
        try:
            one = await seen(request, case_id, caller(request))
            if not any(link["relation"] == relation and link["case"] == other for link in one.case.attrs.get("links", [])):
                await acts.perform(request, one, "link", Wish(fields={"relation": relation, "case": other}, for_person="", paper="", received_at=""), key=f"{_key(found, event)}:{relation}", seconds=seconds)
        except Problem:
            failed.append(other)
    return answer, failed


def _key(found: Seen, event: Event) -> str:
    return f"appeal:{found.case.id}:{event.seq}"


def _filing(here: Parts, found: Seen, event: Event) -> Filing:
    """The complainant, whom it is about and how it came stay as they were; the words are those of the appeal."""
    attrs, law = found.case.attrs, current(found.law, found.case)
    try:
        identity = sealing.unseal(here.keys, str(attrs["identity"])).get("identity", {}) if attrs.get("identity") else {}
    except Destroyed:
        raise Problem("disposed") from None
    except (InvalidTag, ValueError):
        identity = {}
    respondents = [Respondent.model_validate({name: value for name, value in words.opened(here.keys, row).items() if value}) for row in attrs.get("respondents", [])]
    return Filing(
        office=found.case.office, channel=_channel(law, str(attrs.get("channel", ""))), kind=kind_of(event), text=str(words.opened(here.keys, event.data.get("fields", {}).get("reason", ""))),
        identity=identity, anonymous=bool(attrs.get("anonymous")), real_name=bool(attrs.get("real_name")), proxy=bool(attrs.get("proxy")), has_contact=bool(attrs.get("has_contact", True)),
        accusation=found.case.facts.get("accusation"), respondents=respondents,
    )  # type: ignore[call-arg]


def _channel(law: Any, channel: str) -> str:
    return channel if channel in law.table("channel") else next(iter(law.table("channel")), "")
