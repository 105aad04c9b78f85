"""Signing in, staying in, going out; and what a page refuses."""

from __future__ import annotations

from typing import Any

import pytest

from api import accounts
from api.errors import Problem
from tests.pages.conftest import PASSWORD, SAME_SITE, Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_nobody_sees_a_page_of_the_office_without_signing_in(browser: Any) -> None:
    async with browser() as one:
        answer = await one.http.get("/home", headers=SAME_SITE)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2Fhome"


async def test_a_person_signs_in_and_out(browser: Any) -> None:
    async with browser("wang") as one:
        shown = await one.get("/home")
        assert "示例·王受理" in shown.text
        assert "我的待办" in shown.text
        cookie = one.http.cookies["huiyin"]
        await one.post("/sign-out")
        one.http.cookies.set("huiyin", cookie)  # kept by somebody: the server has ended it
        assert (await one.http.get("/home", headers=SAME_SITE)).status_code == 303


async def enabled(desk: Any, person: str) -> None:
    """As it was before: other tests have tokens of theirs."""
    await accounts.able(desk.pool, "kaiyang", person, able=True, by="luo")
    await desk.parts.tokens.revoked.refresh(desk.pool)


async def test_wrong_unknown_and_disabled_answer_alike(browser: Any) -> None:
    async with browser("zhao") as one:
        await one.post("/sign-out")
        wrong = await one.sign_in("zhao", password="not the password")
        unknown = await one.sign_in("nobody", password="not the password")
        await accounts.able(one.desk.pool, "kaiyang", "zhao", able=False, by="luo")
        disabled = await one.sign_in("zhao")
        await enabled(one.desk, "zhao")
        assert {answer.status_code for answer in (wrong, unknown, disabled)} == {403}
        assert all("账号或密码不对" in answer.text for answer in (wrong, unknown, disabled))


async def test_a_session_ends_when_the_account_is_disabled(browser: Any) -> None:
    async with browser("chen") as one:
        assert (await one.http.get("/me", headers=SAME_SITE)).status_code == 200
        await accounts.able(one.desk.pool, "kaiyang", "chen", able=False, by="luo")
        answer = await one.http.get("/me", headers=SAME_SITE)
        await enabled(one.desk, "chen")
        assert answer.status_code == 303


async def test_too_many_wrong_passwords_cost_time(desk: Any) -> None:
    await accounts.give(desk.pool, "kaiyang", "lu", PASSWORD, by="test")
    for _ in range(accounts.FREE):
        with pytest.raises(Problem, match="sign_in_wrong"):
            await accounts.check(desk.pool, "kaiyang", "lu", "wrong")
    with pytest.raises(Problem, match="too_many_tries"):
        await accounts.check(desk.pool, "kaiyang", "lu", PASSWORD)
    assert await desk.pool.fetchval("select locked_until - now() between interval '30 seconds' and interval '61 seconds' from accounts where office = 'kaiyang' and person = 'lu'")


async def test_a_form_of_another_site_is_refused(browser: Any) -> None:
    async with browser("wang") as one:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://elsewhere"}, {}):
            answer = await one.http.post("/sign-out", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
        assert (await one.http.post("/language", data={"lang": "en"}, headers={"Origin": "http://huiyin", "Host": "huiyin"})).status_code == 303


async def test_nobody_is_led_away(browser: Any) -> None:
    async with browser() as one:
        await accounts.give(one.desk.pool, "kaiyang", "wang", PASSWORD, by="test", must_change=False)
        for onward in ("https://elsewhere/", "//elsewhere/", "/\\elsewhere", "javascript:alert(1)"):
            answer = await one.post("/sign-in", {"office": "kaiyang", "person": "wang", "password": PASSWORD, "next": onward}, follow=False)
            assert answer.headers["location"] == "/home"


async def test_a_password_that_somebody_else_set_is_changed_first(browser: Any) -> None:
    async with browser() as one:
        await accounts.give(one.desk.pool, "kaiyang", "fang", PASSWORD, by="luo")
        await one.sign_in("fang")
        turned = await one.http.get("/home", headers=SAME_SITE)
        assert (turned.status_code, turned.headers["location"]) == (303, "/me?change=1")
        weak = await one.post("/me/password", {"old": PASSWORD, "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"})
        assert "密码太简单" in weak.text
        done = await one.post("/me/password", {"old": PASSWORD, "new": "my own words 7", "again": "my own words 7"})
        assert "密码已更换" in done.text
        assert (await one.http.get("/home", headers=SAME_SITE)).status_code == 200


async def test_words_are_kept_when_a_session_ends_in_the_middle_of_a_form(browser: Any, filed: str) -> None:
    async with browser("wang") as one:
        await one.desk.pool.execute("update sessions set ended_at = now() where person = 'wang'")
        lost = await one.post(f"/cases/{filed}/acts/note", {"f.text": "打了很久的一段话", "key": "k1"}, follow=False)
        assert lost.status_code == 303
        assert "kept" in lost.headers["location"]
        back = await one.get(lost.headers["location"])
        assert "已经保存" in back.text
        found = await one.post("/sign-in", {"office": "kaiyang", "person": "wang", "password": PASSWORD, "next": httpx_next(lost.headers["location"])})
        assert "打了很久的一段话" in found.text


def httpx_next(address: str) -> str:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(address).query)["next"][0]


@pytest.fixture
async def filed(desk: Any) -> str:
    answer = await desk.http.post(
        "/api/v1/complaints", headers={**desk.as_("wang", "kaiyang"), "Idempotency-Key": "pages-1", "Prefer": "wait=20"},
        json={"office": "kaiyang", "channel": "telephone", "text": "窗口人员态度粗暴", "facts": {"ground": "g8", "matter": "办证", "reason": "态度", "window_no": "3", "business_time": "上午", "respondent_name": "周"}, "respondents": [{"person": "zhou", "unit": "tax"}], "recording": {"told_at": "", "started_at": ""}},
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def test_a_case_and_an_act_on_pages(browser: Any, filed: str) -> None:
    async with browser("wang") as one:
        shown = await one.get(f"/cases/{filed}")
        assert shown.status_code == 200
        assert "我能办什么" in shown.text
        form = await one.get(f"/cases/{filed}/acts/note")
        assert 'name="f.text"' in form.text
        done = await one.post(f"/cases/{filed}/acts/note", {"f.text": "已核对", "key": "n-1"})
        assert "已办理并记录" in done.text
        refused = await one.post(f"/cases/{filed}/acts/accept", {"key": "n-2"})
        assert refused.status_code in (409, 422)
        assert "请" in refused.text


async def test_a_case_of_another_office_is_not_there(browser: Any, filed: str) -> None:
    async with browser("li", "district") as one:
        answer = await one.get(f"/cases/{filed}")
        assert answer.status_code == 404
        assert "没有这一件" in answer.text
        assert Browser is not None
