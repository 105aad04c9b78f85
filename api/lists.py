"""Lists of what a caller may see: cases, tasks, notices. Every count is the number of rows that all pages hold together."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import queries
from api.errors import Problem
from api.ledger import ledger_tasks
from api.office import caller, law_of, parts, plain, reader
from api.office_tasks import office_tasks
from domain.core import Reader, line, view

router = APIRouter(prefix="/api/v1", tags=["lists"])
Limit = Annotated[int, Query(ge=1, le=200)]
Word = Annotated[str, Query(max_length=200)]


@router.get("/complaints")
async def listed(
    request: Request, overdue: bool | None = None, provisional: bool | None = None, due_before: Word = "", waiting_on: Word = "", unit: Word = "", grade: Word = "",
    phase: Word = "", register_no: Word = "", cursor: Word = "", limit: Limit = 50,
) -> JSONResponse:
    """Cases of the caller's office that the caller may see, newest first. `waiting_on=me` is the caller."""
    who = caller(request)
    given: dict[str, Any] = {"overdue": overdue, "provisional": provisional, "unit": unit, "grade": grade, "phase": phase, "register_no": register_no}
    filters: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, "")}
    if waiting_on:
        filters["waiting_on"] = [who.person if waiting_on == "me" else waiting_on]
    if due_before:
        try:
            filters["due_before"] = queries.day(due_before)
        except ValueError:
            raise Problem("body_invalid", detail=[{"field": "due_before", "why": "YYYY-MM-DD"}]) from None
    one = reader(request, who)
    total, lines, following = await _page(request, who.office, one, filters, cursor, limit, "newest")
    return JSONResponse({"total": total, "items": [item for item, _ in lines], "next": following})


@router.get("/tasks")
async def tasks(request: Request, cursor: Word = "", limit: Limit = 50) -> JSONResponse:
    """What waits for the caller, or for somebody they stand in for today; the earliest date first; `office` has what stands in no case's own list, `ledger` recurring duties and proposals."""
    who = caller(request)
    one = reader(request, who)
    names = sorted(one.names | set(one.stands_for))
    total, lines, following = await _page(request, who.office, one, {"waiting_on": names}, cursor, limit, "due")
    items = [{**item, "tasks": plain([task for task in shown.get("tasks", ()) if not set(names).isdisjoint(task["who"])])} for item, shown in lines]
    here, law = parts(request), law_of(request, who.office)
    return JSONResponse({"total": total, "items": items, "next": following, "office": await office_tasks(here.pool, one, law), "ledger": await ledger_tasks(request, who.office, one, law)})


@router.get("/inbox")
async def inbox(request: Request, cursor: Word = "", limit: Limit = 50) -> JSONResponse:
    """The caller's notices, newest first."""
    who = caller(request)
    page = await queries.inbox(parts(request).pool, who.office, reader(request, who).names, limit, after(cursor))
    items = [
        {"key": r["key"], "case": r["case_id"], "ledger": r["case_id"] is None, "form": r["form"], "clause": r["clause"], "data": json.loads(r["data"]), "sent_at": r["sent_at"].isoformat()}
        for r in page.rows
    ]
    return JSONResponse({"total": page.total, "items": items, "next": before(page.after)})


async def _page(
    request: Request, office: str, one: Reader, filters: dict[str, Any], cursor: str, limit: int, order: str
) -> tuple[int, list[tuple[dict[str, Any], dict[str, Any]]], str]:
    here = parts(request)
    page = await queries.listed(here.pool, office, one, filters, after(cursor), limit, order)
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in page.rows])
    laws = await here.laws.of(here.pool, cases.values())
    found = []
    for row in page.rows:
        case = cases[row["case_id"]].case
        shown = view(case, one, laws[case.id])
        if shown is not None:  # None only where the case has moved since the list was asked for
            found.append((line(json.loads(row["row"]), shown, one), shown))
    return page.total, found, before(page.after)


def before(place: tuple[datetime, str] | None) -> str:
    """The cursor of the next page; '' at the end."""
    return base64.urlsafe_b64encode(f"{place[0].isoformat()}|{place[1]}".encode()).decode().rstrip("=") if place else ""


def after(cursor: str) -> tuple[datetime, str] | None:
    """The place that `before` wrote; raises Problem body_invalid."""
    if not cursor:
        return None
    try:
        at, mark, key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode().partition("|")
        place = datetime.fromisoformat(at)
        if not mark or place.tzinfo is None or "\x00" in key:
            raise ValueError(cursor)
    except (ValueError, binascii.Error):
        raise Problem("body_invalid", detail=[{"field": "cursor", "why": "as `next` gave it"}]) from None
    return place, key
