"""The clerk's desk: fast entry for what comes in by telephone, visit, letter or from above; parked drafts; repeats while typing; where to send what is not ours."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api import acts, candidates, drafts, files, filing, uploads
from api.acts import Wish
from api.clauses import gists_of
from api.errors import Problem, body_of
from api.filing import Filing
from api.gateway import now
from api.office import law_on, parts, seen
from api.pages import filing_form as form
from api.pages.boxes import Box
from api.pages.complain import receipt_page
from api.pages.render import Names, page
from api.pages.visitor import Visitor, data, kept, typed, visitor
from api.vault import BYTES, FILES, Kept, Writer
from domain.core import Law, instant, iso
from domain.workdays import ZONE

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
PATIENCE = 3.0
HERE = "/desk/new"
FILES_LOST = frozenset({"file_refused", "too_large", "files_down"})
ONWARD = {"file": "", "refuse": "refuse", "guide": "guide"}  # what the entry is followed by


async def clerk(request: Request, here: str = "", act: str = "file") -> Visitor:
    """Who is signed in, with a post that may do this; raises Away, Problem not_your_act."""
    who = await visitor(request, here)
    people = who.law.office.get("person", {})
    posts = [post for one in (who.person, *who.reader.stands_for) for post in people.get(one, {}).get("posts", ())]
    if not any(act in who.law.row("post", post).get("may", ()) for post in posts):
        raise Problem("not_your_act")
    return who


@router.get("/desk")
async def desk(request: Request) -> HTMLResponse:
    """By which way did it come; drafts that wait; the ways that are not an entry."""
    who = await clerk(request)
    here = parts(request)
    waiting = await drafts.of(here.pool, here.keys, who.office, who.person)
    return page(
        request, "desk.html", who, channels=_channels(who.law, who), drafts=[(one, _title(one.fields)) for one in waiting], most=drafts.MOST[drafts.PARKED], outside=_outside(who.law),
        gists=gists_of(str(who.law.table("book").get("id", ""))), done=request.query_params.get("done", ""),
    )  # fmt: skip


@router.get(HERE)
async def begin(request: Request) -> HTMLResponse:
    """The form of one channel; with `draft` as it was parked."""
    who = await clerk(request)
    here, query = parts(request), request.query_params
    given: dict[str, Any] = {"channel": query.get("channel", ""), "mode": "real"} | await kept(request, who)
    if query.get("draft"):
        known = await drafts.one(here.pool, here.keys, who.office, who.person, query["draft"])
        if known is None:
            return RedirectResponse("/desk?done=gone", SEE_OTHER)  # type: ignore[return-value]
        given = {**known.fields, "draft": known.id, "began_at": iso(known.began_at)}
    return _form(request, who, given)


@router.post(HERE)
async def enter(request: Request) -> Response:
    """File it, park it, or look for repeats first; refused, the form with everything that was typed."""
    who, given, taken = await clerk(request, HERE), dict[str, Any](), list[Kept]()
    try:
        taken = await _taken(request, who, given)
        do = str(given.get("go") or "file")
        if do == "park":
            return await _park(request, who, given)
        if do == "look":
            return _form(request, who, given, found=await _alike(request, who, given))
        return await _file(request, who, given, do, taken)
    except ValidationError:
        return _form(request, who, given, Problem("body_invalid"), again=bool(taken))
    except Problem as problem:
        return _form(request, who, given, problem, again=bool(taken) or problem.code in FILES_LOST)


async def _taken(request: Request, who: Visitor, given: dict[str, Any]) -> list[Kept]:
    """What was typed, into `given`, and the files beside it, sealed under the year in which it was received."""

    def place(_: dict[str, bytes]) -> Writer:
        return parts(request).vault.writer(who.office, (_received(given) or now()).year)

    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        given |= await typed(request)
        return []
    return (await uploads.take(request, None, place, given)).files


@router.post("/desk/candidates")
async def alike(request: Request) -> HTMLResponse:
    """Repeats of what is typed so far: a piece of a page for the form, which asks while the clerk types."""
    who, given = await clerk(request), await typed(request)
    try:
        found = await _alike(request, who, given)
    except (Problem, ValidationError):
        found = []
    return page(request, "desk_candidates.html", who, found=found, given=given)


@router.post("/desk/drafts/{draft}/drop")
async def drop(draft: str, request: Request) -> Response:
    """Forget a parked draft."""
    who = await clerk(request)
    await drafts.drop(parts(request).pool, who.office, who.person, draft)
    return RedirectResponse("/desk?done=dropped", SEE_OTHER)


@router.post("/desk/{case_id}/files")
async def attach(case_id: str, request: Request) -> Response:
    """The scans of a letter that was just entered."""
    who, here = await clerk(request), parts(request)
    found = await seen(request, case_id, who.caller)

    def place(fields: dict[str, bytes]) -> Writer:
        return here.vault.writer(found.case.office, found.year)

    taken = await uploads.take(request, ("key",), place)
    if not taken.files:
        return RedirectResponse(f"/cases/{case_id}", SEE_OTHER)
    answer = await files.put(here, found, taken, key=taken.fields.get("key", b"").decode(errors="replace")[:200] or uuid4().hex, seconds=PATIENCE)
    return RedirectResponse(f"/cases/{case_id}" + ("?done=add_material" if answer.status_code == 200 else ""), SEE_OTHER)


async def _file(request: Request, who: Visitor, given: dict[str, Any], do: str, taken: list[Kept]) -> Response:
    """The filing under the clerk's name; then what was chosen to follow."""
    here, began = parts(request), now()
    made = form.filing_of(who.law, given, person=who.person)
    made |= {name: given[name] for name in ("source", "reason") if given.get(name)}
    at = _received(given)
    made |= {"received_at": at} if at else {}
    if given.get("declared") == "yes":
        made["recording"] = {"told_at": iso(at or began), "started_at": iso(at or began)}
    sent = filing.fit(request, Filing.model_validate(made), who.person)
    answer = data(await filing.send(request, sent, taken, who.person, key=str(given.get("key") or uuid4().hex)[:200], began=began, seconds=PATIENCE))
    if given.get("draft"):
        await drafts.drop(here.pool, who.office, who.person, str(given["draft"]))
    case = str(answer["case"])
    unlinked = await _link(request, who, case, given, str(given.get("key", ""))) if answer.get("recorded") else _chosen(given)
    onward = f"/cases/{case}" + (f"/acts/{ONWARD[do]}" if ONWARD.get(do) else "")
    law = law_on(request, who.office, instant(str(answer["received_at"])).date())
    return receipt_page(request, law, answer, who=who, onward=onward, unlinked=unlinked)


async def _link(request: Request, who: Visitor, case: str, given: Mapping[str, Any], key: str) -> list[str]:
    """Say of which earlier cases this is a repeat; those for which it did not go are given back."""
    failed = []
    for n, (relation, other) in enumerate(one.split(":", 1) for one in _chosen(given)):
        try:
            found = await seen(request, case, who.caller)
            await acts.perform(request, found, "link", Wish(fields={"relation": relation, "case": other}, for_person="", paper="", received_at=""), key=f"{key}:link:{n}"[:200], seconds=PATIENCE)
        except Problem:
            failed.append(other)
    return failed


def _chosen(given: Mapping[str, Any]) -> list[str]:
    raw = given.get("link", [])
    return [one for one in (raw if isinstance(raw, list) else [raw]) if ":" in one and one.partition(":")[0] in ("repeat_of", "duplicate_of")]


async def _park(request: Request, who: Visitor, given: dict[str, Any]) -> Response:
    here = parts(request)
    words = {name: value for name, value in given.items() if name not in ("go", "draft", "began_at", uploads.FILE_FIELD)}
    began = _instant(str(given.get("began_at", "")))
    await drafts.save(here.pool, here.keys, who.office, who.person, HERE, words, began_at=began, draft=str(given.get("draft", "")))
    return RedirectResponse("/desk?done=" + ("parked_words" if given.get(uploads.FILE_FIELD) else "parked"), SEE_OTHER)  # a browser that sends no file sends its name


async def _alike(request: Request, who: Visitor, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Earlier cases that this one may repeat, as the clerk may see them."""
    made = form.filing_of(who.law, given, person=who.person)
    wish = candidates.Draft.model_validate({
        "draft": str(given.get("key", ""))[:64], "identity": {name: made["identity"][name] for name in ("name", "telephone", "id_number") if name in made["identity"]},
        "units": [row["unit"] for row in made["respondents"] if row.get("unit")], "persons": [row["person"] for row in made["respondents"] if row.get("person")], "facts": made["facts"], "text": made["text"],
    })  # fmt: skip
    found: list[dict[str, Any]] = await candidates.found(parts(request), who.law, who.sight, who.office, wish)
    return found


def _form(request: Request, who: Visitor, given: dict[str, Any], problem: Problem | None = None, found: list[dict[str, Any]] | None = None, *, again: bool = False) -> HTMLResponse:
    law, names = who.law, Names(who.law, who.lang)
    channels = _channels(law, who)
    if str(given.get("channel", "")) not in dict(channels):
        given["channel"] = channels[0][0] if channels else ""
    must, rest = form.fact_boxes(law, who.person, given, names)
    kinds = form.kinds(law, who.person, names)
    sources = tuple((key, names.word(row) or key) for key, row in law.table("source").items())
    began = str(given.get("began_at") or iso(now()))
    return page(
        request, "desk_new.html", who, status=problem.status if problem else 200, problem=body_of(problem) if problem else None, given=given, key=given.get("key") or uuid4().hex, began=began, channels=channels,
        received=given.get("received_at") or _local(began), channel=law.row("channel", str(given["channel"])), kinds=_numbered(Box("kind", "Kind" if names.lang == "en" else "类别", "one", kinds, value=given.get("kind", ""))) if len(kinds) > 1 else None,
        source=Box("source", "Source" if names.lang == "en" else "来源", "one", sources, value=given.get("source", "")) if len(sources) > 1 or (sources and sources[0][0] != "self") else None,
        text=replace(form.text_box(given, names.lang), hint="", required=False), must=[_numbered(one) for one in must], rest=[_numbered(one) for one in rest], people=sorted({str(row.get("name", "")) for row in law.office.get("person", {}).values()} - {""}),
        respondents=[[replace(_numbered(one), hint="") for one in form.respondent_boxes(law, given, names, n)] for n in range(1, form.ROWS + 1)], mode=form.mode_box(given, names.lang), identity=form.identity_boxes(given, names.lang, form.TOLD), proxies=form.identity_boxes(given, names.lang, form.PROXY),
        proxy=form.proxy_box(given, names.lang), found=found, outside=_outside(law), records=_records(law, str(given["channel"])), gists=gists_of(str(law.table("book").get("id", ""))), files=FILES, mb=BYTES // (1024 * 1024), again=again or bool(given.get(uploads.FILE_FIELD)),
    )  # fmt: skip


def _numbered(box: Box) -> Box:
    """A long list with numbers before its lines: a digit on the keyboard chooses."""
    if box.kind != "one" or len(box.options) <= 4:
        return box
    return replace(box, options=tuple((value, f"{n} {label}") for n, (value, label) in enumerate(box.options, 1)))


def _channels(law: Law, who: Visitor) -> list[tuple[str, Mapping[str, Any]]]:
    """The ways in which something comes to a clerk, the telephone first; those that only others take are left out."""
    names = set(who.reader.posts) | {post for one in who.reader.stands_for for post in law.office.get("person", {}).get(one, {}).get("posts", ())}
    open_ = [(key, row) for key, row in law.table("channel").items() if key != "system" and ("by" not in row or not names.isdisjoint([row["by"]] if isinstance(row["by"], str) else row["by"]))]
    return sorted(open_, key=lambda one: one[0] != "telephone")


def _records(law: Law, channel: str) -> bool:
    """Whether a call by this channel may be recorded only after it was said."""
    return bool(law.row("channel", channel).get("declares")) and any("sequence" in row for row in law.table("gate").values())


def _outside(law: Law) -> list[tuple[str, Mapping[str, Any]]]:
    """What this office does not take, by its book."""
    return [(key, row) for key, row in law.table("admit").items() if row.get("zh")]


def _title(fields: Mapping[str, Any]) -> str:
    return str(fields.get("text", ""))[:24] or "—"


def _received(given: Mapping[str, Any]) -> datetime | None:
    """When it was received: as typed, else when the first key fell, to the second."""
    typed_at, began = str(given.get("received_at", "")), str(given.get("began_at", ""))
    at = _instant(typed_at)
    first = _instant(began)
    if at is None:
        return first
    return first if first is not None and _local(began) == typed_at[:16] else at


def _instant(text: str) -> datetime | None:
    try:
        return instant(text).replace(microsecond=0) if text else None
    except (ValueError, OverflowError):
        return None


def _local(text: str) -> str:
    at = _instant(text)
    return f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M}" if at else ""
