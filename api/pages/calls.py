"""Following by telephone: the caller tells two things, which are compared by digest and shown to nobody; the call is an event, and only then is anything read out or noted for them."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import acts, follow, queries_calls, sealing
from api.acts import Wish
from api.errors import Problem, body_of
from api.follow import LEAST, WISHES
from api.gateway import now
from api.office import Parts, Seen, parts, seen
from api.pages.dates import instant_words
from api.pages.follow import said_of, told
from api.pages.render import page
from api.pages.visitor import Visitor, kept, typed, visitor
from api.receipts import index_of
from api.sealed import LOOKERS, log
from domain.core import current, instant, iso

router = APIRouter(include_in_schema=False)
PATIENCE = 3.0
TWO = 2  # facts that must fit
LASTS = timedelta(minutes=30)  # a call, from when it was verified
FACTS = {"name": ("姓名", "name"), "telephone": ("电话", "telephone"), "id_number": ("身份证号", "identity number"), "code": ("查询码", "receipt code")}


@dataclass(frozen=True)
class Call:
    """A call that was verified: of which case, when, by which facts."""

    case: str
    key: str
    at: str
    facts: tuple[str, ...]

    def told(self) -> str:
        """What was compared, in words."""
        return "、".join(FACTS[name][0] for name in self.facts)

    def proof(self, here: Parts, who: Visitor) -> str:
        """The call as a field of a form, which nobody but this clerk can use, and nobody can make."""
        text = json.dumps([self.case, self.key, self.at, list(self.facts)], separators=(",", ":"))
        return f"{base64.urlsafe_b64encode(text.encode()).decode()}.{_mac(here, who, text)}"


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


@router.post("/desk/call/{wish}")
async def noted(wish: str, request: Request) -> HTMLResponse:
    """What the caller wishes, within the call that was verified: entered by the clerk in their name, by the same rules as on their own page."""
    who = await _clerk(request, "/desk/call")
    if wish not in WISHES:
        raise Problem("unknown_act")
    given, here = await typed(request), parts(request)
    call = _verified(here, who, str(given.get("call", "")))
    if call is None:
        over = Problem("call_over")
        return page(request, "desk_call.html", who, status=over.status, given=given, key=uuid4().hex, problem=body_of(over), facts=FACTS, found=[])
    await seen(request, call.case, who.caller)
    found = await follow.as_complainant(here, call.case)
    if found is None:
        raise Problem("not_found")
    words = f"〔来电口述,{instant_words(call.at, 'zh')}来电,已核对{call.told()}〕"
    try:
        answer = await follow.say(here, found, wish, said_of(found, wish, given), key=f"call:{call.key}:{_key(given)}"[:200], seconds=PATIENCE, typist=who.person, call=words)
    except Problem as problem:
        return await _told(request, who, found, call, status=problem.status, wish=wish, given=given, problem=body_of(problem), key=_key(given))
    again = await follow.as_complainant(here, call.case) or found
    return await _told(request, who, again, call, done=wish if answer.status_code == 200 else "pending")


async def _read_out(request: Request, who: Visitor, one: Seen, given: Mapping[str, Any], facts: list[str]) -> HTMLResponse:
    """The call becomes an event of the case before a word of it is shown."""
    here, call = parts(request), Call(one.case.id, _key(given), iso(now()), tuple(facts))
    await log(here, who.caller, "call", one.case.id, call.told())
    try:
        await acts.perform(request, one, "note", Wish(fields={"text": f"来电查询进展,已核对{call.told()},读出投诉人可知的内容。"}, for_person="", paper="", received_at=""), key=f"call:{call.key}", seconds=PATIENCE)
    except Problem as problem:
        if problem.code != "archived":  # then the door log keeps it
            raise
    found = await follow.as_complainant(here, one.case.id)
    if found is None:
        raise Problem("caller_unknown")
    return await _told(request, who, found, call)


async def _told(request: Request, who: Visitor, found: Seen, call: Call, *, status: int = 200, key: str = "", **more: Any) -> HTMLResponse:
    """What may be read out, and what may be noted for the caller; with the proof that this clerk has verified this call."""
    shown: dict[str, Any] = {"wish": "", "given": {}, "problem": None, "done": "", **more}
    return page(
        request, "desk_call_told.html", who, status=status, law=current(found.law, found.case), case_id=found.case.id, facts=[FACTS[name] for name in call.facts], key=key or uuid4().hex, call=call.proof(parts(request), who), large=False,
        **shown, **await told(parts(request), found),
    )  # fmt: skip


def _mac(here: Parts, who: Visitor, text: str) -> str:
    return here.keys.mac("body", "call", who.office, who.person, text).hex()


def _verified(here: Parts, who: Visitor, proof: str) -> Call | None:
    """The call of a proof, None where it is another's, made up, or over."""
    packed, _, mac = proof.partition(".")
    try:
        text = base64.urlsafe_b64decode(packed).decode()
        if not hmac.compare_digest(_mac(here, who, text), mac):
            return None
        case, key, at, facts = json.loads(text)
        return Call(case, key, at, tuple(facts)) if now() - instant(at) <= LASTS else None
    except (ValueError, TypeError):
        return None


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
