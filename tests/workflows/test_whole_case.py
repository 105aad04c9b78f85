"""A story from filing to archive on the real engine gives the core's events, byte for byte."""

import pytest

from cli import library
from tests.workflows.rig import Rig
from tests.workflows.telling import check_alike

pytestmark = pytest.mark.engine


async def test_district_whole_transfer(rig: Rig) -> None:
    story = next(one for _, one in library.stories() if one["story"] == "district-whole-transfer")
    await check_alike(rig, story)
