"""Every list as a file: the filters, rows and columns of the list as the caller sees it, with names for codes; each file logged before it is handed out and when it ends."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from api import lists, old_records, sheets
from api.errors import Problem
from api.gateway import now
from api.identity import Caller
from api.office import caller, law_of, parts
from api.pages.render import Names
from api.sealed import log

router = APIRouter(prefix="/api/v1", tags=["files of lists"])
Kind = Literal["xlsx", "csv"]
STEP, FEW = 200, 40  # rows of a page of the list: the most that it gives; fewer where each case is folded, so that nobody waits behind a file
Row = dict[str, Any]
Cells = Callable[[Row, Names], list[list[Any]]]


@dataclass(frozen=True)
class Listing:
    """One list: its title, the columns, how a page of it is asked for, and the rows that an item of it becomes."""

    title: str
    columns: tuple[tuple[str, str], ...]
    ask: Callable[[Request, str], Awaitable[Any]]
    cells: Cells
    beside: Cells | None = None  # what its first page has beside the items


COMPLAINTS = (
    ("register_no", "编号"), ("old_no", "旧册编号"), ("phase", "阶段"), ("kind", "类别"), ("channel", "渠道"), ("source", "来源"), ("grade", "等级"), ("received_at", "收到时间"), ("disposition", "办理方式"),
    ("units", "承办单位"), ("respondent_units", "被投诉单位"), ("waiting_on", "等谁办"), ("next_due_day", "下一期限"), ("overdue", "逾期"), ("late", "曾逾期"), ("provisional", "日期暂定"), ("found", "调查结论"), ("outcome", "结果"),
    ("clerk", "经办人"), ("closed_at", "办结时间"), ("waiting_since", "等待自"), ("unsent", "通知未送达"), ("id", "案件号"),
)  # fmt: skip
TASKS = (("what", "待办"), ("about", "事项"), ("who", "等谁办"), ("since", "自"), ("clause", "条款"), *(one for one in COMPLAINTS if one[0] in ("register_no", "old_no", "phase", "kind", "next_due_day", "overdue", "id")))
INBOX = (("sent_at", "时间"), ("form", "通知"), ("register_no", "编号"), ("due_day", "期限"), ("clause", "条款"), ("case", "案件号"), ("key", "通知号"))
OLD = (
    ("mark", "来自"), ("number", "旧册编号"), ("received_at", "收到时间"), ("closed_at", "办结时间"), ("kind", "类别"), ("channel", "渠道"), ("source", "来源"), ("units", "承办单位"), ("respondents", "被投诉对象"),
    ("facts", "事项"), ("outcome", "办理结果"), ("id", "记录号"),
)  # fmt: skip
INSTANTS = frozenset({"received_at", "closed_at", "waiting_since", "sent_at", "since"})
PEOPLE = frozenset({"waiting_on", "clerk", "who"})
UNITS = frozenset({"units", "respondent_units"})
ROWS = frozenset({"kind", "channel", "source"})


async def file(request: Request, name: str, kind: Kind) -> StreamingResponse:
    """The file of a list; raises Problem not_found, and whatever the list itself refuses."""
    listing, who = LISTS.get(name), caller(request)
    if listing is None or kind not in sheets.KINDS:
        raise Problem("no_such_route")
    first = await _page(listing, request, "")
    total = first.get("total")
    told = f"{name}.{kind} {json.dumps(_asked(request), ensure_ascii=False, sort_keys=True)}"
    await log(parts(request), who, "export", "", f"{told} rows={'?' if total is None else total}")
    rows = _rows(listing, request, first, told, who)
    stamp = f"{now():%Y%m%d-%H%M}"
    headers = {"Content-Disposition": f"attachment; filename=\"{name}-{stamp}.{kind}\"; filename*=UTF-8''{quote(listing.title)}-{stamp}.{kind}"}
    return StreamingResponse(sheets.table(kind, listing.title, [zh for _, zh in listing.columns], rows), media_type=sheets.KINDS[kind], headers=headers)


@router.get("/complaints.{kind}")
async def complaints(kind: Kind, request: Request) -> StreamingResponse:
    """The register as a file, under the filters of the list."""
    return await file(request, "complaints", kind)


@router.get("/tasks.{kind}")
async def tasks(kind: Kind, request: Request) -> StreamingResponse:
    """What waits for the caller, as a file: one row for each task."""
    return await file(request, "tasks", kind)


@router.get("/inbox.{kind}")
async def inbox(kind: Kind, request: Request) -> StreamingResponse:
    """The caller's notices as a file."""
    return await file(request, "inbox", kind)


@router.get("/old-records.{kind}")
async def old(kind: Kind, request: Request) -> StreamingResponse:
    """Records of old registers as a file, under the filters of the list."""
    return await file(request, "old-records", kind)


async def _rows(listing: Listing, request: Request, first: Any, told: str, who: Caller) -> AsyncIterator[Sequence[Any]]:
    """Every row of every page, and how many there were when it ends, early or late."""
    names, count, found = Names(law_of(request, who.office), "zh"), 0, first
    try:
        if listing.beside is not None:
            for row in listing.beside(first, names):
                count += 1
                yield row
        while True:
            for item in found["items"]:
                for row in listing.cells(item, names):
                    count += 1
                    yield row
            if not found.get("next"):
                return
            found = await _page(listing, request, found["next"])
    finally:
        await parts(request).beside.done(log(parts(request), who, "exported", "", f"{told} written={count}"))


async def _page(listing: Listing, request: Request, cursor: str) -> Any:
    return json.loads(bytes((await listing.ask(request, cursor)).body))


def _asked(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.query_params.items() if name not in ("cursor", "limit")}


def _plain(columns: Sequence[tuple[str, str]]) -> Cells:
    return lambda item, names: [[_cell(name, item.get(name), names) for name, _ in columns]]


def _tasks(item: Row, names: Names) -> list[list[Any]]:
    found = []
    for task in item.get("tasks", ()):
        row = {**item, "what": task["zh"], "about": task["subject"], "who": task["who"], "since": task["since"], "clause": task["clause"]}
        found.append([_cell(name, row.get(name), names) for name, _ in TASKS])
    return found


def _beside(page: Row, names: Names) -> list[list[Any]]:
    """Tasks of the office, and of its ledger, that stand in no case's own list."""
    office = [{"what": one["title"], "about": one["what"], "since": one["since"], "id": one["case"]} for one in page.get("office", ())]
    ledger = [{"what": one.get("zh") or one["act"], "about": one.get("period", ""), "who": one.get("who", ()), "next_due_day": one.get("due_day"), "clause": one.get("clause", ())} for one in page.get("ledger", ())]
    return [[_cell(name, row.get(name), names) for name, _ in TASKS] for row in (*office, *ledger)]


def _inbox(item: Row, names: Names) -> list[list[Any]]:
    row = {**item, **{name: item["data"].get(name) for name in ("register_no", "due_day")}, "form": names.row("notice", item["form"])}
    return [[_cell(name, row.get(name), names) for name, _ in INBOX]]


def _cell(name: str, value: Any, names: Names) -> Any:
    """A value as people read it: instants, names of people, units and rows of the book."""
    if value in (None, "", [], {}):
        return None
    if name in INSTANTS:
        return datetime.fromisoformat(value)
    if name == "phase":
        return names.phase(value)
    if name in PEOPLE:
        return "、".join(names.one(one) for one in ([value] if isinstance(value, str) else value))
    if name in UNITS:
        return "、".join(names.unit(one) for one in value)
    if name in ROWS or name == "found":
        return names.row("finding" if name == "found" else name, value)
    if name == "disposition":
        return names.act(value)
    if name == "grade":
        return names.option("grade", value)
    if name == "facts":
        return "、".join(f"{names.row('fact', key)}:{names.option(key, one)}" for key, one in value.items())
    if name == "respondents":
        return "、".join(names.one(one["person"]) if one.get("person") else str(one.get("name") or names.unit(one.get("unit"))) for one in value)
    return value


LISTS = {
    "complaints": Listing("投诉登记簿", COMPLAINTS, lambda request, cursor: lists.listed(request, cursor=cursor, limit=STEP), _plain(COMPLAINTS)),
    "tasks": Listing("待办", TASKS, lambda request, cursor: lists.tasks(request, cursor=cursor, limit=FEW), _tasks, _beside),
    "inbox": Listing("通知", INBOX, lambda request, cursor: lists.inbox(request, cursor=cursor, limit=STEP), _inbox),
    "old-records": Listing("旧册记录", OLD, old_records.asked, _plain(OLD)),
}  # fmt: skip
