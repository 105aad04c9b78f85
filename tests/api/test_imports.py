"""An old register comes in: closed rows as records, open rows as cases with their true instants, and nothing twice; on the real engine and database."""

import asyncio
import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook, load_workbook

from api.gateway import now
from cli.library import ROOT
from tests.api.conftest import Desk

pytestmark = [pytest.mark.engine, pytest.mark.database]
HEADINGS = ["编号", "收到时间", "投诉方式", "投诉人", "联系电话", "身份证号", "投诉内容", "被投诉人", "投诉情形", "受理日期", "审批日期", "审批领导", "转办日期", "承办单位", "状态", "办结日期", "办理结果", "满意度", "经手"]
GROUND = "不一次告知必须补正的全部内容"
SECRET, PHONE, SAID = "南宫望舒", "13911112222", "那天穿绿衣的就是我"


def day(back: int, clock: str = "") -> str:
    """A day so long ago, as a clerk writes it."""
    return f"{(now() - timedelta(days=back)):%Y/%m/%d}" + (f" {clock}" if clock else "")


def row(number: str, **cells: Any) -> dict[str, Any]:
    return {"编号": number, "投诉方式": "电话", "投诉人": SECRET, "联系电话": PHONE, "投诉内容": SAID, "被投诉人": "示例·周窗口", "投诉情形": GROUND, **cells}


def closed(number: str, **cells: Any) -> dict[str, Any]:
    return row(number, **{"收到时间": day(400, "9:20"), "状态": "办结", "办结日期": day(390), "承办单位": "示例·国土局窗口", "办理结果": "属实,已道歉", "经手": "老张", **cells})


def sent(number: str, **cells: Any) -> dict[str, Any]:
    """An open row that had been transferred to a unit long ago."""
    steps = {"受理日期": day(59), "审批日期": day(58), "审批领导": "示例·李主任", "转办日期": day(58), "承办单位": "示例·国土局窗口", "状态": "在办"}
    return row(number, **{"收到时间": day(60, "10:30"), **steps, **cells})


def table(rows: list[dict[str, Any]], codec: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADINGS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(codec)


def workbook(rows: list[dict[str, Any]], title: str = "投诉登记册(2025年)") -> bytes:
    book = Workbook()
    page: Any = book.active
    page.append([title])
    page.append(HEADINGS)
    for one in rows:
        page.append([one.get(name) for name in HEADINGS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def submit(desk: Desk, content: bytes, mapping: Any = None, person: str = "wang", reason: str = "旧登记册转入", office: str = "district") -> Any:
    parts: list[tuple[str, Any]] = [("reason", (None, reason.encode()))]
    if mapping is not None:
        parts.append(("mapping", (None, (mapping if isinstance(mapping, str) else json.dumps(mapping)).encode())))
    parts.append(("files", ("登记册.xlsx", content)))
    return await desk.http.post("/api/v1/imports", files=parts, headers={**desk.as_(person, office), "Prefer": "wait=30"})


async def ran(desk: Desk, name: str, person: str = "wang") -> dict[str, Any]:
    answer = await desk.http.post(f"/api/v1/imports/{name}/run", json={}, headers={**desk.as_(person), "Prefer": "wait=30"})
    assert answer.status_code == 202, answer.text
    for _ in range(300):
        shown: dict[str, Any] = (await desk.http.get(f"/api/v1/imports/{name}", headers=desk.as_(person))).json()
        if shown["state"] not in ("running",):
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError(shown)


def codes(shown: dict[str, Any]) -> dict[int, list[tuple[str, str]]]:
    found: dict[int, list[tuple[str, str]]] = {}
    for one in shown["findings"]:
        found.setdefault(one["row"], []).append((one["column"], one["code"]))
    return found


async def case_of(desk: Desk, number: str) -> tuple[str, list[dict[str, Any]]]:
    found = await desk.pool.fetchrow("select case_id from cases where row ->> 'old_no' = $1", number)
    assert found, number
    events = [json.loads(one["body"]) for one in await desk.pool.fetch("select body from events where case_id = $1 order by seq", found["case_id"])]
    return found["case_id"], events


async def test_closed_rows_become_records_and_open_rows_cases(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    rows = [closed(f"{mark}-1"), closed(f"{mark}-2", 投诉人="匿名", 联系电话=""), sent(f"{mark}-3"), row(f"{mark}-4", 收到时间=day(2, "15:00")), row(f"{mark}-5", 收到时间=day(20), 受理日期=day(19))]
    answer = await submit(desk, workbook(rows))
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown["state"] == "checked", shown
    assert shown["rows"] == {"total": 5, "record": 2, "case": 3, "refused": 0}, shown["findings"]
    assert await desk.pool.fetchval("select count(*) from cases where row ->> 'old_no' like $1", f"{mark}%") == 0, "a dry run files nothing"
    assert await desk.pool.fetchval("select count(*) from old_records where number like $1", f"{mark}%") == 0
    done = await ran(desk, shown["id"])
    assert (done["state"], done["done"]) == ("done", {"record": 2, "case": 3, "known": 0, "refused": 0, "left": 0}), done

    case, events = await case_of(desk, f"{mark}-3")
    kinds = [event["kind"] for event in events]
    assert kinds[0] == "filed"
    assert {"accepted", "registered", "approved", "transferred", "missed_before_entry"} <= set(kinds)
    assert not {"warned", "overdue", "urge_due", "duty_overdue", "refused"} & set(kinds), kinds
    assert events[0]["at"].startswith((now() - timedelta(days=60)).strftime("%Y-%m-%dT10:30"))
    assert all(event["data"].get("paper") == shown["file"] for event in events if event["command_id"])
    approved = next(event for event in events if event["kind"] == "approved")
    assert (approved["actor"], approved["entered_by"]) == ("li", "wang")
    assert await desk.pool.fetchval("select count(*) from outbox where case_id = $1", case) == 0, "what was told by the old way is not told again"
    await asyncio.sleep(1)
    assert await desk.pool.fetchval("select count(*) from inbox where case_id = $1", case) == 0
    seen = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("liu"))).json()
    assert (seen["old_no"], seen["phase"]) == (f"{mark}-3", "handling")
    text = str(await desk.pool.fetch("select * from old_records where number like $1", f"{mark}%")) + str(await desk.pool.fetch("select * from import_rows")) + str(events)
    assert not [word for word in (SECRET, PHONE, SAID) if word in text]
