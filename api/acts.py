"""Every act of the closed list, by signal; the answer comes with the record."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import commands, words
from api.errors import Problem
from api.office import Seen, caller, idempotency_key, law_of, parts, plain, seen, wait
from domain.acts import ACTS
from domain.core import Command, instant
from domain.paper import may_type

router = APIRouter(prefix="/api/v1", tags=["acts"])
INTERNAL = frozenset({"file", "revise", "mark_unsent", "mark_sent", "counted"})
SHA = re.compile(r"[0-9a-f]{64}")


class Wish(BaseModel):
    """What an act needs: its fields; whom one types for, and the hash of the signed paper."""

    model_config = ConfigDict(extra="forbid")
    fields: dict[str, Any] = Field(default_factory=dict, description="see docs/acts.md: fields by act")
    for_person: str = Field("", max_length=100, description="the person who decided, where somebody else types; 'complainant' for a complainant's letter")
    paper: str = Field("", description="SHA-256 of the scan of what they signed")
    received_at: str = Field("", max_length=40, description="when it was told, rung or opened, where not now; ISO, +08:00 where no offset is given")


@router.post("/complaints/{case_id}/acts/{act}")
async def act(case_id: str, act: str, wish: Wish, request: Request) -> JSONResponse:
    """Do one act: 200 with the new events, 403/409/422 with code and clause, 412 on a stale If-Match, 202 with where to look."""
    found = await seen(request, case_id, caller(request))
    stale = request.headers.get("if-match", "").removeprefix("W/").strip('"')
    return await perform(request, found, act, wish, key=idempotency_key(request), seconds=wait(request), stale=stale)


async def perform(request: Request, found: Seen, act: str, wish: Wish, *, key: str, seconds: float, stale: str = "") -> JSONResponse:
    """One act on a case that its actor sees, however it came in; `stale` = the version that they had before them, '' for any. Raises Problem."""
    if act not in ACTS or act in INTERNAL:
        raise Problem("unknown_act", detail=sorted(set(ACTS) - INTERNAL))
    one = _command(request, found, act, wish, key)
    if stale and stale != "*" and stale != str(found.case.version) and not found.case.decided(one.id):
        changed = found.told([event for event in found.events if not stale.isdecimal() or event.seq > int(stale[:12])])
        raise Problem("stale", more={"version": found.case.version, "changed": plain(words.opened(parts(request).keys, changed))})
    return await commands.answered(parts(request), found, one, seconds)


@router.get("/complaints/{case_id}/commands/{command}")
async def command(case_id: str, command: str, request: Request) -> JSONResponse:
    """What became of an act that was answered with 202: the same answer as the act's own, or 202 still."""
    found = await seen(request, case_id, caller(request))
    return await commands.outcome(parts(request), found, f"{case_id}:{command}")


def _command(request: Request, found: Seen, act: str, wish: Wish, key: str) -> Command:
    who = found.reader.person
    more: dict[str, Any] = {}
    if wish.received_at:
        try:
            more = {"at": instant(wish.received_at).replace(microsecond=0), "dated": True}
        except (ValueError, OverflowError):
            raise Problem("body_invalid", detail=[{"field": "received_at", "why": "ISO 8601"}]) from None
    if wish.for_person and wish.for_person != who:
        _may_type(law_of(request, found.case.office).office, found, wish)
        more |= {"actor": wish.for_person, "entered_by": who}
    if wish.paper:
        if not SHA.fullmatch(wish.paper):
            raise Problem("field_invalid", detail=["paper"])
        more["paper"] = wish.paper
    return commands.command(parts(request), found.case, found.year, who, key, act, wish.fields, **more)


def _may_type(office: Mapping[str, Any], found: Seen, wish: Wish) -> None:
    """By the office's table of today, and never without the paper."""
    if not wish.paper:
        raise Problem("paper_missing", detail=["paper"])
    if not may_type(office, found.reader, wish.for_person):
        raise Problem("not_your_act", detail=["for_person"])
