"""Figures as one reader may have them: by subject, ranked, without themselves, and nothing for who looks over nothing."""

from __future__ import annotations

from typing import Any

from domain.case import Event
from domain.core import bind, reader_of
from domain.ledger_figures import counted, figures
from tests.builders import at
from tests.smallbook import BOOK, OFFICE

POSTS = {"clerk": {"may": ["file"], "role": "intake", "clause": "1"}, "head": {"may": ["file"], "role": "auditor", "clause": "1"}, "liaison": {"may": ["conclude"], "role": "unit_liaison", "clause": "1"}}
KPI = {
    "points": {"zh": "扣分", "what": "deduction", "count": {"sum": "points"}, "by": "person", "clause": "p 1"},
    "rate": {"what": "closed", "count": {"when": {"late": False}}, "of": {}, "by": "unit", "rank": {"last": 1, "best": "highest"}, "clause": "p 2"},
}
LAW = bind({**BOOK, "post": POSTS, "kpi": KPI}, OFFICE, [])


def entry(key: str, what: str, when: str, subjects: dict[str, list[str]], **facts: Any) -> dict[str, Any]:
    return {"key": key, "what": [what], "case": key.partition("@")[0] if "@" in key else "", "at": at(when).isoformat(), "subjects": subjects, "facts": facts, "marks": {}}


ENTRIES = [
    entry("e1", "deduction", "Mon 2025-11-03 09:00", {"person": ["rita"]}, points=2),
    entry("e2", "deduction", "Mon 2025-12-01 09:00", {"person": ["rita"]}, points=3),
    entry("e3", "deduction", "Mon 2025-12-01 10:00", {"person": ["clerk1"]}, points=1),
    entry("c1@9", "closed", "Mon 2025-12-01 11:00", {"unit": ["tax"]}, late=True),
    entry("c2@9", "closed", "Mon 2025-12-01 12:00", {"unit": ["land"]}, late=False),
]  # fmt: skip


def shown(person: str, period: str = "") -> dict[str, dict[str, Any]]:
    return {one["kpi"]: one for one in figures(ENTRIES, LAW, reader_of(person, LAW), period)}


def test_whole_and_by_subject_in_a_period_or_over_all_there_is() -> None:
    points = shown("head1")["points"]
    assert (points["value"], points["clause"], points["zh"]) == (6, ["p 1"], "扣分")
    assert {one["subject"]: one["value"] for one in points["subjects"]} == {"rita": 5, "clerk1": 1}
    december = shown("head1", "2025-12")["points"]
    assert (december["value"], {one["subject"]: one["value"] for one in december["subjects"]}) == (4, {"rita": 3, "clerk1": 1})
    assert shown("head1", "2025-10")["points"]["subjects"] == []


def test_a_ranking_and_who_comes_last() -> None:
    rate = shown("head1")["rate"]
    assert (rate["value"], rate["ranking"], rate["last"]) == (0.5, [{"subject": "land", "value": 1.0}, {"subject": "tax", "value": 0.0}], ["tax"])


def test_nobody_reads_of_themselves_and_lists_of_cases_are_for_who_looks_over_them() -> None:
    mine = shown("clerk1")["points"]
    assert ([one["subject"] for one in mine["subjects"]], mine["value"]) == (["rita"], 5)  # nor from the difference
    assert mine["entries"] == ["e1", "e2"]
    assert "entries" not in shown("head1")["points"]  # an auditor has the figures
    assert figures(ENTRIES, LAW, reader_of("tina", LAW)) == []
    assert figures(ENTRIES, LAW, reader_of("rita", LAW)) == []


def test_what_counts_is_every_entry_of_the_record_that_was_not_taken_back() -> None:
    def event(kind: str, seq: int, **patch: Any) -> Event:
        return Event(seq, kind, at("Mon 2025-11-03 09:00"), "system", "", "", "", (), {"patch": {**patch, "about": {"rung_until": "x"}}})

    events = [event("entered", 3, entries={"e1": ENTRIES[0]}), event("entered", 9, entries={"e2": ENTRIES[1]}), event("annulled", 12, annulled={"e1": {"reason": "误录"}})]
    assert [one["key"] for one in counted(events)] == ["e2"]
