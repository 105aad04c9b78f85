"""A handling unit's page: to sign in, in work, to report; of each case only what was made for the unit to see."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import queries_lists, register
from api.gateway import now
from api.office import parts
from api.pages.render import page
from api.pages.visitor import Visitor, visitor
from api.wanted import parse

router = APIRouter(include_in_schema=False)
MOST = 60  # cards on one page, the earliest dates first; the register has all
COLUMNS = ("received", "working", "reported")


@router.get("/unit")
async def unit(request: Request) -> HTMLResponse:
    """The unit's open assignments in three columns, the earliest date first."""
    who = await visitor(request)
    here = parts(request)
    wanted = parse(who.law, who.person, now().date(), {"open": "true", "order": "due"})
    found = await queries_lists.listed(here.pool, who.office, who.reader, wanted.filters, None, MOST, wanted.order, None)
    shown = await register.lines(here, who.reader, found, fold=True)
    return page(request, "unit.html", who, total=found.total, most=MOST, columns=_columns(who, shown))


def _columns(who: Visitor, shown: list[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    columns: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
    for item, case in shown:
        for part in case.get("assignments", {}).values():
            mine = part.get("unit") == who.reader.unit or part.get("person") == who.person
            if not mine or part.get("returned_at") or part.get("taken_over_at"):
                continue
            signed = part.get("received_at") or who.law.table("assign").get("receive") == "none"
            column = "reported" if part.get("reported_at") else "working" if signed else "received"
            columns[column].append({**item, "part": part, "tasks": case.get("tasks", [])})
    return columns
