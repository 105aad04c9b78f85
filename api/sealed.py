"""What stays sealed: opening an identity, finding a caller by digest. Each look needs a reason and is logged first."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api import queries, queries_lists, sealing
from api.errors import Problem
from api.identity import Caller
from api.office import Parts, caller, parts, seen, sight, stood_for
from domain.core import line, view

router = APIRouter(prefix="/api/v1", tags=["sealed"])
LOOKERS = frozenset({"intake", "centre_head"})
MOST = 200


class Lookup(BaseModel):
    """A value somebody gave, and why it is looked up."""

    kind: str = Field(description="name, telephone or id_number")
    value: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=2, max_length=500)


class Reason(BaseModel):
    """Why a sealed thing is opened."""

    reason: str = Field(min_length=2, max_length=500)


async def log(here: Parts, who: Caller, what: str, case_id: str, reason: str) -> None:
    """Keep who opened what, and why; before it is opened."""
    law = here.laws.offices.get(who.office)
    meant = stood_for(law, who.person) if law is not None else []
    both = f"{reason} 〔代理 for {', '.join(meant)}〕" if meant else reason  # both names stand there
    await here.pool.execute("insert into reader_log (office, person, what, case_id, reason) values ($1, $2, $3, $4, $5)", who.office, who.person, what, case_id, both)


@router.post("/lookups")
async def lookup(wish: Lookup, request: Request) -> JSONResponse:
    """Earlier cases of the same name, telephone or identity number: exact, of one's own office, by intake roles only."""
    who, here = caller(request), parts(request)
    one = sight(request, who)
    if LOOKERS.isdisjoint(one.roles):
        raise Problem("not_your_act")
    digests = sealing.digests(here.keys, who.office, {wish.kind: wish.value}) if wish.kind in sealing.DIGESTED else []
    if not digests:
        raise Problem("body_invalid", detail=[{"field": "kind, value", "known": list(sealing.DIGESTED)}])
    await log(here, who, "lookup", "", wish.reason)
    page = await queries_lists.listed(here.pool, who.office, one, {"digest": digests[0]}, None, MOST)
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in page.rows])
    laws = await here.laws.of(here.pool, cases.values())
    found = []
    for row in page.rows:
        shown = view(cases[row["case_id"]].case, one, laws[row["case_id"]])
        if shown is not None and "digests" in shown:  # who may not see the identity may not learn it by asking either
            item = line({**dict(row), "id": row["case_id"]}, shown, one)
            found.append({"case": row["case_id"], "register_no": row["register_no"], "phase": item.get("phase"), "received_at": row["received_at"].isoformat()})
    from api.old_records import repeats

    return JSONResponse({"items": found, "old_records": await repeats(here, who.office, one, digests[0])})


@router.post("/complaints/{case_id}/identity")
async def identity(case_id: str, wish: Reason, request: Request) -> JSONResponse:
    """Open the sealed identity and text for somebody whose view holds them; logged before it is opened."""
    who, here = caller(request), parts(request)
    found = await seen(request, case_id, who)
    sealed = found.shown.get("identity")
    if not sealed:
        raise Problem("secret")
    await log(here, who, "identity", case_id, wish.reason)
    return JSONResponse(unsealed(here, found.shown))


def unsealed(here: Parts, shown: Mapping[str, Any]) -> dict[str, Any]:
    """What is sealed together, as far as the view goes: a book may close the words to somebody who may know the name."""
    whole = sealing.unseal(here.keys, str(shown["identity"]))
    return whole if "original" in shown else {name: value for name, value in whole.items() if name != "text"}
