"""A leader's page: what waits for my word, the oldest date first, each case on one screen; made for a telephone and ten minutes."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import lists
from api.pages.render import page
from api.pages.visitor import data, visitor

router = APIRouter(include_in_schema=False)
WORD = ("approve", "propose", "review", "measure", "decide", "instruct")


@router.get("/approvals")
async def approvals(request: Request, cursor: str = "") -> HTMLResponse:
    """What waits for my approval, my review or my decision; what else waits for me stands below."""
    who = await visitor(request)
    told = data(await lists.tasks(request, cursor=cursor, limit=50))
    mine, rest = _split(told["items"])
    return page(request, "approvals.html", who, total=told["total"], next=told["next"], mine=mine, rest=rest)


def _split(items: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    mine: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] = []
    for one in items:
        wanted = [task for task in one["tasks"] if task["act"] in WORD]
        (mine if wanted else rest).append({**one, "tasks": wanted or one["tasks"]})
    return mine, rest
