"""Records of old registers (旧册): read-only, without clocks; each before its reader as a case that is over."""

import asyncio
from datetime import date, timedelta
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import old_search, queries_old, sealing
from api.cursors import cursor_of, place_of
from api.errors import Problem
from api.imports.values import instant_of
from api.office import Parts, caller, parts, plain, sight
from api.old_lines import MARK, instant, laws_of, line_of, seen, whole
from api.register import Listed, beside
from api.sealed import Reason, log
from api.wanted import WORDS
from domain.core import Reader

router = APIRouter(prefix="/api/v1", tags=["old records"])
Word = Annotated[str, Query(max_length=400)]
Words = Annotated[str, Query(max_length=WORDS)]
FILTERS = ("number", "unit", "received_from", "received_to")


async def page(here: Parts, office: str, one: Reader, filters: dict[str, Any], cursor: str, limit: int, *, words: str = "", counted: bool = True) -> Listed:
    """The records that a reader may know of, each as its view shows it; with `words` those that hold them all."""
    if words:
        return await old_search.page(here, office, one, filters, words, cursor, limit)
    found = await queries_old.listed(here.pool, office, one, filters, place_of(here.keys, MARK, cursor)[0], limit, counted=counted)
    laws = await laws_of(here.pool, here.laws, found.rows) if one.outside else {}
    lines = await asyncio.to_thread(lambda: [line for row in found.rows if (line := line_of(here.keys, row, one, laws)) is not None])
    return Listed(found.total, lines, cursor_of(here.keys, MARK, found.after), "")


def wanted(number: str = "", unit: str = "", received_from: str = "", received_to: str = "") -> dict[str, Any]:
    """The filters of the list from its parameters; raises Problem body_invalid. `received_to` is the last day that counts."""
    filters: dict[str, Any] = {name: value for name, value in (("number", number), ("unit", unit)) if value}
    for name, text, later in (("received_from", received_from, 0), ("received_to", received_to, 1)):
        if text:
            try:
                filters["received_before" if later else name] = instant_of(date.fromisoformat(text) + timedelta(days=later), None, "00:00")
            except (ValueError, OverflowError):
                raise Problem("body_invalid", detail=[{"field": name, "why": "YYYY-MM-DD"}]) from None
    return filters


async def repeats(here: Parts, office: str, one: Reader, digest: str, limit: int = 200) -> list[dict[str, Any]]:
    """Earlier records of the same person, for who may see the identity of each."""
    found = await queries_old.listed(here.pool, office, one, {"digest": digest}, None, limit)
    laws = await laws_of(here.pool, here.laws, found.rows)
    shown = [(row, seen(row, one, laws[row["law"]])) for row in found.rows]
    return [{"record": row["id"], "number": row["number"], "mark": MARK, "received_at": instant(row["received_at"])} for row, whole_of in shown if whole_of is not None and "digests" in whole_of]


@router.get("/old-records")
async def listed(
    request: Request, q: Words = "", number: Word = "", unit: Word = "", received_from: Word = "", received_to: Word = "", cursor: Word = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> JSONResponse:
    """Records of the caller's office that the caller may see, the newest first; with `q` those whose line holds these words."""
    who = caller(request)
    return answer(await page(parts(request), who.office, sight(request, who), wanted(number, unit, received_from, received_to), cursor, limit, words=q.strip()))


async def asked(request: Request, cursor: str) -> JSONResponse:
    """A page of the list under the filters of a request's address, as many rows as it gives; counted once."""
    who, given = caller(request), {name: request.query_params.get(name, "") for name in FILTERS}
    text = request.query_params.get("q", "").strip()[:WORDS]
    return answer(await page(parts(request), who.office, sight(request, who), wanted(**given), cursor, 200, words=text, counted=not cursor))


def answer(found: Listed) -> JSONResponse:
    """A page as JSON; no total where they are not counted."""
    return JSONResponse({"total": found.total if found.total >= 0 else None, "items": plain(found.items), "next": found.next, **beside(found)})


@router.get("/old-records/{name}")
async def read(name: str, request: Request) -> JSONResponse:
    """One record, as the caller may see it; what is closed to them answers like what does not exist."""
    row, shown = await _found(request, name)
    return JSONResponse(plain(whole(parts(request).keys, row, shown)))


@router.post("/old-records/{name}/identity")
async def identity(name: str, wish: Reason, request: Request) -> JSONResponse:
    """Open identity, original text and every cell of the row, for somebody whose view holds them; logged before it is opened."""
    row, shown = await _found(request, name)
    if not shown.get("identity") or "original" not in shown:
        raise Problem("secret")
    await log(parts(request), caller(request), "identity", name, wish.reason)
    return JSONResponse(sealing.unseal(parts(request).keys, row["sealed"]))


async def _found(request: Request, name: str) -> tuple[asyncpg.Record, dict[str, Any]]:
    who, here = caller(request), parts(request)
    row = await queries_old.one(here.pool, who.office, name)
    shown = seen(row, sight(request, who), (await laws_of(here.pool, here.laws, [row]))[row["law"]]) if row is not None else None
    if row is None or shown is None:
        raise Problem("not_found")
    return row, shown
