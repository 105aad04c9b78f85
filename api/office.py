"""The parts of one API process, and what routes ask of them: law of an office, reader of a caller, a case as its reader may see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import Request

from api import queries
from api.answers import Answers
from api.errors import Problem
from api.gateway import Gateway
from api.identity import Caller, Tokens
from api.keyring import Keyring
from domain.core import Case, Event, Law, Reader, reader_of, view

INSIDE = frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor", "auditor"})


@dataclass
class Parts:
    """What lives as long as the process."""

    keys: Keyring
    tokens: Tokens
    gateway: Gateway
    pool: asyncpg.Pool
    answers: Answers
    laws: Mapping[str, Law]  # by office
    files: Path
    story_clock: bool = False
    tries: dict[str, list[float]] | None = None


def parts(request: Request) -> Parts:
    """The parts of this process."""
    found: Parts = request.app.state.parts
    return found


def caller(request: Request) -> Caller:
    """Who asks; raises Problem unauthenticated."""
    who = parts(request).tokens.check(request.headers.get("authorization", ""))
    if who.office not in parts(request).laws or who.person not in parts(request).laws[who.office].office.get("person", {}):
        raise Problem("unauthenticated")
    return who


def law_of(request: Request, office: str) -> Law:
    """The law that binds new cases of an office; raises Problem office_unknown."""
    law = parts(request).laws.get(office)
    if law is None:
        raise Problem("office_unknown", detail=sorted(parts(request).laws))
    return law


async def seen(request: Request, case_id: str, who: Caller) -> tuple[Case, list[Event], dict[str, Any], Law]:
    """A case as its reader may see it; a case that is closed to them answers exactly like one that does not exist."""
    try:
        found = await queries.case_of(parts(request).pool, case_id)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise Problem("record_down", headers={"Retry-After": "5"}) from None
    law = law_of(request, who.office)
    if found is None or found[0].office != who.office:
        raise Problem("not_found")
    shown = view(found[0], reader(law, who), law)
    if shown is None:
        raise Problem("not_found")
    return found[0], found[1], shown, law


def reader(law: Law, who: Caller) -> Reader:
    """The reader that a caller is."""
    return reader_of(who.person, law)


def inside(one: Reader) -> bool:
    """Whether a reader's role looks over all cases of the office (each still through its view)."""
    return one.role in INSIDE


def told(event: Event, one: Reader) -> dict[str, Any]:
    """An event for a reader: what happened, by whom, under which clause; free text and patches only for those inside."""
    shown = {"seq": event.seq, "kind": event.kind, "at": event.at.isoformat(), "subject": event.subject, "clause": list(event.clause)}
    if one.person == "complainant":
        return shown
    shown |= {"actor": event.actor, "post": event.post, "entered_by": event.entered_by}
    if event.kind == "refused":
        shown |= {"act": event.data.get("act"), "code": event.data.get("code")}
    if inside(one) and one.role != "auditor":
        shown["fields"] = event.data.get("fields", {})
    return shown
