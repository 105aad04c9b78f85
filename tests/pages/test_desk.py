"""The clerk's desk on pages without a script: entry, drafts, repeats, papers, callers, excerpts."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from uuid import uuid4

import pytest

from api import drafts
from tests.api.test_filing import PDF
from tests.pages.conftest import Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]
TYPED = {
    "channel": "telephone", "text": "来电人说窗口让他跑了三趟", "fact.window_no": "3", "fact.business_time": "周一上午", "fact.matter": "发票代开", "fact.reason": "推诿", "fact.ground": "g2",
    "r1.unit": "tax", "r1.name": "周窗口", "mode": "real", "i.name": "来电人戊", "i.telephone": "13600001111",
}  # fmt: skip


def hidden(page: str, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])  # type: ignore[index]


async def entered(one: Browser, **more: Any) -> str:
    """A complaint entered at the desk; its case."""
    form = await one.get("/desk/new?channel=telephone")
    shown = await one.post("/desk/new", {**TYPED, "key": hidden(form.text, "key"), "began_at": hidden(form.text, "began_at"), **more})
    assert shown.status_code == 201, shown.text
    return str(re.search(r'href="/cases/(case-[0-9a-f]+)', shown.text)[1])  # type: ignore[index]


async def act(one: Browser, case: str, person: str, name: str, **fields: Any) -> Any:
    headers = {**one.desk.as_(person, "kaiyang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    return await one.desk.http.post(f"/api/v1/complaints/{case}/acts/{name}", json={"fields": fields}, headers=headers)


async def test_only_who_may_file_has_a_desk(browser: Any) -> None:
    async with browser("sun") as one:
        for path in ("/desk", "/desk/new", "/desk/call"):
            answer = await one.get(path)
            assert (answer.status_code, "您的岗位无权" in answer.text) == (403, True), path
    async with browser("wang") as one:
        shown = await one.get("/desk")
        for words in ("电话投诉", "现场投诉", "信函投诉", 'accesskey="1"', "纸件回来了", "不属于中心业务受理范围"):
            assert words in shown.text, words


async def test_a_telephone_complaint_with_its_five_facts(browser: Any) -> None:
    async with browser("wang") as one:
        form = await one.get("/desk/new?channel=telephone")
        for name in ("fact.window_no", "fact.business_time", "fact.matter", "fact.reason", "fact.ground", "r1.name"):
            assert f'name="{name}"' in form.text, name
        assert form.text.index('id="text"') < form.text.index('id="fact-window_no"') < form.text.index('id="i-name"') < form.text.index('value="file"'), "the tab goes as the call goes"
        assert "您的电话将被录音" in form.text
        case = await entered(one, began_at="2026-01-05T09:30:07+08:00", received_at="2026-01-05T09:30", reason="昨日接到,今日补录", declared="yes")
        body = json.loads(await one.desk.pool.fetchval("select body from events where case_id = $1 and kind = 'filed'", case))
        assert (body["actor"], body["at"]) == ("wang", "2026-01-05T09:30:07+08:00"), "the instant of the first key, to the second"
        assert body["data"]["patch"]["facts"]["respondent_name"] == "周窗口"
        assert [one_["person"] for one_ in body["data"]["patch"]["attrs"]["respondents"]] == ["zhou"], "a name of the office file closes that person out from the start"


async def test_what_is_refused_keeps_what_was_typed(browser: Any) -> None:
    async with browser("wang") as one:
        answer = await one.post("/desk/new", {**TYPED, "key": uuid4().hex, "fact.ground": "g14"})
        assert answer.status_code == 422
        assert "其他情形说明" in answer.text
        assert "来电人戊" in answer.text
        assert 'id="fact-ground_text"' in answer.text


async def test_five_drafts_wait_sealed_for_a_day_and_are_theirs_alone(browser: Any) -> None:
    async with browser("zhao") as one, browser("wang") as other:
        for n in range(drafts.MOST[drafts.PARKED]):
            assert "草稿已暂存" in (await one.post("/desk/new", {**TYPED, "text": f"第{n}份草稿", "go": "park", "key": uuid4().hex})).text
        full = await one.post("/desk/new", {**TYPED, "text": "第六份", "go": "park", "key": uuid4().hex})
        assert full.status_code == 409
        assert "第六份" in full.text
        rows = await one.desk.pool.fetch("select id, sealed, expires_at - saved_at as life from drafts where person = 'zhao'")
        assert len(rows) == 5
        assert not any("草稿" in row["sealed"] for row in rows)
        assert {round(row["life"].total_seconds() / 3600) for row in rows} == {24}
        shown = await one.get(f"/desk/new?draft={rows[0]['id']}")
        assert re.search(r"第\d份草稿", shown.text)
        assert "来电人戊" in shown.text
        assert "来电人戊" not in (await other.get(f"/desk/new?draft={rows[0]['id']}")).text
        again = await one.post("/desk/new", {**TYPED, "text": "改过的草稿", "go": "park", "draft": rows[0]["id"], "key": uuid4().hex})
        assert "改过的草稿" in again.text
        await entered(one, draft=rows[0]["id"])
        assert await one.desk.pool.fetchval("select count(*) from drafts where person = 'zhao'") == 4, "what was filed is no draft any more"
        for row in rows[1:]:
            await one.post(f"/desk/drafts/{row['id']}/drop")
        assert "没有草稿" in (await one.get("/desk")).text


async def test_repeats_are_brought_up_and_linked(browser: Any) -> None:
    number = "13622223333"
    async with browser("wang") as one:
        first = await entered(one, **{"i.telephone": number, "i.name": "来电人己"})
        found = await one.post("/desk/candidates", {**TYPED, "i.telephone": number, "i.name": "别人庚", "text": "另一件事", "key": uuid4().hex})
        assert "同一电话" in found.text
        assert f"/cases/{first}" in found.text
        assert "<html" not in found.text, "a piece of a page"
        without = await one.post("/desk/new", {**TYPED, "i.telephone": number, "go": "look", "key": uuid4().hex})
        assert f"repeat_of:{first}" in without.text, "the same without a script"
        second = await entered(one, **{"i.telephone": number, "link": f"repeat_of:{first}"})
        assert json.loads(await one.desk.pool.fetchval("select body from events where case_id = $1 and kind = 'linked'", second))["data"]["fields"]["case"] == first
    async with browser("li", "district") as other:
        elsewhere = await other.post("/desk/candidates", {**TYPED, "channel": "telephone", "i.telephone": number, "key": uuid4().hex})
        assert first not in elsewhere.text


async def test_what_is_not_ours_leads_to_the_act_that_says_where(browser: Any) -> None:
    async with browser("wang") as one:
        for go, path in (("refuse", "/acts/refuse"), ("guide", "/acts/guide")):
            shown = await one.post("/desk/new", {**TYPED, "go": go, "key": uuid4().hex})
            assert shown.status_code == 201
            assert path in shown.text


async def test_files_come_with_the_entry_itself(browser: Any) -> None:
    async with browser("wang") as one:
        form = await one.get("/desk/new?channel=telephone")
        assert 'enctype="multipart/form-data"' in form.text
        assert form.text.index('name="received_at"') < form.text.index('name="files"'), "the year of its key is known before the first file"
        fields = {**TYPED, "key": hidden(form.text, "key"), "began_at": hidden(form.text, "began_at"), "received_at": "", "go": "file"}
        wrong = await one.form("/desk/new", fields, b"MZ" + bytes(99))
        assert (wrong.status_code, "附件需要重新选择" in wrong.text, "来电人说窗口让他跑了三趟" in wrong.text) == (422, True, True)
        shown = await one.form("/desk/new", fields, PDF, PDF + b"\n%two")
        assert shown.status_code == 201, shown.text
        case = str(re.search(r'href="/cases/(case-[0-9a-f]+)', shown.text)[1])  # type: ignore[index]
        body = json.loads(await one.desk.pool.fetchval("select body from events where case_id = $1 and kind = 'filed'", case))
        kept = body["data"]["patch"]["attrs"]["attachments"]
        assert len(kept) == 2
        scan = await one.desk.http.post(f"/api/v1/complaints/{case}/attachments/{kept[0]['sha']}", json={"reason": "核对"}, headers=one.desk.as_("wang", "kaiyang"))
        assert scan.content == PDF
        again = await one.form("/desk/new", fields, PDF, PDF + b"\n%two")
        assert f"/cases/{case}" in again.text, "the same form is one complaint"


async def test_a_draft_keeps_words_and_says_that_it_keeps_no_files(browser: Any) -> None:
    async with browser("wang") as one:
        form = (await one.get("/desk/new?channel=telephone")).text
        assert form.count('formenctype="application/x-www-form-urlencoded"') == 2
        assert "暂存和查重不带附件" in form
        parked = await one.post("/desk/new", {**TYPED, "go": "park", "key": uuid4().hex, "files": "录音.mp3"})
        assert "选好的附件不暂存" in parked.text
        sent = await one.form("/desk/new", {**TYPED, "go": "park", "key": uuid4().hex}, PDF)
        assert sent.status_code == 200
        ids = [row["id"] for row in await one.desk.pool.fetch("select id from drafts where person = 'wang' and office = 'kaiyang' and what = 'parked'")]
        for draft in ids:
            assert "录音.mp3" not in (await one.get(f"/desk/new?draft={draft}")).text
            await one.post(f"/desk/drafts/{draft}/drop")


async def test_a_session_that_ends_under_a_form_with_files_keeps_the_words_and_lays_no_file_down(browser: Any) -> None:
    async with browser("zhao") as one:
        await one.desk.pool.execute("update sessions set ended_at = now() where person = 'zhao'")
        fields = {**TYPED, "text": "登录到期前打的字", "key": uuid4().hex, "go": "file"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("starlette.formparsers.SpooledTemporaryFile", None)  # whoever would lay a file down unsealed fails here
            away = await one.form("/desk/new", fields, PDF)
        assert "附件需要重新选择" in away.text
        back = await one.sign_in("zhao", onward=html.unescape(re.search(r'name="next" value="(/desk/new[^"]*)"', away.text)[1]))  # type: ignore[index]
        assert "登录到期前打的字" in back.text


async def test_scans_of_a_letter_are_added_after_the_entry(browser: Any) -> None:
    async with browser("wang") as one:
        case = await entered(one)
        await one.form(f"/desk/{case}/files", {"key": "scan-1"}, PDF)
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'material_added'", case) == 1


async def test_a_caller_who_tells_two_things_hears_what_a_complainant_may_hear(browser: Any) -> None:
    name, number = "打电话的辛", "13633334444"
    async with browser("wang") as one:
        one.desk.parts.tries.known.clear()
        case = await entered(one, **{"i.name": name, "i.telephone": number})
        short = await one.post("/desk/call", {"name": name, "key": "c-0"})
        assert (short.status_code, "至少两项" in short.text) == (422, True)
        answers = set()
        for wrong in ({"name": name, "telephone": "13600000000"}, {"name": "别人", "telephone": number}, {"name": "无人", "telephone": "10000000"}, {"name": name, "telephone": number, "code": "1234"}):
            answer = await one.post("/desk/call", {**wrong, "key": "c-1"})
            answers.add((answer.status_code, re.search(r'role="alert".*?</div>', answer.text, re.DOTALL)[0]))  # type: ignore[index]
            assert case not in answer.text
        assert len(answers) == 1, "it is not said which of them does not fit"
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'noted'", case) == 0
        right = await one.post("/desk/call", {"name": name, "telephone": "136 3333 4444", "key": "c-2"})
        assert "已收到您的投诉" in right.text
        assert number not in right.text
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'noted'", case) == 1
        assert await one.desk.pool.fetchval("select count(*) from reader_log where what = 'call_unknown'") >= 4
        for _ in range(10):
            await one.post("/desk/call", {"name": "无人", "telephone": "10000000", "key": "c-3"})
        assert (await one.post("/desk/call", {"name": name, "telephone": number, "key": "c-4"})).status_code == 429, "guessing ends"
        one.desk.parts.tries.known.clear()


async def test_paper_came_back_with_both_names(browser: Any) -> None:
    async with browser("wang") as one:
        case = await entered(one)
        assert "谁签的字" in (await one.get("/desk/paper")).text
        step = await one.get(f"/desk/paper?number={case}&for=chen")
        assert "示例·陈分管" in step.text
        missing = await one.form(f"/desk/paper/{case}", {"for": "chen", "act": "note"})
        assert missing.status_code == 422
        form = await one.form(f"/desk/paper/{case}", {"for": "chen", "act": "note"}, PDF)
        paper = hidden(form.text, "paper")
        assert len(paper) == 64
        done = await one.post(f"/desk/paper/{case}/note", {"key": hidden(form.text, "key"), "for": "chen", "paper": paper, "f.text": "请尽快核实"})
        assert "已办理并记录" in done.text
        body = json.loads(await one.desk.pool.fetchval("select body from events where case_id = $1 and kind = 'noted'", case))
        assert (body["actor"], body["entered_by"], body["data"]["paper"]) == ("chen", "wang", paper)
        scan = await one.desk.http.post(f"/api/v1/complaints/{case}/attachments/{paper}", json={"reason": "核对签字"}, headers=one.desk.as_("wang", "kaiyang"))
        assert scan.content == PDF, "the scan can be looked at as long as the case is kept"
        without = await one.post(f"/desk/paper/{case}/note", {"key": "p-2", "for": "chen", "f.text": "没有纸"})
        assert without.status_code == 422


async def test_a_unit_liaison_types_for_colleagues_only(browser: Any) -> None:
    async with browser("sun") as one:
        shown = await one.get("/desk/paper")
        assert "示例·唐分管" in shown.text
        assert "示例·陈分管" not in shown.text


async def test_an_excerpt_is_shown_as_the_unit_will_see_it_and_nothing_is_sent(browser: Any) -> None:
    async with browser("wang") as one:
        case = await entered(one)
        accepted = await act(one, case, "wang", "accept", forms={"telephone_register": {"record": "通话记录"}})
        assert accepted.status_code == 200, accepted.text
        before = await one.desk.pool.fetchval("select max(seq) from events where case_id = $1", case)
        form = await one.get(f"/cases/{case}/acts/transfer")
        assert "/acts/transfer/preview" in form.text
        shown = await one.post(f"/cases/{case}/acts/transfer/preview", {"key": "e-1", "f.unit": "tax", "f.excerpt": "请核实三号窗口周一上午的情况", "f.opinion": "转办"})
        assert shown.status_code == 200, shown.text
        for words in ("对方将看到的", "请核实三号窗口周一上午的情况", "示例·孙首席", "看不到"):
            assert words in shown.text, words
        assert "来电人戊" not in shown.text
        assert await one.desk.pool.fetchval("select max(seq) from events where case_id = $1", case) == before
        sent = await one.post(f"/cases/{case}/acts/transfer", {"key": "e-1", "f.unit": "tax", "f.excerpt": "请核实三号窗口周一上午的情况", "f.opinion": "转办"})
        assert "已办理并记录" in sent.text
        unit = await one.desk.http.get(f"/api/v1/complaints/{case}", headers=one.desk.as_("sun", "kaiyang"))
        assert unit.json()["assignments"]["a1"]["excerpt"] == "请核实三号窗口周一上午的情况"
        refused = await one.post(f"/cases/{case}/acts/transfer/preview", {"key": "e-2", "f.unit": "tax", "f.excerpt": "x"})
        assert refused.status_code in (409, 422)
