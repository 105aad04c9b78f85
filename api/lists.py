"""Lists of what a caller may see: cases, tasks, notices. Every count is the number of rows that all pages hold together."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import boards, candidates, queries_lists, register, saved_views, searching
from api.cursors import cursor_of, place_of
from api.gateway import now
from api.ledger import ledger_tasks
from api.office import caller, law_of, parts, plain, reader, sight
from api.office_tasks import office_tasks
from api.queries_lists import FILTERS
from api.wanted import DEADLINES, MOST, PARAMETERS, parse

router = APIRouter(prefix="/api/v1", tags=["lists"])
for part in (boards, candidates, saved_views):
    router.include_router(part.router)
Limit = Annotated[int, Query(ge=1, le=200)]
Word = Annotated[str, Query(max_length=400)]
SHAPES: dict[str, dict[str, Any]] = {"flag": {"type": "boolean"}, **{kind: {"type": "string", "format": "date"} for kind in ("day", "from", "to")}}
SCHEMAS: dict[str, dict[str, Any]] = {
    **{name: SHAPES.get(row.kind, {"type": "string", "maxLength": MOST}) for name, row in FILTERS.items()},
    "deadline": {"type": "string", "enum": list(DEADLINES)}, "order": {"type": "string", "enum": list(queries_lists.ORDERS)},
}  # fmt: skip
TOLD = {
    "waiting_on": "a person, `unit:…`, or `me`", "clerk": "a person, or `me`", "received_to": "the last day, itself included", "closed_to": "the last day, itself included",
    "q": "words to look for in what this reader may see", "deadline": "a group of the board", "due_before": "before this day",
}  # fmt: skip
ASKED = {
    "parameters": [
        *({"in": "query", "name": name, "schema": SCHEMAS.get(name, {"type": "string"}), **({"description": TOLD[name]} if name in TOLD else {})} for name in PARAMETERS),
        {"in": "query", "name": "fact.{name}", "schema": {"type": "string"}, "description": "a fact that the office's book declares, by its name: `fact.ground=g8`"},
    ]
}  # fmt: skip


@router.get("/complaints", openapi_extra=ASKED)
async def listed(request: Request, cursor: Word = "", limit: Limit = 50) -> JSONResponse:
    """The register: cases of the caller's office that the caller may see. A filter, a search or an order never answers by what the caller's view does not hold."""
    who = caller(request)
    given = {name: value for name, value in request.query_params.items() if name not in ("cursor", "limit")}
    wanted = parse(law_of(request, who.office), who.person, now().date(), given)
    pages = searching.page if wanted.words else register.page
    found = await pages(parts(request), who.office, sight(request, who), wanted, cursor, limit)
    return JSONResponse(plain({"total": found.total if found.total >= 0 else None, "items": found.items, "next": found.next, "previous": found.previous, **register.beside(found)}))


@router.get("/tasks")
async def tasks(request: Request, cursor: Word = "", limit: Limit = 50) -> JSONResponse:
    """What waits for the caller, or for somebody they stand in for today; the earliest date first; `office` has what stands in no case's own list, `ledger` recurring duties and proposals."""
    who, here = caller(request), parts(request)
    one, law = reader(request, who), law_of(request, who.office)
    names = sorted(one.names | set(one.stands_for))
    after, before = place_of(here.keys, "due", cursor)
    found = await queries_lists.listed(here.pool, who.office, one, {"waiting_on": names}, after, limit, "due", before)
    items = [
        {**item, "tasks": plain([task for task in shown.get("tasks", ()) if not set(names).isdisjoint(task["who"])])}
        for item, shown in await register.lines(here, one, found, fold=True)
    ]
    following, previous = register.sides(here, "due", found)
    office, ledger = await office_tasks(here.pool, one, law), await ledger_tasks(request, who.office, one, law)
    return JSONResponse({"total": found.total, "items": items, "next": following, "previous": previous, "office": office, "ledger": ledger})


@router.get("/inbox")
async def inbox(request: Request, cursor: Word = "", limit: Limit = 50) -> JSONResponse:
    """The caller's notices, newest first."""
    who, here = caller(request), parts(request)
    after, _ = place_of(here.keys, "inbox", cursor)
    found = await queries_lists.inbox(here.pool, who.office, reader(request, who).names, limit, after)
    items = [
        {"key": r["key"], "case": r["case_id"], "ledger": r["case_id"] is None, "form": r["form"], "clause": r["clause"], "data": json.loads(r["data"]), "sent_at": r["sent_at"].isoformat()}
        for r in found.rows
    ]
    return JSONResponse({"total": found.total, "items": items, "next": cursor_of(here.keys, "inbox", found.after)})
