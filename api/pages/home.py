"""The page after signing in: what waits for me, the earliest date first, and where I may go from here."""


from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import lists
from api.pages.render import page
from api.pages.visitor import data, visitor

router = APIRouter(include_in_schema=False)


@router.get("/home")
async def home(request: Request, cursor: str = "") -> HTMLResponse:
    """My tasks and my latest notices."""
    who = await visitor(request)
    tasks = data(await lists.tasks(request, cursor=cursor, limit=30))
    inbox = data(await lists.inbox(request, cursor="", limit=8))
    return page(request, "home.html", who, tasks=tasks, inbox=inbox, done=request.query_params.get("done", ""))


@router.get("/inbox")
async def inbox(request: Request, cursor: str = "") -> HTMLResponse:
    """My notices, the newest first."""
    who = await visitor(request)
    return page(request, "inbox.html", who, inbox=data(await lists.inbox(request, cursor=cursor, limit=50)))
