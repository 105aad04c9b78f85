"""Records of old registers (旧册): read-only, without clocks; each before its reader as a case that is over."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import queries_old, sealing, words
from api.cursors import cursor_of, place_of
from api.errors import Problem
from api.imports.values import instant_of
from api.office import Parts, caller, parts, plain, reader
from api.sealed import Reason, log
from domain.core import Law, Reader, iso, law_load, view
from domain.old_records import hidden_inside, old_record

router = APIRouter(prefix="/api/v1", tags=["old records"])
Word = Annotated[str, Query(max_length=400)]
MARK = "旧册"
KEEP = ("kind", "channel", "source", "facts", "respondents")


@dataclass(frozen=True)
class Listed:
    """A page of records: how many on all pages, the lines, the cursor of the next."""

    total: int
    items: list[dict[str, Any]]
    next: str


async def page(here: Parts, office: str, one: Reader, filters: dict[str, Any], cursor: str, limit: int, *, counted: bool = True) -> Listed:
    """The records that a reader may know of, each as its view shows it."""
    found = await queries_old.listed(here.pool, office, one, filters, place_of(here.keys, MARK, cursor)[0], limit, counted=counted)
    laws = await _laws(here, found.rows) if one.outside else {}
    lines = await asyncio.to_thread(lambda: [line for row in found.rows if (line := _line(here, row, one, laws)) is not None])
    return Listed(found.total, lines, cursor_of(here.keys, MARK, found.after))


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
    laws = await _laws(here, found.rows)
    shown = [(row, _view(row, one, laws[row["law"]])) for row in found.rows]
    return [{"record": row["id"], "number": row["number"], "mark": MARK, "received_at": _iso(row["received_at"])} for row, seen in shown if seen is not None and "digests" in seen]


@router.get("/old-records")
async def listed(request: Request, number: Word = "", unit: Word = "", received_from: Word = "", received_to: Word = "", cursor: Word = "", limit: Annotated[int, Query(ge=1, le=200)] = 50) -> JSONResponse:
    """Records of the caller's office that the caller may see, the newest first."""
    who = caller(request)
    found = await page(parts(request), who.office, reader(request, who), wanted(number, unit, received_from, received_to), cursor, limit)
    return JSONResponse({"total": found.total, "items": plain(found.items), "next": found.next})


async def asked(request: Request, cursor: str) -> JSONResponse:
    """A page of the list under the filters of a request's address, as many rows as it gives; counted once."""
    who, given = caller(request), {name: request.query_params.get(name, "") for name in ("number", "unit", "received_from", "received_to")}
    found = await page(parts(request), who.office, reader(request, who), wanted(**given), cursor, 200, counted=not cursor)
    return JSONResponse({"total": found.total, "items": plain(found.items), "next": found.next})


@router.get("/old-records/{name}")
async def read(name: str, request: Request) -> JSONResponse:
    """One record, as the caller may see it; what is closed to them answers like what does not exist."""
    row, shown = await _seen(request, name)
    return JSONResponse(plain(_whole(parts(request), row, shown)))


@router.post("/old-records/{name}/identity")
async def identity(name: str, wish: Reason, request: Request) -> JSONResponse:
    """Open identity, original text and every cell of the row, for somebody whose view holds them; logged before it is opened."""
    row, shown = await _seen(request, name)
    if not shown.get("identity") or "original" not in shown:
        raise Problem("secret")
    await log(parts(request), caller(request), "identity", name, wish.reason)
    return JSONResponse(sealing.unseal(parts(request).keys, row["sealed"]))


async def _seen(request: Request, name: str) -> tuple[asyncpg.Record, dict[str, Any]]:
    who, here = caller(request), parts(request)
    row = await queries_old.one(here.pool, who.office, name)
    shown = _view(row, reader(request, who), (await _laws(here, [row]))[row["law"]]) if row is not None else None
    if row is None or shown is None:
        raise Problem("not_found")
    return row, shown


async def _laws(here: Parts, rows: Iterable[asyncpg.Record]) -> dict[str, Law]:
    """The laws under which records were kept: today's from memory, earlier ones from the record."""
    hashes, known = {row["law"] for row in rows}, here.laws.current
    missing = hashes - set(known)
    older = {digest: law_load(json.loads(text)) for digest, text in (await queries_old.laws(here.pool, missing)).items()} if missing else {}
    return {digest: known.get(digest) or older[digest] for digest in hashes}


def _view(row: asyncpg.Record, one: Reader, law: Law) -> dict[str, Any] | None:
    about = json.loads(row["about"])
    stands = {"old_no": row["number"], "received_at": row["received_at"], "closed_at": row["closed_at"], "units": row["units"], "identity": row["sealed"], "digests": row["digests"], "original": row["content"]}
    return view(old_record(row["id"], {**about, **stands}, law), one, law)


def _line(here: Parts, row: asyncpg.Record, one: Reader, laws: dict[str, Law]) -> dict[str, Any] | None:
    """A line of the list: by the view for a unit, whose part of a record is its own; by what was kept beside it for those inside."""
    if one.outside:
        shown = _view(row, one, laws[row["law"]])
        return None if shown is None else _whole(here, row, shown)
    hidden = hidden_inside(json.loads(row["row"]), one)
    if "existence" in hidden:
        return None
    about = {name: value for name, value in json.loads(row["about"]).items() if name in KEEP}
    shown = {**about, "old_no": row["number"], "received_at": row["received_at"], "assignments": {unit: {"unit": unit} for unit in row["units"]}}
    return _whole(here, row, shown if "original" in hidden else {**shown, "original": row["content"]})


def _whole(here: Parts, row: asyncpg.Record, shown: dict[str, Any]) -> dict[str, Any]:
    """What a reader gets of a record: the open parts of its view; how it ended in words only with the original."""
    units = sorted({part["unit"] for part in shown.get("assignments", {}).values() if part.get("unit")})
    kept = json.loads(row["about"])
    found = {"id": row["id"], "mark": MARK, "number": shown.get("old_no"), "units": units, **{name: shown[name] for name in KEEP if name in shown}}
    found |= {name: kept[name] for name in ("facts", "respondents") if name in shown}  # as the register had them, without what rules and office file say today
    found |= {"received_at": _iso(row["received_at"]), "closed_at": _iso(row["closed_at"])} if "received_at" in shown else {}
    outcome = {"outcome": words.opened(here.keys, row["outcome"])} if row["outcome"] and "original" in shown else {}
    opened: dict[str, Any] = words.opened(here.keys, found)
    return {**opened, **outcome}


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None
