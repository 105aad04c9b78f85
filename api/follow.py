"""/follow: the complainant by receipt code, in a header, never in an address. Wrong codes get the same answer in the same time."""

import asyncio
import json
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from api import queries
from api.acts import Wish, answered
from api.complaints import _wait
from api.errors import Problem
from api.gateway import command, now
from api.office import law_of, parts
from api.receipts import index_of
from domain.core import Case, Event, Law, Reader, view

router = APIRouter(prefix="/api/v1/follow", tags=["follow"])
ALLOWED = {"rate": "rate", "add": "add_material", "withdraw": "withdraw", "supplement": "supplement", "appeal": "appeal", "retaliation": "report_retaliation"}
TRIES, WINDOW, LEAST = 10, 600.0, 0.15  # wrong codes a client; seconds; seconds every answer takes
HEADERS = {"Cache-Control": "no-store"}


async def _case(request: Request) -> tuple[Case, list[Event], Law]:
    began = time.monotonic()
    here = parts(request)
    client = request.client.host if request.client else ""
    tries = here.tries if here.tries is not None else {}
    recent = [at for at in tries.get(client, []) if at > began - WINDOW]
    if len(recent) >= TRIES:
        raise Problem("too_many_tries", headers={"Retry-After": str(int(WINDOW))})
    index = index_of(here.keys, request.headers.get("x-receipt-code", "")) or "receipt:none"
    case_id = await queries.by_digest(here.pool, index)
    found = await queries.case_of(here.pool, case_id) if case_id else None
    await asyncio.sleep(max(0.0, LEAST - (time.monotonic() - began)))
    if found is None:
        tries[client] = [*recent, began]
        here.tries = tries
        raise Problem("not_found")
    return found[0], found[1], law_of(request, found[0].office)


@router.get("")
async def state(request: Request) -> JSONResponse:
    """Where my complaint stands, the next date and why."""
    case, _, law = await _case(request)
    return JSONResponse(json.loads(json.dumps(view(case, Reader("complainant"), law), default=str)), headers=HEADERS)


@router.post("/{wish}")
async def do(wish: str, body: Wish, request: Request) -> JSONResponse:
    """Rate, add material, withdraw, supplement, appeal, report retaliation."""
    case, _, _ = await _case(request)
    if wish not in ALLOWED:
        raise Problem("unknown_act", detail=sorted(ALLOWED))
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise Problem("idempotency_key_missing")
    one = command(case.id, f"c:{key}", ALLOWED[wish], _own(body), now(), "complainant")
    return await answered(parts(request), case.id, one, _wait(request), Reader("complainant"))


def _own(body: Wish) -> dict[str, Any]:
    return dict(body.fields)
