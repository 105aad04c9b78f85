"""Extensions that wait for a leader, gates about one field, what a book needs first, and jurisdiction, on a small law of their own."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case import Case, Command
from domain.context import Context
from domain.core import alarms, bind, step
from domain.tasks import approvers
from tests.builders import at

OFFICE: dict[str, Any] = {
    "office": {"id": "o", "root": "town", "number": "{year}-{n}"},
    "unit": {"town": {"kind": "k"}, "tax": {"kind": "k", "parent": "town"}, "desk": {"kind": "k", "parent": "tax"}, "far": {"kind": "k"}},
    "person": {"ann": {"posts": ["clerk"], "unit": "town"}, "bob": {"posts": ["chief"], "unit": "town"}},
    "param": {"days": 3},
}  # fmt: skip
BOOK: dict[str, Any] = {
    "book": {"id": "b", "needs": ["days"], "clause": "0"},
    "param": {"days": {"is": "number", "clause": "9"}, "in_force_from": {"is": "date", "clause": "8"}, "in_force_until": {"is": "date", "clause": "8"}},
    "flow": {"accept": "auto", "close": "act", "clause": "0"},
    "post": {"clerk": {"may": ["file", "own", "request_extension", "conclude", "note"], "clause": "1"}, "chief": {"may": ["approve"], "clause": "1"}},
    "kind": {"complaint": {"clause": "1"}},
    "channel": {"letter": {"clause": "1"}},
    "term": {"own": {"from": "accepted", "until": "finished", "limit": {"working_days": 5}, "clause": "2"}},
    "extend": {"own": {"effect": "move", "of": ["own"], "asked": "before_due", "times": 9, "by": "clerk", "chain": "later", "clause": "3"}},
    "chain": {"later": {"on": "extension_asked", "when": {"extension_asked": True}, "before": [], "rows": [{"steps": [{"chief": "decide"}], "clause": "4"}], "clause": "4"}},
    "gate": {"note": {"act": "note", "given": {"text": "secret"}, "needs": ["event:finished"], "code": "secret", "clause": "5"}},
}  # fmt: skip
FILE = ("Mon 2025-11-03 09:00", "ann", "file", {"channel": "letter"})
OWN = ("Mon 2025-11-03 10:00", "ann", "own", {})
ASK = ("Thu 2025-11-06 10:00", "ann", "request_extension", {"term": "own", "why": "取证", "until": "2025-11-14"})
YES = ("Fri 2025-11-07 10:00", "bob", "approve", {"decision": "agree"})
NO = ("Fri 2025-11-07 10:00", "bob", "approve", {"decision": "reject"})


def told(*acts: tuple[str, str, str, dict[str, Any]], office: dict[str, Any] | None = None) -> tuple[Case, list[str], Any]:
    """The case after the acts, what happened (refusals by their code), and the law."""
    law, case, happened = bind(BOOK, {**OFFICE, **(office or {})}, []), Case.new("c", "o", "b"), []
    for n, (when, who, act, fields) in enumerate(acts):
        moment = at(when)
        case, events = step(case, [Command(f"c{n}", act, fields, moment, moment, who)], moment, law)
        happened += [str(e.data["code"]) if e.kind == "refused" else e.kind for e in events]
    return case, happened, law


def due(case: Case, law: Any) -> str:
    return next(clock.due_day for clock in alarms(case, law) if clock.term == "own")


def test_an_extension_moves_nothing_before_the_last_yes() -> None:
    asked, happened, law = told(FILE, OWN, ASK)
    assert "extension_asked" in happened
    assert due(asked, law) == "2025-11-10"
    assert approvers(asked, law) == ["bob"]
    granted, happened, law = told(FILE, OWN, ASK, YES)
    assert happened[-2:] == ["approved", "extended"]
    assert due(granted, law) == "2025-11-14"
    assert approvers(granted, law) == []


def test_a_no_leaves_the_term_and_a_new_asking_begins_the_chain_anew() -> None:
    case, _, law = told(FILE, OWN, ASK, NO)
    assert due(case, law) == "2025-11-10"
    assert approvers(case, law) == []
    again = ("Fri 2025-11-07 11:00", *ASK[1:])
    case, _, law = told(FILE, OWN, ASK, NO, again)
    assert approvers(case, law) == ["bob"]
    later = ("Wed 2025-11-12 11:00", *ASK[1:3], {**ASK[3], "until": "2025-11-20"})
    case, _, law = told(FILE, OWN, ASK, YES, later)
    assert (due(case, law), approvers(case, law)) == ("2025-11-14", ["bob"])  # the first yes is no second one


def test_asked_after_the_end_is_too_late_and_only_the_post_named_may_ask() -> None:
    late = ("Tue 2025-11-11 00:00", *ASK[1:])
    assert told(FILE, OWN, late)[1][-1] == "too_late"
    assert told(FILE, OWN, ("Thu 2025-11-06 10:00", "bob", *ASK[2:]))[1][-1] == "not_your_act"


@pytest.mark.parametrize(("text", "answer"), [("secret", "secret"), ("plain", "noted")])
def test_a_gate_about_one_field(text: str, answer: str) -> None:
    assert told(FILE, ("Mon 2025-11-03 09:30", "ann", "note", {"text": text}))[1][-1] == answer


@pytest.mark.parametrize(
    ("param", "answer"),
    [
        ({}, "param_missing"), ({"days": 3, "in_force_from": "2025-11-04"}, "before_in_force"), ({"days": 3, "in_force_from": "2025-11-03"}, "filed"),
        ({"days": 3, "in_force_until": "2025-11-02"}, "book_lapsed"), ({"days": 3, "in_force_until": "2025-11-03"}, "filed"),
    ],
)  # fmt: skip
def test_what_a_book_needs_before_anything_is_filed(param: dict[str, Any], answer: str) -> None:
    assert told(FILE, office={"param": param})[1][0] == answer


@pytest.mark.parametrize(("unit", "above"), [("desk", ["desk", "tax", "town", "office"]), ("far", ["far"])])
def test_jurisdiction_is_the_line_of_units_above(unit: str, above: list[str]) -> None:
    case, _, law = told((*FILE[:3], {"channel": "letter", "respondents": [{"unit": unit}]}))
    assert Context(case, law).fact("respondent_above") == above
    assert Context(case, law).fact("event.filed") is True
    assert Context(case, law).fact("event.closed") is False


RHYTHM = {"report": {"from": {"since": "own", "again": ["noted"]}, "until": "finished", "limit": {"days": 7}, "clause": "6"}}


def test_a_rhythm_begins_at_an_event_and_anew_at_each_report() -> None:
    law, case, days = bind({**BOOK, "term": RHYTHM}, OFFICE, []), Case.new("c", "o", "b"), []
    note = ("ann", "note", {"text": "进度"})
    for n, (when, who, act, fields) in enumerate([FILE, ("Mon 2025-11-03 09:30", *note), OWN, ("Wed 2025-11-05 10:00", *note), ("Mon 2025-11-17 10:00", *note)]):
        case, events = step(case, [Command(f"r{n}", act, fields, at(when), at(when), who)], at(when), law)
        days += [clock.due_day for clock in alarms(case, law)] + [e.kind for e in events if e.kind == "overdue"]
    assert days == ["2025-11-10", "2025-11-12", "2025-11-24", "overdue"]  # the note before the beginning starts nothing
