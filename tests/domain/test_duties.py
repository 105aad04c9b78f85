"""Duties: several events, anew at each, waived where the text lets them be."""

from __future__ import annotations

from tests.smallbook import Small

LOOK = {"look": {"on": ["progressed", "concluded"], "by": "head", "needs": ["note"], "within": {"working_days": 1}, "clause": "d"}}


def handled(**tables: object) -> Small:
    s = Small(**tables)
    assert (s.send("clerk1", "accept"), s.send("clerk1", "own")) == ("accepted", "own")
    return s


def test_any_of_several_events_opens_it_once() -> None:
    s = handled(duty=LOOK)
    assert s.send("head1", "do", duty="look", note="x") == "no_such_duty"
    s.send("clerk1", "progress", text="x")
    assert s.waiting()["do:look"] == ["head1"]
    assert s.send("head1", "do", duty="look", note="x") == "done"
    s.send("clerk1", "conclude", report="x")
    assert "do:look" not in s.waiting()


def test_one_that_comes_again_is_open_after_each_event_and_late_by_the_last() -> None:
    s = handled(duty={"look": {**LOOK["look"], "again": True}})
    s.send("clerk1", "progress", "Tue 2025-11-04 10:00", text="x")
    assert s.due("duty:look") == "2025-11-05"
    assert s.send("head1", "do", "Tue 2025-11-04 11:00", duty="look", note="x") == "done"
    assert s.state("duty:look") == "met"
    s.send("clerk1", "progress", "Thu 2025-11-06 10:00", text="y")
    assert s.waiting()["do:look"] == ["head1"]
    assert s.pass_to("Fri 2025-11-07 23:59") == []
    assert s.pass_to("Sat 2025-11-08 00:00") == ["duty_overdue:duty:look"]


def test_it_is_waived_only_where_the_book_lets_it_be() -> None:
    s = handled(duty=LOOK)
    s.send("clerk1", "progress", text="x")
    assert (s.send("head1", "do", duty="look", waived="已电话了解"), s.clause) == ("duty_open", ("d",))
    free = handled(duty={"look": {**LOOK["look"], "waivable": True}})
    free.send("clerk1", "progress", text="x")
    assert free.send("clerk1", "do", duty="look", waived="x") == "wrong_person"
    assert free.send("head1", "do", duty="look", waived="已电话了解") == "waived"
    assert "do:look" not in free.waiting()


def test_every_fact_that_an_act_sets_and_every_finding_is_an_event() -> None:
    tables = {
        "fact": {"hard": {"is": "flag", "clause": "f"}},
        "finding": {"true": {"clause": "g"}, "untrue": {"clause": "g"}},
        "form": {"note": {"clause": "n", "columns": {}}},
        "duty": {"consult": {"on": "set:hard", "by": "head", "clause": "d 1"}, "correct": {"on": "found:true", "by": "head", "clause": "d 2"}},
    }
    s = handled(**tables)
    s.send("clerk1", "document", form="note", facts={"hard": True})
    assert s.waiting()["do:consult"] == ["head1"]
    s.send("clerk1", "conclude", report="x", finding="untrue")
    assert {"found", "found:untrue"} <= set(s.case.marks)
    assert "do:correct" not in s.waiting()
