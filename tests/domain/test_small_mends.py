"""An end once reached is reached; what is declined needs nothing first; what comes with the archiving is kept; facts, withdrawal and ratings as books say."""

from __future__ import annotations

from typing import Any

from tests.smallbook import BOOK, Small

FEEDBACK = {"feedback": {"from": "finished", "until": "fed_back", "limit": {"working_days": 1}, "clause": "t"}}


def test_a_second_answer_moves_no_end_that_was_reached() -> None:
    s = Small(term=FEEDBACK, flow={**BOOK["flow"], "close": "act"}).concluded("Mon 2025-11-03 10:00")
    assert s.send("clerk1", "feedback", "Tue 2025-11-04 10:00", text="答复") == "fed_back"
    assert s.state("feedback") == "met"
    assert s.send("clerk1", "feedback", "Fri 2025-11-07 10:00", text="补充答复") == "fed_back"
    assert s.state("feedback") == "met"
    assert s.pass_to("Mon 2025-11-10 00:00") == []


def test_a_late_first_answer_is_late_whatever_follows() -> None:
    s = Small(term=FEEDBACK, flow={**BOOK["flow"], "close": "act"}).concluded("Mon 2025-11-03 10:00")
    s.send("clerk1", "feedback", "Wed 2025-11-05 10:00", text="答复")
    assert (s.state("feedback"), "overdue:feedback" in s.case.marks) == ("late", True)


MEASURE: dict[str, Any] = {"off": {"one_of": ["待岗"], "by": "head", "to": "respondent", "when": {"found": "true"}, "needs": ["event:served"], "clause": "m"}}
TRIGGER = {"lapse": {"on": "concluded", "then": {"propose": "off"}, "clause": "p"}}


def test_to_decline_a_proposal_needs_neither_its_conditions_nor_its_papers() -> None:
    s = Small(measure=MEASURE, trigger=TRIGGER).concluded()
    assert s.send("head1", "measure", measure="off", value="待岗", person="rita") == "measure_barred"
    assert s.send("clerk1", "measure", measure="off", declined="不成立") == "not_issuer"
    assert s.send("head1", "measure", measure="off", declined="不成立") == "measure_declined"
    assert "measure:off" not in s.waiting()


def test_papers_that_come_with_the_archiving_are_in_the_file() -> None:
    form = {"index": {"kind": "record", "columns": {"pages": {"required": True, "clause": "f 2"}}, "clause": "f"}}
    s = Small(form=form, archive={"contents": ["form:index"], "clause": "a"}).concluded()
    s.send("clerk1", "feedback", text="答复")
    assert (s.send("clerk1", "archive"), s.clause) == ("contents_missing", ("a",))
    assert (s.send("clerk1", "archive", forms={"index": {}}), s.clause) == ("field_missing", ("f 2",))
    assert s.send("clerk1", "archive", forms={"index": {"pages": "12"}}) == "archived"
    assert s.case.forms["index"]["fields"] == {"pages": "12"}
    assert "sent:index" in s.case.marks


def test_a_fact_is_asked_only_where_its_row_says_and_after_what_it_needs() -> None:
    rows = {
        "amount": {"is": "number", "clause": "f 1"},
        "large": {"is": "flag", "when": {"amount": {"over": 50000}}, "needs": ["form:proof"], "clause": "f 2"},
    }
    s = Small(fact=rows, form={"proof": {"kind": "record", "columns": {}, "clause": "f 3"}}, post={**BOOK["post"], "clerk": {"may": [*BOOK["post"]["clerk"]["may"], "document"], "clause": "1"}})
    assert (s.send("clerk1", "classify", facts={"large": True}), s.clause) == ("value_undefined", ("f 2",))
    s.send("clerk1", "classify", facts={"amount": 60000})
    assert (s.send("clerk1", "classify", facts={"large": True}), s.clause) == ("form_missing", ("f 2",))
    s.send("clerk1", "document", form="proof")
    assert s.send("clerk1", "classify", facts={"large": True}) == "classified"


RECUSE = {"interest": {"act": "*", "bars": "other_parties", "then": "head", "decided_by": "head", "clause": "r"}}


def test_who_decides_that_somebody_must_withdraw_and_who_fills_the_empty_chair() -> None:
    s = Small(recuse=RECUSE)
    assert (s.send("tina", "recuse", person="clerk1", reason="亲属"), s.clause) == ("not_your_act", ("r",))
    assert "substitute:recuse" not in s.waiting()
    assert s.send("clerk1", "recuse", person="clerk1", reason="亲属") == "recused_person"
    assert s.waiting()["substitute:recuse"] == ["head1"]
    other = Small(recuse=RECUSE)
    assert other.send("head1", "recuse", person="clerk1", reason="亲属") == "recused_person"
    free = Small(recuse={"interest": {"act": "*", "bars": "other_parties", "clause": "r"}})
    assert free.send("tina", "recuse", person="clerk1", reason="亲属") == "recused_person"
    assert "substitute:recuse" not in free.waiting()


def test_a_rating_brings_every_score_that_the_book_names() -> None:
    scores = {"fact": {name: {"is": "number", "by": "head", "clause": "f"} for name in ("process", "result")}, "satisfy": {"scores": ["process", "result"], "clause": "s"}}
    s = Small(**scores).concluded()
    s.send("clerk1", "feedback", text="答复")
    assert (s.send("complainant", "rate", satisfaction="好"), s.clause) == ("satisfaction_missing", ("s",))
    assert s.send("complainant", "rate", facts={"process": 3}) == "satisfaction_missing"
    assert s.send("complainant", "rate", facts={"process": "三", "result": 5}) == "field_invalid"
    assert s.send("complainant", "rate", facts={"process": 3, "result": 5}) == "rated"
    assert (s.case.facts["process"], s.case.facts["result"]) == (3, 5)
    plain = Small().concluded()
    plain.send("clerk1", "feedback", text="答复")
    assert plain.send("complainant", "rate") == "satisfaction_missing"
