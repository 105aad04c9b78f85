"""The twenty paths and the situations that the texts name: none without its story, each story really about it."""

from collections import Counter

import pytest

from cli import library
from cli.demo import page, paths, special
from domain.stories import run

NAMED = {"kaiyang-one-window": 14, "district-e-supervision": 13 + 12 + 4, "community-centre": 12}


def test_the_page_is_up_to_date() -> None:
    assert page.TARGET.read_text(encoding="utf-8") == page.demo_page(), "run `python -m cli.docs`"


def test_there_are_twenty_paths_and_code_for_those_that_name_it() -> None:
    found = paths.paths()
    assert [one.number for one in found] == list(range(1, 21))
    assert [one for one in found if not (one.story or one.by)] == []
    assert {one.by for one in found} - {""} == set(special.WALKS)


@pytest.mark.parametrize("path", [one for one in paths.paths() if one.story], ids=lambda one: one.story)
def test_a_path_is_walked_by_its_story(path: paths.Path) -> None:
    story = next(one for _, one in library.stories() if one["story"] == path.story)
    assert story["office"] == path.office
    out = run(story, library.law(story["rulebook"], story["office"]))
    assert out.failures == []
    assert paths.missing(path, out.events) == []


def test_every_clause_is_one_of_its_book() -> None:
    refs = {book: {row["ref"] for row in library.clauses(book)} for book in library.books()}
    rows = [(library.office(one.office)["office"]["rulebook"], ref) for one in paths.paths() for ref in one.clause]
    rows += [(one.book, ref) for one in paths.situations() for ref in one.clause]
    assert [row for row in rows if row[1] not in refs[row[0]]] == []


def test_every_situation_that_a_text_names_has_its_story() -> None:
    found = paths.situations()
    assert [one for one in found if not one.story] == []
    assert Counter(one.book for one in found) == NAMED
