"""Away: whoever has a post names who acts for them meanwhile, with days and a reason, and takes it back."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import people
from api.errors import Problem, body_of
from api.gateway import now
from api.office import law_of, parts
from api.pages.render import page
from api.pages.visitor import Visitor, kept, typed, visitor
from domain.roster import gone

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303


@router.get("/away")
async def away(request: Request) -> HTMLResponse:
    """Who acts for me and when, for whom I act, and the form."""
    who = await visitor(request)
    return _shown(request, who, await kept(request, who))


@router.post("/away")
async def name(request: Request) -> Response:
    """Name a substitute (`do` = substitute), or end one at once (substitute_ended)."""
    who, given = await visitor(request, "/away"), await typed(request)
    do, today = str(given.get("do", "")), now().date()
    try:
        if do not in ("substitute", "substitute_ended"):
            raise Problem("field_invalid", detail=["do"])
        await people.change(parts(request), law_of(request, who.office), who.person, people.wish_of(do, who.person, given, today), admin=False, today=today)
    except Problem as problem:
        return _shown(request, who, given, problem)
    return RedirectResponse(f"/away?done={do}", SEE_OTHER)


def _shown(request: Request, who: Visitor, given: Mapping[str, Any], problem: Problem | None = None) -> HTMLResponse:
    today, office = now().date().isoformat(), who.law.office
    rows = [row for row in office.get("substitute", ()) if row.get("until", "9") >= today]
    return page(
        request, "away.html", who, status=problem.status if problem else 200, mine=[row for row in rows if row["for"] == who.person], others=[row for row in rows if row["by"] == who.person],
        today=today, here_now=[(key, row) for key, row in office.get("person", {}).items() if key != who.person and not gone(row)], given=given, done=request.query_params.get("done", ""),
        has_post=bool(office.get("person", {}).get(who.person, {}).get("posts")), problem=body_of(problem) if problem else None,
    )  # fmt: skip
