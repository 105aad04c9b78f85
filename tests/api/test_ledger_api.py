"""The ledger over HTTP: each person sees what the book's rows give them, and acts are decided by the ledger itself."""

import json
from datetime import datetime
from typing import Any

import pytest

from api.queries_figures import closed_cases
from cli import library
from domain.core import Reader
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
    boards = (await desk.http.get(PATH, headers=desk.as_("zhou", "kaiyang"))).json()["boards"]
    (entry,) = [one for one in boards if one["subject"] == "wu"]  # others of this process may have posted somebody else
    assert (entry["board"], entry["clause"]) == ("red_black", ["七.2"])
    assert (await desk.http.get(PATH, headers=desk.as_("wang"))).status_code == 404
    assert (await desk.http.get(PATH)).status_code == 401
    assert (await act(desk, "wang", "explode", "b3"))[1]["code"] == "unknown_act"


async def test_figures_are_for_who_looks_over_the_office_and_leave_out_what_is_closed_to_them(desk: Desk) -> None:
    await fed(desk)
    assert (await act(desk, "wang", "enter", "f1", what="deduction", person="zhou", points=2, basis="细则第3条"))[0] == 200
    assert (await act(desk, "wang", "enter", "f2", what="deduction", person="wu", points=3, basis="细则第3条"))[0] == 200
    month = datetime.now(ZONE).strftime("%Y-%m")

    async def read(who: str, office: str = "kaiyang", **params: str) -> tuple[int, dict[str, Any]]:
        answer = await desk.http.get(f"{PATH}/kpi", params=params, headers=desk.as_(who, office))
        return answer.status_code, answer.json()

    status, said = await read("wang", period=month)
    (points,) = said["items"]
    assert (status, points["kpi"], points["value"], points["clause"]) == (200, "points", 5.0, ["七.1 b"])
    assert {one["subject"]: one["value"] for one in points["subjects"]} == {"zhou": 2.0, "wu": 3.0}
    assert (await read("wang", period="2020-01"))[1]["items"][0]["subjects"] == []
    assert (await read("zhou"))[1]["items"] == [], "a window person looks over nothing"
    assert (await read("wang", period="2025-13"))[1]["code"] == "field_invalid"
    assert (await read("wang", office="district"))[0] == 404
    assert (await desk.http.get(f"{PATH}/kpi")).status_code == 401


async def test_a_case_that_is_closed_to_a_reader_is_in_none_of_their_figures(desk: Desk) -> None:
    rule = [{"hide": ["existence"], "from": ["wang"]}]
    for name, closed in (("closed-figure", json.dumps(rule)), ("open-figure", "[]")):
        await desk.pool.execute(
            "insert into cases (case_id, office, book, version, chain_head, phase, \"row\") values ($1, 'closed-office', 'b', 1, '', 'filed', jsonb_build_object('closed', $2::jsonb)) on conflict do nothing", name, closed
        )  # fmt: skip
    await desk.pool.execute("insert into cases (case_id, office, book, version, chain_head, \"row\") values ('old-figure', 'closed-office', 'b', 1, '', '{}') on conflict do nothing")
    assert await closed_cases(desk.pool, "closed-office", Reader("wang")) == {"closed-figure", "old-figure"}
    assert await closed_cases(desk.pool, "closed-office", Reader("li")) == {"old-figure"}
