"""Changes of people over an office file: pure, in order, valid by their day; and what a running case takes of them."""

from typing import Any

import pytest

from cli import library
from domain.core import current
from domain.roster import applied, people_of
from tests.domain.test_machine_properties import after_story, law_of, send

OFFICE = library.office("district")


def change(what: str, person: str, value: Any, first: str = "2026-11-02") -> dict[str, Any]:
    return {"what": what, "person": person, "value": value, "from": first}


def test_nothing_changed_is_the_file() -> None:
    assert applied(OFFICE, [], "2026-11-03") == OFFICE


def test_a_change_is_valid_from_its_day() -> None:
    posts = change("posts", "mei", {"posts": ["clerk"], "unit": "jczx"}, "2026-11-05")
    assert applied(OFFICE, [posts], "2026-11-04")["person"]["mei"]["posts"] == []
    assert applied(OFFICE, [posts], "2026-11-05")["person"]["mei"]["posts"] == ["clerk"]
    assert OFFICE["person"]["mei"]["posts"] == [], "the file stays as it is"


def test_who_leaves_keeps_their_name_and_is_succeeded_in_units_and_substitutes() -> None:
    rows = [change("substitute", "zhao", {"by": "xu", "from": "2026-11-02", "until": "2026-11-09"}), change("left", "zhao", {"successor": "xu"}, "2026-11-04")]
    after = applied(OFFICE, rows, "2026-11-04")
    assert after["person"]["zhao"] == {**OFFICE["person"]["zhao"], "posts": [], "left": "2026-11-04"}
    assert after["unit"]["jczx"]["leader"] == "xu"
    assert [row["until"] for row in after["substitute"] if row["for"] == "zhao"] == ["2025-10-17", "2026-11-03"]


def test_a_substitute_ends_at_once_and_one_that_never_began_is_gone() -> None:
    rows = [change("substitute", "li", {"by": "sun", "from": "2026-11-02", "until": "2026-11-09"}), change("substitute", "li", {"by": "xu", "from": "2026-11-20", "until": "2026-11-21"})]
    rows += [change("substitute_ended", "li", {"by": "sun", "from": "2026-11-02", "on": "2026-11-04"}, "2026-11-04"), change("substitute_ended", "li", {"by": "xu", "from": "2026-11-20", "on": "2026-11-04"}, "2026-11-04")]
    assert [(row["by"], row["until"]) for row in applied(OFFICE, rows, "2026-11-04")["substitute"] if row["for"] == "li"] == [("sun", "2026-11-03")]


def test_a_file_that_caught_up_goes_first_and_unknown_people_change_nothing() -> None:
    rows = [change("added", "mei", {"name": "x", "posts": ["centre"], "unit": "jczx"}), change("posts", "nobody", {"posts": ["centre"], "unit": "jczx"})]
    assert applied(OFFICE, rows, "2026-11-04")["person"] == OFFICE["person"]


def test_a_running_case_takes_the_people_and_keeps_its_terms() -> None:
    case = after_story("district-e-supervision", "district-archive-contents", 4)
    law = law_of(case.book)
    office = applied({**law.office, "vague": {}, "param": {"x": 1}}, [change("substitute", "li", {"by": "sun", "from": "2020-01-01", "until": "2030-01-01"})], "2026-11-04")
    after, events = send(case, "revise", what="people", value=people_of(office))
    assert [event.kind for event in events if event.command_id] == ["revised"]
    bound = current(law, after)
    assert bound.office["substitute"] == office["substitute"]
    assert (bound.office.get("vague"), bound.office.get("param"), bound.book.get("term")) == (law.office.get("vague"), law.office.get("param"), law.book.get("term"))


@pytest.mark.parametrize("table", ["office", "vague", "policy"])
def test_people_bring_no_other_table_along(table: str) -> None:
    case = after_story("district-e-supervision", "district-archive-contents", 4)
    after, events = send(case, "revise", what="people", value={**people_of(OFFICE), table: {}})
    assert events[0].data["code"] == "field_invalid"
    assert after.revisions.get("people") is None
