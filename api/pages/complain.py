"""Filing without an account: the form by the book, who will see what before it is sent, the receipt shown once."""

import asyncio
import io
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import segno
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from api import filing, uploads
from api.clauses import gists_of
from api.errors import Problem, body_of
from api.filing import PUBLIC, Filing
from api.gateway import now
from api.office import law_on, parts
from api.pages import filing_form as form
from api.pages.boxes import Box
from api.pages.render import Names, page
from api.pages.visitor import data, language, typed
from api.vault import BYTES, FILES, Writer
from domain.asking import Refused
from domain.case import Case, Command
from domain.core import Law, alarms, tasks
from domain.forecast import later
from domain.outlook import after, rules, sights

router = APIRouter(include_in_schema=False)
ENDS = frozenset({"closed", "archived"})  # what an office does after the end is not the complainant's date
PATIENCE = 3.0  # seconds until the page says "received, being registered"


@router.get("/file")
async def offices(request: Request) -> HTMLResponse:
    """Which office: those of this installation."""
    shown = [(key, law.office.get("office", {}), law.table("book")) for key, law in sorted(parts(request).laws.offices.items()) if form.kinds(law, PUBLIC, Names(law, "zh"))]
    return page(request, "file_offices.html", offices=shown, large=_large(request.query_params))


@router.get("/file/{office}")
async def begin(office: str, request: Request) -> HTMLResponse:
    """The form of an office; with `large=1` one question a page, in large print."""
    return _form(request, law_on(request, office, now().date()), {}, dict(request.query_params))


@router.post("/file/{office}")
async def go(office: str, request: Request) -> HTMLResponse:
    """On from a page of the form: the next question, back, or what is checked before sending."""
    law, control = law_on(request, office, now().date()), await typed(request)
    before, step = form.unpacked(str(control.get("typed", ""))), str(control.get("step", ""))
    before.pop(step, None)  # what is not ticked any more is not sent either
    given = before | {key: value for key, value in control.items() if key not in form.CONTROL and not (control.get("go") == "skip" and key == step)}
    given["channel"] = form.channel_by_page(law)
    if control.get("go") == "edit":
        return _form(request, law, given, control)
    if control.get("go") in ("next", "back", "skip"):
        names = Names(law, language(request))
        groups = form.questions(law, given, names)
        at = _at(groups, step)
        wrong = [one for one in form.wrong(given, names.lang) if one[0] == step] if control["go"] != "back" else []  # what must be answered is said on its own page
        at = max(0, at - 1) if control["go"] == "back" else at if wrong else at + 1
        if at < len(groups):
            return _step(request, law, given, {**control, "step": groups[at].boxes[0].name}, None, wrong)
    return await _check(request, law, given, control)


@router.get("/file/{office}/send")
async def lost(office: str, request: Request) -> Response:
    """Somebody opens the address of the last step anew: the form."""
    return RedirectResponse(f"/file/{office}", 303)


@router.post("/file/{office}/send")
async def send(office: str, request: Request) -> HTMLResponse:
    """Send it, with its files; the receipt, once. The same form sent twice is one complaint."""
    law, began = law_on(request, office, now().date()), now()
    control: dict[str, Any] = {"key": uuid4().hex}
    given: dict[str, Any] = {}

    def read(fields: dict[str, bytes]) -> None:
        control.update({name: value.decode(errors="replace") for name, value in fields.items()})
        given.update(form.unpacked(control.get("typed", "")) | {"channel": form.channel_by_page(law)})

    def place(fields: dict[str, bytes]) -> Writer:
        read(fields)  # what comes before the files is kept even if a file is not
        return parts(request).vault.writer(office, began.year)

    try:
        taken = await uploads.take(request, ("typed", "key", "large"), place)
        read(taken.fields)
        if missing := form.wrong(given, language(request)):  # sent without the page before it
            return _form(request, law, given, control, None, missing)
        sent = filing.fit(request, Filing.model_validate(form.filing_of(law, given)), PUBLIC)
        answer = data(await filing.send(request, sent, taken.files, PUBLIC, key=str(control["key"])[:200], began=began, seconds=PATIENCE))
    except ValidationError:
        return _form(request, law, given, control, Problem("body_invalid"))
    except Problem as problem:
        return await _check(request, law, given, control, problem) if given.get("text") else _form(request, law, given, control, problem)
    return receipt_page(request, law, answer, large=_large(control))


def receipt_page(request: Request, law: Law, answer: Mapping[str, Any], *, large: bool = False, who: Any = None, onward: str = "", unlinked: Iterable[str] = ()) -> HTMLResponse:
    """The receipt code, shown this once, with a slip to print; whoever files sees it, clerk or complainant."""
    address = str(request.base_url) + "follow"
    return page(request, "file_receipt.html", who, law=law, answer=answer, address=address, qr=qr(address), office=law.office.get("office", {}), large=large, onward=onward, unlinked=list(unlinked), key=uuid4().hex, status=201 if answer.get("recorded") else 202)


def qr(text: str) -> Markup:
    """A QR code as a drawing within the page; it never holds a receipt code."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", xmldecl=False, svgns=True, scale=4, border=2, nl=False, svgclass="qr", lineclass=None, omitsize=True, title="QR")
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here, from our own address


def _form(request: Request, law: Law, given: Mapping[str, Any], control: Mapping[str, Any], problem: Problem | None = None, wrong: list[tuple[str, str]] | None = None) -> HTMLResponse:
    channel = form.channel_by_page(law)
    given = {**given, "channel": channel}
    if _large(control) and channel:
        return _step(request, law, given, {**control, "step": ""}, problem, wrong)
    names = Names(law, language(request))
    must, rest = form.fact_boxes(law, PUBLIC, given, names)
    kinds = form.kinds(law, PUBLIC, names)
    return page(
        request, "file.html", law=law, status=problem.status if problem else 422 if wrong else 200, office=law.office.get("office", {}), book=law.table("book"), channel=channel, given=given, key=control.get("key") or uuid4().hex,
        kinds=Box("kind", "您要提出的是" if names.lang != "en" else "What is it", "one", kinds, required=True, value=given.get("kind", "")) if len(kinds) > 1 else None,
        text=form.text_box(given, names.lang), respondents=[form.respondent_boxes(law, given, names, n) for n in range(1, form.ROWS + 1)], must=must, rest=rest, mode=form.mode_box(given, names.lang),
        identity=form.identity_boxes(given, names.lang), proxy=form.proxy_box(given, names.lang), proxies=form.identity_boxes(given, names.lang, form.PROXY), problem=body_of(problem) if problem else None, wrong=wrong or [],
    )  # fmt: skip


def _step(request: Request, law: Law, given: Mapping[str, Any], control: Mapping[str, Any], problem: Problem | None = None, wrong: list[tuple[str, str]] | None = None) -> HTMLResponse:
    """One question a page; the answers so far go along in the form."""
    names = Names(law, language(request))
    groups = form.questions(law, given, names)
    at = _at(groups, wrong[0][0] if wrong else str(control.get("step", "")))
    return page(
        request, "file_step.html", law=law, status=problem.status if problem else 422 if wrong else 200, office=law.office.get("office", {}), group=groups[at], step=groups[at].boxes[0].name, n=at + 1, of=len(groups),
        packed=form.packed(given), skip=form.may_skip(given, groups[at].boxes[0], names.lang), key=control.get("key") or uuid4().hex, problem=body_of(problem) if problem else None, wrong=wrong or [], large=True,
    )  # fmt: skip


def _at(groups: list[Any], name: str) -> int:
    return next((n for n, group in enumerate(groups) if group.boxes[0].name == name), 0)


async def _check(request: Request, law: Law, given: dict[str, Any], control: Mapping[str, Any], problem: Problem | None = None) -> HTMLResponse:
    """Who will see what under this book, what happens next and by when; then send."""
    lang = language(request)
    missing = form.wrong(given, lang)
    if missing:
        return _form(request, law, given, control, None, missing)
    try:
        sent = filing.fit(request, Filing.model_validate(form.filing_of(law, given)), PUBLIC)
    except ValidationError:
        return _form(request, law, given, control, Problem("body_invalid"))
    except Problem as unfit:
        return _form(request, law, given, control, unfit)
    found = await asyncio.to_thread(outlook, law, sent)
    if isinstance(found, Refused):
        return _form(request, law, given, control, Problem(found.code, clause=found.clause, detail=found.detail))
    return page(
        request, "file_check.html", law=law, status=problem.status if problem else 200, headers=problem.headers if problem else None, office=law.office.get("office", {}), book=law.table("book"), filing=sent, packed=form.packed(given),
        key=control.get("key") or uuid4().hex, large=_large(control), problem=body_of(problem) if problem else None, files=FILES, mb=BYTES // (1024 * 1024), gists=gists_of(str(law.table("book").get("id", ""))), **found,
    )  # fmt: skip


def outlook(law: Law, sent: Filing, person: str = PUBLIC) -> dict[str, Any] | Refused:
    """The filing as the core would take it now: who sees what, what is next, by when."""
    at = now()
    fields = sent.model_dump(mode="json", exclude={"office", "text", "identity", "received_at"}, exclude_defaults=True)
    fields |= {"channel": sent.channel, "anonymous": sent.anonymous, "has_contact": sent.has_contact, "summary_sha": "-", "identity": "-" if sent.identity or sent.text else ""}
    case = after(Case.new("case-outlook", sent.office, str(law.table("book").get("id", ""))), Command("case-outlook:file", "file", fields, at, at, person), law)
    if isinstance(case, Refused):
        return case
    running = [one for one in alarms(case, law) if one.state == "open" and not one.term.startswith(("duty:", "order:"))]
    return {"sights": sights(case, law), "rules": rules(case, law), "clocks": running, "tasks": [(one, _posts(law, one.who)) for one in tasks(case, law)], "terms": [one for one in later(case, law, at) if one.start_event not in ENDS]}


def _posts(law: Law, who: tuple[str, ...]) -> list[str]:
    """The posts of the people whom something waits for: a complainant hears no names."""
    return list(dict.fromkeys(post for one in who for post in law.office.get("person", {}).get(one, {}).get("posts", ())))


def _large(control: Mapping[str, Any]) -> bool:
    return control.get("large") == "1"

