"""Repeats and duplicates while typing: certain by digest, likely by unit and ground; nothing that the view of the clerk hides, nothing of another office, each look in the log once."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from api import candidates, sealing
from api.candidates import VALUES, Draft, found
from api.errors import Problem
from domain.core import reader_of
from domain.workdays import ZONE
from tests.api import shelves
from tests.api.shelves import Shelf
from tests.workflows.conftest import database as _database

pytestmark = pytest.mark.database
database = _database
PHONE, TEXT = "13911112222", "当天上午在三号窗口被呵斥"
OFFICE = "list-kaiyang"
NOW = datetime(2025, 11, 20, 9, 0, tzinfo=ZONE)


def filed(shelf: Shelf, book: str, office: str, name: str, respondents: list[dict[str, str]], who: str = "wang", **more: Any) -> dict[str, Any]:
    """A story of one filing by telephone, with digests as the API makes them."""
    keys, kept = shelf.here.keys, f"list-{office}"
    fields = {
        "channel": "telephone", "respondents": respondents, "digests": sealing.digests(keys, kept, {"telephone": PHONE}), "summary_sha": keys.mac("digest", kept, "text", TEXT).hex(),
        "recording": {"told_at": "2025-11-10T09:00:00+08:00", "started_at": "2025-11-10T09:00:20+08:00"}, **more,
    }  # fmt: skip
    return {"story": name, "rulebook": book, "office": office, "act": [{"at": "Mon 2025-11-10 10:20", "who": who, "do": "file", "with": fields}], "expect": []}


@pytest.fixture(scope="module")
async def shelf(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with shelves.shelf(database, tmp_path_factory.mktemp("keys"), stories=()) as one:
        facts = {"ground": "g8", "respondent_name": "示例·周窗口", "matter": "发票代开", "reason": "态度粗暴"}
        book = "kaiyang-one-window"
        for story in (
            filed(one, book, "kaiyang", "of-tax", [{"person": "zhou", "unit": "tax"}], facts=facts),
            filed(one, book, "kaiyang", "of-permit", [{"person": "feng", "unit": "permit"}], facts=facts),
            filed(one, book, "kaiyang", "of-a-clerk", [{"person": "wang", "unit": "room"}], facts=facts),
            filed(one, book, "kaiyang", "of-another", [{"person": "wu", "unit": "housing"}], facts={**facts, "ground": "g1"}, digests=[], summary_sha=""),
        ):
            assert await shelves.put(one, story) is not None, story["story"]
        yield one


@pytest.fixture(autouse=True)
def _at_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "now", lambda: NOW)


async def asked(shelf: Shelf, person: str, draft: str = "draft-0001", office: str = OFFICE, **typed: Any) -> dict[str, Mapping[str, Any]]:
    law = shelf.laws[office]
    return {item["case"]: item for item in await found(shelf.here, law, reader_of(person, law), office, Draft(draft=draft, **typed))}


async def test_the_same_person_and_the_same_letter_are_certain(shelf: Shelf) -> None:
    by_phone = await asked(shelf, "zhao", identity={"telephone": "+86 139-1111-2222"})
    assert {case: item["why"] for case, item in by_phone.items()} == {"of-tax": ["telephone"], "of-permit": ["telephone"]}
    assert all(item["certain"] and item["phase"] == "filed" and item["received_at"] for item in by_phone.values())
    by_text = await asked(shelf, "zhao", "draft-0002", text=TEXT)
    assert {case: item["why"] for case, item in by_text.items()} == {"of-tax": ["text"], "of-permit": ["text"]}
    assert await asked(shelf, "zhao", "draft-0003", identity={"telephone": "139111"}, text=TEXT[:-1]) == {}, "what is still being typed finds nothing"


async def test_the_same_unit_and_ground_are_likely(shelf: Shelf) -> None:
    near = await asked(shelf, "zhao", persons=["zhou"], facts={"ground": "g8"})
    assert {case: (item["why"], item["certain"]) for case, item in near.items()} == {"of-tax": (["unit", "ground"], False)}
    assert set(await asked(shelf, "zhao", units=["housing"])) == {"of-another"}
    assert await asked(shelf, "zhao", units=["housing"], facts={"ground": "g8"}) == {}
    assert await asked(shelf, "zhao", units=["housing"], days=5) == {}
    both = await asked(shelf, "zhao", identity={"telephone": PHONE}, units=["tax", "housing"])
    assert list(both)[2:] == ["of-another"], "the certain ones stand first"


async def test_what_the_view_hides_is_no_way_to_find(shelf: Shelf) -> None:
    for person in ("wang", "zhao"):  # one is complained of, the other is of the unit that is
        learns = await asked(shelf, person, f"draft-hid-{person}", identity={"telephone": PHONE}, text=TEXT, units=["room"])
        assert {case: item["why"] for case, item in learns.items()} == {"of-tax": ["telephone", "text"], "of-permit": ["telephone", "text"], "of-a-clerk": ["unit"]}
        assert not await shelf.pool.fetchval("select count(*) from reader_log where case_id = 'of-a-clerk'")
    for person in ("sun", "shen", "luo", "zhou"):
        with pytest.raises(Problem, match="not_your_act"):
            await asked(shelf, person, identity={"telephone": PHONE})


async def test_what_is_closed_to_a_clerk_is_not_even_likely(shelf: Shelf) -> None:
    """An accusation at the community centre does not exist for whom it accuses."""
    slip = {"name": {"not_given": "来信未具名"}, "work_unit": {"not_given": "来信未写"}, "occupation": {"not_given": "来信未写"}, "address": "sealed", "problem": "反映工作人员违纪", "demand": "请查处"}
    more: dict[str, Any] = {"channel": "letter", "forms": {"slip": slip}, "facts": {"accusation": True}, "recording": {}}
    assert await shelves.put(shelf, filed(shelf, "community-centre", "community", "accusing", [{"person": "lin", "unit": "window"}], who="qiao", **more)) is not None
    assert json.loads(await shelf.pool.fetchval("select row -> 'closed' from cases where case_id = 'accusing'"))
    wish: dict[str, Any] = {"identity": {"telephone": PHONE}, "text": TEXT, "units": ["window"]}
    assert await asked(shelf, "lin", office="list-community", **wish) == {}
    seen = await asked(shelf, "qiao", office="list-community", **wish)
    assert seen["accusing"]["why"] == ["telephone", "text", "unit"]
    assert "accusing" not in await asked(shelf, "zhao", **wish), "another office has its own people"


async def test_each_draft_and_each_case_it_brings_up_is_logged_once(shelf: Shelf) -> None:
    for _ in range(3):
        await asked(shelf, "zhao", "draft-log-1", identity={"telephone": PHONE})
    rows = [(row["what"], row["case_id"]) for row in await shelf.pool.fetch("select what, case_id from reader_log where reason = 'draft draft-log-1' order by id")]
    assert rows[0] == ("candidates", "")
    assert sorted(rows[1:]) == [("candidate", "of-permit"), ("candidate", "of-tax")]
    await asked(shelf, "zhao", "draft-log-2", units=["tax"])
    assert await shelf.pool.fetchval("select count(*) from reader_log where reason = 'draft draft-log-2'") == 0, "nobody was looked for"
    assert PHONE not in str(await shelf.pool.fetch("select * from candidate_looks"))


async def test_one_draft_is_no_way_to_look_up_a_town(shelf: Shelf) -> None:
    with pytest.raises(Problem, match="too_many_tries"):
        for n in range(VALUES + 1):
            await asked(shelf, "zhao", "draft-town", identity={"telephone": f"1380000{n:04d}"})
    assert await asked(shelf, "zhao", "draft-town", units=["tax"]), "what is not a person can still be looked at"
