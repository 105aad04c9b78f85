"""Rulebooks, offices, `due`, health: what needs no case."""

from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api.errors import Problem
from api.office import law_of, parts
from domain.core import clause_of, instant
from domain.deadlines import LimitError
from domain.forecast import forecast

router = APIRouter(prefix="/api/v1", tags=["books"])


@router.get("/offices")
async def offices(request: Request) -> JSONResponse:
    """The offices that take complaints here: channels and kinds, no staff."""
    return JSONResponse({"items": [_office(key, law) for key, law in sorted(parts(request).laws.items())]})


def _office(key: str, law: Any) -> dict[str, Any]:
    core, book = law.office.get("office", {}), law.table("book")
    listed = {name: {k: row.get("zh", k) for k, row in law.table(name).items()} for name in ("channel", "kind", "source")}
    return {"id": key, "zh": core.get("zh"), "en": core.get("en"), "telephone": core.get("telephone"), "rulebook": book.get("id"), "title": book.get("title"), **listed}


@router.get("/rulebooks/{office}")
async def rulebook(office: str, request: Request) -> JSONResponse:
    """The terms, approvals and answers of an office's book, each with its clause."""
    law = law_of(request, office)
    shown = {name: {k: {"zh": r.get("zh", k), "clause": list(clause_of(r)), "limit": r.get("limit")} for k, r in law.table(name).items()} for name in ("term", "chain", "answer", "admit", "form")}
    return JSONResponse({"book": law.table("book"), **shown})


@router.get("/due")
async def due(request: Request, office: str, start: str, term: str = "") -> JSONResponse:
    """What would be due from a start under given facts (every other query word is a fact)."""
    law = law_of(request, office)
    words = {k: v for k, v in request.query_params.items() if k not in ("office", "start", "term")}
    facts = {k: {"true": True, "false": False}.get(v, v) for k, v in words.items()}
    try:
        found = forecast(law, facts, instant(start), term)
    except (ValueError, LimitError):
        raise Problem("body_invalid", detail="start") from None
    return JSONResponse(
        {"items": [{"term": f.term, "zh": f.zh, "due_day": f.due.due_day.isoformat(), "overdue_at": f.due.overdue_at.isoformat(), "provisional": f.due.provisional, "clause": list(f.clause), "reading": f.reading} for f in found]}
    )  # fmt: skip


@router.get("/health")
async def health() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"ok": True})


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Which parts answer now: filing needs the engine, reading the record."""
    here = parts(request)
    try:
        record = await here.pool.fetchval("select 1", timeout=2) == 1
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        record = False
    engine = await here.gateway.reachable()
    return JSONResponse({"engine": engine, "record": record}, 200 if engine and record else 503)
