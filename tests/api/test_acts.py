"""Acts over HTTP beside the straight path: for somebody else, with paper, late, twice, with nonsense, after the end."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.acts import INTERNAL
from api.gateway import now
from domain.acts import ACTS
from tests.api.conftest import Desk
from tests.api.test_api import act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]
PAPER = "a" * 64


async def post(desk: Desk, case: str, person: str, name: str, body: dict[str, Any], **headers: str) -> Any:
    more = {**desk.as_(person), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20", **headers}
    return await desk.http.post(f"/api/v1/complaints/{case}/acts/{name}", json=body, headers=more)


async def registered(desk: Desk) -> str:
    case = (await filed(desk))["case"]
    assert (await act(desk, case, "wang", "accept")).status_code == 200
    assert (await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})).status_code == 200
    return str(case)


async def test_typing_for_a_leader_needs_the_paper_and_shows_both_names(desk: Desk) -> None:
    case = await registered(desk)
    fields = {"fields": {"decision": "agree", "opinion": "同意"}, "for_person": "li"}
    without = await post(desk, case, "wang", "approve", fields)
    assert (without.status_code, without.json()["code"]) == (422, "paper_missing")
    vague = await post(desk, case, "wang", "approve", {**fields, "paper": "扫描件"})
    assert (vague.status_code, vague.json()["code"]) == (422, "field_invalid")
    good = await post(desk, case, "wang", "approve", {**fields, "paper": PAPER})
    assert good.status_code == 200, good.text
    event = good.json()["events"][0]
    assert (event["actor"], event["entered_by"], event["paper"]) == ("li", "wang", PAPER)
    assert (await act(desk, case, "li", "transfer", unit="land", excerpt="请核实")).status_code == 200
    stranger = await post(desk, case, "liu", "note", {"fields": {"text": "x"}, "for_person": "li", "paper": PAPER})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "not_your_act")
    own = await post(desk, case, "liu", "note", {"fields": {"text": "x"}, "for_person": "zhou", "paper": PAPER})
    assert own.status_code == 200, own.text


async def test_when_it_was_received_decides(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    for text, code in (((now() + timedelta(hours=2)).isoformat(), "received_ahead"), ((now() - timedelta(days=90)).isoformat(), "received_too_old")):
        refused = await post(desk, case, "wang", "accept", {"received_at": text})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    for text in ("yesterday", "99999-01-01", "2026-13-01"):
        bad = await post(desk, case, "wang", "accept", {"received_at": text})
        assert (bad.status_code, bad.json()["code"]) == (422, "body_invalid")
    early = (now() - timedelta(minutes=1)).isoformat()
    good = await post(desk, case, "wang", "accept", {"received_at": early})
    assert good.status_code == 200, good.text
    assert good.json()["events"][0]["at"] == early


async def test_one_key_is_one_act_of_one_person(desk: Desk) -> None:
    case, key = (await filed(desk))["case"], uuid4().hex
    first = await post(desk, case, "wang", "note", {"fields": {"text": "甲"}}, **{"Idempotency-Key": key})
    again = await post(desk, case, "wang", "note", {"fields": {"text": "甲"}}, **{"Idempotency-Key": key})
    assert first.status_code == again.status_code == 200
    assert first.json()["events"] == again.json()["events"]
    other = await post(desk, case, "wang", "note", {"fields": {"text": "乙"}}, **{"Idempotency-Key": key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    another_act = await post(desk, case, "wang", "accept", {"fields": {}}, **{"Idempotency-Key": key})
    assert another_act.json()["code"] == "idempotency_mismatch"
    colleague = await post(desk, case, "li", "note", {"fields": {"text": "丙"}}, **{"Idempotency-Key": key})
    assert colleague.status_code == 200
    assert colleague.json()["events"] != first.json()["events"]
    refused = [await post(desk, case, "wang", "approve", {"fields": {"decision": "agree"}}, **{"Idempotency-Key": "no"}) for _ in range(2)]
    assert refused[0].status_code == refused[1].status_code == 409
    assert refused[0].json() == refused[1].json()
    assert await desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'refused'", case) == 1


async def test_nonsense_is_told_and_harms_nothing(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    headers = {**desk.as_("wang"), "Idempotency-Key": "n", "Content-Type": "application/json"}
    bodies = {
        b'{"fields": {"text": "\\u0000"}}': "malformed", b'{"fields": {"text": "\\ud800"}}': None, b'{"fields": []}': "body_invalid", b"{": "body_invalid", b"": "body_invalid",
        b'{"fields": {}, "more": 1}': "body_invalid", b'{"fields": {"text": 1e999}}': None, b"\xff": "body_invalid", b'{"fields": {"text": "' + b"x" * 30_000 + b'"}}': "field_too_long",
    }  # fmt: skip
    for body, code in bodies.items():
        answer = await desk.http.post(f"/api/v1/complaints/{case}/acts/note", content=body, headers=headers)
        assert answer.status_code == 422, (body[:40], answer.text)
        assert code in (None, answer.json()["code"]), (body[:40], answer.text)
    unknown = await act(desk, case, "wang", "note", colour="red", text="x")
    assert (unknown.json()["code"], unknown.json()["detail"]) == ("field_unknown", ["colour"])
    for name in (*sorted(INTERNAL), "fly"):
        assert (await act(desk, case, "wang", name)).json()["code"] == "unknown_act"
    assert (await desk.http.post(f"/api/v1/complaints/{case}/acts/note", json={"fields": {"text": "x"}}, headers=desk.as_("wang"))).json()["code"] == "idempotency_key_missing"
    forged = await act(desk, case, "wang", "note", text="v1.district:2026.AAAA")
    assert forged.json()["code"] == "field_invalid"
    assert (await act(desk, case, "wang", "note", text="好")).status_code == 200


async def test_every_act_answers_in_our_shape(desk: Desk) -> None:
    """All acts by somebody who looks over the case: done, or refused by name; never anything else."""
    from api.examples import wish

    case = await registered(desk)
    answers = {}
    for name in ACTS:
        if name not in (*INTERNAL, "withdraw", "close", "archive", "recuse"):
            answers[name] = await post(desk, case, "li", name, wish(name))
    wrong = {name: one.text for name, one in answers.items() if one.status_code not in (200, 403, 409, 422)}
    assert wrong == {}
    assert all("code" in one.json() and isinstance(one.json()["clause"], list) for one in answers.values() if one.status_code != 200)
    assert {"note", "approve"} <= {name for name, one in answers.items() if one.status_code == 200}


async def test_a_stale_version_is_told_what_changed(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    before = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))).headers["etag"]
    key = uuid4().hex
    good = await act(desk, case, "wang", "accept", key=key, match=before)
    assert good.status_code == 200
    assert good.headers["etag"] != before
    stale = await act(desk, case, "wang", "note", match=before, text="x")
    assert stale.status_code == 412
    assert [event["kind"] for event in stale.json()["changed"]] == [event["kind"] for event in good.json()["events"]]
    again = await act(desk, case, "wang", "accept", key=key, match=before)
    assert (again.status_code, again.json()) == (200, good.json()), "a retry of what was done is no stale act"
    assert (await act(desk, case, "wang", "note", match="*", text="x")).status_code == 200
