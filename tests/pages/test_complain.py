"""Filing and following through pages: without an account, without a script, and without a word to whom it is no business."""

from __future__ import annotations

import base64
import html
import io
import re
import urllib.parse
from typing import Any

import pytest

from api.pages import complain
from tests.api.test_filing import PDF
from tests.pages.conftest import SAME_SITE, Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]
NAME, TELEPHONE, WORDS = "秘密人名甲", "13912345670", "只有我知道的那件事:窗口前的蓝色雨伞"
TYPED = {
    "go": "check", "text": WORDS, "r1.unit": "tax", "r1.name": "周窗口", "fact.window_no": "3", "fact.business_time": "上午", "fact.matter": "发票", "fact.reason": "态度", "fact.ground": "g8",
    "mode": "real", "i.name": NAME, "i.telephone": TELEPHONE,
}  # fmt: skip


def hidden(page: str, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])  # type: ignore[index]


async def send(one: Browser, checked: str, *files: bytes) -> Any:
    return await one.form("/file/kaiyang/send", {"typed": hidden(checked, "typed"), "key": hidden(checked, "key")}, *files)


async def filed(one: Browser, **typed: str) -> tuple[str, Any]:
    """The code of a new complaint, and the page that showed it."""
    checked = await one.post("/file/kaiyang", {**TYPED, **typed})
    assert checked.status_code == 200, checked.text
    shown = await send(one, checked.text)
    assert shown.status_code == 201, shown.text
    return re.search(r'id="code">([\d ]+)<', shown.text)[1], shown  # type: ignore[index]


async def follow(one: Browser, code: str) -> Any:
    one.desk.parts.tries.known.clear()
    return await one.post("/follow", {"code": code})


async def test_before_sending_it_says_who_will_see_what_and_what_comes_next(browser: Any) -> None:
    async with browser() as one:
        assert "/file/kaiyang" in (await one.get("/file")).text
        form = await one.get("/file/kaiyang")
        assert 'name="fact.window_no"' in form.text
        assert 'name="fact.scope"' not in form.text, "a clerk's to set"
        checked = await one.post("/file/kaiyang", TYPED)
        for words in ("谁会看到什么", "投诉室工作人员", "被投诉的人和单位", "看不到", "网上及时受理", "一般性投诉举报办结", WORDS, "条款 六.1"):
            assert words in checked.text, words
        assert "示例·周窗口" not in checked.text, "the form names nobody of the office whom its writer did not name so"
        again = await one.post("/file/kaiyang", {"typed": hidden(checked.text, "typed"), "go": "edit"})
        assert WORDS in again.text
        assert f'value="{NAME}"' in again.text


async def test_what_is_missing_is_said_with_everything_kept(browser: Any) -> None:
    async with browser() as one:
        answer = await one.post("/file/kaiyang", {**TYPED, "text": "", "i.name": ""})
        assert answer.status_code == 422
        assert "请写明投诉内容" in answer.text
        assert "#i-name" in answer.text
        assert TELEPHONE in answer.text


async def test_a_receipt_is_shown_once_with_a_drawing_that_does_not_hold_it(browser: Any) -> None:
    async with browser() as one:
        checked = await one.post("/file/kaiyang", TYPED)
        shown = await send(one, checked.text, PDF)
        assert shown.status_code == 201
        code = re.search(r'id="code">([\d ]+)<', shown.text)[1]  # type: ignore[index]
        assert shown.headers["cache-control"] == "no-store"
        assert "style=" not in shown.text
        assert "/language" in (await one.get("/file/kaiyang")).text
        assert "/language" not in checked.text + shown.text, "a slip of the hand would lose the code, or what was typed"
        assert str(complain.qr("http://huiyin/follow")) in shown.text, "the drawing holds the address and nothing else"
        assert code.replace(" ", "") not in str(shown.url)
        twice = await send(one, checked.text, PDF)
        assert re.search(r'id="code">([\d ]+)<', twice.text)[1] == code, "the same form is one complaint"  # type: ignore[index]
        case = await one.desk.pool.fetchval("select case_id from events where kind = 'filed' order by at desc, case_id limit 1")
        assert await one.desk.pool.fetchval("select jsonb_array_length(\"row\" -> 'digests') from cases where case_id = $1", case) >= 1
        followed = await follow(one, code)
        assert code not in followed.text
        assert code.replace(" ", "") not in followed.text


async def test_nothing_is_filed_that_says_nothing(browser: Any) -> None:
    async with browser() as one:
        before = await one.desk.pool.fetchval("select count(*) from events where kind = 'filed'")
        empty = await one.form("/file/kaiyang/send", {"typed": "", "key": "e-1"})
        assert (empty.status_code, "请写明投诉内容" in empty.text) == (422, True)
        assert await one.desk.pool.fetchval("select count(*) from events where kind = 'filed'") == before


async def test_a_filing_that_is_not_yet_recorded_says_so_with_its_code(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(complain, "PATIENCE", 0.0)
    async with browser() as one:
        checked = await one.post("/file/kaiyang", TYPED)
        shown = await send(one, checked.text)
        assert shown.status_code == 202
        assert "正在登记" in shown.text
        assert re.search(r'id="code">[\d ]{24}<', shown.text)


async def test_a_file_that_is_not_taken_keeps_the_words(browser: Any) -> None:
    async with browser() as one:
        checked = await one.post("/file/kaiyang", TYPED)
        refused = await send(one, checked.text, b"MZ\x90\x00" + b"\x00" * 200)
        assert refused.status_code == 422
        assert "不接受这种文件" in refused.text
        assert WORDS in refused.text
        assert hidden(refused.text, "key") == hidden(checked.text, "key")
        assert (await send(one, refused.text)).status_code == 201


STEP_BOX = r'<(?:input|textarea|select)[^>]* name="((?:fact|r\d|i)\.\w+|text|mode|kind|proxy|more|others\d)"'


async def asked_one_by_one(one: Browser, answers: dict[str, Any]) -> tuple[list[str], Any]:
    """Through the questions in large print: what was asked, and the page of who sees what."""
    shown, asked = await one.get("/file/kaiyang?large=1"), []
    for _ in range(80):
        assert 'class="large"' in shown.text
        if "谁会看到什么" in shown.text:
            return asked, shown
        step = hidden(shown.text, "step")
        assert step not in asked, "asked twice"
        asked.append(step)
        assert set(re.findall(STEP_BOX, shown.text)) == {step}, "one question"
        may = 'value="skip"' in shown.text
        go, answer = ("skip", {}) if step not in answers and may else ("next", {step: answers.get(step, "")})
        shown = await one.post("/file/kaiyang", {"typed": hidden(shown.text, "typed"), "step": step, "large": "1", "key": hidden(shown.text, "key"), "go": go, **answer})
    raise AssertionError(asked)


async def test_one_question_a_page_in_large_print_without_a_script(browser: Any) -> None:
    async with browser() as one:
        asked, shown = await asked_one_by_one(one, {"text": WORDS, "mode": "anonymous", "fact.window_no": "7"})
        assert "匿名" in shown.text
        assert WORDS in shown.text
        assert asked[0] == "text"
        assert "i.name" not in asked, "who stays anonymous is not asked for a name"
        assert not {"r2.unit", "i.proxy_name"} & set(asked), "what was not wanted is passed by"
        back = await one.post("/file/kaiyang", {"typed": hidden(shown.text, "typed"), "step": "mode", "large": "1", "go": "back"})
        assert hidden(back.text, "step") != "mode"
        assert 'type="file"' in shown.text
        assert (await send(one, shown.text, PDF)).status_code == 201


async def test_large_print_can_ask_all_that_the_ordinary_form_asks(browser: Any) -> None:
    async with browser() as one:
        form = (await one.get("/file/kaiyang")).text
        ordinary = set(re.findall(STEP_BOX, form))
        values = {"more": "yes", "others1": "yes", "others2": "yes", "proxy": "yes", "mode": "real", "text": WORDS, "i.name": NAME, "i.proxy_name": "代理乙", "r2.name": "另一个人", "fact.window_no": "9"}
        asked, shown = await asked_one_by_one(one, values)
        assert ordinary - set(asked) == set()
        assert set(asked) - ordinary <= {"more", "others1", "others2"}
        assert "另一个人" in shown.text
        assert (await send(one, shown.text)).status_code == 201


async def test_in_large_print_what_must_be_said_is_asked_for_on_its_page(browser: Any) -> None:
    async with browser() as one:
        shown = await one.get("/file/kaiyang?large=1")
        assert 'value="skip"' not in shown.text, "the complaint itself cannot be passed by"
        again = await one.post("/file/kaiyang", {"typed": hidden(shown.text, "typed"), "step": "text", "large": "1", "go": "next", "text": " "})
        assert (again.status_code, hidden(again.text, "step"), "请写明投诉内容" in again.text) == (422, "text", True)
        skipped = await one.post("/file/kaiyang", {"typed": '{"text": "话", "fact.window_no": "旧"}', "step": "fact.window_no", "fact.window_no": "新", "large": "1", "go": "skip"})
        assert "旧" not in hidden(skipped.text, "typed")
        assert "新" not in hidden(skipped.text, "typed"), "what is passed by is not sent"


async def test_anonymous_and_by_proxy(browser: Any) -> None:
    async with browser() as one:
        code, _ = await filed(one, mode="anonymous", **{"i.name": "不该留下的名字", "proxy": "yes", "i.proxy_name": "代理乙", "text": "代邻居说"})
        case = await _case(one, code)
        attrs = await one.desk.pool.fetchval("select string_agg(body, '') from events where case_id = $1", case)
        assert '"anonymous":true' in attrs
        assert '"proxy":true' in attrs
        assert "不该留下的名字" not in attrs
        opened = await one.desk.http.post(f"/api/v1/complaints/{case}/identity", json={"reason": "核对"}, headers=one.desk.as_("wang", "kaiyang"))
        assert opened.json()["identity"] == {"proxy_name": "代理乙"}, "an anonymous filing keeps no name that was left in its box"


async def _case(one: Browser, code: str) -> str:
    from api.receipts import index_of

    return str(await one.desk.pool.fetchval("select case_id from cases where \"row\" -> 'digests' ? $1", index_of(one.desk.parts.keys, code)))


async def test_following_by_code(browser: Any) -> None:
    async with browser() as one:
        code, _ = await filed(one)
        one.desk.parts.tries.known.clear()
        entered = await one.post("/follow", {"code": code}, follow=False)
        assert (entered.status_code, entered.headers["location"]) == (303, "/follow"), "constant addresses"
        shown = await one.get("/follow")
        for words in ("已收到您的投诉", "下一个日期", "网上及时受理", "为什么是这一天", "第几天", "退出查询"):
            assert words in shown.text, words
        assert shown.headers["cache-control"] == "no-store"
        assert NAME not in shown.text
        assert TELEPHONE not in shown.text
        for path in ("/home", "/inbox", "/me"):
            assert (await one.http.get(path, headers=SAME_SITE)).status_code == 303, "a follower is nobody of the office"
        cookie = one.http.cookies["huiyin"]
        await one.post("/sign-out")
        one.http.cookies.set("huiyin", cookie)
        assert "请再输一次查询码" in (await one.get("/follow")).text


async def test_wrong_codes_on_the_page_are_alike_and_few(browser: Any) -> None:
    async with browser() as one:
        code, _ = await filed(one)
        one.desk.parts.tries.known.clear()
        digits = code.replace(" ", "")
        texts = set()
        for wrong in (digits[:-1] + str((int(digits[-1]) + 1) % 10), "", "你好", "9" * 300, "0000 0000 0000 0000 0000"):
            answer = await one.post("/follow", {"code": wrong})
            texts.add((answer.status_code, answer.text))
        assert len(texts) == 1
        assert next(iter(texts))[0] == 404
        for _ in range(6):
            await one.post("/follow", {"code": "1"})
        refused = await one.post("/follow", {"code": code})
        assert refused.status_code == 429
        assert "请稍后再试" in refused.text
        one.desk.parts.tries.known.clear()


async def test_what_a_follower_may_say(browser: Any) -> None:
    async with browser() as one:
        code, _ = await filed(one)
        await follow(one, code)
        added = await one.form("/follow/add", {"note": "还有照片", "key": "k-1"}, PDF)
        assert "材料已收到" in added.text
        words = await one.form("/follow/add", {"note": "只有文字", "key": "k-2"})
        assert "材料已收到" in words.text
        empty = await one.form("/follow/add", {"note": "", "key": "k-3"})
        assert empty.status_code == 422
        bad = await one.form("/follow/add", {"note": "这句话还在", "key": "k-6"}, b"MZ" + bytes(99))
        assert (bad.status_code, "这句话还在" in bad.text) == (422, True)
        early = await one.post("/follow/rate", {"satisfaction": "satisfied", "key": "k-4", "text": "先打了这句话"})
        assert early.status_code == 409
        assert "先打了这句话" in early.text, "nothing typed is lost, even where it cannot be said now"
        told = await one.post("/follow/retaliation", {"text": "窗口的人打电话威胁我", "key": "k-7"})
        assert "已直接送交督查人员" in told.text
        said = await one.post("/follow/withdraw", {"reason": "已解决", "key": "k-5"})
        assert "撤回申请已收到" in said.text
        twice = await one.post("/follow/withdraw", {"reason": "已解决", "key": "k-5"})
        assert twice.status_code == 200
        case = await _case(one, code)
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'withdrawal_wished'", case) == 1
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'material_added'", case) == 2
        assert await one.desk.pool.fetchval("select \"to\" from outbox where case_id = $1 and form = 'retaliation_reported'", case) == ["lu"]


async def test_a_follower_has_back_what_they_sent_in_and_nothing_else(browser: Any) -> None:
    from PIL import Image

    out = io.BytesIO()
    place = Image.Exif()
    place[0x010F] = "相机厂商"
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=place)
    async with browser() as one, browser() as other, browser("wang") as clerk:
        checked = await one.post("/file/kaiyang", TYPED)
        shown = await send(one, checked.text, out.getvalue())
        code = re.search(r'id="code">([\d ]+)<', shown.text)[1]  # type: ignore[index]
        page = await follow(one, code)
        assert page.text.count('name="file"') == 1
        got = await one.post("/follow/file", {"file": hidden(page.text, "file")})
        assert got.headers["content-type"] == "image/jpeg"
        assert got.headers["content-disposition"].startswith("attachment")
        assert not Image.open(io.BytesIO(got.content)).getexif(), "a picture comes without what it says of its maker"
        added = await one.form("/follow/add", {"note": "再补一份", "key": "own-1"}, PDF)
        assert added.text.count('name="file"') == 2
        await one.form("/follow/add", {"note": "只有文字", "key": "own-2"})
        case = await _case(one, code)
        await clerk.form(f"/desk/{case}/files", {"key": "own-3"}, PDF + b"\n%internal")
        mine = re.findall(r'name="file" value="(\w+)"', (await one.get("/follow")).text)
        assert len(mine) == 2, "what others put into the case, and words, are no files of theirs"
        internal = await one.desk.pool.fetchval("select body::jsonb #>> '{data,fields,sha}' from events where case_id = $1 and actor = 'wang' and kind = 'material_added'", case)
        assert (await one.post("/follow/file", {"file": internal})).status_code == 404
        theirs, _ = await filed(other)
        await follow(other, theirs)
        assert (await other.post("/follow/file", {"file": mine[0]})).status_code == 404, "another's file is not there"
        told = await one.desk.http.get(f"/api/v1/follow/files/{mine[1]}", headers={"X-Receipt-Code": code})
        assert told.content == PDF
        assert await one.desk.pool.fetchval("select count(*) from reader_log where case_id = $1 and person = 'complainant' and what = 'attachment'", case) == 2, "logged like every look"


async def test_a_follower_meets_no_other_case(browser: Any) -> None:
    seeds = ("别人的名字丙丁", "13755554444", "别人投诉的内容:红色自行车")
    async with browser() as other, browser() as one:
        theirs, _ = await filed(other, **{"i.name": seeds[0], "i.telephone": seeds[1], "text": seeds[2]})
        await follow(other, theirs)
        await other.post("/follow/supplement", {"reason": seeds[2] + ",补一句", "key": "s-1"})
        mine, _ = await filed(one)
        pages = [(await follow(one, mine)).text, (await one.get("/follow?large=1")).text, (await one.post("/follow/appeal", {"reason": "", "key": "a"})).text, (await one.get("/file/kaiyang")).text]
        case = await _case(one, theirs)
        pages.append((await one.get(f"/cases/{case}")).text)
        found = [(seed, way) for seed in (*seeds, theirs) for way, text in encoded(seed) for page in pages if text in page]
        assert found == []


def encoded(text: str) -> list[tuple[str, str]]:
    return [("plain", text), ("url", urllib.parse.quote(text)), ("base64", base64.b64encode(text.encode()).decode().rstrip("=")), ("escaped", text.encode("unicode_escape").decode())]


async def test_an_office_that_is_not_there_is_a_page(browser: Any) -> None:
    async with browser() as one:
        answer = await one.get("/file/nowhere")
        assert answer.status_code == 422
        assert "没有这个机构" in answer.text
        assert (await one.get("/file/kaiyang/send")).url.path == "/file/kaiyang"
