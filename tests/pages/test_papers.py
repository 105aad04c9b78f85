"""The forms of a case in a browser without scripts: listed, downloaded, refused with a reason and nothing typed lost."""

import io

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.api.test_api import NAME, PHONE, act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]


def words(content: bytes) -> str:
    return "".join(one.text or "" for one in Document(io.BytesIO(content)).element.body.iter(qn("w:t")))


async def test_a_clerk_sees_the_forms_and_takes_one(browser, desk) -> None:
    case = (await filed(desk))["case"]
    assert (await act(desk, case, "wang", "accept")).status_code == 200
    async with browser("wang", "district") as one:
        shown = await one.get(f"/cases/{case}/forms")
        assert shown.status_code == 200
        for word in ("投诉受理登记表", "投诉处理单", "投诉受理确认函", "此件尚未转办", f'formaction="/cases/{case}/forms/register_telephone"', "启封身份必须写明理由"):
            assert word in shown.text, word
        assert NAME not in shown.text
        taken = await one.post(f"/cases/{case}/forms/register_telephone", {"reason": ""})
        assert taken.status_code == 200
        assert taken.headers["content-disposition"].startswith('attachment; filename="register_telephone')
        assert "（已封存）" in words(taken.content)
        assert NAME not in words(taken.content)
        again = await one.post(f"/cases/{case}/forms/slip", {"identity": "1", "reason": " "})
        assert again.status_code == 422
        assert "须说明理由" in again.text
        assert 'name="identity" value="1" checked' in again.text
        whole = await one.post(f"/cases/{case}/forms/slip", {"identity": "1", "reason": "送分管领导当面阅批"})
        assert NAME in words(whole.content)
        assert PHONE in words(whole.content)
        later = await one.post(f"/cases/{case}/forms/cover")
        assert later.status_code == 409
        assert "此件尚未反馈，反馈或结案后可立卷" in later.text
    assert await desk.pool.fetchval("select count(*) from reader_log where case_id = $1 and what = 'identity' and reason = '送分管领导当面阅批'", case) == 1


async def test_whom_the_case_does_not_concern_finds_no_page(browser, desk) -> None:
    case = (await filed(desk))["case"]
    async with browser("gao", "district") as one:
        assert (await one.get(f"/cases/{case}/forms")).status_code == 404
        assert (await one.post(f"/cases/{case}/forms/slip")).status_code == 404
    async with browser() as nobody:
        assert "/sign-in" in str((await nobody.get(f"/cases/{case}/forms")).url)
