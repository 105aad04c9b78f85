"""An act on its way: its command, the wait for the record, and the answer as its reader may see it."""

import json
import logging
from datetime import datetime
from typing import Any

from fastapi.responses import JSONResponse

from api import queries, words
from api.errors import Problem
from api.gateway import now
from api.office import Parts, Seen, etag, plain
from domain.core import Case, Command, Law, Reader, told
from workflows import contract

LOG = logging.getLogger("huiyin.api")


def command(here: Parts, case: Case, year: int, caller: str, key: str, act: str, fields: dict[str, Any], **more: Any) -> Command:
    """An act as a command: words sealed, id derived from caller, key and content. Raises Problem malformed, idempotency_mismatch."""
    fit(fields)
    at: datetime = more.pop("at", None) or now()
    actor = more.pop("actor", "") or caller
    identity = here.gateway.command_id(case.id, caller, key, [act, fields, actor, more, at.isoformat() if more.pop("dated", False) else ""])
    known = case.decided(identity)
    if known and known != identity:
        raise Problem("idempotency_mismatch")
    return Command(identity, act, words.sealed(here.keys, case.office, year, act, fields), at, now(), actor, **more)


async def answered(here: Parts, seen: Seen, one: Command, seconds: float) -> JSONResponse:
    """Send an act and wait for what the case decided; the refusal comes back as a problem with its clause."""
    try:
        unfit = "" if one.id in seen.case.commands else await here.gateway.send(seen.case, one)
        if not unfit and one.id not in seen.case.commands:
            known = await queries.outcome(here.pool, seen.case.id, one.id)
            if known is None:
                raise await _at_the_door(here, seen, one)
            return await _result(here, known, seen.reader, seen.law)
        row = await here.answers.wait(one.id, seconds, unfit)
        if row is not None and row["command_id"] == unfit:
            LOG.error("%s: an act of ours was refused as unsigned, see `huiyin doctor`: keys", seen.case.id)
            raise Problem("unsigned_act")
        return await _result(here, row, seen.reader, seen.law) if row is not None else later(here, seen.case.id, one.id)
    except queries.DOWN:
        return later(here, seen.case.id, one.id)  # the act is with the engine, and the engine loses nothing


def fit(value: Any) -> None:
    """Raises Problem malformed for what neither record nor hash can hold: said before anything is sealed or sent."""
    try:
        contract.fit(value)
    except contract.Malformed as wrong:
        raise Problem("malformed", detail=str(wrong)) from None


def later(here: Parts, case_id: str, command_id: str) -> JSONResponse:
    """202: taken, not yet recorded, why, and where to look."""
    look = f"/api/v1/complaints/{case_id}/commands/{command_id.partition(':')[2]}"
    return JSONResponse({"recorded": False, "command": command_id, "look": look, **waiting(here)}, 202)


def waiting(here: Parts) -> dict[str, str]:
    """Why a thing that was taken is not yet recorded, in both languages."""
    if here.answers.down:
        return {"why": "record_down", "note": "已收件;记录库暂时不可用,恢复后自动登记。Accepted; the record is away and will take it when it is back."}
    return {"why": "pending", "note": "已收件,正在登记。Accepted, being recorded."}


async def _result(here: Parts, row: Any, reader: Reader, law: Law) -> JSONResponse:
    found = await queries.case_of(here.pool, row["case_id"])
    if found is None:
        raise Problem("not_found")
    mine = [event for event in found.events if row["first_seq"] <= event.seq <= row["last_seq"]]
    if row["code"] != "accepted":
        refusal = next((event for event in mine if event.kind == "refused"), None)
        raise Problem(row["code"], clause=refusal.clause if refusal else (), detail=refusal.data.get("detail") if refusal else None, more={"who": refusal.data.get("who", [])} if refusal else None)
    shown = words.opened(here.keys, told(mine, found.case, reader, law))
    return JSONResponse({"recorded": True, "command": row["command_id"], "version": found.case.version, "phase": found.case.phase, "events": plain(shown)}, headers=etag(found.case))


async def outcome(here: Parts, seen: Seen, command_id: str) -> JSONResponse:
    """What became of an act that was answered with 202."""
    row = await queries.outcome(here.pool, seen.case.id, command_id)
    return await _result(here, row, seen.reader, seen.law) if row is not None else later(here, seen.case.id, command_id)


async def _at_the_door(here: Parts, seen: Seen, one: Command) -> Problem:
    """Keep what came after the end, whole and signed (design, section 1: door log), and say what holds now."""
    ended = next((event for event in reversed(seen.events) if event.kind == "archived"), None)
    code = "archived" if ended else "not_running"
    await here.pool.execute(
        "insert into door_log (case_id, command_id, act, actor, code, body) values ($1, $2, $3, $4, $5, $6)",
        seen.case.id, one.id, one.act, one.actor, code, json.dumps(here.gateway.signed(seen.case.id, one)),
    )  # fmt: skip
    # A case that the record holds open and the engine does not run: nothing of it can be decided until somebody looks.
    return Problem("archived", clause=ended.clause) if ended else Problem("engine_down", detail=code, headers={"Retry-After": "30"})
