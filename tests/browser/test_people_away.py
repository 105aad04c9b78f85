"""The administrator's list and a person's page, an account opened and used; a leader's page for being away, on a telephone."""

from __future__ import annotations

from tests.browser.conftest import PHONE, People


async def test_an_administrator_opens_an_account_that_works(people: People) -> None:
    luo = await people("luo")
    await luo.go("/people")
    await luo.look("people")
    assert "没有账号" in await luo.text(), "a wide window has room for everybody"
    await luo.fill("q", "fang")
    await luo.page.keyboard.press("Enter")
    await luo.page.wait_for_url("**/people?q=fang")
    assert "没有账号" in await luo.text()
    await luo.go("/people/fang")
    await luo.page.locator("#account-reason").fill("新到岗")
    await luo.page.locator("button[value=password]").click()
    await luo.page.wait_for_load_state()
    password = await luo.page.locator(".big code").inner_text()
    await luo.look("person-password")
    fang = await people()
    await fang.go("/sign-in")
    await fang.choose("office", "kaiyang")
    await fang.fill("person", "fang")
    await fang.fill("password", password)
    await fang.page.locator("main button").click()
    await fang.page.wait_for_load_state()
    assert "请先换成自己的" in await fang.text()
    await luo.go("/people/fang")
    await luo.page.locator("#account-reason").fill("停岗学习")
    await luo.page.locator("button[value=disable]").click()
    await luo.page.wait_for_load_state()
    assert "停岗学习" in await luo.text()
    await fang.go("/home")
    assert "/sign-in" in fang.page.url, "disabled, the next request is nobody's"
    phone = await people("luo", size=PHONE)
    await phone.go("/people")
    await phone.look("people-phone")
    assert "没有账号" not in await phone.text(), "unit by unit, folded"
    assert await phone.page.evaluate("document.documentElement.scrollHeight") < 3 * 740, "three screens at most"
    await phone.go("/people?q=税务")
    await phone.look("people-found-phone")


async def test_a_leader_looks_who_acts_for_them_on_a_telephone(people: People) -> None:
    chen = await people("chen", size=PHONE)
    await chen.go("/away")
    await chen.look("away-phone")
    await chen.page.locator("#away-by").select_option("deng")
    await chen.page.locator("#away-until").fill("2020-01-01")
    await chen.page.locator("#away-reason").fill("外出开会")
    await chen.page.locator("form.away button").click()
    assert "/away?done" not in chen.page.url, "the form says that the day is past before it is sent"
    luo = await people("luo", size=PHONE)
    await luo.go("/people/chen")
    await luo.look("person-phone")
