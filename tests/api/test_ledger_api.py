"""The ledger over HTTP: each person sees what the book's rows give them, and acts are decided by the ledger itself."""

from datetime import datetime

import pytest

from cli import library
from domain.workdays import ZONE
from tests.api.conftest import Desk

pytestmark = pytest.mark.engine
BOOK, PATH = "kaiyang-one-window", "/api/v1/offices/kaiyang/ledger"


async def fed(desk: Desk) -> None:
    await desk.feeder.round({"kaiyang": (BOOK, library.law(BOOK, "kaiyang"))}, datetime.now(ZONE).replace(microsecond=0))


async def act(desk: Desk, who: str, name: str, key: str, **fields: object) -> tuple[int, dict[str, object]]:
    headers = {**desk.as_(who, "kaiyang"), "Idempotency-Key": key, "Prefer": "wait=20"}
    answer = await desk.http.post(f"{PATH}/acts/{name}", headers=headers, json={"fields": fields})
    return answer.status_code, answer.json()


async def test_duties_are_seen_by_whoever_owes_them_and_fulfilled_once(desk: Desk) -> None:
    await fed(desk)
    mine = {}
    for _ in range(100):
        mine = (await desk.http.get(PATH, headers=desk.as_("wang", "kaiyang"))).json()
        if mine["duties"]:
            break
    (duty,) = mine["duties"]
    assert (duty["recur"], duty["who"], duty["clause"]) == ("bulletin", ["wang", "zhao"], ["七.1 a"])
    assert (await desk.http.get(PATH, headers=desk.as_("zhou", "kaiyang"))).json()["duties"] == []
    assert [(t["act"], t["recur"]) for t in (await desk.http.get("/api/v1/tasks", headers=desk.as_("zhao", "kaiyang"))).json()["ledger"]] == [("fulfil", "bulletin")]
    assert (await desk.http.get("/api/v1/tasks", headers=desk.as_("sun", "kaiyang"))).json()["ledger"] == []
    status, said = await act(desk, "sun", "fulfil", "k1", recur="bulletin", list="0件")
    assert (status, said["code"], said["clause"]) == (403, "wrong_person", ["七.1 a"])
    assert (await act(desk, "wang", "fulfil", "k2", recur="bulletin", list="0件"))[0] == 200
    assert (await act(desk, "wang", "fulfil", "k2", recur="bulletin", list="0件"))[0] == 200, "the same key is the same act"
    assert (await act(desk, "zhao", "fulfil", "k3", recur="bulletin", list="0件"))[1]["code"] == "already_done"
    assert (await desk.http.get(PATH, headers=desk.as_("wang", "kaiyang"))).json()["duties"] == []


async def test_boards_are_seen_by_all_of_the_office_and_nobody_else(desk: Desk) -> None:
    await fed(desk)
    status, said = await act(desk, "zhou", "post_up", "b1", board="red_black", person="wu")
    assert (status, said["code"]) == (403, "not_issuer")
    assert (await act(desk, "wang", "post_up", "b2", board="red_black", person="wu"))[0] == 200
    (entry,) = (await desk.http.get(PATH, headers=desk.as_("zhou", "kaiyang"))).json()["boards"]
    assert (entry["board"], entry["subject"], entry["clause"]) == ("red_black", "wu", ["七.2"])
    assert (await desk.http.get(PATH, headers=desk.as_("wang"))).status_code == 404
    assert (await desk.http.get(PATH)).status_code == 401
    assert (await act(desk, "wang", "explode", "b3"))[1]["code"] == "unknown_act"
