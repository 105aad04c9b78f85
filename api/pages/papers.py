"""The forms of a case: which can be drawn up now, and one of them as a Word file."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from api import forms
from api.errors import Problem, body_of
from api.forms.word import WORD
from api.office import seen
from api.pages.render import page
from api.pages.visitor import Visitor, typed, visitor

router = APIRouter(include_in_schema=False)


@router.get("/cases/{case_id}/forms")
async def listed(case_id: str, request: Request) -> HTMLResponse:
    """The forms, those that make sense now first, and why the others do not."""
    return await _page(request, case_id, await visitor(request))


@router.post("/cases/{case_id}/forms/{form}")
async def drawn(case_id: str, form: str, request: Request) -> Response:
    """The form as a file; refused, the list again with what was typed and the reason."""
    who = await visitor(request, f"/cases/{case_id}/forms")
    found = await seen(request, case_id, who.caller)
    given = await typed(request)
    try:
        content = await forms.rendered(request, found, form, identity=bool(given.get("identity")), reason=str(given.get("reason", ""))[:500], standard=bool(given.get("standard")))
    except Problem as problem:
        return await _page(request, case_id, who, form, {name: str(value) for name, value in given.items()}, problem)
    return Response(content, media_type=WORD, headers={"Content-Disposition": f'attachment; filename="{forms.filename(found, form)}"'})


async def _page(request: Request, case_id: str, who: Visitor, form: str = "", given: dict[str, str] | None = None, problem: Problem | None = None) -> HTMLResponse:
    found = await seen(request, case_id, who.caller)
    rows = forms.available(found)
    return page(
        request, "forms.html", who, status=problem.status if problem else 200, case=case_id, number=found.shown.get("register_no") or "", now_=[row for row in rows if row["now"]],
        later=[row for row in rows if not row["now"]], asked=next((row for row in rows if row["form"] == form), None), given=given or {}, problem=body_of(problem) if problem else None,
    )  # fmt: skip
