"""A whole case over HTTP, and what each kind of reader learns of it by any route: the complainant's words and name reach nobody who may not have them."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Desk
from tests.api.test_api import NAME, PHONE, act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]
WORDS = "我担心窗口报复,当天穿红衣的就是我"
ANSWER = "已核实并改正,特此答复"
FORMS = {"investigation_report": {"summary": "已核实经过"}, "fact_material": {"list": "登记表"}, "treatment_opinion": {"opinion": "批评并改正"}}
ITEMS = dict.fromkeys(("facts", "evidence", "character", "treatment", "procedure", "formalities", "rectification"), "yes")


async def good(desk: Desk, case: str, person: str, name: str, **fields: Any) -> dict[str, Any]:
    answer = await act(desk, case, person, name, **fields)
    assert answer.status_code == 200, f"{name}: {answer.text}"
    found: dict[str, Any] = answer.json()
    return found


async def say(desk: Desk, receipt: str, wish: str, **fields: str) -> Any:
    headers = {"X-Receipt-Code": receipt, "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/follow/{wish}", json={"fields": fields}, headers=headers)


async def sent(desk: Desk) -> tuple[str, str]:
    """A case in the hands of the unit that is complained of; the complainant has said more in the meantime."""
    answer = await filed(desk, text=f"{NAME}:{WORDS}")
    case, receipt = answer["case"], answer["receipt"]
    await good(desk, case, "wang", "accept")
    await good(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    await good(desk, case, "wang", "note", text=f"{NAME}来电补充")
    await good(desk, case, "li", "approve", decision="agree", opinion="转办")
    await good(desk, case, "li", "transfer", unit="land", excerpt="请核实窗口是否一次告知")
    assert (await say(desk, receipt, "add", note=WORDS)).status_code == 200
    assert (await say(desk, receipt, "retaliation", text=WORDS)).status_code == 200
    return case, receipt


async def everything(desk: Desk, case: str, person: str) -> str:
    """All that a person can get out of the API about a case, problems among it."""
    paths = [f"complaints/{case}", f"complaints/{case}/timeline", f"complaints/{case}/dates", "complaints?limit=200", "tasks", "inbox", "complaints?unit=land&limit=200"]
    got = [(await desk.http.get(f"/api/v1/{path}", headers=desk.as_(person))).text for path in paths]
    for name, fields in (("feedback", {"text": "x"}), ("approve", {"decision": "agree"}), ("reveal_contact", {"to": person, "reason": "想知道"}), ("close", {}), ("note", {"text": "看过"})):
        got.append((await act(desk, case, person, name, match='"0"', **fields)).text)
        got.append((await act(desk, case, person, name, **fields)).text)
    for path in ("identity", f"attachments/{'0' * 64}"):
        got.append((await desk.http.post(f"/api/v1/complaints/{case}/{path}", json={"reason": "想知道"}, headers=desk.as_(person))).text)
    got.append((await desk.http.post("/api/v1/lookups", json={"kind": "name", "value": NAME, "reason": "想知道"}, headers=desk.as_(person))).text)
    return "\n".join(got)


async def test_a_unit_sees_its_excerpt_and_nothing_of_the_complainant(desk: Desk) -> None:
    case, _ = await sent(desk)
    shown = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("liu"))).json()
    assert [part["excerpt"] for part in shown["assignments"].values()] == ["请核实窗口是否一次告知"]
    assert not {"identity", "digests", "original", "attachments", "forms", "respondents", "evidence", "opinion"} & set(shown)
    heard = (await desk.http.get(f"/api/v1/complaints/{case}/timeline", headers=desk.as_("liu"))).json()["events"]
    kinds = {event["kind"] for event in heard}
    assert "transferred" in kinds
    assert not {"noted", "retaliation_reported", "material_added", "registered"} & kinds
    assert not [event for event in heard if "actor" in event]
    sealed = await desk.pool.fetch("select data from events where case_id = $1 and kind = 'filed'", case)
    digests = json.loads(sealed[0]["data"])["patch"]["attrs"]["digests"]
    for person in ("liu", "zhou"):
        text = await everything(desk, case, person)
        for secret in (NAME, PHONE, WORDS, "红衣", "v1.", "窗口没有一次告知", *digests):
            assert secret not in text, f"{person} learns {secret}"


async def test_a_unit_that_has_nothing_to_do_with_it_finds_no_case_at_all(desk: Desk) -> None:
    case, _ = await sent(desk)
    text = await everything(desk, case, "gao")
    nothing = await desk.http.get("/api/v1/complaints/case-none", headers=desk.as_("gao"))
    assert (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("gao"))).text == nothing.text
    assert case not in text.replace(f"/{case}/", "")
    refused = await act(desk, case, "gao", "note", text="x")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_the_auditor_reads_the_file_without_the_complainant(desk: Desk) -> None:
    case, _ = await sent(desk)
    text = await everything(desk, case, "shen")
    for secret in (NAME, PHONE, WORDS, "v1."):
        assert secret not in text
    events = (await desk.http.get(f"/api/v1/complaints/{case}/timeline", headers=desk.as_("shen"))).json()["events"]
    approved = next(event for event in events if event["kind"] == "approved")
    assert (approved["actor"], approved["fields"]["decision"]) == ("li", "agree")


async def test_the_clerk_reads_the_words_and_the_record_holds_none(desk: Desk) -> None:
    case, _ = await sent(desk)
    events = (await desk.http.get(f"/api/v1/complaints/{case}/timeline", headers=desk.as_("wang"))).json()["events"]
    assert [event["fields"]["note"] for event in events if event["kind"] == "material_added"] == [WORDS]
    assert [event["fields"]["text"] for event in events if event["kind"] == "noted"] == [f"{NAME}来电补充"]
    tables = [str(row) for name in ("cases", "events", "outbox", "inbox", "outcomes") for row in await desk.pool.fetch(f"select * from {name} where case_id = $1", case)]
    assert not [row for row in tables if NAME in row or "红衣" in row]
    history = (await desk.parts.gateway.client.get_workflow_handle(case).fetch_history()).to_json()
    assert "红衣" not in history


async def test_the_complainant_follows_to_the_answer_and_rates_it(desk: Desk) -> None:
    case, receipt = await sent(desk)
    before = (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})).json()
    assert before["answers"] == []
    assert before["clocks"][0]["clause"]
    assert before["dates"][0]["days"][0]["kind"] == "start"
    assert "actor" not in json.dumps(before["events"])
    await good(desk, case, "liu", "conclude", finding="true", report="调查完毕", forms=FORMS)
    await good(desk, case, "li", "review", items=ITEMS)
    early = await say(desk, receipt, "rate", satisfaction="satisfied")
    assert early.status_code in (409, 422)
    await good(desk, case, "liu", "feedback", text=ANSWER)
    after = (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})).json()
    assert [(one["kind"], one["text"]) for one in after["answers"]] == [("fed_back", ANSWER)]
    assert ANSWER not in str(await desk.pool.fetch("select body from events where case_id = $1", case))
    rated = await say(desk, receipt, "rate", satisfaction=next(iter(after["satisfaction_scale"]), "satisfied"), text=WORDS)
    assert rated.status_code == 200, rated.text
    assert (await say(desk, receipt, "appeal", reason=WORDS)).status_code == 200
    seen = (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})).json()
    assert {"rated", "appealed"} <= {event["kind"] for event in seen["events"]}
