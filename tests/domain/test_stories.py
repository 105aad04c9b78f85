"""Every story of ours against its hand-written expectations: the core is not its own judge."""

from typing import Any

import pytest

from cli import library
from domain.stories import run

STORIES = {str(story["story"]): story for _, story in (*library.stories(), *library.boundaries())}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_story(name: str) -> None:
    story: dict[str, Any] = STORIES[name]
    out = run(story, library.law(story["rulebook"], story["office"]))
    assert out.checks, "a story without expectations proves nothing"
    assert out.failures == []
