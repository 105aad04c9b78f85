"""The published rulebooks of an office: what anybody and what its staff may read of them, and the second person's yes or no under their own sign-in."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.errors import Problem
from api.office import caller, law_of, parts
from domain.asking import Refusal
from domain.versions import OPEN, History, confirmed, publishers, withdrawn
from domain.workdays import ZONE

router = APIRouter(prefix="/api/v1", tags=["books"])
PEOPLE = ("seq", "by", "at", "reason", "confirmed_by", "confirmed_at", "confirmed_why", "withdrawn_by", "withdrawn_at", "withdrawn_why")


class Confirmation(BaseModel):
    """What the second person says: the content hash of the text they have read, and why."""

    model_config = ConfigDict(extra="forbid")
    sha256: str = Field(max_length=200)
    reason: str = Field(max_length=2000)


class Withdrawal(BaseModel):
    """Why a proposal is taken back."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=2000)


@router.get("/offices/{office}/versions")
async def versions(office: str, request: Request) -> JSONResponse:
    """Every proposal and version of the caller's office: days, hashes, state, who put it forward, who confirmed it and why."""
    _own(request, office)
    history = parts(request).versions.history(office)
    return JSONResponse({"items": standing(history, people=True), "unproved": history.unproved})


@router.get("/offices/{office}/versions/{sha256}")
async def text(office: str, sha256: str, request: Request) -> JSONResponse:
    """The whole text of a proposal or version, exactly as its hash says: rulebook, clause list, the office's terms."""
    _own(request, office)
    here = parts(request).versions
    one = next((one for one in here.history(office).proposals if one.sha256 == sha256), None)
    full = here.published.shelf.texts.get(sha256) if one else None
    if full is None:
        raise Problem("not_found")
    return JSONResponse({"sha256": sha256, "canonical": full, **json.loads(full)})


@router.post("/offices/{office}/versions/confirm")
async def confirm(office: str, wish: Confirmation, request: Request) -> JSONResponse:
    """Make the proposal a version: by another person than its proposer, who gives its content hash. From its first day it binds what is received."""
    return await _step(request, office, "confirmed", wish.reason, lambda history, who: confirmed(history, who, wish.sha256))


@router.post("/offices/{office}/versions/withdraw")
async def withdraw(office: str, wish: Withdrawal, request: Request) -> JSONResponse:
    """Take back a proposal that nobody has confirmed."""
    return await _step(request, office, "withdrawn", wish.reason, withdrawn)


async def _step(request: Request, office: str, kind: str, reason: str, step: Callable[[History, Mapping[str, str]], dict[str, Any]]) -> JSONResponse:
    who, here = _own(request, office), parts(request)
    law = law_of(request, office)
    may = publishers(kind, law.book, law.office)
    if who not in may:
        raise Problem("not_publisher", detail={"may": may})
    try:
        history = await here.versions.enter(here.pool, office, {"by": who, "reason": reason}, step)
    except Refusal as no:
        raise Problem(no.code, detail=no.detail) from None
    return JSONResponse({"items": standing(history, people=True), "unproved": history.unproved})


def _own(request: Request, office: str) -> str:
    """The caller's person id; another office's versions answer like those of none."""
    who = caller(request)
    if who.office != office:
        raise Problem("not_found")
    return who.person


def standing(history: History, *, people: bool = False) -> list[dict[str, Any]]:
    """An office's versions as data, oldest first; proposals, people and reasons for its own staff only."""
    today, rows = datetime.now(ZONE).date().isoformat(), []
    for one in history.proposals:
        if people or one.number:
            end = history.ends(one) if one.number else one.last or OPEN
            row = {"version": one.number, "book": one.book, "state": history.state(one, today), "in_force_from": one.first, "in_force_until": "" if end == OPEN else end}
            row |= {"supersedes": one.replaces, "sha256": one.sha256, "rule_sha256": one.rule_sha256}
            rows.append({**row, **({name: getattr(one, name) for name in PEOPLE} if people else {})})
    return rows
