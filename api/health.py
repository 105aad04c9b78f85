"""Whether the process answers, and which of its parts do."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api import queries
from api.office import Parts, parts

router = APIRouter(prefix="/api/v1", tags=["health"])


@router.get("/health")
async def health() -> JSONResponse:
    """The process answers."""
    return JSONResponse({"ok": True})


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """Which parts answer now: filing needs the engine, reading and acting the record too."""
    here = parts(request)
    record, engine = await asyncio.gather(_record(here), here.gateway.reachable())
    whole = engine and record
    return JSONResponse({"engine": engine, "record": record}, 200 if whole else 503, headers={} if whole else {"Retry-After": "5"})


async def _record(here: Parts) -> bool:
    try:
        return bool(await here.pool.fetchval("select 1", timeout=2) == 1)
    except queries.DOWN:
        return False
