"""Conditions: every operator, what is unknown, and how when, any and unless stand together."""

from __future__ import annotations

from typing import Any

import pytest

from domain.conditions import OPERATORS, holds

SCALE = ("科员", "副科级", "正科级")
FACTS: dict[str, Any] = {"rank": "副科级", "count": 2, "zero": 0, "units": ["tax", "land"], "flag": True, "off": False, "none": None, "text": "", "kind": "complaint"}


def ask(**row: Any) -> bool:
    return holds(row, FACTS.get, SCALE, lambda name, relation: (name, relation) == ("respondent", "head"))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"kind": "complaint"}, True),
        ({"kind": "matter"}, False),
        ({"kind": ["matter", "complaint"]}, True),
        ({"kind": []}, False),
        ({"missing": "x"}, False),
        ({"flag": True}, True),
        ({"off": False}, True),
        ({"missing": False}, True),  # a flag nobody has set is not set
        ({"missing": True}, False),
        ({"units": "tax"}, True),
        ({"units": "health"}, False),
        ({"units": ["health", "land"]}, True),
        ({"units": {"has": "tax"}}, True),
        ({"units": {"has": "health"}}, False),
        ({"kind": {"has": "comp"}}, False),  # a text is no list
        ({"units": {"under": "land"}}, True),
        ({"rank": {"at_least": "科员"}}, True),
        ({"rank": {"at_least": "副科级"}}, True),
        ({"rank": {"at_least": "正科级"}}, False),
        ({"rank": {"below": "正科级"}}, True),
        ({"rank": {"below": "副科级"}}, False),
        ({"rank": {"over": "科员"}}, True),
        ({"rank": {"over": "副科级"}}, False),
        ({"rank": {"at_least": "局长"}}, False),  # a rank the book does not know
        ({"kind": {"at_least": "科员"}}, False),
        ({"count": {"at_least": 2}}, True),
        ({"count": {"over": 2}}, False),
        ({"count": {"below": 3}}, True),
        ({"zero": {"below": 1}}, True),
        ({"zero": {"unknown": False}}, True),  # nought is an answer
        ({"off": {"unknown": False}}, True),
        ({"flag": {"at_least": 0}}, False),  # yes is no number
        ({"none": {"below": 5}}, False),
        ({"missing": {"unknown": True}}, True),
        ({"text": {"unknown": True}}, True),
        ({"kind": {"unknown": True}}, False),
        ({"kind": {"unknown": False}}, True),
        ({"count": {"over": 1, "below": 3}}, True),
        ({"count": {"over": 1, "below": 2}}, False),
        ({"count": {"about": 2}}, False),  # an operator nobody knows never holds
        ({"respondent": {"is": "head"}}, True),
        ({"respondent": {"is": "clerk"}}, False),
        ({}, True),
    ],
)
def test_when(when: dict[str, Any], expected: bool) -> None:
    assert ask(when=when) is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, True),
        ({"when": {"flag": True, "kind": "matter"}}, False),  # all of when
        ({"any": [{"kind": "matter"}, {"flag": True}]}, True),  # one of any
        ({"any": [{"kind": "matter"}, {"flag": False}]}, False),
        ({"any": []}, True),
        ({"unless": {"flag": True}}, False),
        ({"unless": {"flag": True, "kind": "matter"}}, True),  # barred only when all of it holds
        ({"unless": {}}, True),
        ({"when": {"flag": True}, "any": [{"kind": "complaint"}], "unless": {"count": 2}}, False),
        ({"when": {"flag": True}, "any": [{"kind": "complaint"}], "unless": {"count": 3}}, True),
    ],
)
def test_parts_of_a_row(row: dict[str, Any], expected: bool) -> None:
    assert ask(**row) is expected


def test_without_relations_nothing_is_anybody() -> None:
    assert holds({"when": {"respondent": {"is": "head"}}}, FACTS.get) is False


def test_the_operators_are_the_closed_set_of_the_vocabulary() -> None:
    assert {"at_least", "over", "below", "has", "unknown", "is", "under"} == OPERATORS
