"""A cumulative term runs only while the papers are in hand."""

from __future__ import annotations

from tests.smallbook import Small

TERM = {"t": {"from": "sent:in", "until": "finished", "limit": {"working_days": 3}, "runs": {"away": "sent:out", "back": "sent:in"}, "clause": "2"}}
FORM = {name: {"clause": "3", "columns": {"x": {"required": True}}} for name in ("in", "out")}
POST = {"clerk": {"may": ["file", "document"], "clause": "1"}}


def turn(small: Small, form: str, when: str) -> None:
    assert small.send("clerk1", "document", when, form=form, fields={"x": "是"}) == "sent"


def test_time_away_does_not_count_and_time_in_hand_adds_up() -> None:
    small = Small(term=TERM, form=FORM, post=POST)
    turn(small, "in", "Mon 2025-11-03 09:00")
    assert small.due("t") == "2025-11-06"
    turn(small, "out", "Tue 2025-11-04 15:00")  # one day used
    assert small.due("t") == ""
    assert small.pass_to("Mon 2025-11-17 09:00") == []
    turn(small, "in", "Mon 2025-11-17 10:00")
    assert small.due("t") == "2025-11-19"
    turn(small, "out", "Wed 2025-11-19 16:00")  # all three used, none late
    turn(small, "in", "Mon 2025-11-24 09:00")
    assert small.due("t") == "2025-11-24"
    assert small.pass_to("Tue 2025-11-25 00:00") == ["overdue:t"]


def test_what_was_late_stays_late() -> None:
    small = Small(term=TERM, form=FORM, post=POST)
    turn(small, "in", "Mon 2025-11-03 09:00")
    assert small.pass_to("Fri 2025-11-07 00:00") == ["overdue:t"]
    turn(small, "out", "Fri 2025-11-07 09:00")
    turn(small, "in", "Mon 2025-11-10 09:00")
    assert small.due("t") == "2025-11-06"
    assert small.pass_to("Mon 2025-11-17 09:00") == []


def test_a_second_copy_while_in_hand_turns_nothing() -> None:
    small = Small(term=TERM, form=FORM, post=POST)
    turn(small, "in", "Mon 2025-11-03 09:00")
    turn(small, "in", "Wed 2025-11-05 09:00")
    assert small.due("t") == "2025-11-06"
