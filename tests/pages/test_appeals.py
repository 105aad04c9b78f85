"""Whoever is not content chooses among the ways that the book gives; a way with a kind of its own becomes a case of its own with one click."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from cli import library
from domain.law import bind
from tests.api.conftest import Desk
from tests.pages.conftest import Browser
from tests.pages.test_complain import follow, hidden

pytestmark = [pytest.mark.engine, pytest.mark.database]
NAME, TELEPHONE, WHY = "申诉人甲", "13711112222", "材料早已齐全,答复没有回应"
# What happens to a complaint until its answer, in two offices whose books know where to appeal.
STORIES: dict[str, dict[str, Any]] = {
    "tieshan": {
        "file": ("wang", {"channel": "oral", "respondents": [{"person": "zhou", "unit": "land"}], "facts": {"ground": "g1"}}),
        "acts": (
            ("wang", "accept", {}), ("wang", "register", {"forms": {"register": {"content": "登记拖延", "category": "拖延不办", "name": {"not_given": "不愿署名"}}}}),
            ("li", "assign", {"unit": "land", "excerpt": "反映登记拖延"}), ("liu", "sign_in", {}), ("li", "supervise", {"reason": "routine"}),
            ("liu", "conclude", {"finding": "untrue", "report": "材料不齐", "forms": {"result_report": {"result": "材料不齐"}}}), ("li", "review", {"items": {"proper": "yes"}}), ("li", "feedback", {"text": "不属实"}),
        ),
    },
    "handling": {
        "file": ("wang", {"channel": "oral", "respondents": [{"person": "zhou", "unit": "chuangkou"}], "facts": {"request": "grievance", "subject": "service", "evidence": "attached"}}),
        "acts": (
            ("wang", "accept", {}), ("wang", "document", {"form": "confirmation", "fields": {"accepted_at": "10:10", "procedure": "受理"}}), ("chu", "own", {}),
            ("chu", "document", {"form": "statement", "fields": {"statement": "承认"}}), ("chu", "classify", {"facts": {"remedy": "correction"}}),
            ("chu", "conclude", {"finding": "true", "report": "属实", "forms": {"evidence": {"list": "录像"}, "decision": {"facts": "属实", "legal_basis": "条例"}}}), ("chu", "feedback", {"text": "已纠正", "contents": {"appeal_route": "上级机构"}}),
        ),
    },
}  # fmt: skip


@pytest.fixture
async def offices(desk: Desk) -> AsyncIterator[Desk]:
    for name in STORIES:
        desk.parts.laws.offices[name] = library.law(library.office(name)["office"]["rulebook"], name)  # type: ignore[index]
    yield desk
    for name in STORIES:
        desk.parts.laws.offices.pop(name, None)  # type: ignore[attr-defined]


async def act(desk: Desk, office: str, person: str, case: str, name: str, fields: dict[str, Any]) -> Any:
    headers = {**desk.as_(person, office), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/complaints/{case}/acts/{name}", json={"fields": fields}, headers=headers)


async def answered(desk: Desk, office: str) -> tuple[str, str]:
    """A complaint that was answered: its case and its code."""
    clerk, filing = STORIES[office]["file"]
    body = {"office": office, "text": "登记拖了两个月", "identity": {"name": NAME, "telephone": TELEPHONE}, **filing}
    sent = await desk.http.post("/api/v1/complaints", json=body, headers={**desk.as_(clerk, office), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert sent.status_code == 201, sent.text
    case = str(sent.json()["case"])
    for person, name, fields in STORIES[office]["acts"]:
        done = await act(desk, office, person, case, name, fields)
        assert done.status_code == 200, (name, done.text)
    return case, str(sent.json()["receipt"])


async def test_the_ways_of_the_book_are_offered_and_one_is_chosen(browser: Any, offices: Desk) -> None:
    case, code = await answered(offices, "handling")
    async with browser() as one:
        shown = await follow(one, code)
        for words in ("不满意怎么办", "向上级投诉处理机构申诉", "向相关监督机构申诉", "由谁受理", "上级投诉处理机构", "条款 三.4(2)", "也可以向本机构的上级机关反映"):
            assert words in shown.text, words
        assert "示例·尚上级" not in shown.text, "posts are told, not names"
        assert set(re.findall(r'name="way" value="(\w+)"', shown.text)) == {"superior", "supervisor"}
        none = await one.post("/follow/appeal", {"reason": "", "way": "supervisor", "key": "w-0"})
        assert none.status_code == 422
        assert 'value="supervisor" required checked' in none.text
        wrong = await one.post("/follow/appeal", {"reason": WHY, "way": "elsewhere", "key": "w-1"})
        assert (wrong.status_code, WHY in wrong.text) == (422, True)
        sent = await one.post("/follow/appeal", {"reason": WHY, "way": "supervisor", "key": "w-2"})
        assert "申诉已收到" in sent.text
        assert "您已申诉: 向相关监督机构申诉" in sent.text
    assert await offices.pool.fetchval("select body::jsonb #>> '{data,fields,way}' from events where case_id = $1 and kind = 'appealed'", case) == "supervisor"
    assert await offices.pool.fetchval("select \"to\" from outbox where case_id = $1 and form = 'appeal_supervisor'", case) == ["jian"]


async def test_the_ways_are_in_the_api_too(offices: Desk) -> None:
    case, code = await answered(offices, "handling")
    headers = {"X-Receipt-Code": code, "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    told = (await offices.http.get("/api/v1/follow", headers=headers)).json()["ways"]
    assert [(one["key"], one["sort"], one["to"][0]["zh"], one["code"], one["clause"]) for one in told] == [("superior", "appeal", "上级投诉处理机构", "", ["三.4(2)"]), ("supervisor", "appeal", "相关监督机构", "", ["三.4(2)"])]
    sent = await offices.http.post("/api/v1/follow/appeal", json={"fields": {"reason": WHY, "way": "superior"}}, headers=headers)
    assert sent.status_code == 200, sent.text
    assert await offices.pool.fetchval("select body::jsonb #>> '{data,fields,way}' from events where case_id = $1 and kind = 'appealed'", case) == "superior"


async def test_an_appeal_becomes_a_case_of_its_own_with_one_click(browser: Any, offices: Desk) -> None:
    case, code = await answered(offices, "tieshan")
    async with browser() as me:
        shown = await follow(me, code)
        for words in ("向投诉中心申诉,另立一件办理", "另立一件办理,有自己的编号和期限", "文中没有期限"):
            assert words in shown.text, words
        assert "申诉已收到" in (await me.post("/follow/appeal", {"reason": WHY, "way": "centre", "key": uuid4().hex})).text
        assert "您的申诉已另立一件办理" not in (await me.get("/follow")).text
        async with browser("wang", "tieshan") as clerk:
            page = await clerk.get(f"/cases/{case}")
            assert "投诉人不服,已申诉" in page.text
            door = re.search(rf'action="(/cases/{case}/appeals/\d+)"', page.text)[1]  # type: ignore[index]
            receipt_page = await clerk.post(door)
            assert receipt_page.status_code == 201, receipt_page.text
            assert NAME not in receipt_page.text
            child = re.search(r'href="/cases/(case-[0-9a-f]+)"', receipt_page.text)[1]  # type: ignore[index]
            assert child != case
            again = await clerk.post(door)
            assert f"/cases/{child}" in again.text, "two clicks are one case"
            assert f'href="/cases/{child}"' in (await clerk.get(f"/cases/{case}")).text
        async with browser("liu", "tieshan") as unit:
            refused = await unit.post(door)
            assert refused.status_code in (403, 404)
        onward = await me.get("/follow")
        assert "您的申诉已另立一件办理" in onward.text
        there = await me.post("/follow/onward", {"seq": hidden(onward.text, "seq")})
        assert "已收到您的投诉" in there.text
    row = await offices.pool.fetchrow("select kind, \"row\" -> 'digests' as digests from cases where case_id = $1", child)
    assert row["kind"] == "appeal"
    links = {one["case_id"]: one["fields"] for one in await _links(offices, case, child)}
    assert links == {child: {"relation": "appeal_of", "case": case}, case: {"relation": "led_to", "case": child}}
    opened = await offices.http.post(f"/api/v1/complaints/{child}/identity", json={"reason": "核对"}, headers=offices.as_("wang", "tieshan"))
    assert opened.json()["identity"] == {"name": NAME, "telephone": TELEPHONE}
    assert opened.json()["text"] == WHY
    archived = await act(offices, "tieshan", "wang", case, "archive", {})
    assert archived.status_code == 200, "what was linked holds nothing back any more"


async def _links(desk: Desk, *cases: str) -> list[dict[str, Any]]:
    import json

    rows = await desk.pool.fetch("select case_id, body from events where kind = 'linked' and case_id = any($1)", list(cases))
    return [{"case_id": row["case_id"], "fields": json.loads(row["body"])["data"]["fields"]} for row in rows]


async def test_a_follower_goes_onward_to_no_case_but_the_one_of_their_appeal(browser: Any, offices: Desk) -> None:
    mine, code = await answered(offices, "tieshan")
    theirs, _ = await answered(offices, "tieshan")
    for one, other, relation in ((mine, theirs, "led_to"), (theirs, mine, "appeal_of")):  # a clerk's slip
        assert (await act(offices, "tieshan", "wang", one, "link", {"relation": relation, "case": other})).status_code == 200
    async with browser() as me:
        await follow(me, code)
        assert "申诉已收到" in (await me.post("/follow/appeal", {"reason": WHY, "way": "centre", "key": uuid4().hex})).text
        shown = await me.get("/follow")
        assert "您的申诉已另立一件办理" not in shown.text
        assert (await me.post("/follow/onward", {"seq": "12"})).status_code == 404


async def test_where_no_way_is_open_it_says_so(browser: Browser, offices: Desk) -> None:
    from tests.pages.test_complain import filed

    async with browser() as one:  # type: ignore[operator]
        code, _ = await filed(one)
        shown = await follow(one, code)
        assert "不满意怎么办" not in shown.text, "before the answer there is nothing to be content with"
        early = await one.post("/follow/appeal", {"reason": WHY, "key": "e-1"})
        assert (early.status_code, WHY in early.text) == (409, True)


async def test_the_answer_is_a_sheet_of_its_own_to_print_or_keep(browser: Any, offices: Desk) -> None:
    _, code = await answered(offices, "handling")
    async with browser() as one:
        assert "请再输一次查询码" in (await one.get("/follow/answer")).text
        shown = await follow(one, code)
        assert "/follow/answer" in shown.text
        sheet = await one.get("/follow/answer")
        for words in ("给您的答复", "已纠正", "申诉途径", "上级机构", "属实", "投诉处理制度规章"):
            assert words in sheet.text, words
        for secret in (NAME, TELEPHONE, code, code.replace(" ", "")):
            assert secret not in sheet.text


async def test_two_clerks_file_one_case(browser: Any, offices: Desk) -> None:
    office = library.office("tieshan")
    people = {**office["person"], "sun": {**office["person"]["sun"], "posts": ["clerk"]}}
    offices.parts.laws.offices["tieshan"] = bind(library.book("tieshan-efficiency-complaint-system"), {**office, "person": people}, list(library.calendars()))  # type: ignore[index]
    case, code = await answered(offices, "tieshan")
    sent = await offices.http.post("/api/v1/follow/appeal", json={"fields": {"reason": WHY}}, headers={"X-Receipt-Code": code, "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert sent.status_code == 200, sent.text
    async with browser("wang", "tieshan") as first, browser("sun", "tieshan") as second:
        door = re.search(rf'action="(/cases/{case}/appeals/\d+)"', (await second.get(f"/cases/{case}")).text)[1]  # type: ignore[index]
        assert (await first.post(door)).status_code == 201
        late = await second.post(door)
        assert late.status_code == 409, "a colleague was first"
    assert await offices.pool.fetchval("select count(*) from events where kind = 'linked' and case_id = $1", case) == 1
