"""Ends of several events without those that a case cannot have, and terms that begin anew."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import Small

TERM = {"case": {"from": "accepted", "until": {"all": ["finished", "fed_back", "replied_to_source"]}, "limit": {"working_days": 3}, "clause": "t"}}
TABLES: dict[str, Any] = {
    "term": TERM,
    "source": {"superior": {"clause": "s"}},
    "answer": {
        "result": {"by": "clerk", "to": "complainant", "event": "fed_back", "clause": "a"},
        "back": {"by": "clerk", "to": "source", "when": {"source": "superior"}, "event": "replied_to_source", "clause": "a"},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("filed", "acts", "states"),
    [
        ({}, ["feedback"], ["met"]),
        ({"anonymous": True}, [], ["met"]),
        ({"source": "superior"}, ["feedback", "reply_to_source"], ["open", "met"]),
        ({"source": "superior", "has_contact": False}, ["reply_to_source"], ["met"]),
    ],
)
def test_an_end_that_the_case_cannot_have_drops_out(filed: dict[str, Any], acts: list[str], states: list[str]) -> None:
    s = Small(filed, **TABLES).concluded()
    assert s.state("case") == ("met" if not acts else "open")
    for act, state in zip(acts, states, strict=False):
        s.send("clerk1", act, text="x")
        assert s.state("case") == state


def test_a_term_may_begin_anew_at_each_report() -> None:
    s = Small(term={"report": {"from": {"since": "own", "again": ["progressed"]}, "until": "finished", "limit": {"working_days": 2}, "clause": "t"}})
    s.send("clerk1", "accept")
    assert s.due("report") == ""
    s.send("clerk1", "own")
    assert s.due("report") == "2025-11-05"
    s.send("clerk1", "progress", "Wed 2025-11-05 23:59", text="x")
    assert s.due("report") == "2025-11-07"
    assert s.pass_to("Fri 2025-11-07 23:59") == []
    assert s.pass_to("Sat 2025-11-08 00:00") == ["overdue:report"]
    s.send("clerk1", "progress", "Mon 2025-11-10 09:00", text="y")
    assert s.due("report") == "2025-11-12"
