"""The board of a supervisor and a head: open cases by deadline and by whom they wait for; and the deadlines of a month."""

from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import boards
from api.gateway import now
from api.pages.render import page
from api.pages.visitor import data, visitor

router = APIRouter(include_in_schema=False)
LIST = "/api/v1/complaints?"  # where a figure's list lies in the API; on pages it is the register


@router.get("/board")
async def board(request: Request) -> HTMLResponse:
    """Every open case in one of four groups, and who holds how many since when; each figure opens its list."""
    who = await visitor(request)
    return page(request, "board.html", who, board=data(await boards.board(request)), base=LIST)


@router.get("/deadlines")
async def deadlines(request: Request, month: str = "") -> HTMLResponse:
    """A month of deadlines, week by week."""
    who = await visitor(request)
    told = data(await boards.deadlines(request, month=month[:7]))
    first = date.fromisoformat(f"{told['month']}-01")
    return page(request, "deadlines.html", who, told=told, weeks=_weeks(told["days"], first), before=_month(first, -1), after=_month(first, 1), today=now().date().isoformat(), base=LIST)


def _weeks(days: list[dict[str, object]], first: date) -> list[list[dict[str, object] | None]]:
    cells: list[dict[str, object] | None] = [None] * first.weekday() + list(days)
    cells += [None] * (-len(cells) % 7)
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def _month(first: date, step: int) -> str:
    n = first.year * 12 + first.month - 1 + step
    return f"{n // 12:04}-{n % 12 + 1:02}"
