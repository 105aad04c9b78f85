"""The clerk's desk by keyboard, and the complainant from filing to rating: on a telephone, in large print, without a script, with the back button."""

from __future__ import annotations

import re
import time
from pathlib import Path
from uuid import uuid4

from tests.api.test_filing import PDF
from tests.browser.conftest import PHONE, People

MOST_KEYS, MOST_SECONDS = 40, 60.0
BETWEEN = 0.35  # seconds a practised clerk takes for a key that is no letter
SPOKEN = ("来电人说周一上午在三号窗口代开发票,工作人员让他跑了三趟都没有办成。", "3", "周一上午", "代开发票", "推诿")


async def test_a_telephone_complaint_takes_a_minute_and_forty_keys_beyond_its_text(people: People) -> None:
    wang = await people("wang")
    await wang.go("/desk")
    await wang.look("desk")
    keys, began = 0, time.monotonic()

    async def press(key: str) -> None:
        nonlocal keys
        keys += 1
        await wang.page.wait_for_timeout(BETWEEN * 1000)
        await wang.page.keyboard.press(key)

    await press("Alt+1")
    await wang.page.wait_for_url(re.compile("/desk/new"))
    await wang.page.keyboard.type(SPOKEN[0])
    for words in SPOKEN[1:]:
        await press("Tab")
        await wang.page.keyboard.type(words)
    await press("Tab")
    await press("2")  # the ground by its number
    await press("Tab")
    await press("3")  # the unit
    for words in ("周窗口", "来电人甲", f"138{uuid4().int % 10**8:08}"):
        await press("Tab")
        await wang.page.keyboard.type(words)
    await wang.page.wait_for_timeout(700)
    await wang.look("desk-entry")
    await press("Control+Enter")
    await wang.page.wait_for_selector("#code")
    seconds = time.monotonic() - began
    print(f"keystrokes beyond the text: {keys}, seconds: {seconds:.1f}")
    assert keys <= MOST_KEYS
    assert seconds <= MOST_SECONDS
    await wang.look("desk-receipt")
    await wang.page.get_by_role("link", name="打开此件").click()
    shown = await wang.text()
    for words in ("3", "周一上午", "代开发票", "推诿", "周窗口"):
        assert words in shown, words


async def test_the_first_key_is_the_time_of_receipt_and_repeats_come_while_typing(people: People) -> None:
    number = f"139{uuid4().int % 10**8:08}"
    wang = await people("wang")
    for turn in (1, 2):
        await wang.go("/desk/new?channel=telephone")
        at_opening = await wang.page.input_value("[name=began_at]")
        await wang.page.wait_for_timeout(1500)
        await wang.page.fill("#text", f"第{turn}次来电")
        await wang.page.focus("#text")
        await wang.page.keyboard.press("End")
        assert await wang.page.input_value("[name=began_at]") > at_opening, "not when the page was opened"
        await wang.page.fill("#i-name", f"来电人{turn}")
        await wang.page.fill("#i-telephone", number)
        if turn == 2:
            await wang.page.wait_for_selector("#alike >> text=同一电话")
            await wang.page.locator("#alike label", has_text="是重复投诉").first.click()
        await wang.page.keyboard.press("Control+Enter")
        await wang.page.wait_for_selector("#code")
    await wang.page.get_by_role("link", name="打开此件").click()
    case = wang.page.url.rpartition("/")[2]
    assert await people.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'linked'", case) == 1


async def test_a_session_that_ends_in_the_middle_of_an_entry_loses_no_word(people: People) -> None:
    wang = await people("wang")
    await wang.go("/desk/new?channel=telephone")
    await wang.page.fill("#text", "打了一半,登录过期了")
    await people.desk.pool.execute("update sessions set ended_at = now() where person = 'wang' and ended_at is null")
    await wang.page.keyboard.press("Control+Enter")
    await wang.page.wait_for_url(re.compile("/sign-in"))
    await wang.page.select_option("#office", "kaiyang")
    await wang.page.fill("#person", "wang")
    await wang.page.fill("#password", "sample password 1")
    await wang.page.click("main button")
    await wang.page.wait_for_url(re.compile("/desk/new"))
    assert await wang.page.input_value("#text") == "打了一半,登录过期了"


async def test_a_complainant_on_a_telephone_from_filing_to_the_exit(people: People, tmp_path: Path) -> None:
    one = await people(size=PHONE)
    await one.go("/")
    await one.press("开始填写")
    await one.look("file-offices-phone")
    await one.page.locator('main a[href="/file/kaiyang"]').click()
    await one.look("file-phone")
    await one.fill("text", "排队一小时,窗口说系统坏了")
    await one.choose("r1.unit", "tax")
    await one.fill("i.name", "示例·手机群众")
    await one.page.locator("main form button.button").first.click()
    await one.look("file-check-phone")
    assert "谁会看到什么" in await one.text()
    letter = tmp_path / "信.pdf"
    letter.write_bytes(PDF)
    await one.page.set_input_files("#files", str(letter))
    await one.press("确认提交")
    await one.page.wait_for_selector("#code")
    await one.look("receipt-phone")
    code = await one.page.inner_text("#code")
    await one.page.go_back()
    await one.page.wait_for_timeout(300)
    if await one.page.locator("form[data-progress]").count():  # back and sent again: one complaint
        await one.press("确认提交")
        await one.page.wait_for_selector("#code")
        assert await one.page.inner_text("#code") == code
    people.desk.parts.tries.known.clear()
    await one.go("/follow")
    await one.fill("code", code)
    await one.press("查看")
    await one.look("follow-phone")
    assert "已收到您的投诉" in await one.text()
    await one.page.get_by_text("为什么是这一天").first.click()
    await one.go("/follow?large=1")
    assert await one.page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
    await one.look("follow-large-phone")
    await one.press("退出查询")
    await one.go("/follow")
    assert await one.page.locator("#code").count() == 1, "nothing is left on a borrowed machine"


async def test_an_entry_takes_its_scans_with_it_and_a_refused_one_keeps_the_form_alive(people: People, tmp_path: Path) -> None:
    scan, program = tmp_path / "letter.pdf", tmp_path / "letter.exe.pdf"
    scan.write_bytes(PDF)
    program.write_bytes(b"MZ" + bytes(99))
    wang = await people("wang")
    await wang.go("/desk/new?channel=telephone")
    await wang.fill("text", "来信一封,附照片")
    await wang.fill("i.name", "来信人")
    await wang.page.get_by_text("附件(扫描件、照片、录音)").click()
    await wang.page.set_input_files("#files", program)
    await wang.press("登记")
    await wang.page.get_by_text("附件需要重新选择").wait_for()
    wang.complaints.clear()  # the browser tells of every answer that is no success
    assert await wang.page.input_value("#text") == "来信一封,附照片"
    await wang.page.set_input_files("#files", scan)
    await wang.look("desk-entry-files")
    await wang.page.focus("#text")
    await wang.page.keyboard.press("Control+Enter")  # the keys of the form that came back work
    await wang.page.wait_for_selector("#code")
    assert "已收到投诉" in await wang.text()
    case = str(await wang.page.locator('main a[href^="/cases/"]').first.get_attribute("href")).rpartition("/")[2]
    assert await people.desk.pool.fetchval("select jsonb_array_length(body::jsonb #> '{data,patch,attrs,attachments}') from events where case_id = $1 and kind = 'filed'", case) == 1


async def test_large_print_asks_one_question_a_page_without_a_script(people: People, tmp_path: Path) -> None:
    photo = tmp_path / "photo.pdf"
    photo.write_bytes(PDF)
    one = await people(size=PHONE, script=False)
    await one.go("/file/kaiyang?large=1")
    asked = 0
    while not await one.page.locator("#files").count():
        asked += 1
        assert asked < 25
        fields = one.page.locator("main .field")
        assert await fields.count() == 1, "one question"
        if await one.page.locator('[name="text"]').count():
            await one.fill("text", "大字版投诉")
        if await one.page.locator('[name="mode"]').count():
            await one.choose("mode", "anonymous")
        if await one.page.get_by_text("跳过", exact=True).count():
            await one.press("跳过")
        else:
            await one.press("下一步")
    await one.page.set_input_files("#files", photo)
    await one.press("确认提交")
    assert re.fullmatch(r"(\d{4} ){4}\d{4}", await one.page.inner_text("#code"))
    assert asked >= 6


async def test_large_print_is_fit_for_everybody(people: People) -> None:
    one = await people(size=PHONE)
    await one.go("/file/kaiyang?large=1")
    await one.fill("text", "大字版投诉")
    await one.press("下一步")
    await one.look("file-large-step")
    while not await one.page.locator("#files").count():
        await one.press("跳过" if await one.page.get_by_text("跳过", exact=True).count() else "下一步")
        await one.page.wait_for_load_state()
        if await one.page.locator('[name="i.name"]').count():
            await one.fill("i.name", "示例·大字")
    await one.look("file-large-check")


async def test_a_caller_and_a_paper_at_the_desk(people: People, tmp_path: Path) -> None:
    name, number = "来电人乙", f"137{uuid4().int % 10**8:08}"
    wang = await people("wang")
    await wang.go("/desk/new?channel=telephone")
    await wang.fill("text", "问进展用的一件")
    await wang.fill("i.name", name)
    await wang.fill("i.telephone", number)
    await wang.press("登记")
    await wang.page.wait_for_selector("#code")
    case = str(await wang.page.locator('main a[href^="/cases/"]').first.get_attribute("href")).rpartition("/")[2]
    people.desk.parts.tries.known.clear()
    await wang.go("/desk/call")
    await wang.look("desk-call")
    await wang.fill("name", name)
    await wang.fill("telephone", number)
    await wang.page.locator("main form button.button").click()
    await wang.look("desk-call-told")
    assert "可以读给来电人听" in await wang.text()
    await wang.go("/desk/paper")
    await wang.fill("number", case)
    await wang.choose("for", "chen")
    await wang.page.locator("main form button.button").click()
    await wang.choose("act", "note")
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(PDF)
    await wang.page.set_input_files("#files", str(scan))
    await wang.page.locator("main form button.button").click()
    await wang.look("desk-paper")
    await wang.fill("f.text", "同意,尽快核实")
    await wang.press("替他录入")
    await wang.page.wait_for_url(re.compile(r"done=note"))
    shown = await wang.text()
    assert "示例·陈分管" in shown
    assert "代录" in shown


async def test_the_register_is_filtered_and_acted_on(people: People) -> None:
    wang = await people("wang")
    for n in (1, 2):
        await wang.go("/desk/new?channel=telephone")
        await wang.fill("text", f"登记簿用的第{n}件")
        await wang.fill("fact.matter", "年检")
        await wang.fill("i.name", "来电人丙")
        await wang.press("登记")
        await wang.page.wait_for_selector("#code")
    await wang.go("/register?channel=telephone&phase=filed&order=newest")
    await wang.look("register")
    boxes = wang.page.locator('input[name="case"]')
    await boxes.nth(0).check()
    await boxes.nth(1).check()
    assert "(2)" in await wang.page.locator("[data-chosen]").inner_text()
    await wang.choose("act", "note")
    await wang.fill("word", "已统一回电")
    await wang.press("逐件办理")
    await wang.page.wait_for_selector("text=逐件办理的结果")
    await wang.look("register-done")
    assert (await wang.text()).count("已办理") == 2
    small = await people("wang", size=PHONE)
    await small.go("/register")
    await small.look("register-phone")
