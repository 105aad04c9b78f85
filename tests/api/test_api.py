"""From filing to refusal and approval over HTTP: receipts, retries, views, problems with their clause."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Desk

pytestmark = [pytest.mark.engine, pytest.mark.database]
NAME, PHONE = "张秘密", "13912345678"


def filing(**more: Any) -> dict[str, Any]:
    return {
        "office": "district", "channel": "telephone", "text": f"{NAME}反映窗口没有一次告知", "identity": {"name": NAME, "telephone": PHONE},
        "facts": {"ground": "y5"}, "respondents": [{"person": "zhou", "unit": "land"}], **more,
    }  # fmt: skip


async def filed(desk: Desk, **more: Any) -> dict[str, Any]:
    answer = await desk.http.post("/api/v1/complaints", json=filing(**more), headers={**desk.as_("wang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def act(desk: Desk, case: str, person: str, name: str, key: str = "", match: str = "", **fields: Any) -> Any:
    headers = {**desk.as_(person), "Idempotency-Key": key or uuid4().hex, "Prefer": "wait=20", **({"If-Match": match} if match else {})}
    return await desk.http.post(f"/api/v1/complaints/{case}/acts/{name}", json={"fields": fields}, headers=headers)


async def test_filing_is_the_same_on_every_retry(desk: Desk) -> None:
    headers = {**desk.as_("wang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    first = await desk.http.post("/api/v1/complaints", json=filing(), headers=headers)
    again = await desk.http.post("/api/v1/complaints", json=filing(), headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json()["receipt"] == again.json()["receipt"]
    assert len(first.json()["receipt"].replace(" ", "")) == 20
    other = await desk.http.post("/api/v1/complaints", json=filing(text="别的内容"), headers=headers)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_mismatch"
    assert await desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'filed'", first.json()["case"]) == 1


async def test_acts_answer_with_events_or_with_the_clause(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    assert (await act(desk, case, "wang", "accept")).status_code == 200
    registered = await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    assert registered.status_code == 200
    assert [event["kind"] for event in registered.json()["events"]] == ["registered"]
    early = await act(desk, case, "li", "transfer", unit="land", excerpt="请核实")
    assert early.status_code == 409
    assert early.json()["code"] == "approval_missing"
    assert early.json()["clause"] == ["办理制度 4 a"]
    assert early.json()["who"] == ["li"]
    wrong = await act(desk, case, "zhao", "approve", decision="agree", opinion="同意")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_approver")
    stale = await act(desk, case, "li", "approve", match='"1"', decision="agree", opinion="转办")
    assert stale.status_code == 412
    assert "accepted" in [event["kind"] for event in stale.json()["changed"]]
    key = uuid4().hex
    good = await act(desk, case, "li", "approve", key=key, decision="agree", opinion="转办")
    twice = await act(desk, case, "li", "approve", key=key, decision="agree", opinion="转办")
    assert good.status_code == twice.status_code == 200
    assert good.json()["events"] == twice.json()["events"]
    sent = await act(desk, case, "li", "transfer", unit="land", excerpt="请核实")
    assert sent.json()["phase"] == "handling"


async def test_a_reader_sees_what_the_view_shows_and_nothing_else(desk: Desk) -> None:
    answer = await filed(desk)
    case = answer["case"]
    clerk = await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))
    assert clerk.status_code == 200
    assert clerk.json()["identity"].startswith("v1.district")
    accused = await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("zhou"))
    nobody = await desk.http.get("/api/v1/complaints/case-none", headers=desk.as_("zhou"))
    assert accused.status_code == nobody.status_code == 404
    assert accused.json() == nobody.json()
    listed = await desk.http.get("/api/v1/complaints", headers=desk.as_("zhou"))
    assert case not in json.dumps(listed.json())
    assert (await desk.http.get(f"/api/v1/complaints/{case}")).status_code == 401


async def test_lists_count_what_they_show(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    listed = (await desk.http.get("/api/v1/complaints?limit=200", headers=desk.as_("wang"))).json()
    assert listed["total"] == len(listed["items"])
    assert case in [item["id"] for item in listed["items"]]
    page = (await desk.http.get("/api/v1/complaints?limit=1", headers=desk.as_("wang"))).json()
    following = (await desk.http.get("/api/v1/complaints", params={"limit": 1, "cursor": page["next"]}, headers=desk.as_("wang"))).json()
    assert page["items"][0]["id"] != following["items"][0]["id"]
    waiting = (await desk.http.get("/api/v1/tasks", headers=desk.as_("wang"))).json()
    assert case in [item["id"] for item in waiting["items"]]


async def test_follow_by_receipt_only(desk: Desk) -> None:
    answer = await filed(desk)
    good = await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": answer["receipt"]})
    assert good.status_code == 200
    assert good.json()["phase"] == "filed"
    assert "tasks" not in good.json()
    digits = answer["receipt"].replace(" ", "")
    guess = await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": digits[:-1] + str((int(digits[-1]) + 1) % 10)})
    assert guess.status_code == 404
    wish = await desk.http.post("/api/v1/follow/withdraw", json={"fields": {"reason": "不想麻烦"}}, headers={"X-Receipt-Code": answer["receipt"], "Idempotency-Key": "w1", "Prefer": "wait=20"})
    assert wish.status_code == 200
    assert [event["kind"] for event in wish.json()["events"]] == ["withdrawal_wished"]


async def test_no_name_or_number_in_clear_anywhere(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    handle = desk.parts.gateway.client.get_workflow_handle(case)
    history = (await handle.fetch_history()).to_json()
    tables = [str(row) for name in ("cases", "events", "outbox", "inbox", "outcomes") for row in await desk.pool.fetch(f"select * from {name} where case_id = $1", case)]
    for secret in (NAME, PHONE):
        for text in (secret, secret.encode().hex(), json.dumps(secret), "".join(f"%{byte:02X}" for byte in secret.encode())):
            assert text not in history
            assert not [row for row in tables if text in row]


async def test_problems_have_one_shape(desk: Desk) -> None:
    answer = await desk.http.post("/api/v1/complaints", json={"office": "nowhere", "channel": "telephone"}, headers={"Idempotency-Key": "x"})
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "office_unknown"
    assert {"title", "title_en", "remedy", "remedy_en", "clause", "status"} <= set(answer.json())
    bad = await desk.http.post("/api/v1/complaints", json={"office": "district", "channel": "telephone", "text": "长" * 20_001}, headers={"Idempotency-Key": "y"})
    assert bad.json()["code"] == "body_invalid"
    assert "长长" not in bad.text
    channel = await desk.http.post("/api/v1/complaints", json={"office": "district", "channel": "pigeon"}, headers={"Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert channel.json()["code"] == "channel_not_listed"


async def test_due_and_books_need_no_case(desk: Desk) -> None:
    due = await desk.http.get("/api/v1/due", params={"office": "kaiyang", "start": "2026-09-30", "term": "general", "grade": "general"})
    assert due.json()["items"][0]["due_day"] == "2026-10-10"
    assert due.json()["items"][0]["clause"] == ["六.1"]
    assert {one["id"] for one in (await desk.http.get("/api/v1/offices")).json()["items"]} == {"district", "kaiyang"}
    assert (await desk.http.get("/api/v1/ready")).json() == {"engine": True, "record": True}


async def test_a_revoked_token_is_no_token(desk: Desk) -> None:
    token = desk.parts.tokens.issue("wang", "district")
    assert (await desk.http.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})).status_code == 200
    desk.parts.tokens.revoke(token)
    assert (await desk.http.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}"})).status_code == 401
