"""登记簿: every case that one may see, filtered, searched, ordered; views kept under a name; one act on several cases, with a result for each."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import acts, old_search, register, saved_views, searching
from api.acts import Wish
from api.errors import Problem, body_of
from api.gateway import now
from api.office import parts, seen
from api.pages.boxes import Box
from api.pages.labels import PHASES, of
from api.pages.render import Names, page
from api.pages.visitor import Visitor, typed, visitor
from api.queries_lists import ORDERS
from api.register import Listed
from api.wanted import Wanted, parse
from domain.core import Law

router = APIRouter(include_in_schema=False)
SEE_OTHER = 303
LIMIT, HITS, MOST = 50, 20, 50
PATIENCE = 8.0
AT_ONCE = 4  # cases whose answers are waited for together
# Acts that need nothing but a word, so that one word can stand for several cases; the field that takes it.
BULK = {"note": "text", "sign_in": "", "accept": "", "progress": "text", "close": "reason", "archive": "note", "tell_leader": "reason"}
ORDER_WORDS = {
    "newest": ("最近收到", "Newest"), "oldest": ("最早收到", "Oldest"), "due": ("最早到期", "Due first"), "longest": ("停留最久", "Longest where they are"), "closed": ("最近办结", "Closed most recently"),
}  # fmt: skip
DEADLINE_WORDS = {"overdue": ("逾期", "Overdue"), "soon": ("三个工作日内到期", "Due within three working days"), "later": ("以后到期", "Later"), "none": ("没有期限", "No date")}
FLAG_WORDS = {"true": ("是", "yes"), "false": ("否", "no")}
MORE_WORDS = {  # filters that have no box of their own and come from a saved view or a figure of the board
    "overdue": ("已逾期", "Overdue"), "late": ("办结时逾期", "Closed late"), "provisional": ("暂定日期", "Provisional date"), "due_before": ("到期早于", "Due before"), "due_from": ("到期自", "Due from"), "due_to": ("到期至", "Due to"),
    "dated": ("有期限", "Has a date"), "clerk": ("经办人", "Clerk"), "unsent": ("通知未送达", "Notice not delivered"), "held": ("有人待办", "Waits for somebody"), "kind": ("类别", "Kind"), "source": ("来源", "Source"),
    "disposition": ("办理方式", "Disposition"), "grade": ("件别", "Grade"), "outcome": ("结果", "Outcome"), "found": ("调查结论", "Finding"), "satisfaction": ("满意度", "Satisfaction"), "respondent_unit": ("被投诉单位", "Unit complained of"),
    "closed_from": ("办结自", "Closed from"), "closed_to": ("办结至", "Closed to"),
}  # fmt: skip
TOLD = frozenset({"cursor", "done", "kept", "name"})  # parameters that are not filters
FACTS = ("ground", "grade", "category")


@router.get("/register")
async def shown(request: Request) -> HTMLResponse:
    """A page of the register, as it was asked for."""
    who = await visitor(request)
    return await _page(request, who)


@router.post("/register/views")
async def keep(request: Request) -> Response:
    """Keep the list that is shown under a name, or forget one."""
    who, given, here = await visitor(request, "/register"), await typed(request), parts(request)
    wish = {name.removeprefix("w."): str(value) for name, value in given.items() if name.startswith("w.") and value}
    try:
        if given.get("forget"):
            await saved_views.forget(here, who.office, who.person, str(given["forget"]))
            return RedirectResponse("/register?done=forgotten", SEE_OTHER)
        name = str(given.get("name", "")).strip()[:60]
        if not name or "/" in name:
            raise Problem("field_missing", detail=["name"])
        await saved_views.keep(here, who.law, who.office, who.reader, saved_views.Saved(name=name, wish=wish))
    except Problem as problem:
        return await _page(request, who, wish, problem)
    return RedirectResponse("/register?" + urlencode({**wish, "done": "saved"}), SEE_OTHER)


@router.post("/register/acts")
async def several(request: Request) -> Response:
    """One act on each of the cases chosen; what became of each is told, and the same form sent twice is done once."""
    who, given = await visitor(request, "/register"), await typed(request)
    raw = given.get("case", [])
    chosen = list(dict.fromkeys(raw if isinstance(raw, list) else [raw]))[:MOST]
    act, word, key = str(given.get("act", "")), str(given.get("word", "")).strip(), str(given.get("key") or uuid4().hex)[:100]
    back = {name.removeprefix("w."): str(value) for name, value in given.items() if name.startswith("w.") and value}
    if act not in BULK or not chosen:
        return await _page(request, who, back, Problem("field_missing", detail=["act" if act not in BULK else "case"]))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case_id: str) -> dict[str, Any]:
        async with gate:
            return await _one(request, who, case_id, act, word, key)

    results = await asyncio.gather(*(one(case_id) for case_id in chosen))
    return page(request, "register_done.html", who, act=act, results=results, back="/register?" + urlencode(back), done=sum(1 for result in results if result["state"] == "done"))


async def _one(request: Request, who: Visitor, case_id: str, act: str, word: str, key: str) -> dict[str, Any]:
    """The act on one case: done, refused with its reason, or on its way."""
    number = ""
    try:
        found = await seen(request, case_id, who.caller)
        number = found.shown.get("register_no") or ""
        fields = {BULK[act]: word} if BULK[act] and word else {}
        answer = await acts.perform(request, found, act, Wish(fields=fields, for_person="", paper="", received_at=""), key=f"{key}:{case_id}"[:200], seconds=PATIENCE)
    except Problem as problem:
        return {"case": case_id, "number": number, "state": "refused", "problem": body_of(problem)}
    return {"case": case_id, "number": number, "state": "done" if answer.status_code == 200 else "waiting", "problem": None}


async def _page(request: Request, who: Visitor, given: Mapping[str, str] | None = None, problem: Problem | None = None) -> HTMLResponse:
    here, query = parts(request), dict(request.query_params)
    asked = {name: value for name, value in (query if given is None else given).items() if name not in TOLD and value}
    if asked.get("q"):
        asked.pop("order", None)  # hits come newest first
    found, old = Listed(0, [], "", ""), None
    try:
        wanted: Wanted = parse(who.law, who.person, now().date(), asked)
        listing = searching.page if wanted.words else register.page
        found = await listing(here, who.office, who.sight, wanted, query.get("cursor", "") if given is None else "", HITS if wanted.words else LIMIT)
        if wanted.words:
            old = await old_search.page(here, who.office, who.sight, {}, wanted.words, limit=1)
    except Problem as wrong:
        problem = problem or wrong
    names = Names(who.law, who.lang)
    return page(
        request, "register.html", who, status=problem.status if problem else 200, problem=body_of(problem) if problem else None, found=found, old=old, asked=asked, query=urlencode(sorted(asked.items())), boxes=_boxes(who.law, asked, names), q=asked.get("q", ""),
        views=[(view, urlencode(sorted(view["wish"].items()))) for view in await saved_views.of(here, who.office, who.reader)], bulk=[(act, names.act(act)) for act in BULK if _may(who, act)], key=uuid4().hex, done=query.get("done", ""),
        orders=[(key, of(ORDER_WORDS, key, who.lang)) for key in ORDERS],
    )  # fmt: skip


def _boxes(law: Law, asked: Mapping[str, str], names: Names) -> list[Box]:
    """The filters, each a box whose choices come from the book and the office."""
    en = names.lang == "en"

    def one(name: str, zh: str, english: str, options: Any) -> Box:
        return Box(name, english if en else zh, "one", tuple(options), value=asked.get(name, ""))

    def words(table: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
        return [(key, of(table, key, names.lang)) for key in table]

    phases = [(key, word) for key, word in words(PHASES) if key != "none"]
    made = [
        one("deadline", "期限", "Deadline", words(DEADLINE_WORDS)), one("phase", "阶段", "Phase", phases), one("waiting_on", "等谁办理", "Waiting for", [("me", "me" if en else "我"), *((key, names.one(key)) for key in law.office.get("person", {}))]),
        one("unit", "承办单位", "Handling unit", [(key, names.unit(key)) for key in law.office.get("unit", {})]), one("channel", "渠道", "Channel", [(key, names.word(row) or key) for key, row in law.table("channel").items()]),
        one("open", "未办结", "Open", words(FLAG_WORDS)),
    ]  # fmt: skip
    made += [one(f"fact.{name}", row.get("zh", name), row.get("en", name), [(key, names.word(option) or key) for key, option in row["options"].items()]) for name in FACTS if "options" in (row := law.row("fact", name)) and row.get("is") != "some_of"]
    dates = [Box(name, english if en else zh, "date", value=asked.get(name, "")) for name, zh, english in (("received_from", "收到自", "Received from"), ("received_to", "收到至", "Received to"))]
    number = Box("register_no", "Register number" if en else "编号", value=asked.get("register_no", ""))
    known = {box.name for box in [*made, *dates, number]} | {"order", "q"}
    rest = [Box(name, of(MORE_WORDS, name, names.lang), value=value) for name, value in asked.items() if name not in known]  # from a saved view or a figure of the board: kept, and shown
    return [*made, *dates, number, *rest]


def _may(who: Visitor, act: str) -> bool:
    if act == "note":
        return True
    people = who.law.office.get("person", {})
    return any(act in who.law.row("post", post).get("may", ()) for one in (who.person, *who.reader.stands_for) for post in people.get(one, {}).get("posts", ()))
