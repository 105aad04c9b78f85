"""Forms over HTTP: which make sense now for this reader, and one of them as a Word file."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api import forms
from api.forms.word import WORD
from api.office import caller, etag, seen

router = APIRouter(prefix="/api/v1", tags=["forms"])


class Print(BaseModel):
    """How a form is wanted; an empty body is a plain print."""

    model_config = ConfigDict(extra="forbid")
    identity: bool = Field(False, description="open the sealed identity and the original words for this print; needs a reason, and a view that holds them")
    reason: str = Field("", max_length=500, description="why it is printed; kept in the log of readers")
    standard: bool = Field(False, description="our own template, though the office has replaced it")


@router.get("/complaints/{case_id}/forms")
async def listed(case_id: str, request: Request) -> JSONResponse:
    """Every form, whether it can be drawn up now by this reader, and why not where it cannot."""
    found = await seen(request, case_id, caller(request))
    return JSONResponse({"items": forms.available(found)}, headers=etag(found.case))


@router.post("/complaints/{case_id}/forms/{form}")
async def printed(case_id: str, form: str, wish: Print, request: Request) -> Response:
    """One form as a Word file, made of what the caller may see; every print is logged before it is made."""
    found = await seen(request, case_id, caller(request))
    content = await forms.rendered(request, found, form, identity=wish.identity, reason=wish.reason, standard=wish.standard)
    return Response(content, media_type=WORD, headers={"Content-Disposition": f'attachment; filename="{forms.filename(found, form)}"'})
