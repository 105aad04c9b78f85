"""Proposed by a rule, decided by a named person: measures within their range, cases of another kind, nothing by itself."""

from __future__ import annotations

from typing import Any

import pytest

from domain.core import Case, Event, step
from domain.other_case import filing
from tests.builders import at
from tests.smallbook import BOOK, Small

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


OPEN: dict[str, Any] = {"complaint": {"clause": "k"}, "breach": {"complainant": False, "channel": False, "opened_by": ["head", "trigger"], "clause": "k 2"}}
ABOUT = {"late": {"on": "concluded", "then": {"propose": "breach", "to": "head", "respondent": "first_asked", "ground": "slow"}, "clause": "p"}}
GROUND = {"ground": {"is": "one_of", "options": {"slow": {}}, "by": "head", "clause": "f"}}
FIRST = {"staff": {"by": "person", "keeps_until": "fed_back", "clause": "q"}}


def opened(**tables: Any) -> tuple[Small, Event]:
    s = Small(**{"kind": OPEN, "trigger": ABOUT, "fact": GROUND, "first": FIRST, **tables}).concluded()
    assert s.send("head1", "measure", "Tue 2025-11-04 10:00", measure="breach") == "opens"
    return s, next(e for e in s.events if e.kind == "opens")


def test_what_was_decided_files_itself_and_both_cases_know_of_each_other() -> None:
    s, event = opened()
    command = filing(event)
    assert command is not None
    child, events = step(Case.new(event.data["open"]["case"], "o", "b"), [command], at("Tue 2025-11-04 10:00"), s.law)
    assert [e.kind for e in events][:1] == ["filed"]
    assert (child.attrs["kind"], child.attrs["clerk"], child.facts) == ("breach", "head1", {"ground": "slow"})
    assert child.attrs["respondents"] == [{"person": "clerk1", "unit": "centre"}]
    assert child.attrs["links"] == [{"relation": "about", "case": "c"}]
    assert s.case.attrs["links"] == [{"relation": "led_to", "case": child.id, "about": ["clerk1"]}]


def test_whom_it_is_about_does_not_read_of_it_in_the_first_case() -> None:
    law = {"post": {name: {**row, "role": "intake"} for name, row in BOOK["post"].items()}}
    s, _ = opened(**law)
    assert s.seen("clerk1")["links"] == []
    assert len(s.seen("head1")["links"]) == 1


def test_the_same_opening_is_the_same_case_and_another_one_is_another() -> None:
    first, event = opened()
    again, same = opened()
    assert (first.case.id, event.data["open"]["case"]) == (again.case.id, same.data["open"]["case"])
    row = {"late": {"on": ["progressed"], "each": True, "then": {"open": "breach"}, "clause": "p"}}
    s = Small(kind=OPEN, trigger=row)
    s.send("clerk1", "accept")
    s.send("clerk1", "own")
    s.send("clerk1", "progress", text="x")
    s.send("clerk1", "progress", text="y")
    ids = [e.data["open"]["case"] for e in s.events if e.kind == "opens"]
    assert len(set(ids)) == 2
    assert [link["case"] for link in s.case.attrs["links"]] == ids


@pytest.mark.parametrize(
    "tables",
    [
        {"kind": {**OPEN, "breach": {**OPEN["breach"], "opened_by": ["head"]}}},  # the book leaves it to a person
        {"kind": {**OPEN, "breach": {key: value for key, value in OPEN["breach"].items() if key != "channel"}}},  # it needs a channel that no rule knows
        {"gate": {"paper": {"act": "file", "when": {"kind": "breach"}, "needs": ["form:sheet"], "clause": "g"}}},
    ],
)  # fmt: skip
def test_where_more_is_needed_than_a_rule_knows_a_person_files_it(tables: dict[str, Any]) -> None:
    s, event = opened(**tables)
    assert (event.data["open"], filing(event)) == ({"kind": "breach", "relation": "about", "ground": "slow"}, None)
    assert "links" not in s.case.attrs


def test_nobody_but_the_system_says_that_a_case_came_from_another() -> None:
    s = Small({"kind": "breach", "origin": {"case": "x", "relation": "about", "by": "odd"}}, "head1", kind=OPEN)
    assert s.first == "not_yours_to_set"
