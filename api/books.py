"""Rulebooks, offices, `due`: what needs no case."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.dates import why
from api.errors import Problem
from api.office import caller, law_of, parts, plain
from api.publishing import standing
from domain.core import Law, clause_of, instant, law_hash
from domain.deadlines import LimitError
from domain.forecast import forecast

router = APIRouter(prefix="/api/v1", tags=["books"])
SHOWN = ("term", "chain", "answer", "admit", "form")


@router.get("/offices")
async def offices(request: Request) -> JSONResponse:
    """The offices that take complaints here: channels and kinds, no staff."""
    return JSONResponse({"items": [_office(key, law) for key, law in sorted(parts(request).laws.offices.items())]})


def _office(key: str, law: Law) -> dict[str, Any]:
    core, book = law.office.get("office", {}), law.table("book")
    listed = {name: {k: row.get("zh", k) for k, row in law.table(name).items()} for name in ("channel", "kind", "source")}
    return {"id": key, "zh": core.get("zh"), "en": core.get("en"), "telephone": core.get("telephone"), "rulebook": book.get("id"), "title": book.get("title"), **listed}


@router.get("/rulebooks")
async def rulebooks(request: Request) -> JSONResponse:
    """The books under which complaints are taken here, each with its office, the hash that binds a case to it, and its published versions."""
    items = [{**law.table("book"), "office": key, "law_sha256": law_hash(law), **_published(request, key)} for key, law in sorted(parts(request).laws.offices.items())]
    return JSONResponse({"items": plain(items)})


def _published(request: Request, office: str) -> dict[str, Any]:
    """State of the text that binds what comes in today, and all published versions; 'unpublished' where the book is the folder's."""
    rows = standing(parts(request).versions.history(office))
    state = next((row["state"] for row in rows if row["state"] == "in_force"), rows[-1]["state"] if rows else "unpublished")
    return {"state": state, "versions": rows}


@router.get("/rulebooks/{office}")
async def rulebook(office: str, request: Request) -> JSONResponse:
    """The terms, approvals and answers of an office's book, each with its clause."""
    law = law_of(request, office)
    shown = {name: {k: {"zh": r.get("zh", k), "clause": list(clause_of(r)), "limit": r.get("limit")} for k, r in law.table(name).items()} for name in SHOWN}
    return JSONResponse(plain({"book": law.table("book"), "law_sha256": law_hash(law), **_published(request, office), **shown}))


@router.get("/due")
async def due(request: Request, office: str, start: str, term: str = "") -> JSONResponse:
    """What would be due from a start under given facts (every other query word is a fact), counted day by day."""
    law = law_of(request, office)
    words = {k: v for k, v in request.query_params.items() if k not in ("office", "start", "term")}
    unknown = sorted(name[:80] for name in words if name not in law.table("fact"))
    if unknown or (term and term not in law.table("term")):
        raise Problem("value_undefined", detail={"facts": unknown, "terms": sorted(law.table("term"))})
    facts = {k: {"true": True, "false": False}.get(v, v) for k, v in words.items()}
    try:
        found = forecast(law, facts, instant(start), term)
    except (ValueError, LimitError, OverflowError):
        raise Problem("body_invalid", detail=[{"field": "start", "why": "ISO 8601, 1949-2199"}]) from None
    items = [{"term": f.term, "zh": f.zh, "en": f.en, "clause": list(f.clause), "reading": f.reading, "policy": f.policy, **why(f.due, law)} for f in found]
    return JSONResponse({"items": items})


@router.post("/sign-out")
async def sign_out(request: Request) -> JSONResponse:
    """Close the token of this request; every process of the API knows within seconds, this one at once."""
    caller(request)
    parts(request).tokens.sign_out(request.headers.get("authorization", ""))
    return JSONResponse({"signed_out": True})
