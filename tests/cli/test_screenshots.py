"""The README's pictures: each is there, small, and of the size of its screen; what is too large is refused; the day's stories are of one office."""

import io
import random

import pytest
from PIL import Image

from cli.demo import morning, screenshots
from cli.telling import instants


def test_each_picture_is_there_and_small() -> None:
    assert [shot.name for shot in screenshots.SHOTS] == ["file", "desk", "approvals", "unit", "case", "board"]
    for shot in screenshots.SHOTS:
        file = screenshots.TARGET / f"page-{shot.name}.png"
        assert file.stat().st_size <= screenshots.MOST, f"{file.name}: run `make screenshots`"
        with Image.open(file) as picture:
            assert picture.size == shot.size, file.name
            assert len(picture.getcolors() or ()) > 8, f"{file.name} is empty"


def test_a_picture_that_stays_too_large_is_refused() -> None:
    noise = Image.frombytes("RGB", (900, 700), random.Random(1).randbytes(900 * 700 * 3))
    out = io.BytesIO()
    noise.save(out, "png")
    with pytest.raises(ValueError, match=str(screenshots.MOST)):
        screenshots.small(out.getvalue())


def test_the_day_lies_after_what_is_told() -> None:
    told = screenshots.stories()
    assert {one["office"] for one in told} == {morning.OFFICE}
    assert {str(one["story"]) for one in told} >= screenshots.OLDER
    assert max(max(instants(one)) for one in told) < screenshots.DAY
