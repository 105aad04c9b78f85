"""Within a call that was verified a clerk notes what the caller wishes: the complainant's act, entered by the clerk, by the same rules; and nothing without the call."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from api.pages import calls
from cli import library
from domain.law import bind
from tests.api.conftest import Desk
from tests.pages.conftest import Browser
from tests.pages.test_appeals import NAME, TELEPHONE, WHY, answered, offices
from tests.pages.test_complain import hidden
from tests.pages.test_desk import entered

__all__ = ["offices"]
pytestmark = [pytest.mark.engine, pytest.mark.database]
CALLER, NUMBER = "打电话的壬", "13655556666"


async def ring(one: Browser, key: str, name: str = CALLER, number: str = NUMBER) -> Any:
    one.desk.parts.tries.known.clear()
    answer = await one.post("/desk/call", {"name": name, "telephone": number, "key": key})
    assert answer.status_code == 200, answer.text
    return answer


async def last(desk: Desk, case: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await desk.pool.fetchval("select body from events where case_id = $1 and kind = $2 order by seq desc limit 1", case, kind))
    return found


async def test_material_and_a_withdrawal_are_noted_in_both_names(browser: Any) -> None:
    async with browser("wang") as one:
        case = await entered(one, **{"i.name": CALLER, "i.telephone": NUMBER})
        told = await ring(one, "n-1")
        assert 'type="file"' not in told.text
        call = hidden(told.text, "call")
        done = await one.post("/desk/call/add", {"call": call, "key": "m-1", "note": "当天还有一位同事在场"})
        assert "已替来电人记下" in done.text
        await one.post("/desk/call/add", {"call": call, "key": "m-1", "note": "当天还有一位同事在场"})
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'material_added'", case) == 1, "a double click is one act"
        event = await last(one.desk, case, "material_added")
        assert (event["actor"], event["entered_by"]) == ("complainant", "wang")
        assert "同事" not in json.dumps(event, ensure_ascii=False), "a complainant's words are sealed"
        shown = (await one.get(f"/cases/{case}")).text
        assert "来电,已核对姓名、电话〕当天还有一位同事在场" in shown, "the call that it rests on stands before the words"
        assert "代录" in shown
        assert "已替来电人记下" in (await one.post("/desk/call/withdraw", {"call": call, "key": "m-2", "reason": "已解决"})).text
        assert (await last(one.desk, case, "withdrawal_wished"))["entered_by"] == "wang"
        early = await one.post("/desk/call/appeal", {"call": call, "key": "m-3", "reason": WHY})
        assert (early.status_code, WHY in early.text) == (409, True)
        empty = await one.post("/desk/call/add", {"call": call, "key": "m-4", "note": " "})
        assert empty.status_code == 422
        assert (await one.post("/desk/call/nothing", {"call": call, "key": "m-5"})).status_code == 422


async def test_an_appeal_and_a_mark_by_call_go_by_the_book(browser: Any, offices: Desk) -> None:
    case, _ = await answered(offices, "tieshan")
    async with browser("wang", "tieshan") as one:
        told = await ring(one, "n-2", NAME, TELEPHONE)
        if "此人有几件" in told.text:
            told = await one.post("/desk/call", {"name": NAME, "telephone": TELEPHONE, "key": "n-2", "case": case})
        assert "向投诉中心申诉,另立一件办理" in told.text
        call = hidden(told.text, "call")
        assert "已替来电人记下" in (await one.post("/desk/call/rate", {"call": call, "key": "r-1", "satisfaction": "不满意"})).text
        rated = await last(offices, case, "rated")
        assert (rated["actor"], rated["entered_by"], rated["data"]["fields"]["mode"]) == ("complainant", "wang", "telephone")
        assert rated["data"]["patch"]["attrs"]["satisfaction_source"] == "entered_by_handler", "marked as noted by somebody else"
        assert "由经办人记录,非本人提交" in (await one.get(f"/cases/{case}")).text
        assert "已替来电人记下" in (await one.post("/desk/call/appeal", {"call": call, "key": "r-2", "reason": WHY, "way": "centre"})).text
        assert (await last(offices, case, "appealed"))["data"]["fields"]["way"] == "centre"


async def test_what_the_book_wants_in_another_form_is_refused_with_its_clause(browser: Any, offices: Desk) -> None:
    book = library.book("complaint-handling-regulations")
    written = {"act": "appeal", "needs": ["form:appeal_letter"], "code": "written_form_needed", "clause": "三.4(2)"}
    offices.parts.laws.offices["handling"] = bind({**book, "gate": {**book["gate"], "written": written}}, library.office("handling"), list(library.calendars()))
    case, _ = await answered(offices, "handling")
    async with browser("wang", "handling") as one:
        told = await ring(one, "n-5", NAME, TELEPHONE)
        if "此人有几件" in told.text:
            told = await one.post("/desk/call", {"name": NAME, "telephone": TELEPHONE, "key": "n-5", "case": case})
        refused = await one.post("/desk/call/appeal", {"call": hidden(told.text, "call"), "key": "w-1", "reason": WHY, "way": "superior"})
        assert refused.status_code == 422
        assert "须有书面形式" in refused.text
        assert "三.4(2)" in refused.text
        assert WHY in refused.text


async def test_without_the_call_nothing_is_noted(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with browser("wang") as one, browser("zhao") as other, browser("sun") as unit:
        case = await entered(one, **{"i.name": CALLER, "i.telephone": "13677778888"})
        call = hidden((await ring(one, "n-3", number="13677778888")).text, "call")
        packed, _, mac = call.partition(".")
        for who, proof in ((one, ""), (one, "x.y"), (one, f"{packed}.{'0' * 64}"), (one, f"{packed[:-4]}AAAA.{mac}"), (other, call)):
            refused = await who.post("/desk/call/add", {"call": proof, "key": "x-1", "note": "没有来电的话"})
            assert refused.status_code == 409
            assert "没有来电的话" in refused.text, "nothing typed is lost"
        assert (await unit.post("/desk/call/add", {"call": call, "key": "x-2", "note": "x"})).status_code == 403
        monkeypatch.setattr(calls, "LASTS", timedelta(seconds=-1))
        assert (await one.post("/desk/call/add", {"call": call, "key": "x-3", "note": "过了半小时"})).status_code == 409
        assert await one.desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'material_added'", case) == 0
