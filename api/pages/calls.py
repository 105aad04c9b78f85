"""Following by telephone: the caller tells two things, which are compared by digest and shown to nobody; the call is an event, and only then is anything read out."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import acts, follow, queries_calls, sealing
from api.acts import Wish
from api.errors import Problem, body_of
from api.follow import LEAST
from api.office import Seen, parts, seen
from api.pages.follow import told
from api.pages.render import page
from api.pages.visitor import Visitor, kept, typed, visitor
from api.receipts import index_of
from api.sealed import LOOKERS, log
from domain.core import current

router = APIRouter(include_in_schema=False)
PATIENCE = 3.0
TWO = 2  # facts that must fit
FACTS = {"name": ("姓名", "name"), "telephone": ("电话", "telephone"), "id_number": ("身份证号", "identity number"), "code": ("查询码", "receipt code")}


@router.get("/desk/call")
async def ask(request: Request) -> HTMLResponse:
    """What the caller must tell."""
    who = await _clerk(request)
    return page(request, "desk_call.html", who, given=await kept(request, who), key=uuid4().hex, problem=None, facts=FACTS, found=[])


@router.post("/desk/call")
async def check(request: Request) -> HTMLResponse:
    """Compare, note the call, and show what may be read out; whatever does not fit gets one answer."""
    who = await _clerk(request, "/desk/call")
    given, here, began = await typed(request), parts(request), time.monotonic()
    me = f"call:{who.office}:{who.person}"
    try:
        if here.tries.exhausted(me):
            raise Problem("too_many_tries", headers={"Retry-After": "600"})
        told_ = [name for name in FACTS if str(given.get(name, "")).strip()]
        digests = _digests(request, who, given)
        if len(told_) < TWO:
            raise Problem("caller_two_facts")
        cases = await _cases(request, who, digests) if len(digests) == len(told_) else []
        await asyncio.sleep(max(0.0, LEAST - (time.monotonic() - began)))
        if not cases:
            here.tries.failed(me)
            await log(here, who.caller, "call_unknown", "", "、".join(told_))
            raise Problem("caller_unknown")
        one = next((found for found in cases if found.case.id == given.get("case")), cases[0] if len(cases) == 1 else None)
        if one is None:
            return page(request, "desk_call.html", who, given=given, key=_key(given), problem=None, facts=FACTS, found=cases)
        return await _read_out(request, who, one, given, told_)
    except Problem as problem:
        return page(request, "desk_call.html", who, status=problem.status, headers=problem.headers, given=given, key=uuid4().hex, problem=body_of(problem), facts=FACTS, found=[])


async def _read_out(request: Request, who: Visitor, one: Seen, given: Mapping[str, Any], facts: list[str]) -> HTMLResponse:
    """The call becomes an event of the case before a word of it is shown."""
    here, names = parts(request), "、".join(FACTS[name][0] for name in facts)
    await log(here, who.caller, "call", one.case.id, names)
    try:
        await acts.perform(request, one, "note", Wish(fields={"text": f"来电查询进展,已核对{names},读出投诉人可知的内容。"}, for_person="", paper="", received_at=""), key=f"call:{_key(given)}", seconds=PATIENCE)
    except Problem as problem:
        if problem.code != "archived":  # then the door log keeps it
            raise
    found = await follow.as_complainant(here, one.case.id)
    if found is None:
        raise Problem("caller_unknown")
    return page(request, "desk_call_told.html", who, law=current(found.law, found.case), case_id=one.case.id, facts=[FACTS[name] for name in facts], **await told(here, found))


async def _clerk(request: Request, here: str = "") -> Visitor:
    who = await visitor(request, here)
    if LOOKERS.isdisjoint(who.roles):
        raise Problem("not_your_act")
    return who


def _digests(request: Request, who: Visitor, given: Mapping[str, Any]) -> list[str]:
    keys = parts(request).keys
    said = {name: str(given.get(name, "")).strip()[:200] for name in FACTS}
    code = index_of(keys, said["code"])
    return [*sealing.digests(keys, who.office, {name: said[name] for name in sealing.DIGESTED}), *([code] if code else [])]


async def _cases(request: Request, who: Visitor, digests: list[str]) -> list[Seen]:
    """The cases that carry all of them, without those that are closed to this clerk."""
    found = []
    for case_id in await queries_calls.by_all_digests(parts(request).pool, who.office, digests):
        try:
            one = await seen(request, case_id, who.caller)
        except Problem:
            continue
        if "digests" in one.shown:
            found.append(one)
    return found


def _key(given: Mapping[str, Any]) -> str:
    return str(given.get("key", ""))[:100] or uuid4().hex
