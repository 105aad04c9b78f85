"""The ledger of an office: what it holds for the caller, and the acts on it. Everything is decided by the ledger's own workflow."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import commands, queries, queries_figures
from api.acts import Wish
from api.errors import Problem
from api.gateway import now
from api.office import caller, idempotency_key, law_of, parts, plain, reader, wait
from domain import ledger as core
from domain.case import Case, Event, fold
from domain.core import Command, Law, Reader
from domain.ledger_acts import LEDGER_RULES
from domain.ledger_figures import COUNTS, counted
from domain.ledger_figures import figures as of_ledger
from domain.ledger_periods import written
from domain.ledger_view import ledger_view
from domain.ledger_watch import across

router = APIRouter(prefix="/api/v1", tags=["ledger"])
PAUSE = 0.05


@router.get("/offices/{office}/ledger")
async def ledger(office: str, request: Request) -> JSONResponse:
    """Recurring duties, proposals, counts, draws and boards that the book's rows let the caller see."""
    one, law = reader(request, caller(request)), law_of(request, _own(request, office))
    kept = await _kept(request, office, str(law.table("book").get("id", "")))
    return JSONResponse(plain(ledger_view(kept, one, law, now())))


@router.get("/offices/{office}/ledger/kpi")
async def figures(office: str, request: Request, period: Annotated[str, Query(max_length=12, description="2025, 2025-H2, 2025-Q4, 2025-11, 2025-W45 or 2025-11-03; empty: all there is")] = "") -> JSONResponse:
    """The figures of the book for who looks over cases or audits: without any case that is closed to them, and without what is counted of themselves."""
    one, law, pool = reader(request, caller(request)), law_of(request, _own(request, office)), parts(request).pool
    try:
        written(period or "2025")
    except ValueError:
        raise Problem("field_invalid", detail=["period"]) from None
    if one.outside:
        return JSONResponse({"items": []})
    bodies = await queries_figures.counting(pool, core.ledger_id(office, str(law.table("book").get("id", ""))), COUNTS)
    closed = await queries_figures.closed_cases(pool, office, one)
    return JSONResponse({"items": plain(await asyncio.to_thread(_figures, bodies, closed, law, one, period))})


def _figures(bodies: list[str], closed: set[str], law: Law, one: Reader, period: str) -> list[dict[str, Any]]:
    entries = counted(Event.load(json.loads(body)) for body in bodies)
    return of_ledger([entry for entry in entries if entry["case"] not in closed], law, one, period)


@router.post("/offices/{office}/ledger/acts/{act}")
async def ledger_act(office: str, act: str, wish: Wish, request: Request) -> JSONResponse:
    """One act on the ledger: 200 when it is recorded, the refusal with its code and clause, 202 where the record takes longer."""
    who, here = caller(request), parts(request)
    law = law_of(request, _own(request, office))
    if act not in LEDGER_RULES:
        raise Problem("unknown_act", detail=sorted(LEDGER_RULES))
    commands.fit(wish.fields)
    name = core.ledger_id(office, str(law.table("book").get("id", "")))
    fields = {**wish.fields, **({"archived_at": at} if act == "dispose" and (at := await queries.archived_at(here.pool, office, str(wish.fields.get("of", "")))) else {})}
    identity = here.gateway.command_id(name, who.person, idempotency_key(request), [act, wish.fields])
    one = Command(identity, act, fields, now(), now(), who.person)
    if not await here.gateway.send(name, one):
        raise Problem("not_found")
    for _ in range(int(wait(request) / PAUSE)):
        row = await queries.ledger_outcome(here.pool, name, identity)
        if row is not None:
            return _answer(Event.load(json.loads(row["body"])), identity)
        await asyncio.sleep(PAUSE)
    return JSONResponse({"recorded": False, "command": identity, **commands.waiting(here)}, 202)


def _own(request: Request, office: str) -> str:
    """Another office's ledger answers like one that does not exist."""
    if caller(request).office != office:
        raise Problem("not_found")
    return office


async def ledger_tasks(request: Request, office: str, one: Reader, law: Law) -> list[dict[str, Any]]:
    """What the ledger wants of a person: recurring duties that are theirs to do, proposals that are theirs to decide."""
    if not across(law.book):
        return []
    shown = ledger_view(await _kept(request, office, str(law.table("book").get("id", ""))), one, law, now())
    names = one.names | set(one.stands_for)
    mine = [{"act": "fulfil", **duty} for duty in shown["duties"] if names & set(duty["who"])]
    return plain([*mine, *({"act": "decide", **proposal} for proposal in shown["proposals"] if proposal["state"] == "open")])  # type: ignore[no-any-return]


async def _kept(request: Request, office: str, book: str) -> Case:
    state, bodies = await queries.ledger_of(parts(request).pool, core.ledger_id(office, book))
    kept = core.load(json.loads(state)) if state else core.new(office, book)
    for body in bodies:
        fold(kept, Event.load(json.loads(body)))
    return kept


def _answer(event: Event, identity: str) -> JSONResponse:
    if event.kind == "refused":
        raise Problem(str(event.data["code"]), clause=event.clause, detail=event.data.get("detail"), more={"who": event.data.get("who", [])})
    shown: dict[str, Any] = {"kind": event.kind, "subject": event.subject, "at": event.at, "clause": list(event.clause)}
    return JSONResponse({"recorded": True, "command": identity, "event": plain(shown)})
