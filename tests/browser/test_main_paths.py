"""One complaint from filing to archive, each by the person whose turn it is, in a browser, with no manual; a leader and a unit on a telephone."""

from __future__ import annotations

import re

from tests.browser.conftest import PHONE, People, Person

FACTS = {"ground": "g8", "matter": "办证", "reason": "态度粗暴", "window_no": "3", "business_time": "上午", "respondent_name": "周"}


async def filed(people: People, key: str, **more: object) -> str:
    body = {"office": "kaiyang", "channel": "web", "text": "窗口人员态度粗暴,多次推诿", "identity": {"name": "示例·李", "telephone": "13800000000"}, "facts": FACTS, "respondents": [{"person": "zhou", "unit": "tax"}]}
    answer = await people.desk.http.post("/api/v1/complaints", json={**body, **more}, headers={**people.desk.as_("wang", "kaiyang"), "Idempotency-Key": key, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def done(one: Person, words: str) -> None:
    """Press the act's own button and see that it was recorded."""
    await one.page.locator("form.panel button", has_text=re.compile(f"^{words}$")).last.click()
    await one.page.wait_for_load_state()
    assert re.search(r"/cases/[^/]+\?done=", one.page.url), await one.text()


async def test_a_complaint_from_acceptance_to_archive(people: People) -> None:
    case = await filed(people, "browser-1")
    wang = await people("wang")
    await wang.look("home-intake")
    await wang.go(f"/cases/{case}/acts/do?f.duty=contact")
    await wang.fill("f.note", "已电话联系,说明将核实")
    await done(wang, "办理待办")
    await wang.go(f"/cases/{case}/acts/accept")
    await wang.look("act-accept")
    await done(wang, "受理")
    await wang.go(f"/cases/{case}/acts/transfer")
    await wang.choose("f.unit", "tax")
    await wang.fill("f.excerpt", "来人反映税务窗口3号态度粗暴,请核实")
    await wang.fill("f.opinion", "请五个工作日内核实并改进")
    await done(wang, "转办")
    assert re.search("开投〔", await wang.text())
    await wang.look("case-intake")

    sun = await people("sun", size=PHONE)
    await sun.go("/unit")
    await sun.look("unit-phone")
    assert "税务窗口3号态度粗暴" in await sun.text()
    assert "13800000000" not in await sun.page.content()
    await sun.page.get_by_role("link", name="办结报告").first.click()
    await sun.choose("f.finding", "true")
    await sun.fill("f.report", "经调监控,情况属实")
    await sun.fill("f.measures", "批评教育,当面道歉")
    await sun.look("act-conclude-phone")
    await done(sun, "办结报告")
    await sun.look("case-unit-phone")

    await wang.go(f"/cases/{case}/acts/feedback")
    await wang.choose("f.mode", "telephone")
    await wang.choose("f.satisfaction", "satisfied")
    await wang.fill("f.text", "情况属实,已批评教育并道歉")
    await wang.fill("f.call_note", "已接通,表示接受")
    await wang.fill("f.suggestions", "希望增设窗口")
    await done(wang, "反馈答复")
    assert "答复" in await wang.text()

    shen = await people("shen")
    await shen.go(f"/audit/{case}")
    await shen.look("audit")
    assert "五(二)3 b" in await shen.text()


async def test_a_leader_approves_on_a_telephone(people: People) -> None:
    case = await filed(people, "browser-2", channel="letter", facts={**FACTS, "scope": "unrelated"}, respondents=[])
    wang = await people("wang")
    await wang.go(f"/cases/{case}/acts/accept")
    await wang.fill("form.letter_register.opened_by", "示例·王受理")
    await wang.fill("form.letter_register.opened_at", "2026-11-25 09:00")
    await wang.fill("form.letter_register.analysis", "与窗口无关")
    await done(wang, "受理")
    await wang.go(f"/cases/{case}/acts/document?f.form=referral_summary")
    await wang.fill("column.summary", "反映公交线路,与窗口无关")
    await done(wang, "出具文书")
    await wang.go(f"/cases/{case}/acts/propose")
    await wang.fill("f.opinion", "建议转交通运输局")
    await done(wang, "拟办")

    chen = await people("chen", size=PHONE)
    await chen.go("/approvals")
    await chen.look("approvals-phone")
    await chen.page.get_by_role("link", name="看件并同意").first.click()
    assert "建议转交通运输局" in await chen.text()
    await chen.fill("f.opinion", "同意转送")
    await chen.look("act-approve-phone")
    await done(chen, "审批")
    await chen.look("case-leader-phone")


async def test_two_people_act_on_the_same_case_at_once(people: People) -> None:
    case = await filed(people, "browser-3", channel="letter")
    wang, zhao = await people("wang"), await people("zhao")
    for one in (wang, zhao):
        await one.go(f"/cases/{case}/acts/refuse?f.ground=trouble_making")
    await wang.go(f"/cases/{case}/acts/note")
    await wang.fill("f.text", "先记一笔")
    await done(wang, "记事")
    await zhao.page.evaluate("document.querySelectorAll('[required]').forEach(one => one.removeAttribute('required'))")
    await zhao.page.locator("form.panel button").last.click()
    assert "此件已有变化" in await zhao.text()


async def test_words_survive_a_session_that_ends_in_the_middle(people: People) -> None:
    case = await filed(people, "browser-4", channel="letter")
    wang = await people("wang")
    await wang.go(f"/cases/{case}/acts/note")
    await wang.fill("f.text", "写到一半的说明")
    await people.desk.pool.execute("update sessions set ended_at = now() where person = 'wang'")
    await wang.page.locator("form.panel button").last.click()
    await wang.page.wait_for_url(re.compile("/sign-in"))
    assert "已经保存" in await wang.text()
    await wang.page.select_option("#office", "kaiyang")
    await wang.fill("person", "wang")
    await wang.fill("password", "sample password 1")
    await wang.page.click("main button")
    await wang.page.wait_for_url(re.compile("/acts/note"))
    assert await wang.page.locator('[name="f.text"]').input_value() == "写到一半的说明"
    await done(wang, "记事")
    await wang.page.go_back()
    assert (await wang.text()).strip()


async def test_every_act_works_without_a_script(people: People) -> None:
    case = await filed(people, "browser-5", channel="letter")
    wang = await people("wang", script=False)
    await wang.go(f"/cases/{case}/acts/note")
    await wang.fill("f.text", "没有脚本也能记")
    await done(wang, "记事")
    assert "没有脚本也能记" in await wang.text()


async def test_a_page_hears_of_what_somebody_else_did(people: People) -> None:
    case = await filed(people, "browser-6", channel="letter")
    wang, zhao = await people("wang"), await people("zhao")
    await wang.go(f"/cases/{case}")
    await wang.page.wait_for_timeout(1500)
    await zhao.go(f"/cases/{case}/acts/note")
    await zhao.fill("f.text", "这条别人马上看得到")
    await done(zhao, "记事")
    await wang.page.get_by_text("这条别人马上看得到").first.wait_for(timeout=15_000)
