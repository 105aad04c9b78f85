"""The board and the calendar of deadlines, for those who look over the cases of their office. Every figure opens the list that makes it."""

import calendar
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from api import queries_board
from api.errors import Problem
from api.gateway import now
from api.office import Parts, caller, law_of, parts, sight
from api.wanted import DEADLINES, soon
from domain.core import Law, Reader

router = APIRouter(tags=["lists"])


@router.get("/board")
async def board(request: Request) -> JSONResponse:
    """Open cases by deadline (overdue, within three working days, later, none), and by who holds them and since when."""
    who = caller(request)
    return JSONResponse(await board_of(parts(request), law_of(request, who.office), sight(request, who), now().date()))


@router.get("/deadlines")
async def deadlines(request: Request, month: Annotated[str, Query(pattern=r"^\d{4}-\d{2}$", description="YYYY-MM; this month where none is given")] = "") -> JSONResponse:
    """The days of a month: working or not by the office's calendar, and how many open cases are due next on each."""
    who = caller(request)
    return JSONResponse(await month_of(parts(request), law_of(request, who.office), sight(request, who), month or now().date().isoformat()[:7]))


async def board_of(here: Parts, law: Law, one: Reader, today: date) -> dict[str, Any]:
    """The board as of a day; raises Problem not_your_act."""
    _looks_over(one)
    near = soon(law, today)
    groups, holders = await queries_board.board(here.pool, _office(law), one, near)
    return {
        "today": today.isoformat(), "soon": near.isoformat(), "total": sum(groups.values()),
        "groups": [{"group": name, "count": groups.get(name, 0), "list": _list(deadline=name, order="due")} for name in DEADLINES],
        "holders": [
            {"who": row["who"], "count": row["n"], "overdue": row["overdue"], "since": row["since"], "list": _list(open="true", waiting_on=row["who"], order="longest")}
            for row in holders
        ],
    }  # fmt: skip


async def month_of(here: Parts, law: Law, one: Reader, month: str) -> dict[str, Any]:
    """The calendar of a month ('2026-11'); raises Problem not_your_act, body_invalid."""
    _looks_over(one)
    try:
        first = date.fromisoformat(f"{month}-01")
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    except ValueError:
        raise Problem("body_invalid", detail=[{"field": "month", "why": "YYYY-MM"}]) from None
    counted = await queries_board.deadlines(here.pool, _office(law), one, first, last)
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return {"month": month, "provisional": not law.calendar.is_published(first.year), "total": sum(n for n, _ in counted.values()), "days": [_day(law, day, *counted.get(day, (0, 0))) for day in days]}


def _day(law: Law, day: date, count: int, overdue: int) -> dict[str, Any]:
    kind = law.calendar.kind(day)
    text = day.isoformat()
    return {"day": text, "kind": kind.kind, "zh": kind.zh, "en": kind.en, "work": kind.is_work, "count": count, "overdue": overdue, "list": _list(open="true", due_from=text, due_to=text, order="due")}


def _list(**filters: str) -> str:
    return f"/api/v1/complaints?{urlencode(filters)}"


def _office(law: Law) -> str:
    return str(law.office["office"]["id"])


def _looks_over(one: Reader) -> None:
    """The board is of the whole office: a unit has its tasks and its own list."""
    if one.outside:
        raise Problem("not_your_act")
