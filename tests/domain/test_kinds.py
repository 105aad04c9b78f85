"""Kinds: who opens one, its parties, its way through the phases; a failed test of admission turns a case into another kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import Small

KINDS: dict[str, Any] = {
    "complaint": {"clause": "k"},
    "enquiry": {"respondent": False, "clause": "k 1"},
    "breach": {"complainant": False, "opened_by": ["head", "trigger"], "channel": False, "flow": {"accept": "auto", "dispose": "own"}, "clause": "k 2"},
    "alarm": {"complainant": False, "feedback": False, "opened_by": "system", "channel": False, "flow": {"start": "following", "close": "act"}, "clause": "k 3"},
    "superior": {"source": "superior", "channels": ["paper"], "clause": "k 4"},
}
CHANNELS = {"telephone": {"clause": "1"}, "paper": {"by": "head", "opens_at": "head", "clause": "c 1"}}
TABLES: dict[str, Any] = {"kind": KINDS, "channel": CHANNELS, "source": {"superior": {"clause": "s"}}}


@pytest.mark.parametrize(
    ("who", "fields", "answer", "clause"),
    [
        ("head1", {"kind": "breach", "channel": ""}, "filed", ("k 2",)),
        ("clerk1", {"kind": "breach", "channel": ""}, "not_your_act", ("k 2",)),
        ("system", {"kind": "breach", "channel": ""}, "filed", ("k 2",)),
        ("complainant", {"kind": "breach", "channel": ""}, "not_your_act", ("k 2",)),
        ("complainant", {"kind": "complaint"}, "filed", ("k", "1")),
        ("clerk1", {"kind": "complaint", "channel": ""}, "channel_not_listed", ()),
        ("clerk1", {"kind": "enquiry", "respondents": [{"unit": "tax"}]}, "field_unknown", ("k 1",)),
        ("clerk1", {"kind": "enquiry"}, "filed", ("k 1", "1")),
        ("head1", {"kind": "superior", "channel": "paper"}, "filed", ("k 4", "c 1", "s")),
        ("head1", {"kind": "superior", "channel": "paper", "source": "self"}, "source_not_in_book", ("k 4",)),
        ("head1", {"kind": "superior"}, "channel_not_listed", ("k 4",)),
        ("clerk1", {"kind": "superior", "channel": "paper"}, "not_your_act", ("c 1",)),
    ],
)
def test_a_kind_says_who_opens_it_from_where_and_against_whom(who: str, fields: dict[str, Any], answer: str, clause: tuple[str, ...]) -> None:
    s = Small(fields, who, **TABLES)
    assert (s.first, s.clause) == (answer, clause)


def test_a_kind_has_its_own_way_through_the_phases() -> None:
    breach = Small({"kind": "breach", "channel": ""}, "head1", **TABLES)
    assert (breach.case.phase, breach.case.attrs["own_by"]) == ("handling", "head1")
    assert breach.send("head1", "conclude", report="查清") == "concluded"
    assert breach.case.phase == "closed", "nobody complained, so nobody is owed an answer"
    ruled = Small({"kind": "breach", "channel": ""}, "system", **TABLES)
    assert ruled.waiting() == {"conclude": ["head1"]}, "opened by a rule, it waits for those who may open it"
    alarm = Small({"kind": "alarm", "channel": ""}, "system", **TABLES)
    assert alarm.case.phase == "following"
    assert Small(**TABLES).case.phase == "filed", "other kinds keep the book's own flow"


def test_a_box_is_opened_by_the_post_of_its_channel() -> None:
    assert Small({"kind": "superior", "channel": "paper"}, "head1", **TABLES).waiting() == {"accept": ["head1"]}


def test_a_failed_test_that_is_no_refusal_turns_the_case_into_another_kind() -> None:
    tables = {**TABLES, "fact": {"grievance": {"is": "flag", "clause": "f"}}, "admit": {"wish": {"when": {"grievance": False}, "turns_into": "enquiry", "clause": "a 1"}}}
    s = Small({"facts": {"grievance": False}}, **tables)
    assert (s.send("clerk1", "accept"), s.clause) == ("turns_into", ("a 1",))
    assert s.send("clerk1", "refuse", ground="wish") == "turns_into"
    assert s.send("clerk1", "turn_into", kind="superior") == "turns_into"
    assert (s.send("clerk1", "turn_into", kind="enquiry"), s.clause) == ("turned_into", ("a 1",))
    assert (s.send("clerk1", "accept"), s.case.attrs["kind"]) == ("accepted", "enquiry")
    grieved = Small({"facts": {"grievance": True}}, **tables)
    assert grieved.send("clerk1", "accept") == "accepted"


@pytest.mark.parametrize(("respondent", "answer"), [({"unit": "tax"}, "filed"), ({"person": "rita"}, "filed"), ({"unit": "centre"}, "unit_not_bound"), ({"person": "head1"}, "unit_not_bound")])
def test_a_book_binds_the_units_that_it_names(respondent: dict[str, str], answer: str) -> None:
    assert Small({"respondents": [respondent]}, book={"id": "b", "binds": {"unit_kinds": ["unit"]}, "clause": "0"}).first == answer


def test_a_kind_may_limit_what_it_turns_into_at_any_time() -> None:
    s = Small(**{**TABLES, "kind": {**KINDS, "complaint": {"turns": ["enquiry"], "clause": "k"}}})
    assert s.send("clerk1", "accept") == "accepted"
    assert (s.send("clerk1", "turn_into", kind="superior"), s.clause) == ("kind_not_in_book", ("k",))
    assert s.send("clerk1", "turn_into", kind="enquiry") == "turned_into"
    assert s.case.phase == "opinion"
