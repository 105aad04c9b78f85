"""Answers owed again after a reopening, figures that the office sets, and rows that say who: what several books share."""

from datetime import datetime
from typing import Any

from domain.answering import answers_due
from domain.case import Case, Mark
from domain.conditions import holds
from domain.context import Context
from domain.law import Law, bind
from domain.workdays import ZONE
from tests.smallbook import Small

OFFICE = {"office": {"opens": "09:00", "closes": "17:00"}, "unit": {"a": {}, "b": {}}, "person": {"li": {"posts": ["centre"], "unit": "a"}, "mo": {"posts": ["market"], "unit": "b"}}}


def _context(book: dict[str, Any], **facts: Any) -> Context:
    law: Law = bind(book, OFFICE, [])
    case = Case.new("c", "o", "b")
    case.sections["facts"].update(facts)
    return Context(case, law)


def _at(hour: int) -> Mark:
    at = datetime(2025, 9, 29, hour, tzinfo=ZONE)
    return Mark(at, at)


def test_an_answer_before_the_reopening_does_not_count() -> None:
    context = _context({"answer": {"x": {"event": "fed_back"}}})
    assert answers_due(context) == ["fed_back"]
    context.case.marks["fed_back"] = _at(9)
    assert answers_due(context) == []
    context.case.marks["reopened"] = _at(10)
    assert answers_due(context) == ["fed_back"]
    context.case.marks["fed_back"] = _at(11)
    assert answers_due(context) == []


def test_a_figure_may_be_the_offices_and_holds_for_nothing_without_one() -> None:
    values = {"round": 3, "param.rounds": 3}
    row = {"when": {"round": {"at_least": "param.rounds"}}}
    assert holds(row, values.get)
    assert not holds(row, {"round": 2, "param.rounds": 3}.get)
    assert not holds(row, {"round": 9}.get)


def test_the_first_row_that_holds_says_who() -> None:
    rows = [{"when": {"way": "hotline"}, "is": "centre"}, {"is": "market"}]
    assert _context({"fact": {"way": {}}}, way="hotline").who(rows) == ["li"]
    assert _context({"fact": {"way": {}}}, way="superior").who(rows) == ["mo"]
    assert _context({}).who([{"when": {"way": "x"}, "is": "centre"}]) == []


def test_a_trigger_finds_by_the_text_alone() -> None:
    trigger = {"deemed": {"on": "classified", "then": {"find": "breach"}, "clause": "6"}}
    small = Small(trigger=trigger, fact={"x": {"is": "flag", "clause": "1"}})
    small.send("clerk1", "classify", facts={"x": True})
    found = next(e for e in small.events if e.kind == "found")
    assert found.subject == "breach"
    assert found.clause == ("6",)
    assert small.case.attrs["found"] == "breach"


def test_a_case_does_not_close_by_itself_past_a_chain() -> None:
    chain = {"leave": {"on": "filed", "before": ["close"], "rows": [{"steps": [{"head": "decide"}], "clause": "2"}], "clause": "2"}}
    small = Small(chain=chain)
    small.send("clerk1", "accept")
    small.send("clerk1", "own")
    small.send("clerk1", "conclude", report="done")
    small.send("clerk1", "feedback", text="done")
    assert small.case.phase == "following"
    assert small.send("clerk1", "close") == "approval_missing"
    small.send("head1", "approve", decision="agree")
    assert small.case.phase == "closed"
