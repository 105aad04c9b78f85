"""No term in days, weeks or months without both sides of its end across National Day 2025 and Spring Festival 2026; a new one is found."""

import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import library, story_across, story_cover
from cli.main import app
from domain.stories import StoryError, bounds, run, variants

BOOK = "tieshan-efficiency-complaint-system"


@pytest.mark.parametrize("book", library.books())
def test_every_term_is_told_across_both_holidays(book: str) -> None:
    assert list(story_across.lines(book, every=False)) == []


def test_what_is_exempt_is_counted_in_the_clock_alone() -> None:
    total: Counter[str] = Counter()
    for book in library.books():
        for name, (done, of) in story_across.counts(book).items():
            assert done == of
            total[name] += of
    both = [total[festival] for festival in story_across.FESTIVALS]
    assert both == [174, 174], "a term came or went: count again on paper"
    assert (total["clock"], total["unset"]) == (7, 4), "only minutes, hours and the same day are exempt, and what no office has set"


@pytest.fixture
def fresh() -> Iterator[None]:
    story_cover.told.cache_clear()
    story_across.across.cache_clear()
    yield
    story_cover.told.cache_clear()
    story_across.across.cache_clear()


def test_a_new_term_without_its_boundaries_is_found(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    book = copy.deepcopy(library.book(BOOK))
    book["term"]["answered"] = {"zh": "答复", "from": "finished", "until": "fed_back", "limit": {"working_days": 4}, "clause": "十三 (1)"}
    monkeypatch.setattr(library, "book", lambda _: book)
    found = [line for line in story_across.lines(BOOK, every=False) if line.startswith("✗ term.answered")]
    assert len(found) == 1
    assert found[0].count("—") == 4


def test_a_holiday_before_the_book_was_in_force_is_not_asked_of_it(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    book = copy.deepcopy(library.book(BOOK))
    book["book"]["in_force_from"] = "2026-01-01"
    monkeypatch.setattr(library, "book", lambda _: book)
    monkeypatch.setattr(library, "boundaries", lambda _: [])
    national, spring = story_across.FESTIVALS
    row = next(one for one in story_across.across(BOOK) if one.one.key == "taken_over")
    assert (row.open(national), row.open(spring)) == ([], ["kept", "late"])


def test_without_its_boundary_story_a_term_is_open_on_both_sides(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [(path, one) for path, one in library.boundaries(BOOK) if not one["story"].startswith("tieshan-redo@1")]
    monkeypatch.setattr(library, "boundaries", lambda _: kept)
    row = next(one for one in story_across.across(BOOK) if one.one.key == "taken_over")
    assert [row.open(festival) for festival in story_across.FESTIVALS] == [["kept", "late"], ["kept", "late"]]


def test_a_wrong_last_day_is_told_on_both_of_its_sides() -> None:
    path, _ = next((path, one) for path, one in library.boundaries(BOOK) if one["story"].startswith("tieshan-own-term@"))
    story = library.toml(path)
    story["bounds"][0]["due"] = {"own": ["2025-10-13", "2026-02-28"]}  # a working day early, and a make-up day late
    early, late = (run(one, library.law(BOOK, "tieshan")).failures for one in bounds(story))
    assert any("own.due" in line for line in early)
    assert any("2025-10-14 00:00: events" in line for line in early)
    assert any("own.due" in line for line in late)
    assert any("no events" in line for line in late)


def test_the_dates_inside_an_act_move_with_it() -> None:
    acts = [{"at": "Mon 2025-09-29 10:00", "who": "a", "do": "file", "with": {"told_at": "2025-09-29T09:58:00+08:00", "days": ["2025-09-28", "9月28日"]}}, {"at": "Tue 2025-09-30 09:00", "who": "a", "do": "accept"}]
    moved, late = bounds({"story": "x", "act": acts, "bounds": [{"on": ["Fri 2026-02-13", "Sat 2026-02-14 16:30"], "due": {"t": ["2026-02-24", "2026-02-24 10:00"]}}]})
    assert moved["act"][0] == {"at": "Thu 2026-02-12 10:00", "who": "a", "do": "file", "with": {"told_at": "2026-02-12T09:58:00+08:00", "days": ["2026-02-11", "9月28日"]}}
    assert [one["at"] for one in moved["expect"]] == ["2026-02-24 23:59", "2026-02-25 00:00"]
    assert (moved["story"], late["act"][1]["at"]) == ("x@1-2026-02-13", "Sat 2026-02-14 16:30")
    assert [one["at"] for one in late["expect"]] == ["2026-02-24 10:00", "2026-02-24 10:01"]


@pytest.mark.parametrize("wrong", [{"on": "2026-02-13"}, {"on": "2026-02-13", "due": {}, "until": "x"}, {"of": "none", "on": "2026-02-13", "due": {}}], ids=["no due", "unknown key", "no such variant"])
def test_a_boundary_that_cannot_be_meant_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(StoryError, match="bounds 1 needs on and due"):
        list(bounds({"story": "x", "act": [{"at": "Mon 2025-09-29 10:00"}], "bounds": [wrong]}))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("Tue 2025-09-30 09:30", "Mon 2025-09-30 09:30", "act 2: 'Mon 2025-09-30 09:30': 2025-09-30 is a Tue"), ('"Fri 2026-02-13"', '"Thu 2026-02-13"', "bounds 1, Thu 2026-02-13:")],
    ids=["act", "bounds"],
)
def test_a_story_that_cannot_be_read_is_named_and_no_traceback(old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tieshan").mkdir()
    text = (library.STORIES / "tieshan" / "own-term.toml").read_text(encoding="utf-8")
    (tmp_path / "tieshan" / "own-term.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(library, "STORIES", tmp_path)
    kept = (library._stories, library._boundaries, story_cover.told, story_across.across)
    for one in kept:
        one.cache_clear()
    try:
        for words in (("stories", BOOK), ("rules", "stories", BOOK)):
            done = CliRunner().invoke(app, words)
            assert done.exit_code == 2, done.output
            assert "tieshan" in done.output
            assert said in done.output
            assert isinstance(done.exception, SystemExit)
    finally:
        for one in kept:
            one.cache_clear()


def test_a_variant_may_stand_on_an_earlier_one() -> None:
    told = {one["story"]: one for one in variants({"story": "x", "a": 1, "b": 1, "variant": [{"name": "p", "a": 2}, {"name": "q", "of": "p", "b": 2}]})}
    assert told["x#q"] == {"story": "x#q", "a": 2, "b": 2}
    with pytest.raises(StoryError, match="does not stand before it"):
        list(variants({"story": "x", "variant": [{"name": "q", "of": "p"}]}))
