"""Who is not content, on a phone: the ways of the book, one chosen; and a caller for whom the clerk notes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.conftest import Desk
from tests.api.test_filing import PDF
from tests.browser.conftest import PHONE
from tests.pages.test_appeals import NAME, TELEPHONE, WHY, answered, offices

__all__ = ["offices"]


async def test_a_way_is_chosen_on_a_phone(people: Any, offices: Desk, tmp_path: Path) -> None:
    case, code = await answered(offices, "handling")
    offices.parts.tries.known.clear()
    me = await people(size=PHONE)
    await me.go("/follow")
    await me.fill("code", code)
    await me.press("查看")
    await me.page.wait_for_url("**/follow")
    await me.look("follow-ways-phone")
    await me.press("打印或保存答复")
    await me.page.wait_for_url("**/follow/answer")
    await me.look("follow-answer-phone")
    await me.page.go_back()
    await me.choose("way", "supervisor")
    await me.page.fill("#appeal-reason", WHY)
    await me.press("提交申诉")
    await me.page.get_by_text("申诉已收到").wait_for()
    await me.look("follow-appealed-phone")
    photo = tmp_path / "photo.pdf"
    photo.write_bytes(PDF)
    await me.page.set_input_files("#files", photo)
    await me.press("提交材料")
    await me.page.get_by_text("材料已收到").wait_for()
    await me.look("follow-files-phone")
    assert await offices.pool.fetchval("select body::jsonb #>> '{data,fields,way}' from events where case_id = $1 and kind = 'appealed'", case) == "supervisor"


async def test_a_caller_appeals_and_the_clerk_files_it(people: Any, offices: Desk) -> None:
    case, _ = await answered(offices, "tieshan")
    offices.parts.tries.known.clear()
    clerk = await people("wang", "tieshan")
    await clerk.go("/desk/call")
    await clerk.fill("name", NAME)
    await clerk.fill("telephone", TELEPHONE)
    await clerk.press("核对并记录这次来电")
    await clerk.page.get_by_text("核对").first.wait_for()
    if await clerk.page.locator(f'[name="case"][value="{case}"]').count():
        await clerk.choose("case", case)
        await clerk.press("核对并记录这次来电")
    await clerk.page.get_by_text("替来电人记下", exact=True).wait_for()
    await clerk.look("call-notes")
    await clerk.page.fill("#appeal-reason", WHY)
    await clerk.press("提交申诉")
    await clerk.page.get_by_text("已替来电人记下", exact=False).wait_for()
    await clerk.look("call-noted")
    await clerk.press("打开此件")
    await clerk.page.get_by_text("投诉人不服,已申诉").wait_for()
    await clerk.look("case-appealed")
    await clerk.press("立申诉件并关联")
    await clerk.page.get_by_text("查询码只在这里显示一次。").wait_for()
    await clerk.look("appeal-filed")
    phone = await people("wang", "tieshan", size=PHONE)
    await phone.go(f"/cases/{case}")
    await phone.look("case-appealed-phone")
