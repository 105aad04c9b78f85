"""The administrator's pages: who is in the office with which posts, their accounts, and every change with its reason."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import accounts, people, people_accounts
from api.errors import Problem, body_of
from api.gateway import now
from api.office import law_of, parts
from api.pages.render import Names, page
from api.pages.visitor import Visitor, kept, typed, visitor
from domain.roster import gone

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
ADMIN = "admin"
KEYED = re.compile(r"^(post|person|unit) (\w+)")  # how a finding begins
CHANGES = frozenset({"posts", "left", "substitute", "substitute_ended"})
STATES = {"open": ("正常", "in use"), "first": ("待本人首次更换密码", "first password not yet changed"), "locked": ("输错过多,暂锁", "locked for a while"), "disabled": ("已停用", "disabled"), "": ("没有账号", "no account")}
SIGN_INS = {
    "in": ("登录", "signed in"), "out": ("退出", "signed out"), "wrong": ("密码不对", "wrong password"), "locked": ("暂锁期间尝试", "tried while locked"), "changed": ("本人更换密码", "changed their password"),
    "reset": ("管理员设密码", "password set by the administrator"), "disabled": ("停用", "disabled"), "enabled": ("恢复", "enabled"),
}  # fmt: skip
WHAT = {
    "added": ("加入", "added"), "posts": ("岗位、单位", "posts and unit"), "left": ("离任", "left"), "substitute": ("代理", "substitute"), "substitute_ended": ("代理结束", "substitute ended"),
}  # fmt: skip


async def admin(request: Request, path: str) -> Visitor:
    """The administrator who asks. Raises Away, Problem not_admin."""
    who = await visitor(request, path)
    if ADMIN not in who.roles:
        raise Problem("not_admin")
    return who


@router.get("/people")
async def everybody(request: Request) -> HTMLResponse:
    """Everybody of the office: unit, posts, account, who acts for whom; those who left stand last."""
    who = await admin(request, "/people")
    return await _list(request, who, await kept(request, who))


@router.post("/people")
async def add(request: Request) -> Response:
    """Take somebody in."""
    who, given = await admin(request, "/people"), await typed(request)
    person = str(given.get("id", "")).strip()
    try:
        await _change(request, who, "added", person, given)
    except Problem as problem:
        return await _list(request, who, {**given, **_posts(given)}, problem)
    return RedirectResponse(f"/people/{person}?done=added", SEE_OTHER)


@router.get("/people/{person}")
async def one(person: str, request: Request) -> HTMLResponse:
    """One person: posts, account, substitutes, sign-ins, changes."""
    who = await admin(request, f"/people/{person}")
    return await _one(request, who, person, await kept(request, who))


@router.post("/people/{person}")
async def alter(person: str, request: Request) -> Response:
    """One change, named by `do`."""
    who, given = await admin(request, f"/people/{person}"), await typed(request)
    do, shown = str(given.get("do", "")), ""
    try:
        _row(who, person)
        if do in people_accounts.DO:
            shown = await people_accounts.DO[do](parts(request), law_of(request, who.office), who.person, person, str(given.get("reason", "")))
        elif do in CHANGES:
            await _change(request, who, do, person, given)
        else:
            raise Problem("field_invalid", detail=["do"])
    except Problem as problem:
        return await _one(request, who, person, {**given, **_posts(given)}, problem)
    if shown:
        return await _one(request, who, person, {}, password=shown)
    return RedirectResponse(f"/people/{person}?done={do}", SEE_OTHER)


async def _change(request: Request, who: Visitor, what: str, person: str, given: Mapping[str, Any]) -> None:
    today = now().date()
    await people.change(parts(request), law_of(request, who.office), who.person, people.wish_of(what, person, given, today), admin=ADMIN in who.roles, today=today)


def _posts(given: Mapping[str, Any]) -> dict[str, Any]:
    posts = given.get("posts", [])
    rank = str(given.get("rank", "")).strip()
    return {"posts": list(posts) if isinstance(posts, list) else [str(posts)], "unit": str(given.get("unit", "")), **({"rank": rank} if rank else {})}


def _row(who: Visitor, person: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = who.law.office.get("person", {}).get(person)
    if row is None:
        raise Problem("person_unknown")
    return row


async def _list(request: Request, who: Visitor, given: Mapping[str, Any], problem: Problem | None = None) -> HTMLResponse:
    states, q = await accounts.states(parts(request).pool, who.office), request.query_params.get("q", "").strip()[:100]
    found = _found(who, q)
    return page(request, "people.html", who, status=problem.status if problem else 200, q=q, count=sum(len(rows) for _, rows in found), by_unit=found, states=states, state_words=STATES, **_choices(who), given=given, problem=_told(problem, who))


def _found(who: Visitor, q: str) -> list[tuple[str, list[tuple[str, Mapping[str, Any]]]]]:
    """Who is found by name, id, unit, post or rank, unit by unit in the order of the office file; those who left stand last, under ''."""
    names, words = Names(who.law, who.lang), q.casefold().split()
    groups: dict[str, list[tuple[str, Mapping[str, Any]]]] = {unit: [] for unit in who.law.office.get("unit", {})}
    left: list[tuple[str, Mapping[str, Any]]] = []
    for key, row in who.law.office.get("person", {}).items():
        said = " ".join((key, str(row.get("name", "")), names.unit(row.get("unit")), str(row.get("rank", "")), *(names.row("post", post) for post in row.get("posts", ())))).casefold()
        if all(word in said for word in words):
            (left if gone(row) else groups.setdefault(str(row.get("unit", "")), [])).append((key, row))
    return [*((unit, rows) for unit, rows in groups.items() if rows), *([("", left)] if left else [])]


async def _one(request: Request, who: Visitor, person: str, given: Mapping[str, Any], problem: Problem | None = None, password: str = "") -> HTMLResponse:
    here = parts(request)
    try:
        row = _row(who, person)
    except Problem as missing:
        return page(request, "problem.html", who, status=missing.status, problem=body_of(missing))
    today = now().date().isoformat()
    return page(
        request, "person.html", who, status=problem.status if problem else 200, person=person, row=row, left=gone(row), own=person == who.person, today=today, password=password,
        state=(await accounts.states(here.pool, who.office)).get(person, ""), state_words=STATES, log=await accounts.latest(here.pool, who.office, person), log_words=SIGN_INS,
        changes=people.changes_of(here, who.office, person), what_words=WHAT, substitutes=people.substitutes_of(who.law.office, person, today),
        **_choices(who), given=given, do=str(given.get("do", "")), done=request.query_params.get("done", ""), problem=_told(problem, who),
    )  # fmt: skip


def _choices(who: Visitor) -> dict[str, Any]:
    """What may be chosen: units, posts of the book, ranks, people who are here."""
    here = [(key, row) for key, row in who.law.office.get("person", {}).items() if not gone(row)]
    return {"units": list(who.law.office.get("unit", {})), "posts": list(who.law.table("post").items()), "scale": who.law.scale, "here_now": here}


def _told(problem: Problem | None, who: Visitor) -> dict[str, Any] | None:
    """The refusal with its findings, ids followed by the names that people know."""
    if problem is None:
        return None
    body, names = body_of(problem), Names(who.law, who.lang)
    if isinstance(body.get("detail"), list):
        body["detail"] = [KEYED.sub(lambda found: f"{names.row('post', found[2]) if found[1] == 'post' else names.unit(found[2]) if found[1] == 'unit' else names.one(found[2])} ({found[0]})", str(one)) for one in body["detail"]]
    return body
