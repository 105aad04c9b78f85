"""Proposed by a rule, decided by a named person: measures within their range, cases of another kind, nothing by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import Small

MEASURE: dict[str, Any] = {"off": {"one_of": ["待岗"], "by": "head", "to": "respondent", "range": {"at_least": 1, "at_most": 3}, "clause": "m"}}
TRIGGER = {"lapse": {"on": "concluded", "then": {"propose": "off"}, "clause": "p"}}
GOOD = {"measure": "off", "value": "待岗", "person": "rita", "amount": 2}


def test_a_proposal_waits_for_its_decider_and_keeps_the_file_open() -> None:
    s = Small(measure=MEASURE, trigger=TRIGGER).concluded()
    assert "measure_proposed:off" in s.case.marks
    assert s.waiting()["measure:off"] == ["head1"]
    s.send("clerk1", "feedback", text="x")
    assert (s.case.phase, s.send("clerk1", "archive"), s.clause) == ("closed", "duty_open", ("m",))
    assert s.send("head1", "measure", **GOOD) == "measured"
    assert s.case.attrs["measures"] == [{"measure": "off", "value": "待岗", "person": "rita", "amount": 2}]
    assert "measure:off" not in s.waiting()
    assert s.send("clerk1", "archive") == "archived"


@pytest.mark.parametrize(("amount", "answer"), [(0, "out_of_range"), (1, "measured"), (3, "measured"), (4, "out_of_range"), (True, "out_of_range"), (None, "out_of_range")])
def test_the_range_of_the_text_holds_its_ends(amount: Any, answer: str) -> None:
    s = Small(measure=MEASURE).concluded()
    assert s.send("head1", "measure", **{**GOOD, "amount": amount}) == answer


def test_a_decider_may_decline_unless_the_text_says_must() -> None:
    s = Small(measure=MEASURE, trigger=TRIGGER).concluded()
    assert s.send("clerk1", "measure", measure="off", declined="情节轻微") == "not_issuer"
    assert s.send("head1", "measure", measure="off", declined="情节轻微") == "measure_declined"
    assert "measure:off" not in s.waiting()
    bound = Small(measure={"off": {**MEASURE["off"], "must": True}}, trigger=TRIGGER).concluded()
    assert bound.send("head1", "measure", measure="off", declined="x") == "measure_barred"


def test_without_a_decider_nothing_is_decided_and_nobody_waits() -> None:
    s = Small(measure={"off": {**MEASURE["off"], "by": "decider"}}, trigger=TRIGGER).concluded()
    assert s.send("head1", "measure", **GOOD) == "no_decider"
    assert "measure:off" not in s.waiting()


def test_a_code_of_its_own_says_what_is_missing() -> None:
    s = Small(measure={"off": {**MEASURE["off"], "needs": ["done:hear"], "code": "not_heard"}}).concluded()
    assert (s.send("head1", "measure", **GOOD), s.clause) == ("not_heard", ("m",))


KINDS = {"complaint": {"clause": "k"}, "breach": {"opened_by": "head", "clause": "k 2"}}


@pytest.mark.parametrize(("declined", "answer"), [("", "opens"), ("不成立", "measure_declined")])
def test_a_proposal_may_be_to_open_a_case_of_another_kind(declined: str, answer: str) -> None:
    s = Small(kind=KINDS, trigger={"late": {"on": "concluded", "then": {"propose": "breach", "to": "head"}, "clause": "p"}}).concluded()
    assert s.waiting()["measure:breach"] == ["head1"]
    fields = {"declined": declined} if declined else {}
    assert s.send("clerk1", "measure", measure="breach", **fields) == "not_issuer"
    assert (s.send("head1", "measure", measure="breach", **fields), s.clause) == (answer, ("k 2",))
    assert s.send("head1", "measure", measure="breach", value="x", person="rita") == "value_undefined"


def test_a_text_may_open_the_other_case_itself_each_time() -> None:
    row = {"on": ["progressed", "noted"], "each": True, "then": {"open": "breach"}, "clause": "p"}
    s = Small(kind=KINDS, trigger={"late": row})
    s.send("clerk1", "accept")
    s.send("clerk1", "own")
    s.send("clerk1", "progress", text="x")
    s.send("clerk1", "progress", text="y")
    assert s.case.marks["opens:breach"].count == 2
    once = Small(kind=KINDS, trigger={"late": {**row, "each": False}})
    once.send("clerk1", "note", text="x")
    once.send("clerk1", "note", text="y")
    assert once.case.marks["opens:breach"].count == 1
