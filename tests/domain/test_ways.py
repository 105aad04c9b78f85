"""Where somebody may turn who is not content: as the book says for this person, this case, this moment."""

from __future__ import annotations

from typing import Any

from cli import library
from domain.stories import run
from domain.ways import ways
from tests.builders import at
from tests.smallbook import MAY, Small

NOW = "Wed 2025-11-12 10:00"


def answered(**tables: Any) -> Small:
    s = Small(**tables).concluded("Mon 2025-11-10 09:00")
    assert s.send("clerk1", "feedback", "Mon 2025-11-10 10:00", text="查清") == "fed_back"
    return s


def told(s: Small, person: str = "complainant", when: str = NOW) -> dict[str, tuple[str, str, str]]:
    return {one.key: (one.sort, one.code, one.due_day) for one in ways(s.case, person, s.law, at(when))}


def test_each_way_has_its_own_last_day_and_the_open_ones_come_first() -> None:
    again = {"short": {"within": {"days": 1}, "clause": "a"}, "review": {"within": {"days": 30}, "to": "head", "kind": "complaint", "clause": "b"}, "free": {"clause": "c"}}
    s = answered(again=again)
    assert list(told(s).items()) == [("review", ("appeal", "", "2025-12-10")), ("free", ("appeal", "", "")), ("short", ("appeal", "outside_window", ""))]
    review = ways(s.case, "complainant", s.law, at(NOW))[0]
    assert (review.to, review.opens, review.clause) == (("head1",), "complaint", ("b",))
    assert (s.send("complainant", "appeal", NOW, reason="不服"), s.events[-1].subject) == ("appealed", "review"), "where none is named, the first that is open"


def test_before_the_answer_no_way_is_open() -> None:
    s = Small(again={"review": {"clause": "b"}})
    assert told(s, when="Mon 2025-11-03 10:00") == {"review": ("appeal", "wrong_phase", "")}


def test_a_way_of_the_respondent_is_none_of_the_complainant() -> None:
    s = answered(_file={"respondents": [{"person": "head1"}]}, again={"recheck": {"by": "respondent", "clause": "r"}})
    assert told(s) == {}
    assert told(s, "head1") == {"recheck": ("appeal", "", "")}
    assert s.send("complainant", "appeal", NOW, reason="不服", way="recheck") == "wrong_person"
    assert s.send("complainant", "appeal", NOW, reason="不服") == "route_closed"
    assert s.send("head1", "appeal", NOW, reason="不服") == "appealed"


def test_what_is_heard_elsewhere_is_told_and_not_taken_here() -> None:
    s = answered(again={"court": {"zh": "起诉", "where": "人民法院", "clause": "x"}})
    assert told(s) == {"court": ("outside", "", "")}
    assert ways(s.case, "complainant", s.law, at(NOW))[0].place == "人民法院"
    assert (s.send("complainant", "appeal", NOW, reason="不服"), s.clause) == ("route_closed", ("x",))
    assert s.send("complainant", "appeal", NOW, reason="不服", way="court") == "value_undefined"


def test_a_book_without_ways_of_its_own_has_the_plain_one_within_its_window() -> None:
    term = {"x": {"from": "fed_back", "until": "appealed", "limit": {"days": 3}, "nature": "window", "act": ["appeal"], "clause": "9"}}
    s = answered(term=term, notice={"n": {"on": "appealed", "to": "head", "clause": "n"}})
    assert told(s) == {"": ("appeal", "", "2025-11-13")}
    assert ways(s.case, "complainant", s.law, at(NOW))[0].to == ("head1",)
    assert told(s, when="Fri 2025-11-14 00:00")[""][1] == "outside_window"


def test_a_rating_that_leads_to_another_round_is_a_way() -> None:
    duty = {"back": {"zh": "继续处理", "on": "fed_back", "when": {"satisfaction": "bad", "kind": "complaint"}, "by": "head", "does": "reopen", "clause": "d"}, "other": {"on": "fed_back", "when": {"satisfaction": "bad", "kind": "enquiry"}, "by": "head", "does": "reopen"}}
    s = answered(duty=duty, satisfy={"scale": {"good": "好", "bad": "差"}})
    redo = next(one for one in ways(s.case, "complainant", s.law, at(NOW)) if one.sort == "redo")
    assert (redo.key, redo.marks, redo.to, redo.code) == ("back", ("bad",), ("head1",), "")
    assert [one.key for one in ways(s.case, "complainant", s.law, at(NOW)) if one.sort == "redo"] == ["back"]


def test_the_books_that_know_a_way_say_where_it_goes() -> None:
    """The two of one book after its answer; in another the case of its own; in a third the doors of others."""
    def open_after(story: str, book: str, acts: int) -> dict[str, tuple[str, str, str]]:
        whole = next(one for _, one in library.stories(book) if one["story"] == story)
        law = library.law(book, whole["office"])
        done = run({**whole, "act": whole["act"][:acts], "expect": []}, law)
        return {one.key: (one.sort, one.code, one.opens or one.place) for one in ways(done.case, "complainant", law, done.events[-1].at)}

    assert open_after("handling-appeal", "complaint-handling-regulations", 10) == {"superior": ("appeal", "", ""), "supervisor": ("appeal", "", "")}
    assert open_after("tieshan-appeal-way", "tieshan-efficiency-complaint-system", 10) == {"centre": ("appeal", "", "appeal")}
    assert open_after("enf-system-full", "enforcement-complaint-handling-system", 13) == {"appeal": ("outside", "", "上一级行政执法机关,或者有管辖权的人民法院"), "reconsideration": ("outside", "", "有管辖权的行政复议机关")}


def test_a_mark_noted_from_a_call_is_not_the_complainants_own() -> None:
    from dataclasses import replace

    from domain.core import Command, step

    for paper, source in (("", "entered_by_handler"), ("a" * 64, "complainant")):
        s = answered(satisfy={"scale": {"good": "好"}})
        act = replace(Command("r1", "rate", {"satisfaction": "good"}, at(NOW), at(NOW), "complainant"), entered_by="clerk1", paper=paper)
        case, events = step(s.case, [act], at(NOW), s.law)
        assert (events[0].kind, events[0].actor, events[0].entered_by) == ("rated", "complainant", "clerk1")
        assert case.attrs["satisfaction_source"] == source


def test_an_appeal_of_which_the_book_says_nothing_is_the_clerks_until_it_is_seen_to() -> None:
    post = {"clerk": {"may": [*MAY, "reopen", "link"], "clause": "1"}, "head": {"may": MAY, "clause": "1"}}
    s = answered(post=post)
    assert "reopen:appeal" not in s.waiting()
    assert s.send("complainant", "appeal", NOW, reason="不服") == "appealed"
    assert s.waiting()["reopen:appeal"] == ["clerk1"]
    assert s.send("clerk1", "note", NOW, text="来电查询进展") == "noted"
    assert "reopen:appeal" in s.waiting(), "a note sees to nothing"
    assert s.send("clerk1", "reopen", NOW, reason="重办") == "reopened"
    assert "reopen:appeal" not in s.waiting()
    for table in ({"notice": {"n": {"on": "appealed", "to": "head", "clause": "n"}}}, {"duty": {"d": {"on": "appealed", "by": "head", "clause": "d"}}}):
        told_by_book = answered(post=post, **table)
        assert told_by_book.send("complainant", "appeal", NOW, reason="不服") == "appealed"
        assert not [one for one in told_by_book.waiting() if one.endswith(":appeal")], "where the book says who sees to it, nobody else does"
