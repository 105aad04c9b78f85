"""Forms over HTTP on the real engine and record: offered by role, logged before they are made, the identity only with a reason and only from a view that holds it."""

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from api.forms.registry import FORMS
from api.forms.word import WORD
from tests.api.conftest import Desk
from tests.api.test_api import NAME, PHONE, act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("wang", "accept", {}), ("wang", "register", {"forms": {"register": {"content": "窗口没有一次告知"}}}), ("li", "approve", {"decision": "agree", "opinion": "转办"}),
    ("li", "transfer", {"unit": "land", "excerpt": "请核实窗口是否一次告知"}),
)  # fmt: skip


async def sent(desk: Desk) -> str:
    case = str((await filed(desk))["case"])
    for person, name, fields in STEPS:
        answer = await act(desk, case, person, name, **fields)
        assert answer.status_code == 200, answer.text
    return case


async def drawn(desk: Desk, case: str, person: str, form: str, **wish: Any) -> Any:
    return await desk.http.post(f"/api/v1/complaints/{case}/forms/{form}", json=wish, headers=desk.as_(person))


def words(content: bytes) -> str:
    return "".join(one.text or "" for one in Document(io.BytesIO(content)).element.body.iter(qn("w:t")))


async def logged(desk: Desk, case: str) -> list[tuple[str, str, str]]:
    rows = await desk.pool.fetch("select person, what, reason from reader_log where case_id = $1 order by id", case)
    return [(row["person"], row["what"], row["reason"]) for row in rows]


async def test_forms_are_offered_drawn_up_and_logged(desk: Desk) -> None:
    case = await sent(desk)
    offered = (await desk.http.get(f"/api/v1/complaints/{case}/forms", headers=desk.as_("wang"))).json()["items"]
    assert [row["form"] for row in offered] == list(FORMS)
    assert {row["form"] for row in offered if row["now"]} == {"register_telephone", "slip", "transfer_slip", "urging", "handling", "reading", "acknowledgement", "receipt"}
    plain = await drawn(desk, case, "wang", "register_telephone")
    assert plain.status_code == 200, plain.text
    assert plain.headers["content-type"] == WORD
    assert plain.headers["cache-control"] == "no-store"
    name = plain.headers["content-disposition"]
    assert name.isascii()
    assert name.startswith('attachment; filename="register_telephone-')
    text = words(plain.content)
    assert "窗口没有一次告知" in text
    assert NAME not in text
    assert PHONE not in text
    assert await logged(desk, case) == [("wang", "form:register_telephone", "")]
    whole = await drawn(desk, case, "wang", "register_telephone", identity=True, reason="归入纸质卷宗")
    assert NAME in words(whole.content)
    assert (await logged(desk, case))[1:] == [("wang", "identity", "归入纸质卷宗"), ("wang", "form:register_telephone", "归入纸质卷宗")]


async def test_who_may_not_gets_a_reason_and_no_paper(desk: Desk) -> None:
    case = await sent(desk)
    for person, form, wish, status, code in (
        ("wang", "nonsense", {}, 404, "form_unknown"), ("wang", "cover", {}, 409, "form_not_now"), ("liu", "slip", {}, 409, "form_not_now"), ("liu", "handling", {"identity": True, "reason": "想知道"}, 403, "secret"),
        ("wang", "slip", {"identity": True}, 422, "reason_missing"), ("wang", "slip", {"identity": True, "reason": "  "}, 422, "reason_missing"), ("gao", "handling", {}, 404, "not_found"),
        ("wang", "slip", {"template": "x"}, 422, "body_invalid"),
    ):  # fmt: skip
        answer = await drawn(desk, case, person, form, **wish)
        assert (answer.status_code, answer.json()["code"]) == (status, code), f"{person} {form}"
        assert NAME not in answer.text
    why = (await drawn(desk, case, "wang", "cover")).json()["detail"]
    assert why["code"] == "not_ended"
    assert await logged(desk, case) == [], "what was refused opened nothing"
    for person in ("liu", "zhou"):  # the unit's liaison, and its colleague who is complained of: both have what their unit was given
        unit = await drawn(desk, case, person, "handling")
        assert unit.status_code == 200
        text = words(unit.content)
        assert "请核实窗口是否一次告知" in text
        assert not [one for one in (NAME, PHONE, "窗口没有一次告知", "v1.") if one in text]


async def test_an_offices_own_template_is_used_and_a_broken_one_is_named(desk: Desk, tmp_path: Path) -> None:
    case = await sent(desk)
    folder = tmp_path / "forms" / "district"
    folder.mkdir(parents=True)
    before, desk.parts.templates = desk.parts.templates, tmp_path
    try:
        own = Document()
        own.add_paragraph("本中心自用表样 {{ 转办单位 }}")
        own.save(str(folder / "handling.docx"))
        assert words((await drawn(desk, case, "wang", "handling")).content) == "本中心自用表样 示例·国土局窗口"
        (folder / "handling.docx").write_bytes(b"broken")
        broken = await drawn(desk, case, "wang", "handling")
        assert (broken.status_code, broken.json()["code"]) == (409, "form_template_broken")
        assert broken.json()["detail"]["file"] == "district/handling.docx"
        assert "投诉摘要" in words((await drawn(desk, case, "wang", "handling", standard=True)).content)
    finally:
        desk.parts.templates = before
