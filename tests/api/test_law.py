"""A case is shown under the law it was filed under, with its words, whatever the office files say today."""

import copy
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api.app import application
from api.gateway import now
from api.settings import Settings
from cli import library
from domain.core import Command, bind, law_hash, law_text, law_value
from tests.api.conftest import Desk
from tests.api.test_api import act, filed, filing
from tests.workflows import rig as rigs
from workflows import contract

pytestmark = [pytest.mark.engine, pytest.mark.database]
BOOK, LATER = "district-e-supervision", "办结(新)"


async def test_two_versions_of_a_book_side_by_side(desk: Desk, engine: str, database: str, home: Path) -> None:
    old = (await filed(desk))["case"]
    await act(desk, old, "wang", "accept")
    law = desk.parts.laws.offices["district"]
    assert await desk.pool.fetchval("select law_sha256 from cases where case_id = $1", old) == law_hash(law)
    assert await desk.pool.fetchval("select text from law where sha256 = $1", law_hash(law)) == law_text(law_value(law))
    before = (await desk.http.get(f"/api/v1/complaints/{old}", headers=desk.as_("wang"))).json()

    book = copy.deepcopy(library.book(BOOK))
    book["term"]["case"] |= {"zh": LATER, "limit": {"working_days": 33}}
    changed = bind(book, library.office("district"), list(library.calendars()))
    settings = Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0, story_clock=True)
    app = application(settings, {"district": changed})
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
        headers = {**desk.as_("wang"), "Prefer": "wait=20"}
        filed_now = await http.post("/api/v1/complaints", json=filing(), headers={**headers, "Idempotency-Key": uuid4().hex})
        new = filed_now.json()["case"]
        await http.post(f"/api/v1/complaints/{new}/acts/accept", json={"fields": {}}, headers={**headers, "Idempotency-Key": uuid4().hex})
        still = (await http.get(f"/api/v1/complaints/{old}", headers=headers)).json()
        fresh = (await http.get(f"/api/v1/complaints/{new}", headers=headers)).json()
        listed = (await http.get("/api/v1/complaints?limit=200", headers=headers)).json()
    assert still["clocks"] == before["clocks"], "the words too: the new process reads them from the record"
    assert [clock["zh"] for clock in fresh["clocks"] if clock["key"].startswith("case")] == [LATER]
    was = next(clock for clock in still["clocks"] if clock["key"].startswith("case"))
    new_one = next(clock for clock in fresh["clocks"] if clock["key"].startswith("case"))
    assert new_one["due_day"] > was["due_day"]
    assert {old, new} <= {item["id"] for item in listed["items"]}
    assert listed["total"] == len(listed["items"]) or listed["next"]

    seen_by_old = (await desk.http.get(f"/api/v1/complaints/{new}", headers=desk.as_("wang"))).json()
    assert seen_by_old["clocks"] == fresh["clocks"], "and a process of the old book shows the new case under the new one"


async def test_a_new_calendar_in_a_case_counts_in_what_is_shown(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    before = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))).json()
    clock = next(one for one in before["clocks"] if one["key"].startswith("case"))
    law = desk.parts.laws.offices["district"]
    known = next(row for row in law.calendars if row["year"] == int(clock["due_day"][:4]))
    calendar = {**known, "off": [*known["off"], {"zh": "加放", "en": "one day more", "first": clock["due_day"], "last": clock["due_day"], "make_up": []}]}
    revised = Command(f"{case}:calendar", "revise", {"what": "calendar", "value": calendar}, now(), now(), "system")
    message = contract.sign(case, revised, "api-1", desk.parts.keys.signer("actor"))
    await desk.parts.gateway.client.get_workflow_handle(case).signal("revise", message)
    row = await desk.parts.answers.wait(revised.id, 20)
    assert row is not None
    assert row["code"] == "accepted", await desk.pool.fetchval("select body from events where case_id = $1 and seq = $2", case, row["first_seq"])
    after = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))).json()
    assert next(one for one in after["clocks"] if one["key"].startswith("case"))["due_day"] > clock["due_day"]
