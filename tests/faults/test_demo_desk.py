"""A path of the demo on a machine that is slow: what the API has taken and not yet recorded is asked for again, and done once."""

import asyncio
from typing import Any

import pytest

from cli.demo.desk import Desk, NotWalked
from tests.faults.site import OFFICE, Site
from tests.faults.test_kills import asleep

pytestmark = [pytest.mark.engine, pytest.mark.database, pytest.mark.faults]
CALL: dict[str, Any] = {"channel": "telephone", "text": "窗口没有一次告知", "identity": {"name": "示例·来电人"}, "facts": {"ground": "y5"}, "respondents": [{"person": "zhou", "unit": "land"}]}


async def test_what_was_taken_is_asked_for_until_it_is_recorded(place: Site) -> None:
    desk, hasty = Desk(place.running.api, place.tokens), Desk(place.running.api, place.tokens, patience=0.0)
    case = await desk.file(OFFICE, "wang", **CALL)
    path, body = f"/complaints/{case}/acts/note", {"fields": {"text": "已电话核实"}}
    async with asleep(place, "worker"):
        assert (await hasty.decided(OFFICE, "wang", path, body, wait=1))[0] == 202
        slow = asyncio.create_task(desk.decided(OFFICE, "wang", path, {"fields": {"text": "慢"}}, wait=1))
        await asyncio.sleep(2.5)
        assert not slow.done(), "it was told 202 twice by now"
    assert (await slow)[0] == 200
    notes = await place.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'noted'", case)
    assert notes == 2, "the impatient one's, and the patient one's once"
    with pytest.raises(NotWalked, match="accept"):
        await desk.act(OFFICE, case, "nobody", "accept")
