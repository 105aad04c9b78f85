"""/follow: wrong codes of every kind are answered alike and few are allowed; what may be said there, and what not."""

import time
from typing import Any
from uuid import uuid4

import pytest

from api import tries
from api.follow import LEAST
from api.tries import Tries
from tests.api.conftest import Desk
from tests.api.test_api import filed
from tests.api.test_filing import PDF

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_wrong_codes_are_alike(desk: Desk) -> None:
    receipt = (await filed(desk))["receipt"]
    digits = receipt.replace(" ", "")
    wrong: list[Any] = [digits[:-1] + str((int(digits[-1]) + 1) % 10), "", "你好".encode(), "1" * 400, digits + "0", "0000 0000 0000 0000 0000", "7992 7398 7130 0000 0009"]
    desk.parts.tries.known.clear()
    texts = set()
    for code in wrong:
        began = time.monotonic()
        answer = await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": code})
        assert time.monotonic() - began >= LEAST, "never sooner than any other"
        texts.add((answer.status_code, answer.text, tuple(sorted(answer.headers))))
    missing = await desk.http.get("/api/v1/follow")
    texts.add((missing.status_code, missing.text, tuple(sorted(missing.headers))))
    assert len(texts) == 1
    assert next(iter(texts))[0] == 404
    post = await desk.http.post("/api/v1/follow/withdraw", json={"fields": {}}, headers={"X-Receipt-Code": wrong[0], "Idempotency-Key": "x"})
    assert post.text == missing.text
    desk.parts.tries.known.clear()
    for shown in (receipt, digits, receipt.replace(" ", "-")):
        assert (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": shown})).status_code == 200


async def test_few_tries(desk: Desk) -> None:
    receipt = (await filed(desk))["receipt"]
    desk.parts.tries.known.clear()
    answers = [(await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": "1"})).status_code for _ in range(tries.TRIES + 2)]
    assert answers == [404] * tries.TRIES + [429] * 2
    right = await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})
    assert (right.status_code, right.json()["code"]) == (429, "too_many_tries"), "else the answer would tell which is right"
    assert right.headers["retry-after"]
    desk.parts.tries.known.clear()


def test_tries_are_bounded_and_hold_no_address() -> None:
    one = Tries()
    for n in range(tries.CLIENTS + 50):
        one.failed(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")
    assert len(one.known) == tries.CLIENTS
    assert not [key for key in one.known if b"10.0." in key]
    for n in range(tries.TRIES):
        one.failed(f"2001:db8:1:2::{n}")
    assert one.exhausted("2001:db8:1:2:ffff::1"), "one network, one client"
    assert not one.exhausted("2001:db8:1:3::1")
    for stamps in one.known.values():
        stamps[:] = [at - tries.WINDOW - 1 for at in stamps]
    assert not one.exhausted("2001:db8:1:2::1")


async def say(desk: Desk, receipt: str, wish: str, key: str = "", **fields: Any) -> Any:
    headers = {"X-Receipt-Code": receipt, "Idempotency-Key": key or uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/follow/{wish}", json={"fields": fields}, headers=headers)


async def test_what_a_complainant_may_say(desk: Desk) -> None:
    answer = await filed(desk)
    case, receipt = answer["case"], answer["receipt"]
    added = await say(desk, receipt, "add", note="还有一位同事在场")
    assert added.status_code == 200
    assert [event["kind"] for event in added.json()["events"]] == ["material_added"]
    assert not {"actor", "post", "fields"} & set(added.json()["events"][0])
    headers = {"X-Receipt-Code": receipt, "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    files = await desk.http.post("/api/v1/follow/add", files=[("note", (None, "现场照片".encode())), ("files", ("x", PDF))], headers=headers)
    assert files.status_code == 200, files.text
    back = await desk.http.post(f"/api/v1/complaints/{case}/attachments/{files.json()['items'][0]['sha']}", json={"reason": "办理"}, headers=desk.as_("wang"))
    assert back.content == PDF
    assert (await say(desk, receipt, "supplement", reason="上午十点")).status_code == 200
    assert (await say(desk, receipt, "withdraw", reason="不想麻烦")).status_code == 200
    assert (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})).json()["withdrawal"] == "wished"
    for wish, fields, code in (
        ("approve", {}, "unknown_act"), ("add", {}, "field_missing"), ("supplement", {"facts": "x"}, "field_unknown"), ("rate", {"satisfaction": "satisfied"}, None),
        ("withdraw", {"reason": "长" * 20_001}, "field_too_long"),
    ):  # fmt: skip
        refused = await say(desk, receipt, wish, **fields)
        assert refused.status_code in (409, 422), refused.text
        assert code in (None, refused.json()["code"])
    key = uuid4().hex
    one, two = await say(desk, receipt, "retaliation", key, text="被刁难"), await say(desk, receipt, "retaliation", key, text="别的")
    assert (one.status_code, two.status_code, two.json()["code"]) == (200, 422, "idempotency_mismatch")


async def test_a_code_serves_after_the_end(desk: Desk) -> None:
    answer = await filed(desk)
    assert (await say(desk, answer["receipt"], "withdraw", reason="已解决")).status_code == 200
    settled = await desk.http.post(
        f"/api/v1/complaints/{answer['case']}/acts/settle_withdrawal", json={"fields": {"own_wish": True, "reason": "已核实"}},
        headers={**desk.as_("wang"), "Idempotency-Key": "s", "Prefer": "wait=20"},
    )  # fmt: skip
    assert settled.status_code == 200, settled.text
    shown = await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": answer["receipt"]})
    assert shown.status_code == 200
    assert shown.json()["outcome"] == "withdrawn"
