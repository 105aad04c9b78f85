"""Filing a complaint, as JSON or with its files in one request; taken while the engine runs, whatever else is down."""

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import commands, queries, sealing, uploads
from api.errors import Problem
from api.gateway import now, wall
from api.office import Parts, caller, idempotency_key, law_of, law_on, parts, wait
from api.receipts import index_of, receipt
from api.vault import Kept, Writer
from domain.acts import SEALED
from domain.core import Command, instant

router = APIRouter(prefix="/api/v1", tags=["complaints"])
TEXT = 20_000
PUBLIC = "complainant"


class Respondent(BaseModel):
    """Who is complained of; a name that is in no office file is sealed."""

    model_config = ConfigDict(extra="allow")
    person: str = ""
    unit: str = ""
    name: str = Field("", max_length=200)


class Filing(BaseModel):
    """A complaint as it comes in; identity and text are sealed before they leave this process."""

    model_config = ConfigDict(extra="forbid")
    office: str = Field(max_length=200)
    channel: str = Field(max_length=200)
    kind: str = Field("", max_length=200)
    source: str = Field("self", max_length=200)
    source_person: str = Field("", max_length=200)
    text: str = Field("", max_length=TEXT)
    identity: dict[str, str] = Field(default_factory=dict, max_length=40)
    anonymous: bool = False
    real_name: bool = False
    proxy: bool = False
    has_contact: bool = True
    accusation: bool | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    respondents: list[Respondent] = Field(default_factory=list, max_length=100)
    recording: dict[str, str] | None = None
    forms: dict[str, dict[str, Any]] = Field(default_factory=dict)
    items: list[dict[str, str]] = Field(default_factory=list, max_length=200)
    received_at: datetime | None = Field(None, description="when it was told or rung or the letter opened, where a clerk files it later")
    reason: str = Field("", max_length=TEXT)


@router.post("/complaints", status_code=201)
async def file(request: Request) -> JSONResponse:
    """File a complaint. With a token a clerk files, without one the complainant. The same key gives the same receipt for ever."""
    who = caller(request).person if request.headers.get("authorization") else PUBLIC
    key = idempotency_key(request)
    began = now()
    filing, files = await _received(request, who, began)
    return await send(request, filing, files, who, key=key, began=began, seconds=wait(request))


async def send(request: Request, filing: Filing, files: list[Kept], who: str, *, key: str, began: datetime, seconds: float) -> JSONResponse:
    """A filing that was read and found fit, on its way: 201, or 202 while the record is away. Raises Problem."""
    here = parts(request)
    case_id = here.gateway.case_id(filing.office, who, key)
    body = json.dumps([filing.model_dump(mode="json"), [one.sha for one in files]], sort_keys=True)
    at = instant_of(filing, began)
    fields = _fields(filing, here, case_id, at, files)
    act = Command(f"{case_id}:file", "file", fields, at, now(), who, entered_by="" if who == PUBLIC else who)
    try:
        law = law_on(request, filing.office, at.date())
    except Problem:  # no version binds that day; what was taken while one did keeps its receipt
        received = await here.gateway.taken(case_id, body)
        if received is None:
            raise
    else:
        received = await here.gateway.start(case_id, law, act, body, (at - wall()).total_seconds() if here.story_clock else 0.0)
    answer = {"case": case_id, "receipt": receipt(here.keys, case_id), "received_at": received.isoformat(), "files": [one.dump() for one in files], "follow": "/api/v1/follow"}
    return await _answered(here, act.id, case_id, answer, seconds)


async def _answered(here: Parts, command_id: str, case_id: str, answer: dict[str, Any], seconds: float) -> JSONResponse:
    """201 with the number when the record has it, else 202 with all that is known."""
    row = await here.answers.wait(command_id, seconds)
    try:
        found = await queries.case_of(here.pool, case_id) if row is not None else None
    except queries.DOWN:
        found = None
    if row is None or found is None:
        return JSONResponse({**answer, "recorded": False, **commands.waiting(here)}, 202)
    if row["code"] != "accepted":
        refusal = next((event for event in found.events if event.kind == "refused"), None)
        raise Problem(row["code"], clause=refusal.clause if refusal else (), detail=refusal.data.get("detail") if refusal else None)
    return JSONResponse({**answer, "recorded": True, "register_no": found.case.register_no, "version": found.case.version}, 201)


async def _received(request: Request, who: str, began: datetime) -> tuple[Filing, list[Kept]]:
    """The filing and its files; in a form, the part `filing` comes before the files, because it says under whose key they are sealed."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _checked(request, await request.body(), who), []

    def place(fields: dict[str, bytes]) -> Writer:
        filing = _checked(request, fields.get("filing", b""), who)
        return parts(request).vault.writer(filing.office, instant_of(filing, began).year)

    form = await uploads.take(request, ("filing",), place)
    return _checked(request, form.fields.get("filing", b""), who), form.files


def _checked(request: Request, raw: bytes, who: str) -> Filing:
    """The filing, fit for the key of its office; raises ValidationError, Problem."""
    if not raw:
        raise Problem("body_invalid", detail=[{"field": "filing", "why": "missing, or after the files"}])
    return fit(request, Filing.model_validate_json(raw), who)


def fit(request: Request, filing: Filing, who: str) -> Filing:
    """The filing, with nothing in it that its sender may not say; raises Problem."""
    commands.fit(filing.model_dump(mode="json"))
    law_of(request, filing.office)
    if who == PUBLIC:
        if filing.received_at is not None or filing.source_person:
            raise Problem("not_yours_to_set", detail=["received_at", "source_person"])
    elif caller(request).office != filing.office:
        raise Problem("not_your_act", detail=["office"])
    if any(value.startswith(SEALED) for value in (*filing.identity.values(), *(one.name for one in filing.respondents))):
        raise Problem("field_invalid", detail=["identity", "respondents"])
    return filing


def instant_of(filing: Filing, began: datetime) -> datetime:
    """When it was received: as its clerk says, else now. Raises Problem."""
    try:
        return instant(filing.received_at).replace(microsecond=0) if filing.received_at else began
    except OverflowError:
        raise Problem("body_invalid", detail=[{"field": "received_at", "why": "range"}]) from None


def _fields(filing: Filing, here: Parts, case_id: str, at: datetime, files: list[Kept]) -> dict[str, Any]:
    """The fields of the act: nothing in clear that says who complains or in which words."""
    fields = filing.model_dump(mode="json", exclude={"office", "text", "identity", "received_at"}, exclude_defaults=True)
    fields |= {"channel": filing.channel, "anonymous": filing.anonymous, "has_contact": filing.has_contact and not (filing.anonymous and not filing.identity)}
    if filing.identity or filing.text:
        fields["identity"] = sealing.seal(here.keys, filing.office, at.year, {"identity": filing.identity, "text": filing.text})
    if filing.text:
        fields["summary_sha"] = here.keys.mac("digest", filing.office, "text", filing.text).hex()
    for row in fields.get("respondents", ()):
        if row.get("name"):
            row["name"] = sealing.seal(here.keys, filing.office, at.year, {"words": row["name"]})
    if files:
        fields["attachments"] = [one.dump() for one in files]
    fields["digests"] = [*sealing.digests(here.keys, filing.office, filing.identity), index_of(here.keys, receipt(here.keys, case_id))]
    return fields

