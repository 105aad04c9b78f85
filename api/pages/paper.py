"""纸件回来了: what a leader, a unit or the complainant signed on paper, scanned and entered for them; both names stand in the record, and the scan's digest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import acts, queries_lists, uploads, words
from api.acts import INTERNAL, SHA, Wish
from api.clauses import gists_of
from api.errors import Problem, body_of
from api.gateway import now
from api.office import Seen, parts, plain, seen
from api.pages.boxes import fields_of, sheet
from api.pages.render import Names, page
from api.pages.visitor import Visitor, data, kept, typed, visitor
from api.vault import BYTES, Writer
from domain.acts import ACTS
from domain.core import Reader, current, reader_of
from domain.openings import openings
from domain.paper import COMPLAINANT, typed_for

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
PATIENCE = 3.0


@router.get("/desk/paper")
async def which(request: Request) -> Response:
    """Which case, and who signed."""
    who = await visitor(request)
    number, signer = (request.query_params.get(name, "").strip() for name in ("number", "for"))
    problem = None
    if number and signer:
        try:
            found = await _case(request, who, number)
            return RedirectResponse(f"/desk/paper/{found.case.id}?" + urlencode({"for": signer}), SEE_OTHER)
        except Problem as wrong:
            problem = wrong
    return page(request, "desk_paper.html", who, status=problem.status if problem else 200, problem=body_of(problem) if problem else None, number=number, signer=signer, people=_signers(who))


@router.get("/desk/paper/{case_id}")
async def what(case_id: str, request: Request) -> HTMLResponse:
    """What the sheet says, among the acts that stand open for who signed it; and the scan."""
    who = await visitor(request)
    return await _what(request, who, await seen(request, case_id, who.caller), request.query_params.get("for", ""))


@router.post("/desk/paper/{case_id}")
async def scan(case_id: str, request: Request) -> Response:
    """Keep the scan sealed, then on to what it says."""
    who, here = await visitor(request, f"/desk/paper/{case_id}"), parts(request)
    found = await seen(request, case_id, who.caller)
    given: dict[str, str] = {}

    def place(fields: dict[str, bytes]) -> Writer:
        given.update({name: value.decode(errors="replace") for name, value in fields.items()})
        return here.vault.writer(found.case.office, found.year)

    try:
        taken = await uploads.take(request, ("for", "act"), place)
        given |= {name: value.decode(errors="replace") for name, value in taken.fields.items()}
        _known(given.get("act", ""))
        if len(taken.files) != 1:
            raise Problem("paper_missing")
    except Problem as problem:
        return await _what(request, who, found, given.get("for", ""), given.get("act", ""), problem)
    return RedirectResponse(f"/desk/paper/{case_id}/{given['act']}?" + urlencode({"for": given.get("for", ""), "paper": taken.files[0].sha}), SEE_OTHER)


@router.get("/desk/paper/{case_id}/{act}")
async def form(case_id: str, act: str, request: Request) -> HTMLResponse:
    """The act as its signer would fill it in."""
    who = await visitor(request)
    found = await seen(request, case_id, who.caller)
    _known(act)
    given = {**dict(request.query_params), **await kept(request, who)}
    return _form(request, who, found, act, given)


@router.post("/desk/paper/{case_id}/{act}")
async def enter(case_id: str, act: str, request: Request) -> Response:
    """Enter it for them."""
    who, given = await visitor(request, f"/desk/paper/{case_id}/{act}"), await typed(request)
    found = await seen(request, case_id, who.caller)
    _known(act)
    if given.get("choose"):
        return _form(request, who, found, act, given)
    signer, paper = str(given.get("for", "")), str(given.get("paper", ""))
    made = sheet(_as(found, signer), act, who.lang, given, now())
    wish = Wish(fields=fields_of(made, given, found.shown.get("facts", {})), received_at=str(given.get("received_at", "")), for_person=signer, paper=paper)
    try:
        if not signer or not SHA.fullmatch(paper):
            raise Problem("paper_missing", detail=["paper"])
        answer = await acts.perform(request, found, act, wish, key=str(given.get("key") or uuid4().hex)[:200], seconds=PATIENCE)
    except Problem as problem:
        return _form(request, who, found, act, given, problem)
    done = data(answer)
    tail = f"done={act}" if answer.status_code == 200 else f"pending={done['command'].partition(':')[2]}"
    return RedirectResponse(f"/cases/{case_id}?{tail}", SEE_OTHER)


async def _what(request: Request, who: Visitor, found: Seen, signer: str, act: str = "", problem: Problem | None = None) -> HTMLResponse:
    law, names = current(found.law, found.case), Names(found.law, who.lang)
    open_ = [(one.act, names.act(one.act)) for one in openings(found.case, signer, found.law, now()) if one.allowed] if signer else []
    return page(
        request, "desk_paper_scan.html", who, law=law, status=problem.status if problem else 200, problem=body_of(problem) if problem else None, case=plain(words.opened(parts(request).keys, found.shown)), signer=signer,
        open=sorted(open_, key=lambda one: one[0] not in FIRST), act=act, mb=BYTES // (1024 * 1024),
    )  # fmt: skip


FIRST = frozenset({"approve", "instruct", "conclude", "sign_in", "hand_back", "consent", "propose", "comply", "supplement"})  # what mostly comes back on paper


def _form(request: Request, who: Visitor, found: Seen, act: str, given: Mapping[str, Any], problem: Problem | None = None) -> HTMLResponse:
    signer = str(given.get("for", ""))
    return page(
        request, "desk_paper_act.html", who, law=current(found.law, found.case), status=problem.status if problem else 200, problem=body_of(problem) if problem else None, case=plain(words.opened(parts(request).keys, found.shown)),
        act=act, sheet=sheet(_as(found, signer), act, who.lang, given, now()), signer=signer, paper=str(given.get("paper", "")), key=given.get("key") or uuid4().hex, given=given, gists=gists_of(str(found.law.table("book").get("id", ""))),
    )  # fmt: skip


def _as(found: Seen, signer: str) -> Seen:
    """The same case, for the boxes that its signer would have; what is shown stays what the typist may see."""
    one = Reader(COMPLAINANT) if signer == COMPLAINANT else reader_of(signer, found.law)
    return replace(found, reader=one)


async def _case(request: Request, who: Visitor, number: str) -> Seen:
    """A case by its register number, or by its id."""
    rows = (await queries_lists.listed(parts(request).pool, who.office, who.reader, {"register_no": number}, None, 1)).rows
    return await seen(request, rows[0]["case_id"] if rows else number, who.caller)


def _signers(who: Visitor) -> list[tuple[str, str]]:
    """For whom this person may type, by the table of the office."""
    names, people = Names(who.law, who.lang), who.law.office.get("person", {})
    return [(key, f"{names.one(key)} · {names.unit(people[key].get('unit', ''))}" if key in people else names.one(key)) for key in typed_for(who.law.office, who.reader)]


def _known(act: str) -> None:
    if act not in ACTS or act in INTERNAL:
        raise Problem("unknown_act")
