"""Checks one after another in each round, what a failed one brings, and reminders at intervals."""

from __future__ import annotations

from typing import Any

from tests.smallbook import Small

CHECKS: dict[str, Any] = {
    "unit": {"by": "clerk", "items": {"facts": {"zh": "事实", "clause": "c 1"}}, "clause": "c"},
    "centre": {"by": "head", "na": "reason", "items": {"policy": {"zh": "政策", "clause": "c 3"}}, "clause": "c 2"},
}
YES, NO = {"facts": "yes"}, {"policy": "no"}


def sent(**tables: Any) -> Small:
    s = Small(**tables)
    assert (s.send("clerk1", "accept"), s.send("clerk1", "transfer", unit="tax", excerpt="x")) == ("accepted", "transferred")
    return s


def test_checks_go_one_after_another_and_begin_anew_in_each_round() -> None:
    s = sent(check=CHECKS)
    s.send("tina", "conclude", report="x")
    assert s.waiting() == {"review:unit": ["clerk1"]}
    assert (s.send("head1", "review", items={"policy": "yes"}), s.clause) == ("wrong_person", ("c",))
    assert (s.send("clerk1", "review", items=YES), s.case.phase) == ("checked", "review")
    assert "reviewed" not in s.case.marks
    assert s.waiting() == {"review:centre": ["head1"]}
    assert (s.send("head1", "review", items=NO), s.case.phase) == ("sent_back", "handling")
    s.send("tina", "conclude", report="y")
    assert s.waiting() == {"review:unit": ["clerk1"]}, "a new round, both again"
    s.send("clerk1", "review", items=YES)
    assert s.send("head1", "review", items={"policy": {"na": True}}) == "reason_missing"
    assert (s.send("head1", "review", items={"policy": {"na": True, "reason": "不涉及"}}), s.case.phase) == ("reviewed", "answering")
    assert "finished" in s.case.marks


def test_a_failed_check_may_take_the_matter_over() -> None:
    s = sent(check={"centre": {**CHECKS["centre"], "on_fail": "take_over"}})
    s.send("tina", "conclude", report="x")
    assert (s.send("head1", "review", items=NO), s.case.phase) == ("sent_back", "handling")
    assert (s.case.attrs["disposition"], s.waiting()) == ("own", {"conclude": ["head1"]})


URGE = {"follow": {"by": "clerk", "to": "handler", "every": {"working_days": 2}, "clause": "u"}}


def test_reminders_come_at_intervals_until_the_report() -> None:
    s = sent(urge=URGE)  # sent Monday 3 November
    assert s.pass_to("Tue 2025-11-04 23:59") == []
    assert s.pass_to("Wed 2025-11-05 00:00") == ["urge_due:follow"]
    assert s.waiting()["urge:follow"] == ["clerk1"]
    assert s.send("clerk1", "urge", "Wed 2025-11-05 10:00") == "urged"
    assert "urge:follow" not in s.waiting()
    assert s.pass_to("Sun 2025-11-09 23:59") == ["urge_due:follow"]
    s.send("tina", "conclude", "Mon 2025-11-10 10:00", report="x")
    assert s.pass_to("Mon 2025-12-01 00:00") == ["urge_due:follow"] * 0


def test_hours_count_from_the_event_that_the_row_names() -> None:
    s = sent(urge={"follow": {**URGE["follow"], "on": ["unit_received"], "every": {"hours": 3}}})
    assert s.pass_to("Tue 2025-11-04 10:00") == []
    s.send("tina", "sign_in", "Tue 2025-11-04 10:00")
    assert s.pass_to("Tue 2025-11-04 12:59") == []
    assert s.pass_to("Tue 2025-11-04 13:00") == ["urge_due:follow"]
    assert s.pass_to("Tue 2025-11-04 19:00") == ["urge_due:follow"] * 2
