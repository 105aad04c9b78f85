"""Same story, three ways: hand-written expectation, core and engine agree event by event, for every story of the three books of the demo and a whole one of every other book, and each history replays."""

import asyncio

import pytest

from cli import library
from tests.workflows.rig import Rig
from tests.workflows.telling import check_alike

pytestmark = pytest.mark.engine
AT_ONCE, PARTS = 12, 6  # parts, so that several processes share them


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_story_three_ways(rig: Rig, part: int) -> None:
    gate = asyncio.Semaphore(AT_ONCE)
    wrong: dict[str, str] = {}
    told = [story for _, story in library.walked() if story["story"] != "district-whole-transfer"][part::PARTS]  # that one has its own test

    async def one(story: dict[str, object]) -> None:
        async with gate:
            try:
                await asyncio.wait_for(check_alike(rig, story), 120)
            except Exception as error:  # all of them are shown at once
                wrong[str(story["story"])] = f"{type(error).__name__}: {error}"[:1500]

    await asyncio.gather(*(one(story) for story in told))
    assert told
    assert not wrong, "\n".join(f"{name}: {text}" for name, text in sorted(wrong.items()))
