"""Following one's complaint by its code: what happened and what is next in plain words, and what one may say. Constant addresses, a short session, an exit."""

import asyncio
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import appeals, files, follow, sessions, uploads
from api.clauses import gists_of
from api.errors import Problem, body_of
from api.follow import ME, WISHES
from api.gateway import now
from api.office import Parts, Seen, parts
from api.pages.render import page
from api.pages.visitor import typed
from api.vault import BYTES, FILES, Writer
from domain.context import Context
from domain.core import CODES, current
from domain.notices import watchers
from domain.openings import openings

router = APIRouter(include_in_schema=False)
PATIENCE = 3.0
SEE_OTHER = 303
# What the office does in each phase, as one would tell somebody at the counter.
PLAINLY = {
    "filed": ("已收到您的投诉,正在看是否受理。", "Your complaint has come in; the office is looking whether to take it up."),
    "opinion": ("已经登记,正在研究由谁办理。", "It is registered; the office is deciding who will handle it."),
    "handling": ("正在调查办理。", "It is being looked into."),
    "review": ("已经办理,结果正在审核。", "It has been looked into; the result is being reviewed."),
    "answering": ("已有结果,正在答复您。", "There is a result; the answer to you is being prepared."),
    "following": ("已经答复您。您可以评价;不满意可以申诉。", "You have been answered. You may rate it, or appeal."),
    "closed": ("已经办结。", "It is closed."), "archived": ("已经办结归档。", "It is closed and filed away."),
}  # fmt: skip
OUTCOMES = {
    "withdrawn": ("您撤回了投诉。", "You withdrew it."), "not_accepted": ("没有受理,理由和去处见下面的答复。", "It was not taken up; why, and where to turn, stands in the answer below."),
    "forwarded": ("已转送有权处理的单位。", "It was forwarded to whoever is responsible."), "diverted": ("已移送有权处理的部门。", "It was passed to the authority responsible."), "guided": ("已告诉您应向哪里反映。", "You were told where to turn."),
}  # fmt: skip
FIELD = {"rate": "text", "add": "note", "withdraw": "reason", "supplement": "reason", "appeal": "reason", "retaliation": "text"}


@router.get("/follow")
async def state(request: Request) -> HTMLResponse:
    """The case of this session, or the box for a code."""
    found, ended = await _mine(request)
    if found is None:
        return _code(request, ended=ended)
    return await _shown(request, found)


@router.post("/follow")
async def enter(request: Request) -> Response:
    """A code: a session of thirty minutes that follows one case; every wrong code the same answer in the same time."""
    given, here = await typed(request), parts(request)
    try:
        found = await follow.case_by(request, str(given.get("code", ""))[:200])
    except Problem as problem:
        return _code(request, problem, large=given.get("large") == "1")
    await sessions.end(here.pool, request)
    answer = RedirectResponse("/follow" + _tail(given), SEE_OTHER)
    sessions.set_cookie(request, answer, await sessions.begin(here.pool, found.case.office, ME, follows=found.case.id))
    return answer


@router.post("/follow/file")
async def own_file(request: Request) -> Response:
    """A file that one sent in oneself; its address says nothing of it."""
    found, _ = await _mine(request)
    if found is None:
        return RedirectResponse("/follow?ended=1", SEE_OTHER)
    return await follow.file_of(parts(request), found, str((await typed(request)).get("file", "")))


@router.get("/follow/answer")
async def answer(request: Request) -> Response:
    """What one was told, as a sheet to print or to keep."""
    found, _ = await _mine(request)
    if found is None:
        return RedirectResponse("/follow?ended=1", SEE_OTHER)
    large = request.query_params.get("large") == "1"
    return page(request, "follow_answer.html", law=current(found.law, found.case), large=large, book=found.law.table("book"), **await told(parts(request), found))


@router.post("/follow/onward")
async def onward(request: Request) -> Response:
    """From a case to the case that was filed for its appeal: the same person, another file."""
    found, _ = await _mine(request)
    if found is None:
        return RedirectResponse("/follow?ended=1", SEE_OTHER)
    given, here = await typed(request), parts(request)
    child = next((case for seq, case in await _children(here, found) if str(seq) == str(given.get("seq", ""))), "")
    if not child:
        raise Problem("not_found")
    await sessions.end(here.pool, request)
    answer = RedirectResponse("/follow" + _tail(given), SEE_OTHER)
    sessions.set_cookie(request, answer, await sessions.begin(here.pool, found.case.office, ME, follows=child))
    return answer


async def _children(here: Parts, found: Seen) -> list[tuple[int, str]]:
    return [(event.seq, case) for event in appeals.appeals(found) if appeals.kind_of(event) and (case := await appeals.child_of(here, found, event))]


@router.post("/follow/{wish}")
async def say(wish: str, request: Request) -> Response:
    """Rate, add, supplement, appeal, withdraw, report retaliation; on success back to the case, refused the page with what was typed."""
    found, _ = await _mine(request)
    if found is None:
        return RedirectResponse("/follow?ended=1", SEE_OTHER)
    if wish not in WISHES:
        raise Problem("unknown_act")
    given: dict[str, Any] = {}
    try:
        answer = await (_added(request, found, given) if wish == "add" else _said(request, found, wish, given))
    except Problem as problem:
        return await _shown(request, found, wish, given, problem)
    return RedirectResponse(f"/follow?done={wish if answer.status_code == 200 else 'pending'}" + _tail(given, "&"), SEE_OTHER)


async def _said(request: Request, found: Seen, wish: str, given: dict[str, Any]) -> Response:
    given |= await typed(request)
    return await follow.say(parts(request), found, wish, said_of(found, wish, given), key=_key(given), seconds=PATIENCE)


def said_of(found: Seen, wish: str, given: dict[str, Any]) -> dict[str, str]:
    """What was filled in of one wish, as the API takes it."""
    names = (FIELD[wish], *follow.BESIDE.get(wish, ()), *(follow.scores_of(found) if wish == "rate" else ()))
    return {name: text for name in names if (text := str(given.get(name, "")).strip().replace("\r\n", "\n"))}


async def _added(request: Request, found: Seen, given: dict[str, Any]) -> Response:
    """Words, files, or both; the files under the same key as the words, so that a second click adds nothing."""
    here = parts(request)

    def read(fields: dict[str, bytes]) -> None:
        given.update({name: value.decode(errors="replace") for name, value in fields.items()})

    def place(fields: dict[str, bytes]) -> Writer:
        read(fields)
        return here.vault.writer(found.case.office, found.year)

    form = await uploads.take(request, ("note", "key", "large"), place)
    read(form.fields)
    note = str(given.get("note", "")).strip().replace("\r\n", "\n")
    if form.files:
        form.fields["note"] = note.encode()
        return await files.put(here, found, form, key=_key(given), seconds=PATIENCE)
    return await follow.say(here, found, "add", {"note": note} if note else {}, key=_key(given), seconds=PATIENCE)


async def _mine(request: Request) -> tuple[Seen | None, bool]:
    """The case that this browser follows; and whether it did until its session ended."""
    here = parts(request)
    session = await sessions.of(here.pool, request)
    if session is None or not session.follows:
        return None, bool(request.query_params.get("ended"))
    if session.over:
        return None, True
    return await follow.as_complainant(here, session.follows), False


def _code(request: Request, problem: Problem | None = None, *, ended: bool = False, large: bool = False) -> HTMLResponse:
    large = large or request.query_params.get("large") == "1"
    return page(request, "follow_code.html", status=problem.status if problem else 200, headers=problem.headers if problem else None, problem=body_of(problem) if problem else None, ended=ended, large=large)


async def _shown(request: Request, found: Seen, wish: str = "", given: dict[str, Any] | None = None, problem: Problem | None = None) -> HTMLResponse:
    large = (given or dict(request.query_params)).get("large") == "1"
    return page(
        request, "follow.html", status=problem.status if problem else 200, headers=problem.headers if problem else None, law=current(found.law, found.case), problem=body_of(problem) if problem else None, wish=wish,
        given=given or {}, done=request.query_params.get("done", ""), large=large, key=uuid4().hex if problem is None or problem.code == "idempotency_mismatch" else _key(given or {}), **await told(parts(request), found),
    )  # fmt: skip


async def told(here: Parts, found: Seen) -> dict[str, Any]:
    """What the page of a follower is made of; the same words are read to one who follows by telephone."""
    may = await asyncio.to_thread(openings, found.case, ME, found.law, now())
    open_ = {one.act for one in may if one.allowed}
    shown = follow.shown(here, found)
    return {
        "case": shown, "state": OUTCOMES.get(str(shown.get("outcome") or ""), PLAINLY.get(found.case.phase, ("", ""))), "open": {wish for wish, (act, _) in WISHES.items() if act in open_},
        "straight": bool(watchers(Context(found.case, current(found.law, found.case)))), "why": {one["key"]: one for one in shown["dates"]}, "scores": _scores(found), "office": found.law.office.get("office", {}), "gists": gists_of(str(found.law.table("book").get("id", ""))), "files": FILES, "mb": BYTES // (1024 * 1024),
        "codes": CODES, "above": _above(found), "children": await _children(here, found),
        "appealed": [(event.at, event.subject) for event in appeals.appeals(found) if event.actor == ME],
    }  # fmt: skip


def _above(found: Seen) -> str:
    """The organ above the office, by its unit tree; '' where it names none."""
    units = found.law.office.get("unit", {})
    root = units.get(found.law.office.get("office", {}).get("root"), {})
    return str(units.get(root.get("superior") or root.get("parent"), {}).get("zh", ""))


def _scores(found: Seen) -> list[tuple[str, Any, str]]:
    """What is rated beside or instead of one mark: name, row, and the kind of its box."""
    return [(name, row, "number" if row.get("is") == "number" else "text") for name, row in follow.scores_of(found).items()]


def _key(given: dict[str, Any]) -> str:
    return str(given.get("key", ""))[:200] or uuid4().hex


def _tail(given: dict[str, Any], sign: str = "?") -> str:
    return f"{sign}large=1" if given.get("large") == "1" else ""
