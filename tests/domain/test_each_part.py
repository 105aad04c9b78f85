"""Several units in one case: each has its own duties and its own time, and all of them report before the complainant is answered."""

from __future__ import annotations

from typing import Any

from domain.core import alarms
from tests.smallbook import BOOK, Small

HALL: dict[str, Any] = {
    "post": {**BOOK["post"], "clerk": {"may": [*BOOK["post"]["clerk"]["may"], "joint", "request_extension"], "clause": "1"}, "liaison": {"may": ["conclude", "sign_in", "progress", "request_extension"], "clause": "1"}},
    "term": {"unit": {"per": "assignment", "from": "unit_received", "until": "concluded", "limit": {"working_days": 5}, "clause": "t"}},
    "extend": {"unit": {"of": ["unit"], "effect": "move", "adds": "entered", "times": 1, "asked": "before_due", "clause": "e"}},
}  # fmt: skip
FRIDAY, TUESDAY = "2025-11-14", "2025-11-18"


def joint(**tables: Any) -> Small:
    s = Small(**{**HALL, **tables})
    assert s.send("clerk1", "accept") == "accepted"
    assert s.send("clerk1", "joint", lead="tax", support=["land"], excerpt="x") == "joint"
    assert (s.send("tina", "sign_in"), s.send("lars", "sign_in")) == ("unit_received", "unit_received")
    return s


def test_the_time_of_one_unit_is_not_the_time_of_another() -> None:
    s = joint()
    assert s.send("tina", "request_extension", term="unit", why="取证", until=TUESDAY) == "extended"
    assert s.dues("unit") == {"a1": TUESDAY, "a2": "2025-11-10"}
    assert (s.send("tina", "request_extension", term="unit", why="取证", until="2025-11-20"), s.clause) == ("twice", ("e",))
    assert s.send("lars", "request_extension", term="unit", why="取证", until=FRIDAY) == "extended"
    assert s.dues("unit") == {"a1": TUESDAY, "a2": FRIDAY}


def test_whoever_asks_for_another_says_for_whom() -> None:
    s = joint()
    assert s.send("clerk1", "request_extension", term="unit", why="取证", until=FRIDAY) == "field_missing"
    assert s.send("clerk1", "request_extension", term="unit", unit="centre", why="取证", until=FRIDAY) == "no_assignment"
    assert s.send("clerk1", "request_extension", term="unit", unit="land", why="取证", until=FRIDAY) == "extended"
    assert s.dues("unit") == {"a1": "2025-11-10", "a2": FRIDAY}


def test_nobody_answers_while_one_of_the_units_owes_its_report() -> None:
    s = joint()
    assert s.send("tina", "conclude", report="查清") == "concluded"
    assert s.send("clerk1", "feedback", text="答复") == "not_done_before"
    assert s.send("lars", "conclude", report="查清") == "concluded"
    assert s.send("clerk1", "feedback", text="答复") == "fed_back"


LOOK = {"look": {"on": "unit_received", "per": "assignment", "by": "liaison:handling_unit", "needs": ["note"], "within": {"working_days": 1}, "blocks": ["conclude"], "clause": "d"}}


def test_each_unit_has_its_own_duty_and_its_own_clock() -> None:
    s = Small(**HALL, duty=LOOK)
    s.send("clerk1", "accept")
    s.send("clerk1", "joint", lead="tax", support=["land"], excerpt="x")
    assert s.send("tina", "sign_in", "Mon 2025-11-03 10:00") == "unit_received"
    assert s.waiting()["do:look#a1"] == ["tina"]
    assert "do:look#a2" not in s.waiting()
    s.send("lars", "sign_in", "Tue 2025-11-04 10:00")
    assert s.dues("duty:look") == {"a1": "2025-11-04", "a2": "2025-11-05"}
    assert s.send("lars", "do", "Tue 2025-11-04 11:00", duty="look", note="已看") == "done"
    assert (s.waiting()["do:look#a1"], "do:look#a2" in s.waiting()) == (["tina"], False)
    assert s.send("lars", "do", "Tue 2025-11-04 11:05", duty="look", note="代看") == "wrong_person"
    assert s.pass_to("Wed 2025-11-05 00:00") == ["duty_overdue:duty:look"]
    assert (s.send("tina", "conclude", "Wed 2025-11-05 09:00", report="x"), s.clause) == ("duty_open", ("d",))
    assert s.send("tina", "do", "Wed 2025-11-05 10:00", duty="look", note="已看") == "done"


def test_a_duty_of_the_supporting_units_is_none_of_the_leads_and_counts_as_done_when_all_have_done_it() -> None:
    duty = {"help": {"on": "joint", "per": "assignment", "by": "liaison:support_unit", "needs": ["note"], "clause": "d"}}
    s = Small(**HALL, duty=duty, gate={"helped": {"act": "conclude", "needs": ["done:help"], "clause": "g"}})
    s.send("clerk1", "accept")
    s.send("clerk1", "joint", lead="tax", support=["land", "centre"], excerpt="x")
    assert {act: who for act, who in s.waiting().items() if act.startswith("do:")} == {"do:help#a2": ["lars"]}  # the centre has no liaison
    assert s.send("tina", "do", duty="help", note="x") == "wrong_person"
    assert (s.send("tina", "conclude", report="x"), s.clause) == ("not_done_before", ("g",))
    assert s.send("lars", "do", duty="help", note="x") == "done"
    assert s.send("tina", "conclude", report="x") == "concluded"


def test_a_duty_of_what_was_assigned_does_not_begin_with_a_transfer() -> None:
    s = Small(**HALL, duty={"look": {**LOOK["look"], "on": "assigned"}})
    s.send("clerk1", "accept")
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "transferred"
    assert not [act for act in s.waiting() if act.startswith("do:")]


def test_what_comes_again_inside_a_case_is_due_anew_after_each_time_until_it_ends() -> None:
    row = {"on": "progressed", "until": "concluded", "every": {"days": 7}, "by": "clerk", "needs": ["note"], "clause": "r"}
    s = Small(recur={"stage": row})
    s.send("clerk1", "accept")
    s.send("clerk1", "own")
    assert s.send("clerk1", "do", duty="stage", note="x") == "no_such_duty"
    s.send("clerk1", "progress", "Mon 2025-11-03 10:00", text="x")
    assert (s.due("duty:stage"), s.waiting()["do:stage"]) == ("2025-11-10", ["clerk1"])
    assert s.send("clerk1", "do", "Wed 2025-11-05 10:00", duty="stage", note="一") == "done"
    assert s.due("duty:stage") == "2025-11-12"
    assert s.pass_to("Thu 2025-11-13 00:00") == ["duty_overdue:duty:stage"]
    assert s.send("head1", "do", "Thu 2025-11-13 09:00", duty="stage", note="二") == "wrong_person"
    assert s.send("clerk1", "do", "Thu 2025-11-13 10:00", duty="stage", note="二") == "done"
    assert s.due("duty:stage") == "2025-11-20"
    assert s.send("clerk1", "conclude", "Fri 2025-11-14 10:00", report="x") == "concluded"  # it holds nothing back
    assert ("do:stage" in s.waiting(), s.state("duty:stage")) == (False, "met")


def test_a_document_fulfils_the_duty_of_the_unit_that_drew_it_up() -> None:
    post = {**HALL["post"], "liaison": {"may": [*HALL["post"]["liaison"]["may"], "document"], "clause": "1"}}
    duty = {"look": {**LOOK["look"], "until": ["sent:finding", "concluded"]}}
    s = Small(**{**HALL, "post": post}, duty=duty, form={"finding": {"kind": "record", "columns": {}, "clause": "f"}})
    s.send("clerk1", "accept")
    s.send("clerk1", "joint", lead="tax", support=["land"], excerpt="x")
    s.send("tina", "sign_in", "Mon 2025-11-03 10:00")
    s.send("lars", "sign_in", "Mon 2025-11-03 10:00")
    assert s.send("tina", "document", "Mon 2025-11-03 11:00", form="finding") == "sent"
    assert [act for act in s.waiting() if act.startswith("do:")] == ["do:look#a2"]
    assert {c.subject: c.state for c in alarms(s.case, s.law) if c.term == "duty:look"} == {"a1": "met", "a2": "open"}
