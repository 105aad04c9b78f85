"""Limits tables, entered numbers, caps, and clocks of orders and items."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import Small

TABLE: dict[str, Any] = {
    "from": "accepted", "until": "finished", "clause": "l",
    "rows": [
        {"when": {"days_asked": {"unknown": False}}, "limit": {"fact": "days_asked", "unit": "working_days"}, "clause": "l 1"},
        {"when": {"day_asked": {"unknown": False}}, "limit": {"fact": "day_asked", "at_most": {"working_days": 10}}, "clause": "l 2"},
        {"when": {"petition": True}, "from": "filed", "limit": {"days": 7}, "clause": "l 3"},
        {"limit": {"working_days": 5}, "nature": "soft", "clause": "l 4"},
    ],
}  # fmt: skip
FACTS = {"days_asked": {"is": "number", "clause": "f"}, "day_asked": {"is": "date", "clause": "f"}, "petition": {"is": "flag", "clause": "f"}}


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({}, "2025-11-11"),  # accepted Tue 4 November, five working days
        ({"petition": True}, "2025-11-10"),  # filed Mon 3 November, seven calendar days
        ({"days_asked": 3}, "2025-11-07"),
        ({"day_asked": "2025-11-17"}, "2025-11-17"),
        ({"day_asked": "2025-11-18"}, "2025-11-18"),  # ten working days after the 4th: the 18th itself
        ({"day_asked": "2025-11-19"}, "2025-11-18"),
        ({"days_asked": 0, "day_asked": "2025-11-07"}, ""),  # no figure that can be meant: the first row that holds has no clock
    ],
)
def test_the_first_row_that_holds_gives_the_term(facts: dict[str, Any], due: str) -> None:
    s = Small({"facts": facts}, fact=FACTS, limits={"matter": TABLE})
    s.send("clerk1", "accept", "Tue 2025-11-04 10:00")
    assert s.due("matter") == due


def test_a_table_overruns_and_ends_as_a_term_does() -> None:
    s = Small(fact=FACTS, limits={"matter": TABLE})
    s.send("clerk1", "accept", "Tue 2025-11-04 10:00")
    assert s.pass_to("Tue 2025-11-11 23:59") == []
    assert s.pass_to("Wed 2025-11-12 00:00") == ["overdue:matter"]
    s.send("clerk1", "own", "Wed 2025-11-12 09:00")
    s.send("clerk1", "conclude", "Wed 2025-11-12 09:00", report="x")
    assert s.state("matter") == "late"


def test_a_condition_of_the_table_itself() -> None:
    s = Small(fact=FACTS, limits={"matter": {**TABLE, "when": {"petition": True}}})
    s.send("clerk1", "accept", "Tue 2025-11-04 10:00")
    assert s.due("matter") == ""


def test_an_item_has_a_clock_of_its_own() -> None:
    tables = {
        "hold": {"cash": {"kinds": ["cash"], "clause": "h"}},
        "post": {"clerk": {"may": ["file", "hold_item", "return_item"], "clause": "1"}},
        "term": {"give_back": {"per": "item", "from": "item_held", "until": "item_returned", "limit": {"working_days": 2}, "clause": "t"}},
    }
    s = Small(**tables)
    s.send("clerk1", "hold_item", kind="cash", description="100元", custodian="clerk1")
    s.send("clerk1", "hold_item", "Tue 2025-11-04 10:00", kind="cash", description="50元", custodian="clerk1")
    assert s.send("clerk1", "return_item", "Wed 2025-11-05 23:59", item="i1", how="当面") == "item_returned"
    assert s.pass_to("Fri 2025-11-07 00:00") == ["overdue:give_back"]
