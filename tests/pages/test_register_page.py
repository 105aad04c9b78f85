"""登记簿 on a page: what each reader may see, filters that are strict, words that are found, views that are kept, one act on several cases."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

import pytest

from tests.pages.conftest import Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def filed(one: Browser, text: str, **more: Any) -> str:
    body = {"office": "kaiyang", "channel": "telephone", "text": text, "facts": {"ground": "g8", "matter": "办证", "reason": "态度", "window_no": "3", "business_time": "上午", "respondent_name": "周"}, "respondents": [{"unit": "tax"}], **more}
    answer = await one.desk.http.post("/api/v1/complaints", json=body, headers={**one.desk.as_("wang", "kaiyang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


def listed(page: str) -> list[str]:
    return re.findall(r'name="case" value="(case-[0-9a-f]+)"', page)


async def test_each_reader_sees_their_own_register(browser: Any) -> None:
    async with browser("wang") as one:
        case = await filed(one, "登记簿里看得见的一件")
        shown = await one.get("/register?order=newest")
        assert case in listed(shown.text)
        for words in ("筛选和排序", "待我办理", "电话投诉", "/export/complaints.xlsx"):
            assert words in shown.text, words
    for person, office in (("sun", "kaiyang"), ("li", "district")):
        async with browser(person, office) as other:
            assert case not in (await other.get("/register")).text, person


async def test_filters_are_strict_and_words_are_found(browser: Any) -> None:
    async with browser("wang") as one:
        word = f"独角{uuid4().int % 10**8}"
        case = await filed(one, "窗口的摆件倒了", facts={"ground": "g8", "matter": f"修{word}摆件", "reason": "态度", "window_no": "3", "business_time": "上午"})
        hit = await one.get(f"/register?q={word}")
        assert listed(hit.text) == [case]
        assert re.search(rf"<span class=\"small words\">[^<]*{word}", hit.text)
        assert case in listed((await one.get("/register?channel=telephone&phase=filed&deadline=&order=newest")).text)
        assert case not in listed((await one.get("/register?channel=letter")).text)
        wrong = await one.get("/register?phase=filed&colour=red")
        assert wrong.status_code == 422
        assert "colour" in wrong.text
        assert listed(wrong.text) == [], "a misspelt filter never answers everything"
        assert "没有符合条件的件" in (await one.get("/register?register_no=没有这个号")).text
        script = await one.get("/register?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert "<script>alert" not in script.text


async def test_a_list_is_kept_as_a_view_and_forgotten(browser: Any) -> None:
    async with browser("zhao") as one:
        kept = await one.post("/register/views", {"name": "电话件", "w.channel": "telephone", "w.order": "oldest"})
        assert "视图已保存" in kept.text
        assert 'href="/register?channel=telephone&amp;order=oldest"' in (await one.get("/register")).text
        assert (await one.post("/register/views", {"name": "", "w.channel": "telephone"})).status_code == 422
        assert "视图已删除" in (await one.post("/register/views", {"forget": "电话件"})).text
        assert "电话件" not in (await one.get("/register")).text


async def test_one_act_on_several_cases_tells_what_became_of_each(browser: Any) -> None:
    async with browser("wang") as one:
        first, second = await filed(one, "批量一"), await filed(one, "批量二")
        elsewhere = "case-" + "0" * 32
        form = await one.get("/register")
        given = {"key": html.unescape(re.search(r'name="key" value="([^"]+)"', form.text)[1]), "act": "note", "word": "已电话告知进度", "case": [first, second, elsewhere], "w.channel": "telephone"}  # type: ignore[index]
        told = await one.post("/register/acts", given)
        assert told.text.count("已办理</span>") == 2
        assert "没有这一件" in told.text
        assert 'href="/register?channel=telephone"' in told.text
        await one.post("/register/acts", given)
        count = "select count(*) from events where case_id = any($1) and kind = 'noted'"
        assert await one.desk.pool.fetchval(count, [first, second]) == 2, "sent twice, done once"
        refused = await one.post("/register/acts", {"key": uuid4().hex, "act": "accept", "case": [first]})
        assert "没有办成" in refused.text
        assert "telephone_register" in refused.text or "登记" in refused.text
        nothing = await one.post("/register/acts", {"key": uuid4().hex, "act": "note"})
        assert nothing.status_code == 422
        unknown = await one.post("/register/acts", {"key": uuid4().hex, "act": "archive_all", "case": [first]})
        assert unknown.status_code == 422
