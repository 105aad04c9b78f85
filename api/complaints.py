"""Filing, reading, listing, searching; timeline, tasks, inbox."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api import queries, sealing
from api.errors import Problem
from api.gateway import command, now
from api.office import caller, inside, law_of, parts, reader, seen, told
from api.office_tasks import office_tasks
from api.receipts import index_of, receipt
from domain.core import view

router = APIRouter(prefix="/api/v1", tags=["complaints"])
TEXT = 20_000
Limit = Annotated[int, Query(ge=1, le=200)]


class Filing(BaseModel):
    """A complaint as it comes in; identity and text are sealed before they leave this process."""

    office: str = Field(examples=["kaiyang"])
    channel: str = Field(examples=["telephone"])
    kind: str = ""
    source: str = "self"
    text: str = Field("", max_length=TEXT, examples=["窗口工作人员态度粗暴"])
    identity: dict[str, str] = Field(default_factory=dict, examples=[{"name": "示例·投诉人", "telephone": "13800000000"}])
    anonymous: bool = False
    real_name: bool = False
    has_contact: bool = True
    accusation: bool | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    respondents: list[dict[str, str]] = Field(default_factory=list)
    recording: dict[str, str] | None = None
    forms: dict[str, dict[str, Any]] = Field(default_factory=dict)
    items: list[dict[str, str]] = Field(default_factory=list)
    received_at: datetime | None = None
    reason: str = ""


@router.post("/complaints", status_code=201, responses={202: {"description": "accepted, not yet recorded"}})
async def file(filing: Filing, request: Request) -> JSONResponse:
    """File a complaint. With a token a clerk files, without one the complainant. The same key gives the same receipt for ever."""
    key = request.headers.get("idempotency-key", "")
    if not key:
        raise Problem("idempotency_key_missing")
    here, law = parts(request), law_of(request, filing.office)
    who = caller(request).person if request.headers.get("authorization") else "complainant"
    case_id = here.gateway.case_id(filing.office, who, key)
    at = filing.received_at or now()
    code = receipt(here.keys, case_id)
    body = hashlib.sha256(json.dumps(filing.model_dump(mode="json"), sort_keys=True).encode()).digest()
    offset = (at - now()).total_seconds() if here.story_clock else 0.0
    act = command(case_id, "file", "file", _fields(filing, here, case_id, at), at, who, **({"entered_by": who} if who != "complainant" else {}))
    await here.gateway.start(case_id, law, str(law.table("book").get("id", "")), act, body, offset)
    row = await here.answers.wait(act.id, _wait(request))
    answer = {"case": case_id, "receipt": code, "received_at": at.isoformat(), "follow": "/api/v1/follow"}
    if row is None:
        return JSONResponse({**answer, "recorded": False, "note": "已收件,正在登记。Accepted, being recorded."}, 202)
    if row["code"] != "accepted":
        found = await queries.case_of(here.pool, case_id)
        refusal = next((e for e in (found[1] if found else []) if e.kind == "refused"), None)
        raise Problem(row["code"], clause=refusal.clause if refusal else (), detail=refusal.data.get("detail") if refusal else None)
    found = await queries.case_of(here.pool, case_id)
    return JSONResponse({**answer, "recorded": True, "register_no": found[0].register_no if found else ""}, 201)


def _fields(filing: Filing, here: Any, case_id: str, at: datetime) -> dict[str, Any]:
    fields = filing.model_dump(mode="json", exclude={"office", "text", "identity", "received_at"}, exclude_defaults=True)
    fields |= {"channel": filing.channel, "anonymous": filing.anonymous, "has_contact": filing.has_contact and not (filing.anonymous and not filing.identity)}
    if filing.identity or filing.text:
        fields["identity"] = sealing.seal(here.keys, filing.office, at.year, {"identity": filing.identity, "text": filing.text})
    if filing.text:
        fields["summary_sha"] = here.keys.mac("digest", filing.office, "text", filing.text).hex()
    fields["digests"] = [*sealing.digests(here.keys, filing.office, filing.identity), index_of(here.keys, receipt(here.keys, case_id))]
    return fields


def _wait(request: Request) -> float:
    """Seconds to wait for the record: `Prefer: wait=N`, at most 30, 3 by default (RFC 7240)."""
    for part in request.headers.get("prefer", "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "wait" and value.isdigit():
            return float(min(int(value), 30))
    return 3.0


@router.get("/complaints/{case_id}")
async def read(case_id: str, request: Request) -> JSONResponse:
    """One case, as the caller may see it; its version is the ETag."""
    case, _, shown, _ = await seen(request, case_id, caller(request))
    return JSONResponse(json.loads(json.dumps(shown, default=str)), headers={"ETag": f'"{case.version}"', "Cache-Control": "no-store"})


@router.get("/complaints/{case_id}/timeline")
async def timeline(case_id: str, request: Request) -> JSONResponse:
    """The events of a case, as the caller may see them."""
    who = caller(request)
    _, events, _, law = await seen(request, case_id, who)
    return JSONResponse({"events": [told(event, reader(law, who)) for event in events]})


@router.get("/complaints")
async def listed(
    request: Request, overdue: bool | None = None, provisional: bool | None = None, due_before: str = "", waiting_on: str = "", unit: str = "", grade: str = "",
    phase: str = "", register_no: str = "", cursor: str = "", limit: Limit = 50,
) -> JSONResponse:
    """Cases of the caller's office that the caller may see, newest first; `total` counts exactly what the pages hold."""
    who = caller(request)
    law = law_of(request, who.office)
    one = reader(law, who)
    given: dict[str, Any] = {"overdue": overdue, "provisional": provisional, "waiting_on": waiting_on, "unit": unit, "grade": grade, "phase": phase, "register_no": register_no}
    filters: dict[str, Any] = {name: value for name, value in given.items() if value not in (None, "")}
    try:
        if due_before:
            filters["due_before"] = queries.day(due_before)
        after = _after(cursor)
    except ValueError:
        raise Problem("body_invalid", detail="due_before, cursor") from None
    try:
        rows, total = await queries.listed(parts(request).pool, who.office, one.person, one.unit, inside=inside(one), filters=filters, after=after, limit=limit)
        cases = await queries.cases_of(parts(request).pool, [row["case_id"] for row in rows])
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        raise Problem("record_down", headers={"Retry-After": "5"}) from None
    visible = [row for row in rows if view(cases[row["case_id"]][0], one, law) is not None]
    following = f"{rows[-1]['received_at'].isoformat()}|{rows[-1]['case_id']}" if len(rows) == limit else ""
    return JSONResponse({"total": total - (len(rows) - len(visible)), "items": [_item(row) for row in visible], "next": following})


def _after(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    at, _, case_id = cursor.partition("|")
    return datetime.fromisoformat(at.replace(" ", "+")), case_id


def _item(row: Any) -> dict[str, Any]:
    flat = json.loads(row["row"])
    keep = ("id", "register_no", "phase", "kind", "channel", "grade", "units", "waiting_on", "received_at", "next_due_day", "overdue", "provisional", "late", "version")
    return {name: flat.get(name) for name in keep}


@router.get("/tasks")
async def tasks(request: Request, limit: Limit = 50) -> JSONResponse:
    """What waits for the caller, the earliest date first within the page; `office` has what belongs to no case's own list."""
    who = caller(request)
    law = law_of(request, who.office)
    one = reader(law, who)
    rows, total = await queries.listed(parts(request).pool, who.office, one.person, one.unit, inside=inside(one), filters={"waiting_on": who.person}, after=None, limit=limit)
    cases = await queries.cases_of(parts(request).pool, [row["case_id"] for row in rows])
    found = []
    for row in rows:
        shown = view(cases[row["case_id"]][0], one, law)
        if shown is not None:
            mine = [task for task in shown.get("tasks", []) if who.person in task["who"]]
            found.append({**_item(row), "tasks": json.loads(json.dumps(mine, default=str))})
    found.sort(key=lambda item: (item["next_due_day"] or "9", item["id"]))
    return JSONResponse({"total": total, "items": found, "office": await office_tasks(parts(request).pool, one, law)})


@router.get("/inbox")
async def inbox(request: Request) -> JSONResponse:
    """The caller's notices, newest first."""
    rows = await queries.inbox(parts(request).pool, caller(request).person)
    return JSONResponse({"items": [{"case": r["case_id"], "form": r["form"], "clause": r["clause"], "data": json.loads(r["data"]), "sent_at": r["sent_at"].isoformat()} for r in rows]})
