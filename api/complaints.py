"""Reading one complaint, its timeline, and why its dates are as they are."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api import words
from api.dates import counts
from api.office import caller, etag, parts, plain, seen

router = APIRouter(prefix="/api/v1", tags=["complaints"])


@router.get("/complaints/{case_id}")
async def read(case_id: str, request: Request) -> JSONResponse:
    """One case, as the caller may see it, under the law it was filed under; its version is the ETag."""
    found = await seen(request, case_id, caller(request))
    book = found.law.table("book")
    law = {"book": book.get("id"), "title": book.get("title"), "version": book.get("version")}
    shown = words.opened(parts(request).keys, {**found.shown, "version": found.case.version, "law": law})
    return JSONResponse(plain(shown), headers=etag(found.case))


@router.get("/complaints/{case_id}/timeline")
async def timeline(case_id: str, request: Request) -> JSONResponse:
    """The events of a case, as the caller may hear of them."""
    found = await seen(request, case_id, caller(request))
    return JSONResponse({"events": plain(words.opened(parts(request).keys, found.told()))}, headers=etag(found.case))


@router.get("/complaints/{case_id}/dates")
async def dates(case_id: str, request: Request) -> JSONResponse:
    """Why each date is as it is: counted day by day, with days off, make-up days, readings and clause."""
    found = await seen(request, case_id, caller(request))
    keys = {clock["key"] for clock in found.shown.get("clocks", ())}
    return JSONResponse({"items": [one for one in counts(found.case, found.law) if one["key"] in keys]})
