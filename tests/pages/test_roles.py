"""The pages of leader, unit, supervisor and auditor: each shows what waits for its reader and nothing that the view hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.gateway import now
from api.office import Seen
from api.pages.picture import picture
from api.pages.render import Names
from cli import library
from domain.core import reader_of, view
from domain.stories import run
from tests.api.test_api import act, filed
from tests.workflows import rig as rigs

pytestmark = [pytest.mark.engine, pytest.mark.database]
SECRETS = ("13800000000", "示例·投诉人")


async def in_work(desk: Any) -> str:
    """A case of the district office on its way to a unit: accepted, registered, approved, transferred."""
    case = (await filed(desk))["case"]
    assert (await act(desk, case, "wang", "accept")).status_code == 200
    assert (await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})).status_code == 200
    return str(case)


async def test_a_leader_finds_what_waits_for_their_word(browser: Any, desk: Any) -> None:
    case = await in_work(desk)
    async with browser("li", "district") as one:
        shown = await one.get("/approvals")
        assert f"/cases/{case}/acts/approve" in shown.text
        form = await one.get(f"/cases/{case}/acts/approve?f.decision=agree")
        assert "本件情况" in form.text
        done = await one.post(f"/cases/{case}/acts/approve", {"f.decision": "agree", "f.opinion": "同意", "key": "ap-1", "version": "999"})
        assert done.status_code == 412  # decided on something else than what lies here
        done = await one.post(f"/cases/{case}/acts/approve", {"f.decision": "agree", "f.opinion": "同意", "key": "ap-2"})
        assert "已办理并记录" in done.text
        assert f"/cases/{case}/acts/approve" not in (await one.get("/approvals")).text


async def test_a_unit_sees_its_excerpt_and_nothing_of_the_complainant(browser: Any, desk: Any) -> None:
    case = await in_work(desk)
    assert (await act(desk, case, "li", "approve", decision="agree", opinion="同意")).status_code == 200
    sent = await act(desk, case, "li", "transfer", unit="land", excerpt="只写给单位看的摘要")
    assert sent.status_code == 200, sent.text
    async with browser("zhou", "district") as one:
        for path in ("/unit", f"/cases/{case}", "/home", "/inbox", f"/cases/{case}/acts/conclude"):
            shown = await one.get(path)
            assert shown.status_code == 200, path
            assert not any(secret in shown.text for secret in SECRETS), path
        assert "只写给单位看的摘要" in (await one.get("/unit")).text


async def test_every_figure_of_the_board_opens_its_list(browser: Any, desk: Any) -> None:
    await in_work(desk)
    async with browser("li", "district") as one:
        shown = await one.get("/board")
        assert shown.status_code == 200
        assert "督办看板" in shown.text
        assert (await one.get("/deadlines?month=2026-10")).status_code == 200
        assert (await one.get("/deadlines?month=nonsense")).status_code in (404, 422)
    async with browser("zhou", "district") as one:
        assert (await one.get("/board")).status_code == 403


async def test_an_auditor_replays_on_the_page_and_nobody_else(browser: Any, desk: Any, engine: str, database: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await in_work(desk)
    for name, value in {"HUIYIN_ENGINE_ADDRESS": engine, "HUIYIN_NAMESPACE": rigs.NAMESPACE, "HUIYIN_DATABASE_URL": database, "HUIYIN_KEYS": str(home / "keys"), "HUIYIN_FILES": str(home / "files"), "HUIYIN_HOME": str(home), "HUIYIN_STORY_CLOCK": "1"}.items():
        monkeypatch.setenv(name, value)
    law = desk.parts.laws.offices["district"]
    auditor = next(person for person, row in law.office["person"].items() if "auditor" in row["posts"])
    async with browser(auditor, "district") as one:
        assert "重放并核对" in (await one.get(f"/audit/{case}")).text
        told = await one.post(f"/audit/{case}")
        assert "一致:历史、事件和记录逐值相同" in told.text, told.text[-3000:]
        assert await desk.pool.fetchval("select count(*) from reader_log where what = 'replay' and case_id = $1", case) == 1
    async with browser("wang", "district") as one:
        assert (await one.get(f"/audit/{case}")).status_code == 403


def test_the_picture_holds_what_the_view_holds() -> None:
    """Bars for the clocks that this reader sees, a mark for each event that they hear of; nothing for those to whom progress is closed."""
    story = next(story for _, story in library.stories() if story["story"] == "district-overdue-transferred")
    law = library.law(story["rulebook"], story["office"])
    told = run(story, law)
    inside = reader_of("wang", law)
    found = Seen(told.case, told.events, law, inside, view(told.case, inside, law) or {})
    events = found.told()
    made = picture(found, events, Names(law, "zh"), now())
    assert made is not None
    assert len(made.rows) == 2 + len(found.shown["clocks"])
    assert len([tick for tick in made.ticks if tick.row == 1]) == len(events)
    assert any(bar.css == "late" for bar in made.bars) or told.case.phase in ("closed", "archived")
    assert any(day.css == "off" for day in made.days)
    blind = Seen(told.case, told.events, law, inside, {})
    assert picture(blind, [], Names(law, "zh"), now()) is None
