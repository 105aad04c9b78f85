"""An old register comes in: closed rows as records, open rows as cases with their true instants, and nothing twice; on the real engine and database."""

import asyncio
import csv
import io
import json
from datetime import datetime, timedelta
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


async def test_a_record_is_shown_to_whom_its_case_would_be_and_opened_with_a_reason(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    accused = closed(f"{mark}-1", 被投诉人="示例·梅窗口", 承办单位="示例·工商局窗口")
    shown = (await submit(desk, table([accused]))).json()
    assert (await ran(desk, shown["id"]))["state"] == "done"
    found = (await desk.http.get("/api/v1/old-records", params={"number": f"{mark}-1"}, headers=desk.as_("wang"))).json()
    assert found["total"] == len(found["items"]) == 1
    one = found["items"][0]
    assert (one["mark"], one["number"], one["units"], one["outcome"]) == ("旧册", f"{mark}-1", ["market"], "属实,已道歉")
    assert one["respondents"] == [{"person": "mei"}]
    opened = await desk.http.post(f"/api/v1/old-records/{one['id']}/identity", json={"reason": "核对旧件"}, headers=desk.as_("wang"))
    assert opened.json()["identity"] == {"name": SECRET, "telephone": PHONE}
    assert opened.json()["register"]["经手"] == "老张", "a column that is no field stays beside it"
    assert await desk.pool.fetchval("select reason from reader_log where case_id = $1", one["id"]) == "核对旧件"
    again = await desk.http.post("/api/v1/lookups", json={"kind": "telephone", "value": f"+86 {PHONE}", "reason": "又来电"}, headers=desk.as_("wang"))
    assert one["id"] in [row["record"] for row in again.json()["old_records"]]
    for person, knows in (("shen", True), ("ma", True), ("mei", True), ("zhou", False), ("gao", False), ("luo", False)):
        listed = (await desk.http.get("/api/v1/old-records", params={"number": f"{mark}-1"}, headers=desk.as_(person))).json()
        got = [await desk.http.get(f"/api/v1/old-records/{one['id']}", headers=desk.as_(person)), await desk.http.post(f"/api/v1/old-records/{one['id']}/identity", json={"reason": "想知道"}, headers=desk.as_(person))]
        text = json.dumps(listed, ensure_ascii=False) + "".join(answer.text for answer in got)
        assert (listed["total"], got[0].status_code) == ((1, 200) if knows else (0, 404)), person
        assert got[1].status_code == (403 if knows else 404), person
        assert not [word for word in (SECRET, PHONE, SAID, "v1.", "老张", "属实") if word in text], person
    other = await desk.http.get(f"/api/v1/old-records/{one['id']}", headers=desk.as_("wang", "kaiyang"))
    assert (other.status_code, other.json()["code"]) == (404, "not_found")


async def test_every_kind_of_wrong_row_is_refused_by_row_and_column(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    rows = [
        row(f"{mark}-1", 收到时间=""), row(f"{mark}-2", 收到时间="去年夏天"), row(f"{mark}-3", 收到时间=day(-3)), closed(f"{mark}-4", 办结日期=day(401)),
        row(f"{mark}-5", 收到时间=day(3), 投诉方式="微信"), row(f"{mark}-6", 收到时间=day(3), 投诉情形="看不惯"), sent(f"{mark}-7", 承办单位="示例·没有此单位"),
        sent(f"{mark}-8", 审批领导="示例·外人"), sent(f"{mark}-9", 审批日期=""), row(f"{mark}-10", 收到时间=day(3), 状态="办结了吗"), closed(f"{mark}-11", 状态="在办"),
        row(f"{mark}-12", 收到时间=day(3), 身份证号="1.10105E+17"), row(f"{mark}-13", 收到时间=day(3), 投诉内容="#REF!"), row(f"{mark}-14", 收到时间=day(3), 受理日期=day(5)),
        row(f"{mark}-15", 收到时间=day(3)), row(f"{mark}-15", 收到时间=day(4)), row(f"{mark}-16", 收到时间=day(3), 投诉内容="长" * 20_001), dict.fromkeys(HEADINGS, ""), row(f"{mark}-17", 收到时间=day(3), 投诉人="甲\ud83d乙".encode("utf-16", "surrogatepass").decode("utf-16", "replace")),
    ]  # fmt: skip
    shown = (await submit(desk, workbook(rows))).json()
    at = {n: codes(shown)[n + 2] for n in range(1, 18) if n + 2 in codes(shown)}  # a title and the headings stand above
    assert at == {
        1: [("收到时间", "cell_missing")], 2: [("收到时间", "date_unreadable")], 3: [("收到时间", "date_ahead")], 4: [("办结日期", "dates_out_of_order")], 5: [("投诉方式", "value_unknown")],
        6: [("投诉情形", "value_unknown")], 7: [("承办单位", "unit_unknown")], 8: [("审批领导", "person_unknown")], 9: [("转办日期", "approval_missing")], 10: [("状态", "status_unclear")],
        11: [("状态", "status_unclear")], 12: [("身份证号", "number_rounded")], 13: [("投诉内容", "cell_error")], 14: [("受理日期", "dates_out_of_order")], 16: [("编号", "number_twice")], 17: [("投诉内容", "field_too_long")],
    }  # fmt: skip
    assert shown["rows"] == {"total": 18, "record": 0, "case": 2, "refused": 16}
    missing = next(one for one in shown["findings"] if one["code"] == "approval_missing")
    assert missing["clause"], "the core's refusal keeps its clause"
    assert all(one["title"] and one["title_en"].isascii() and one["remedy"] and one["remedy_en"] for one in shown["findings"])
    assert not [word for word in (SECRET, PHONE, SAID) if word in json.dumps(shown, ensure_ascii=False)]
    sheet = load_workbook(io.BytesIO((await desk.http.get(f"/api/v1/imports/{shown['id']}/report.xlsx", headers=desk.as_("li"))).content)).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][:4] == ("行号", "列", "原因", "怎么办")
    assert len(lines) == 17
    done = await ran(desk, shown["id"])
    assert done["done"] == {"record": 0, "case": 2, "known": 0, "refused": 16, "left": 0}


async def test_the_same_register_twice_files_nothing_twice_and_what_changed_is_said(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    rows = [closed(f"{mark}-1"), closed(f"{mark}-2"), sent(f"{mark}-3"), row(f"{mark}-4", 收到时间=day(3))]
    first = (await submit(desk, table(rows))).json()
    assert (await ran(desk, first["id"]))["done"]["case"] == 2
    assert (await submit(desk, table(rows))).json()["id"] == first["id"]
    again = await ran(desk, first["id"])
    assert again["done"] == {"record": 2, "case": 2, "known": 0, "refused": 0, "left": 0}
    changed = [rows[0], closed(f"{mark}-2", 办理结果="另一结果"), rows[2], {**rows[3], "状态": "办结", "办结日期": day(1)}, closed(f"{mark}-5")]
    second = (await submit(desk, table(changed, "gb18030"), reason="补交的登记册")).json()
    assert second["id"] != first["id"]
    assert (second["rows"], second["known"]) == ({"total": 5, "record": 1, "case": 0, "refused": 0}, 4)
    done = await ran(desk, second["id"])
    assert done["done"] == {"record": 1, "case": 0, "known": 4, "refused": 0, "left": 0}
    assert codes(done) == {3: [("", "other_content")]}
    assert await desk.pool.fetchval("select count(*) from cases where row ->> 'old_no' like $1", f"{mark}%") == 2
    assert await desk.pool.fetchval("select count(*) from old_records where number like $1", f"{mark}%") == 3
    assert await desk.pool.fetchval("select count(*) from events e join cases c using (case_id) where c.row ->> 'old_no' like $1 and e.kind = 'filed'", f"{mark}%") == 2


async def test_the_list_says_of_a_record_what_the_record_says(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    rows = [closed(f"{mark}-1"), closed(f"{mark}-2", 被投诉人="示例·王受理、示例·何督查"), closed(f"{mark}-3", 被投诉人="外来的人", 承办单位=""), closed(f"{mark}-4", 被投诉人="示例·李主任", 办理结果="")]
    assert (await ran(desk, (await submit(desk, table(rows))).json()["id"]))["done"]["record"] == 4
    told, hidden = 0, 0
    for person in ("wang", "li", "zhao", "qian", "he", "shen", "luo", "liu", "gao", "zhou"):
        items = (await desk.http.get("/api/v1/old-records", params={"limit": 200}, headers=desk.as_(person))).json()["items"]
        for item in (one for one in items if one["number"].startswith(mark)):
            assert (await desk.http.get(f"/api/v1/old-records/{item['id']}", headers=desk.as_(person))).json() == item, person
            told += 1
            hidden += "outcome" not in item
    assert told > 20
    assert hidden > 5, "the accused, the auditor and the units read no outcome"


async def test_who_runs_it_answers_for_it(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    shown = (await submit(desk, table([row(f"{mark}-1", 收到时间=day(3))]))).json()
    done = await ran(desk, shown["id"], "li")
    assert (done["person"], done["done"]["case"], done["done"]["refused"]) == ("li", 0, 1), "the head of this centre may not file"
    assert codes(done) == {2: [("", "not_your_act")]}
    again = await ran(desk, shown["id"], "wang")
    assert (again["person"], again["done"]["case"], again["done"]["refused"]) == ("wang", 1, 0)
    _, events = await case_of(desk, f"{mark}-1")
    assert (events[0]["actor"], events[0]["data"]["fields"]["reason"]) == ("wang", "旧登记册转入")


async def test_who_may_bring_a_register_in(desk: Desk) -> None:
    for person, status in (("wang", 201), ("li", 201), ("zhao", 403), ("he", 403), ("liu", 403), ("shen", 403), ("luo", 403)):
        assert (await submit(desk, table([closed("who-1")]), person=person)).status_code == status, person
    shown = (await submit(desk, table([closed("who-1")]))).json()
    assert (await desk.http.get(f"/api/v1/imports/{shown['id']}", headers=desk.as_("wang", "kaiyang"))).status_code == 404
    assert (await desk.http.get(f"/api/v1/imports/{shown['id']}", headers=desk.as_("liu"))).status_code == 403
    assert (await submit(desk, table([closed("who-1")]), reason=" ")).json()["code"] == "reason_missing"
    for content, why in ((b"PK\x03\x04 broken", "file_refused"), (b"\xff\xfe\x00", "file_refused"), (b"\n\n\n", "file_unreadable"), (b"", "file_refused")):
        answer = await submit(desk, content)
        assert (answer.status_code, answer.json()["code"]) == (422, why), content


async def test_a_mapping_is_given_corrected_and_kept_for_the_next_file(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    out = io.StringIO()
    csv.writer(out).writerows([["序", "哪天来的", "怎么来的", "说了什么"], [f"{mark}-1", day(5), "微信", "甲"], [f"{mark}-2", day(6), "热线", "乙"]])
    content = out.getvalue().encode("gb18030")
    guessed = (await submit(desk, content)).json()
    assert guessed["state"] == "failed"
    assert [one["code"] for one in guessed["findings"]] == ["column_missing"]
    wrong = {"columns": {"序": "number", "哪天来": "received_on", "怎么来的": "chanel"}}
    flawed = (await desk.http.post(f"/api/v1/imports/{guessed['id']}/mapping", json=wrong, headers={**desk.as_("wang"), "Prefer": "wait=30"})).json()
    assert {one["code"] for one in flawed["findings"]} == {"heading_unknown", "field_unknown"}
    assert (await desk.http.post(f"/api/v1/imports/{flawed['id']}/run", json={}, headers=desk.as_("wang"))).json()["code"] == "import_unchecked"
    toml = '[columns]\n"序" = "number"\n"哪天来的" = "received_on"\n"怎么来的" = "channel"\n"说了什么" = "text"\n[values.channel]\n"微信" = "network"\n"热线" = "telephone"\n'
    good = (await submit(desk, content, toml)).json()
    assert good["rows"] == {"total": 2, "record": 0, "case": 2, "refused": 0}, good["findings"]
    stale = await desk.http.post(f"/api/v1/imports/{good['id']}/run", json={"report": "0" * 64}, headers=desk.as_("wang"))
    assert (stale.status_code, stale.json()["code"]) == (409, "import_changed")
    following = (await submit(desk, content.replace(mark.encode(), uuid4().hex[:6].encode()))).json()
    assert following["rows"]["case"] == 2, "the next file of the office comes under the same mapping"
    assert following["mapping"] == good["mapping"]


async def test_a_run_that_was_cut_goes_on_where_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = uuid4().hex[:6]
    rows = [*(closed(f"{mark}-c{n}") for n in range(30)), *(row(f"{mark}-{n}", 收到时间=day(3)) for n in range(12))]
    shown = (await submit(desk, table(rows))).json()
    headers = {**desk.as_("wang"), "Prefer": "wait=0"}
    assert (await desk.http.post(f"/api/v1/imports/{shown['id']}/run", json={}, headers=headers)).status_code == 202
    for _ in range(400):
        if await desk.pool.fetchval("select count(*) from import_rows where import = $1 and outcome = 'case'", shown["id"]) >= 4:
            break
        await asyncio.sleep(0.02)
    busy = await desk.http.post(f"/api/v1/imports/{shown['id']}/run", json={}, headers=headers)
    assert (busy.status_code, busy.json()["code"]) == (409, "import_busy")
    await desk.parts.beside.end()  # the process ends
    cut = (await desk.http.get(f"/api/v1/imports/{shown['id']}", headers=desk.as_("wang"))).json()
    assert cut["state"] == "interrupted"
    assert 0 < cut["done"]["left"] < 42
    done = await ran(desk, shown["id"])
    assert (done["state"], done["done"]["left"], done["done"]["record"]) == ("done", 0, 30)
    assert done["done"]["case"] + done["done"]["known"] == 12
    assert await desk.pool.fetchval("select count(*) from cases where row ->> 'old_no' like $1", f"{mark}%") == 12
    assert await desk.pool.fetchval("select count(*) from old_records where number like $1", f"{mark}%") == 30


async def test_the_sample_register_comes_in_as_it_stands(desk: Desk) -> None:
    content = (ROOT / "examples" / "registers" / "district.csv").read_bytes()
    shown = (await submit(desk, content)).json()
    assert shown["state"] == "checked"
    assert shown["rows"] == {"total": 6, "record": 3, "case": 3, "refused": 0}, shown["findings"]
    assert [row["number"] for row in shown["preview"]] == ["2025-001", "2025-002", "2025-003", "2026-101", "2026-102", "2026-103"]
    assert datetime.fromisoformat(shown["preview"][0]["received_at"]).isoformat() == "2025-01-06T09:20:00+08:00"
    assert [step["act"] for step in shown["preview"][3]["steps"]] == ["accept", "register", "approve", "transfer"]
    assert shown["preview"][3]["missed"], "its term had ended before it came in"


async def found_by(desk: Desk, person: str, text: str, office: str = "district", **filters: str) -> tuple[set[str], int]:
    """The numbers of the records that somebody finds by words, page by page, and the total said."""
    got, cursor, total = list[str](), "", 0
    while True:
        answer = await desk.http.get("/api/v1/old-records", params={"q": text, "limit": 2, "cursor": cursor, **filters}, headers=desk.as_(person, office))
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        assert all(item["hits"] for item in shown["items"])
        got += [item["number"] for item in shown["items"]]
        total, cursor = shown["total"], shown["next"]
        if not cursor:
            assert len(got) == len(set(got))
            return set(got), total


async def test_old_records_are_found_by_the_words_that_their_reader_is_shown(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    rows = [
        closed(f"{mark}-1", 办理结果="查实,窗口已更换叫号机", 承办单位="示例·工商局窗口"), closed(f"{mark}-2", 办理结果="叫号机故障,已修复"), closed(f"{mark}-3", 办理结果="不属实"),
        closed(f"{mark}-4", 被投诉人="示例·梅窗口", 办理结果="叫号机已换", 承办单位="示例·工商局窗口"), closed(f"{mark}-5", 被投诉人="郑不在册", 办理结果="不属实"),
    ]  # fmt: skip
    shown = (await submit(desk, table(rows))).json()
    assert (await ran(desk, shown["id"]))["state"] == "done"

    async def by(person: str, text: str, office: str = "district", **filters: str) -> set[str]:
        got, total = await found_by(desk, person, f"{text} {mark}" if mark not in text else text, office, **filters)
        assert total == len(got)
        return {number.partition("-")[2] for number in got}

    assert await by("wang", "叫号机") == {"1", "2", "4"}
    assert await by("wang", "叫号机 已换") == {"4"}
    assert await by("wang", "郑不在册") == {"5"}, "a name that is in no office file is sealed, and found by who is shown it"
    assert await by("wang", "叫号机", unit="market") == {"1", "4"}
    assert await by("wang", "一次告知") == {"1", "2", "3", "4", "5"}
    assert await by("wang", "工商局窗口") == {"1", "4"}
    assert await by("wang", f"{mark}") == {"1", "2", "3", "4", "5"}
    for secret in (SECRET, "13911112222", SAID[2:6], "老张"):
        for person in ("wang", "shen", "ma", "mei", "zhou", "luo"):
            assert await by(person, secret) == set(), f"{person} finds by {secret}"
    assert await by("shen", "叫号机") == set(), "the auditor is not shown how it ended in words"
    assert await by("shen", "工商局窗口") == {"1", "4"}
    assert await by("ma", "叫号机") == set()
    assert await by("ma", "一次告知") == {"1", "4"}
    assert await by("zhou", "一次告知") == {"2", "3", "5"}, "what their own unit handled"
    assert await by("luo", "一次告知") == await by("luo", mark) == set(), "an administrator sees to the system"
    assert await by("wang", "叫号机", "kaiyang") == set()
    for person in ("wang", "ma", "shen"):  # what a list shows is found by its words, and nothing else is
        everything = (await desk.http.get("/api/v1/old-records", params={"limit": 200}, headers=desk.as_(person))).json()
        mine = {item["number"] for item in everything["items"]}
        assert {f"{mark}-{n}" for n in await by(person, "一次告知")} <= mine
    refused = await desk.http.get("/api/v1/old-records", params={"q": "叫"}, headers=desk.as_("wang"))
    assert (refused.status_code, refused.json()["code"]) == (422, "body_invalid")
    text = str(await desk.pool.fetch("select * from old_words"))
    assert not [word for word in (SECRET, PHONE, SAID, "叫号机", "郑不在册") if word in text]
    file = await desk.http.get("/api/v1/old-records.csv", params={"q": f"叫号机 {mark}"}, headers=desk.as_("wang"))
    assert sorted(row["旧册编号"] for row in csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")))) == [f"{mark}-1", f"{mark}-2", f"{mark}-4"]


async def test_with_the_key_of_the_year_ends_the_search_in_what_was_sealed(desk: Desk) -> None:
    mark = uuid4().hex[:6]
    shown = (await submit(desk, table([closed(f"{mark}-1", 办理结果="退还押金并登报致歉")]))).json()
    assert (await ran(desk, shown["id"]))["state"] == "done"
    assert await found_by(desk, "wang", "登报致歉") == ({f"{mark}-1"}, 1)
    year = (now() - timedelta(days=400)).year
    path = desk.parts.keys.seal_file(f"district:{year}")
    held = path.read_bytes()
    try:
        path.write_bytes(b"")
        assert await found_by(desk, "wang", "登报致歉") == (set(), 0)
        assert await found_by(desk, "wang", f"一次告知 {mark}") == ({f"{mark}-1"}, 1), "what the register had in clear stays"
    finally:
        path.write_bytes(held)
