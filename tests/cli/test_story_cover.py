"""`rules stories`: no term, approval, extension, secret or refusal without its stories; and it says what is missing when one goes."""

from __future__ import annotations

import pytest

from cli import library, story_cover
from tests.cli.test_commands import huiyin


@pytest.mark.parametrize("book", library.books())
def test_every_row_that_stories_must_tell_is_told_from_all_its_sides(book: str) -> None:
    assert list(story_cover.lines(book, every=False)) == []


@pytest.mark.parametrize(
    ("row", "side"),
    [(("term", "prompt"), "late"), (("chain", "release"), "passed"), (("extend", "unit"), "refused"), (("admit", "not_staff"), "refused")],
    ids=["term", "chain", "extend", "admit"],
)
def test_without_its_stories_a_row_is_open(row: tuple[str, str], side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = "tieshan-efficiency-complaint-system"
    tell = next(one.sides[side] for one in story_cover.told(book) if (one.table, one.key) == row)
    kept = [(path, one) for path, one in library.stories(book) if one["story"] not in tell]
    assert len(kept) < len(library.stories(book))
    monkeypatch.setattr(library, "stories", lambda _: kept)
    monkeypatch.setattr(library, "boundaries", lambda _: [])
    story_cover.told.cache_clear()
    found = {(one.table, one.key): one.open for one in story_cover.told(book)}
    story_cover.told.cache_clear()
    assert side in found[row]


def test_the_command_lists_each_row_with_its_stories() -> None:
    out = huiyin("rules", "stories", "tieshan-efficiency-complaint-system")
    assert out.returncode == 0
    assert "✓ term.prompt (八 (1))  未逾期 kept: " in out.stdout
    assert "合计 total  term " in out.stdout
