"""Coming in and going out: the first page, signing in, the language, who one is, a new password."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import accounts, sessions
from api.errors import Problem, body_of
from api.office import parts
from api.pages.render import page
from api.pages.visitor import LANGUAGES, typed, visitor
from domain.acts import ACTS

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303


@router.get("/")
async def front(request: Request) -> HTMLResponse:
    """What this is, for somebody who was never here: file, follow, sign in."""
    return page(request, "front.html", offices=_offices(request))


@router.get("/sign-in")
async def sign_in_form(request: Request) -> HTMLResponse:
    """The form; where it leads afterwards is said."""
    return page(request, "sign_in.html", offices=_offices(request), given={"next": _inside(request.query_params.get("next", ""))}, kept=bool(request.query_params.get("kept")), problem=None)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """A session for a right password; a wrong one is said without saying what was wrong."""
    given, here = await typed(request), parts(request)
    office, person, onward = (str(given.get(name, "")).strip() for name in ("office", "person", "next"))
    try:
        law = here.laws.offices.get(office)
        if law is None or person not in law.office.get("person", {}):
            person = person[:100] or "-"
        account = await accounts.check(here.pool, office, person, str(given.get("password", "")))
    except Problem as problem:
        shown = {"office": office, "person": person, "next": _inside(onward)}
        return page(request, "sign_in.html", status=problem.status, headers=problem.headers, offices=_offices(request), given=shown, kept=False, problem=body_of(problem))
    answer = RedirectResponse("/me?change=1" if account.must_change else _inside(onward) or "/home", SEE_OTHER)
    sessions.set_cookie(request, answer, await sessions.begin(here.pool, office, person))
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session on the server and forget the cookie; for people of an office and for those who follow a case alike."""
    here = parts(request)
    session = await sessions.of(here.pool, request)
    await sessions.end(here.pool, request)
    if session is not None and not session.follows:
        await accounts.log(here.pool, session.office, session.person, "out", session.person)
    answer = RedirectResponse("/", SEE_OTHER)
    sessions.drop_cookie(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.post("/language")
async def language(request: Request) -> Response:
    """Chinese or English, for this browser."""
    given = await typed(request)
    chosen = str(given.get("lang", ""))
    answer = RedirectResponse(_inside(str(given.get("next", ""))) or "/", SEE_OTHER)
    if chosen in LANGUAGES:
        answer.set_cookie("huiyin_lang", chosen, max_age=365 * 24 * 3600, samesite="lax", httponly=True, secure=request.url.scheme == "https")
    return answer


@router.get("/me")
async def me(request: Request) -> HTMLResponse:
    """Who am I and what may I do: posts, unit, whom I stand in for, the acts of my posts."""
    who = await visitor(request)
    return page(request, "me.html", who, **_about(who), problem=None, done=request.query_params.get("done", ""), change=bool(request.query_params.get("change")))


@router.post("/me/password")
async def password(request: Request) -> Response:
    """A new password: the old one first; every other session of this person ends."""
    who, given, here = await visitor(request, "/me"), await typed(request), parts(request)
    try:
        if given.get("new") != given.get("again"):
            raise Problem("field_invalid", detail=["again"])
        await accounts.check(here.pool, who.office, who.person, str(given.get("old", "")))
        await accounts.give(here.pool, who.office, who.person, str(given.get("new", "")), by=who.person, must_change=False)
    except Problem as problem:
        return page(request, "me.html", who, status=problem.status, **_about(who), problem=body_of(problem), done="", change=True)
    answer = RedirectResponse("/me?done=1", SEE_OTHER)
    sessions.set_cookie(request, answer, await sessions.begin(here.pool, who.office, who.person))
    return answer


def _about(who: Any) -> dict[str, Any]:
    row = who.law.office.get("person", {}).get(who.person, {})
    posts = [(post, who.law.row("post", post)) for post in row.get("posts", ())]
    may = [name for name in ACTS if any(name in about.get("may", ()) for _, about in posts)]
    return {"row": row, "posts": posts, "may": may, "stands_for": who.reader.stands_for}


def _offices(request: Request) -> list[tuple[str, dict[str, Any]]]:
    return [(key, law.office.get("office", {})) for key, law in sorted(parts(request).laws.offices.items())]


def _inside(address: str) -> str:
    """An address within this site, '' for any other: nobody is led away from here."""
    found = urlsplit(address)
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) and not found.netloc and not found.scheme and "\\" not in address else ""
