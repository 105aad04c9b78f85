"""Every list as a file is that list: for each role, under each filter, cell by cell; nothing in it that a spreadsheet would run; each logged with its rows."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from api import sheets
from api.exports import COMPLAINTS, INBOX, OLD, TASKS
from api.gateway import now
from tests.api.conftest import Desk
from tests.api.test_api import filed
from tests.api.test_old_registers import SAID, SECRET, closed, ran, sent, submit, table
from tests.api.test_secrecy import good
from tests.faults.search import encodings

pytestmark = [pytest.mark.engine, pytest.mark.database]
PEOPLE = ("wang", "li", "zhao", "qian", "he", "shen", "luo", "liu", "gao", "zhou", "mei")
HEADINGS = {"complaints": COMPLAINTS, "tasks": TASKS, "inbox": INBOX, "old-records": OLD}
PHONE = "13787654321"


async def whole(desk: Desk, person: str, name: str, **filters: str) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """Every row of every page of a list, as JSON; and its first page."""
    items, first, cursor = [], None, ""
    while True:
        answer = await desk.http.get(f"/api/v1/{name}", params={**filters, "cursor": cursor, "limit": 3}, headers=desk.as_(person))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        first = first or page
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return page["total"], items, first


async def file(desk: Desk, person: str, name: str, kind: str, **filters: str) -> bytes:
    answer = await desk.http.get(f"/api/v1/{name}.{kind}", params=filters, headers=desk.as_(person))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == sheets.KINDS[kind]
    assert answer.headers["cache-control"] == "no-store"
    return answer.content


def lines(content: bytes, kind: str) -> list[dict[str, Any]]:
    if kind == "csv":
        return [dict(row) for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]
    rows: Any = load_workbook(io.BytesIO(content)).active
    names, *found = list(rows.iter_rows(values_only=True))
    return [dict(zip(names, row, strict=True)) for row in found]


@pytest.fixture(scope="module")
async def office(desk: Desk) -> str:
    """Cases and records of all sorts: open, transferred, imported; among those complained of somebody who looks."""
    mark = uuid4().hex[:6]
    one = await filed(desk, text=f"{SECRET}:{SAID}", identity={"name": SECRET, "telephone": PHONE})
    await good(desk, one["case"], "wang", "accept")
    await good(desk, one["case"], "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    await good(desk, one["case"], "li", "approve", decision="agree", opinion="转办")
    await good(desk, one["case"], "li", "transfer", unit="land", excerpt="请核实")
    await filed(desk, text=f"{SECRET}:{SAID}")
    rows = [
        closed(f"{mark}-1", 联系电话=PHONE, 办理结果='=HYPERLINK("http://x","点我")'), closed(f"@SUM({mark})", 联系电话=PHONE, 办理结果="-2+3+cmd|' /C calc'!A0"),
        closed(f"+{mark}", 联系电话=PHONE, 办理结果="属实,\t已改", 被投诉人="示例·梅窗口", 承办单位="示例·工商局窗口"), sent(f"{mark}-4", 联系电话=PHONE, 被投诉人="示例·姜窗口"),
    ]  # fmt: skip
    shown = (await submit(desk, table(rows))).json()
    assert shown["rows"] == {"total": 4, "record": 3, "case": 1, "refused": 0}, shown["findings"]
    await ran(desk, shown["id"])
    return mark


@pytest.mark.parametrize("name", ["complaints", "old-records"])
async def test_a_file_has_the_rows_and_cells_of_its_list_for_everybody(desk: Desk, office: str, name: str) -> None:
    wanted: dict[str, list[dict[str, str]]] = {"complaints": [{}, {"phase": "handling"}, {"unit": "land"}, {"overdue": "false", "order": "due"}], "old-records": [{}, {"unit": "land"}, {"number": f"{office}-1"}]}
    ident = {"complaints": "案件号", "old-records": "记录号"}[name]
    seen = 0
    for person in PEOPLE:
        for filters in wanted[name]:
            total, items, _ = await whole(desk, person, name, **filters)
            for kind in ("csv", "xlsx"):
                rows = lines(await file(desk, person, name, kind, **filters), kind)
                assert [row[ident] for row in rows] == [item["id"] for item in items], (person, filters, kind)
                assert len(rows) == total
                seen += len(rows)
                for row, item in zip(rows, items, strict=True):
                    for key, heading in HEADINGS[name]:
                        empty = item.get(key) in (None, "", [], {})
                        assert (row[heading] in (None, "")) == empty, (person, key, item.get(key), row[heading])
                    if item.get("received_at"):
                        at = row["收到时间"] if kind == "xlsx" else datetime.fromisoformat(row["收到时间"])
                        assert at == datetime.fromisoformat(item["received_at"]).replace(tzinfo=None, second=0 if kind == "csv" else datetime.fromisoformat(item["received_at"]).second)
    assert seen > 30


async def test_tasks_and_notices_as_files(desk: Desk, office: str) -> None:
    for person in PEOPLE:
        _, items, first = await whole(desk, person, "tasks")
        want = [(item["id"], task["zh"]) for item in items for task in item["tasks"]]
        beside = len(first["office"]) + len(first["ledger"])
        for kind in ("csv", "xlsx"):
            rows = lines(await file(desk, person, "tasks", kind), kind)
            assert len(rows) == len(want) + beside, person
            assert [(row["案件号"], row["待办"]) for row in rows[beside:]] == want
            total, notices, _ = await whole(desk, person, "inbox")
            assert [row["通知号"] for row in lines(await file(desk, person, "inbox", kind), kind)] == [one["key"] for one in notices]
            assert total == len(notices)
    waiting = lines(await file(desk, "ma", "tasks", "csv"), "csv")
    assert all("示例·" in row["等谁办"] for row in waiting)


async def test_no_file_tells_what_its_reader_may_not_know(desk: Desk, office: str) -> None:
    for person in ("shen", "luo", "liu", "gao", "zhou", "mei", "ma"):
        for name in HEADINGS:
            for kind in ("csv", "xlsx"):
                content = await file(desk, person, name, kind)
                text = content if kind == "csv" else json.dumps(lines(content, kind), ensure_ascii=False, default=str).encode()
                for word in (SECRET, PHONE, SAID):
                    assert not [how for how, coded in encodings(word).items() if len(coded) > 3 and coded in text], (person, name, kind)
                assert b"v1." not in text
                if person in ("liu", "gao", "zhou", "mei", "ma"):
                    assert b"HYPERLINK" not in text, "how it ended is not theirs to read"


async def test_nothing_in_a_cell_runs(desk: Desk, office: str) -> None:
    for kind in ("csv", "xlsx"):
        rows = {row["旧册编号"]: row for row in lines(await file(desk, "wang", "old-records", kind), kind)}
        for number in (f"{office}-1", f"'@SUM({office})", f"'+{office}"):
            assert number in rows, kind
        assert rows[f"{office}-1"]["办理结果"].startswith("'=HYPERLINK")
        assert rows[f"'@SUM({office})"]["办理结果"].startswith("'-2+3")
    page: Any = load_workbook(io.BytesIO(await file(desk, "wang", "old-records", "xlsx"))).active
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "d"}, "no formula"


@pytest.mark.parametrize(("value", "cell"), [
    ("=1+1", "'=1+1"), ("+86 139", "'+86 139"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("＝1", "'＝1"), (-1, -1), (0.5, 0.5), ("平常", "平常"), (True, "是"), (None, None), (["a", "b"], "a、b"), ("a\x00b", "ab"), ("x" * 40_000, "x" * 32_000),
])  # fmt: skip
def test_a_value_as_a_harmless_cell(value: Any, cell: Any) -> None:
    assert sheets.harmless(value) == cell


async def test_each_file_is_logged_with_its_filters_and_rows(desk: Desk, office: str) -> None:
    before = now()
    total, _, _ = await whole(desk, "he", "complaints", phase="handling")
    await file(desk, "he", "complaints", "csv", phase="handling")
    logged = await desk.pool.fetch("select what, reason from reader_log where person = 'he' and office = 'district' order by id desc limit 2")
    assert {row["what"] for row in logged} == {"export", "exported"}
    assert all('complaints.csv {"phase": "handling"}' in row["reason"] for row in logged)
    assert {row["reason"].rpartition(" ")[2] for row in logged} == {f"rows={total}", f"written={total}"}
    assert now() >= before


async def test_what_is_no_list_or_no_filter_is_refused(desk: Desk) -> None:
    asked: list[tuple[str, int, Callable[[dict[str, Any]], bool]]] = [
        ("/api/v1/complaints.pdf", 422, lambda body: body["code"] == "body_invalid"), ("/api/v1/complaints.csv?phse=x", 422, lambda body: body["code"] == "body_invalid"),
        ("/api/v1/old-records.csv?received_from=soon", 422, lambda body: body["code"] == "body_invalid"),
    ]  # fmt: skip
    for path, status, right in asked:
        answer = await desk.http.get(path, headers=desk.as_("wang"))
        assert answer.status_code == status, path
        assert right(answer.json())
    assert (await desk.http.get("/api/v1/complaints.csv")).status_code == 401
