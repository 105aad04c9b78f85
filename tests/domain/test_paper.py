"""Who enters paper for whom: as usual, and by an office's own table."""

from typing import Any

import pytest

from domain.paper import may_type, typed_for
from domain.views import Reader

PEOPLE = {"wang": ("clerk", "centre"), "li": ("head", "centre"), "he": ("watcher", "centre"), "liu": ("liaison", "land"), "zhou": ("", "land"), "ma": ("liaison", "market")}
OFFICE: dict[str, Any] = {"person": {key: {"posts": [post] if post else [], "unit": unit} for key, (post, unit) in PEOPLE.items()}}
ROLE = {"clerk": "intake", "head": "centre_head", "watcher": "supervisor", "liaison": "unit_liaison"}


def reader(person: str) -> Reader:
    post, unit = PEOPLE[person]
    return Reader(person, (post,) if post else (), unit, ROLE.get(post, ""), (ROLE[post],) if post else ())


def test_as_usual_intake_types_for_anybody_and_others_for_their_own_unit() -> None:
    assert {one: typed_for(OFFICE, reader(one)) for one in PEOPLE} == {
        "wang": ["li", "he", "liu", "zhou", "ma", "complainant"], "li": ["wang", "he", "liu", "zhou", "ma", "complainant"], "he": ["wang", "li"],
        "liu": ["zhou"], "zhou": ["liu"], "ma": [],
    }  # fmt: skip
    assert not may_type(OFFICE, Reader("guest"), "nobody"), "no unit is nobody's own unit"


@pytest.mark.parametrize(
    ("table", "typist", "wanted"),
    [
        ([{"by": "he", "for": "li"}], "he", ["li"]),
        ([{"by": "he", "for": "li"}], "wang", []),
        ([{"by": "watcher", "for": "liaison"}], "he", ["liu", "ma"]),
        ([{"by": "supervisor", "for": "land"}], "he", ["liu", "zhou"]),
        ([{"by": "land", "for": "own_unit"}], "zhou", ["liu"]),
        ([{"by": ["wang", "he"], "for": ["li", "complainant"]}], "he", ["li", "complainant"]),
        ([{"by": "everyone", "for": "everyone"}], "ma", ["wang", "li", "he", "liu", "zhou", "complainant"]),
        ([{"by": "nobody", "for": "everyone"}], "wang", []),
    ],
)
def test_an_offices_rows_alone_count(table: list[dict[str, Any]], typist: str, wanted: list[str]) -> None:
    assert typed_for({**OFFICE, "paper": table}, reader(typist)) == wanted
