"""The parts of one API process, and what routes ask of them: law of an office, reader of a caller, a case as its reader may see it."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import Request

from api import queries
from api.answers import Answers
from api.beside import Beside
from api.errors import Problem
from api.gateway import Gateway, now
from api.identity import Caller, Tokens
from api.indexing import Index
from api.keyring import Keyring
from api.laws import Laws
from api.offices import Offices
from api.roster import People
from api.tries import Tries
from api.vault import Vault
from api.versions import Versions
from domain.asking import Refusal
from domain.core import Case, Event, Law, Reader, in_place, reader_of, told, widest
from domain.roster import gone

LEAST = 0.25  # seconds that "there is no such case" takes, whether there is none or it is closed to who asks


@dataclass
class Parts:
    """What lives as long as the process."""

    keys: Keyring
    tokens: Tokens
    gateway: Gateway
    pool: asyncpg.Pool
    answers: Answers
    laws: Laws
    vault: Vault
    tries: Tries
    index: Index
    versions: Versions
    people: People
    story_clock: bool = False
    templates: Path | None = None
    beside: Beside = field(default_factory=Beside)


@dataclass(frozen=True)
class Seen:
    """A case before a reader: what the record has, the law it is under, and the view."""

    case: Case
    events: list[Event]
    law: Law
    reader: Reader
    shown: dict[str, Any]

    def told(self, events: list[Event] | None = None) -> list[dict[str, Any]]:
        """Its events as the reader may hear of them."""
        return told(self.events if events is None else events, self.case, self.reader, self.law)

    @property
    def year(self) -> int:
        """The year of filing: whose key seals what belongs to the case."""
        return datetime.fromisoformat(self.case.attrs["received_at"]).year


def parts(request: Request) -> Parts:
    """The parts of this process."""
    found: Parts = request.app.state.parts
    return found


def caller(request: Request) -> Caller:
    """Who asks, by token or by the session that a page has already looked up; raises Problem unauthenticated."""
    who: Caller = getattr(request.state, "caller", None) or parts(request).tokens.check(request.headers.get("authorization", ""))
    law = parts(request).laws.offices.get(who.office)
    row = law.office.get("person", {}).get(who.person) if law is not None else None
    if row is None or gone(row):  # a token lives on where its person has left
        raise Problem("unauthenticated", headers={"WWW-Authenticate": "Bearer"})
    return who


def law_of(request: Request, office: str) -> Law:
    """The law that binds new cases of an office; raises Problem office_unknown."""
    laws = parts(request).laws.offices
    if office not in laws:
        raise Problem("office_unknown", detail=sorted(laws))
    return laws[office]


def law_on(request: Request, office: str, received: date) -> Law:
    """The law of what an office received on a day; raises Problem office_unknown, no_version_in_force, versions_unsound."""
    law_of(request, office)
    return law_at(parts(request), office, received)


def law_at(here: Parts, office: str, received: date) -> Law:
    """The same for an office that is known."""
    laws = here.laws.offices
    try:
        return laws.on(office, received) if isinstance(laws, Offices) else laws[office]
    except Refusal as no:
        raise Problem(no.code, detail=no.detail) from None


def reader(request: Request, who: Caller) -> Reader:
    """The reader that a caller is today: posts and unit of the office file, and whom they substitute."""
    law = law_of(request, who.office)
    return reader_of(who.person, law, stood_for(law, who.person))


def stood_for(law: Law, person: str) -> list[str]:
    """Whom a person stands in for today, by the office file."""
    today = now().date().isoformat()
    return [row["for"] for row in law.office.get("substitute", ()) if row["by"] == person and row.get("from", "0") <= today <= row.get("until", "9")]


def sight(request: Request, who: Caller) -> Reader:
    """The reader that a caller is before lists: somebody without an own post that looks over cases sees what those may whom they stand in for today."""
    one = reader(request, who)
    return next(reversed(in_place(one, law_of(request, who.office))), one)


async def seen(request: Request, case_id: str, who: Caller) -> Seen:
    """A case as its reader may see it; a case that is closed to them answers exactly like one that does not exist, and as late."""
    here, began = parts(request), time.monotonic()
    found = await queries.case_of(here.pool, case_id)
    if found is not None and found.case.office == who.office:
        law = (await here.laws.of(here.pool, [found]))[case_id]
        met = widest(found.case, reader(request, who), law, law_of(request, who.office))
        if met is not None:
            return Seen(found.case, found.events, law, *met)
    await asyncio.sleep(max(0.0, LEAST - (time.monotonic() - began)))  # to fold a case takes time by which one could tell that it is there
    raise Problem("not_found")


def idempotency_key(request: Request) -> str:
    """The caller's key of a submission; raises Problem idempotency_key_missing."""
    key = request.headers.get("idempotency-key", "")
    if not 1 <= len(key) <= 200:
        raise Problem("idempotency_key_missing")
    return key


def wait(request: Request) -> float:
    """Seconds to wait for the record: `Prefer: wait=N`, at most 30, 3 by default (RFC 7240)."""
    for part in request.headers.get("prefer", "").replace(";", ",").split(","):
        name, _, value = part.strip().partition("=")
        if name.strip().lower() == "wait" and value.strip().isascii() and value.strip().isdigit():
            return float(min(int(value[:6]), 30))
    return 3.0


def plain(value: Any) -> Any:
    """JSON-safe: instants and days as ISO text."""
    return json.loads(json.dumps(value, default=str))


def etag(case: Case) -> dict[str, str]:
    """The version of a case as a header."""
    return {"ETag": f'"{case.version}"'}

