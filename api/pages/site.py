"""All pages on one application: their routers, the files of static/, and refusals as pages where a page was asked for."""

import importlib
import json
import pkgutil
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from api import pages
from api.errors import Problem
from api.pages.render import STATIC, problem_page
from api.pages.visitor import Away

# Every module of this package that has a router is a part of the pages.
ROUTERS: tuple[APIRouter, ...] = tuple(
    module.router for one in sorted(pkgutil.iter_modules(pages.__path__), key=lambda one: one.name) if one.name != "site" and hasattr(module := importlib.import_module(f"api.pages.{one.name}"), "router")
)
Handler = Callable[[Request, Exception], Awaitable[Response]]


def mount(app: FastAPI) -> None:
    """Give an application its pages."""
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(Away, _away)


async def _away(request: Request, away: Exception) -> Response:
    return RedirectResponse(away.address if isinstance(away, Away) else "/sign-in", 303)


def as_pages(handler: Handler) -> Handler:
    """A handler of refusals that answers a browser with a page and everybody else with JSON; both say the same."""

    async def handled(request: Request, wrong: Exception) -> Response:
        if wants_page(request):
            found = await to_problem(handler, request, wrong)
            return problem_page(request, found) if found is not None else await handler(request, wrong)
        return await handler(request, wrong)

    return handled


async def to_problem(handler: Handler, request: Request, wrong: Exception) -> Problem | None:
    """The refusal behind an exception, by what its handler answers."""
    if isinstance(wrong, Problem):
        return wrong
    answer = await handler(request, wrong)
    try:
        body = json.loads(bytes(answer.body))
    except ValueError:
        return None
    return Problem(str(body["code"]), status=answer.status_code, detail=body.get("detail"), clause=tuple(body.get("clause", ())))


def wants_page(request: Request) -> bool:
    """Whether a person at a browser asks: not the API, not a script."""
    path = request.url.path
    return not path.startswith(("/api/", "/static/")) and "text/html" in request.headers.get("accept", "")

