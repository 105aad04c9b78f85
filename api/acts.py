"""Every act of the closed list, by signal; the answer comes with the record."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api import queries
from api.complaints import _wait
from api.errors import Problem
from api.gateway import command, now
from api.office import Parts, caller, parts, reader, seen, told
from domain.acts import ACTS
from domain.core import Command, Reader, instant

router = APIRouter(prefix="/api/v1", tags=["acts"])
INTERNAL = frozenset({"file", "revise", "mark_unsent", "mark_sent"})


class Wish(BaseModel):
    """What an act needs: its fields; whom one types for, and the hash of the signed paper."""

    fields: dict[str, Any] = Field(default_factory=dict, examples=[{"decision": "agree", "opinion": "同意转办"}])
    for_person: str = Field("", description="the person who decided, where somebody else types")
    paper: str = Field("", description="SHA-256 of the scan")
    received_at: str = ""


@router.post("/complaints/{case_id}/acts/{act}")
async def act(case_id: str, act: str, wish: Wish, request: Request) -> JSONResponse:
    """Do one act: 200 with the new events, 403/409/422 with code and clause, 412 on a stale If-Match, 202 with where to look."""
    who = caller(request)
    case, events, _, law = await seen(request, case_id, who)
    if act not in ACTS or act in INTERNAL:
        raise Problem("unknown_act", detail=sorted(set(ACTS) - INTERNAL))
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise Problem("idempotency_key_missing")
    stale = request.headers.get("if-match", "").strip('"')
    if stale and stale != "*" and stale != str(case.version) and f"{case_id}:{key}" not in case.commands:
        changed = [told(event, reader(law, who)) for event in events if not stale.isdigit() or event.seq > int(stale)]
        raise Problem("stale", more={"version": case.version, "changed": changed})
    at = instant(wish.received_at) if wish.received_at else now()
    actor, typist = (wish.for_person, who.person) if wish.for_person and wish.for_person != who.person else (who.person, "")
    if typist and not wish.paper:
        raise Problem("field_missing", detail=["paper"])
    one = command(case_id, key, act, wish.fields, at, actor, entered_by=typist, paper=wish.paper)
    return await answered(parts(request), case_id, one, _wait(request), reader(law, who))


async def answered(here: Parts, case_id: str, one: Command, seconds: float, reader_: Reader) -> JSONResponse:
    """Send an act and wait for what the case decided; the refusal comes back as a problem with its clause."""
    if not await here.gateway.send(case_id, one):
        known = await queries.outcome(here.pool, case_id, one.id)
        if known is None:
            raise await _at_the_door(here, case_id, one)
        return await _result(here, case_id, known, reader_)
    row = await here.answers.wait(one.id, seconds)
    if row is None:
        return JSONResponse({"recorded": False, "command": one.id, "look": f"/api/v1/complaints/{case_id}/timeline"}, 202)
    return await _result(here, case_id, row, reader_)


async def _result(here: Parts, case_id: str, row: Any, reader_: Reader) -> JSONResponse:
    found = await queries.case_of(here.pool, case_id)
    if found is None:
        raise Problem("not_found")
    case, events = found
    mine = [event for event in events if row["first_seq"] <= event.seq <= row["last_seq"]]
    if row["code"] != "accepted":
        refusal = next((event for event in mine if event.kind == "refused"), None)
        raise Problem(row["code"], clause=refusal.clause if refusal else (), detail=refusal.data.get("detail") if refusal else None, more={"who": refusal.data.get("who", [])} if refusal else None)
    return JSONResponse({"version": case.version, "phase": case.phase, "events": [told(event, reader_) for event in mine]}, headers={"ETag": f'"{case.version}"'})


async def _at_the_door(here: Parts, case_id: str, one: Command) -> Problem:
    """Keep what came after the end, whole and signed (design, section 1: door log), and say what holds now."""
    found = await queries.case_of(here.pool, case_id)
    ended = next((event for event in reversed(found[1]) if event.kind == "archived"), None) if found else None
    code = "archived" if ended else "not_running"
    await here.pool.execute(
        "insert into door_log (case_id, command_id, act, actor, code, body) values ($1, $2, $3, $4, $5, $6)",
        case_id, one.id, one.act, one.actor, code, json.dumps(here.gateway.signed(case_id, one)),
    )  # fmt: skip
    # A case that the record holds open and the engine does not run: nothing of it can be decided until somebody looks.
    return Problem("archived", clause=ended.clause) if ended else Problem("engine_down", detail=code, headers={"Retry-After": "30"})
