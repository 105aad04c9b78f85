"""One case on a page, as its reader may see it, and the acts that they may do with it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import acts, commands, words
from api.acts import INTERNAL, Wish
from api.clauses import gists_of
from api.dates import counts
from api.errors import Problem, body_of
from api.files import download, open_to
from api.gateway import now
from api.office import Seen, parts, plain, seen
from api.pages import labels
from api.pages.appeals import banner
from api.pages.boxes import fields_of, sheet
from api.pages.picture import picture
from api.pages.render import Names, page
from api.pages.visitor import Visitor, data, kept, typed, visitor
from api.queries_notices import notices_of
from api.sealed import Reason, identity
from domain.acts import ACTS
from domain.codes import CODES
from domain.core import current
from domain.openings import Opening, openings

router = APIRouter(include_in_schema=False)
REASON = 2  # letters of a reason at least
PATIENCE = 3.0  # seconds a page waits for the record before it says "received, not yet decided"


@router.get("/cases/{case_id}")
async def case(case_id: str, request: Request) -> HTMLResponse:
    """The case: facts, dates and why, who must act, what happened, what I may do and why the rest is refused."""
    who = await visitor(request)
    found = await seen(request, case_id, who.caller)
    return page(request, "case.html", who, law=current(found.law, found.case), **await shown(request, found, who))


async def shown(request: Request, found: Seen, who: Visitor) -> dict[str, Any]:
    """What the page of a case is made of."""
    here = parts(request)
    keys = {clock["key"] for clock in found.shown.get("clocks", ())}
    may = await asyncio.to_thread(openings, found.case, who.person, found.law, now())
    events = plain(words.opened(here.keys, found.told()))
    names = Names(current(found.law, found.case), who.lang)
    return {
        "case": plain(words.opened(here.keys, found.shown)), "version": found.case.version, "events": events, "picture": picture(found, events, names, now()),
        "notices": await notices_of(here.pool, found.case.id) if not found.reader.outside and "clocks" in found.shown else [],
        "appeals": await banner(here, found), "files": sorted(open_to(found)), "sealed": bool(found.shown.get("identity")), "documents": list(words.opened(here.keys, found.shown.get("forms", {})).items()),
        "dates": [one for one in counts(found.case, found.law) if one["key"] in keys] if keys else [],
        "open": [one for one in may if one.allowed], "closed": [(one, CODES[one.code]) for one in may if not one.allowed and found.case.phase in ACTS[one.act].phases],
        "rare": RARE, "scale": scale_of(names), "relations": {key: labels.of(labels.RELATIONS, key, who.lang) for key in labels.RELATIONS},
        "book": found.law.table("book"), "done": request.query_params.get("done", ""), "pending": request.query_params.get("pending", ""), "gists": gists(found),
    }  # fmt: skip


def scale_of(names: Names) -> dict[str, str]:
    """The marks of satisfaction of a book, by key."""
    scale = ((names.law.table("satisfy") if names.law is not None else {}) or {}).get("scale", {})
    return {key: names.word(row) if isinstance(row, Mapping) else str(row) for key, row in scale.items()}


def gists(found: Seen) -> Mapping[str, Any]:
    """Clause by clause what the text says, in our words: for whoever points at a clause."""
    return gists_of(str(found.law.table("book").get("id", "")))


@router.get("/cases/{case_id}/acts/{act}")
async def form(case_id: str, act: str, request: Request) -> HTMLResponse:
    """The form of one act, with the boxes that the book asks for now; or why it is not open."""
    who = await visitor(request)
    found = await seen(request, case_id, who.caller)
    _known(act)
    given = {**dict(request.query_params), **await kept(request, who)}
    return act_form(request, who, found, act, given, uuid4().hex)


def act_form(request: Request, who: Visitor, found: Seen, act: str, given: Mapping[str, Any], key: str, problem: Problem | None = None) -> HTMLResponse:
    """The form of an act, with what was typed and the reason why it was not done."""
    made = sheet(found, act, who.lang, given, now())
    opening = next((one for one in openings(found.case, who.person, found.law, now()) if one.act == act), Opening(act, allowed=False, code="unknown_act"))
    return page(
        request, "act.html", who, status=problem.status if problem else 200, law=current(found.law, found.case), case=plain(words.opened(parts(request).keys, found.shown)), act=act, sheet=made, key=key,
        version=given.get("version") or found.case.version, opening=opening, refusal=CODES.get(opening.code), problem=body_of(problem) if problem else None, gists=gists(found), given=given,
    )  # fmt: skip


@router.post("/cases/{case_id}/acts/{act}")
async def do(case_id: str, act: str, request: Request) -> Response:
    """Do it: on success back to the case; refused, the form again with everything that was typed, and the reason."""
    who = await visitor(request, f"/cases/{case_id}/acts/{act}")
    found = await seen(request, case_id, who.caller)
    _known(act)
    given = await typed(request)
    key = str(given.get("key", "")) or uuid4().hex
    if given.get("choose"):  # only what the act is about was chosen: its own boxes come next
        return act_form(request, who, found, act, given, key)
    made = sheet(found, act, who.lang, given, now())
    wish = Wish(fields=fields_of(made, given, found.shown.get("facts", {})), received_at=str(given.get("received_at", "")), for_person=str(given.get("for_person", "")), paper=str(given.get("paper", "")))
    try:
        answer = await acts.perform(request, found, act, wish, key=key[:200], seconds=PATIENCE, stale=str(given.get("version", "")) if act in SERIOUS else "")
    except Problem as problem:
        return act_form(request, who, found, act, given, key, problem)
    told = data(answer)
    if answer.status_code == 200 and not await still_open(request, case_id, who):
        return RedirectResponse(f"/home?done={act}", 303)
    tail = f"done={act}" if answer.status_code == 200 else f"pending={told['command'].partition(':')[2]}"
    return RedirectResponse(f"/cases/{case_id}?{tail}", 303)


async def still_open(request: Request, case_id: str, who: Visitor) -> bool:
    """Whether the actor sees the case after their act: a substitute or a unit may have done the last that concerned them."""
    try:
        await seen(request, case_id, who.caller)
    except Problem:
        return False
    return True


@router.post("/cases/{case_id}/identity")
async def look(case_id: str, request: Request) -> Response:
    """Identity and original text for somebody whose view holds them: with a reason, logged before it is opened, on a page of its own."""
    who = await visitor(request, f"/cases/{case_id}")
    found = await seen(request, case_id, who.caller)
    reason = str((await typed(request)).get("reason", "")).strip()
    if len(reason) < REASON:
        raise Problem("reason_missing")
    opened = data(await identity(case_id, Reason(reason=reason), request))
    return page(request, "identity.html", who, law=current(found.law, found.case), case=plain(found.shown), opened=opened, reason=reason, identity_words={key: labels.of(labels.IDENTITY, key, who.lang) for key in labels.IDENTITY})


@router.post("/cases/{case_id}/files/{digest}")
async def file(case_id: str, digest: str, request: Request) -> Response:
    """One attachment, with a reason, logged before it is opened."""
    await visitor(request, f"/cases/{case_id}")
    reason = str((await typed(request)).get("reason", "")).strip()
    if len(reason) < REASON:
        raise Problem("reason_missing")
    return await download(case_id, digest, Reason(reason=reason), request)


@router.get("/cases/{case_id}/pending/{command}")
async def pending(case_id: str, command: str, request: Request) -> Response:
    """What became of an act that was taken but not yet decided when its page was answered: JSON for the page, which asks until it knows."""
    who = await visitor(request)
    found = await seen(request, case_id, who.caller)
    try:
        answer = await commands.outcome(parts(request), found, f"{case_id}:{command}")
    except Problem as problem:
        return Response(json.dumps({"state": "refused", **body_of(problem)}, ensure_ascii=False), media_type="application/json")
    return Response(json.dumps({"state": "done" if answer.status_code == 200 else "waiting"}), media_type="application/json")


# Open to many at any time, wanted seldom: folded away unless somebody waits for them.
RARE = frozenset({
    "consent", "order", "measure", "publish", "incident", "withdraw", "serve", "report_retaliation", "link", "recuse", "reveal_contact", "correct", "substitute", "disclose", "unmask", "hold_item",
    "hand_over_item", "return_item", "report", "supervise", "turn_into", "divert", "reopen", "confirm", "comply", "appeal", "rate", "settle_withdrawal", "tell_leader", "promise", "explain",
})  # fmt: skip
# Acts that rest on what their actor had before them: somebody else's act in between is shown first.
SERIOUS = frozenset({"approve", "propose", "transfer", "assign", "joint", "own", "conclude", "feedback", "review", "refuse", "accept", "close", "archive", "take_over", "divert", "forward", "guide"})


def _known(act: str) -> None:
    if act not in ACTS or act in INTERNAL:
        raise Problem("unknown_act")
