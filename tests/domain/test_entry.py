"""The entry of an old register: acts at their true instants, nothing that was due before it urges anybody, and everything after it does."""

from __future__ import annotations

from typing import Any

import pytest

from domain.core import Case, Command, Event, bind, notices, projection, step
from tests.builders import at
from tests.smallbook import BOOK, OFFICE

ENTERED = "Mon 2025-12-01 10:00"
TABLES: dict[str, Any] = {
    "post": {"clerk": {"may": [*BOOK["post"]["clerk"]["may"], "sign_in"], "clause": "1"}, "head": BOOK["post"]["head"], "liaison": BOOK["post"]["liaison"]},
    "route": {"rows": [{"do": "transfer", "choice": True, "clause": "r"}, {"do": "own", "choice": True, "clause": "r"}]},
    "assign": {"receive": "deemed", "receive_limit": {"working_days": 2}, "clause": "d"},
    "term": {
        "take": {"zh": "受理", "from": "filed", "until": "accepted", "limit": {"working_days": 2}, "clause": "t1"},
        "case": {"zh": "办结", "from": "accepted", "until": "finished", "limit": {"working_days": 10}, "clause": "t2"},
        "unit": {"zh": "承办", "per": "assignment", "from": "unit_received", "until": "concluded", "limit": {"working_days": 5}, "clause": "t3"},
        "long": {"zh": "全程", "from": "filed", "until": "finished", "limit": {"months": 3}, "clause": "t4"},
    },
    "urge": {"weekly": {"zh": "每周催办", "every": {"weeks": 1}, "by": "clerk", "to": "handling_unit", "clause": "u"}},
    "notice": {
        "sent": {"on": "transferred", "to": ["handling_unit"], "clause": "n1"}, "urging": {"on": "urge_due", "to": ["handling_unit"], "clause": "n2"},
        "late": {"on": "overdue:case", "to": ["head"], "clause": "n3"}, "came": {"on": "filed", "to": ["head"], "clause": "n4"},
    },
}  # fmt: skip
LAW = bind({**BOOK, **TABLES}, OFFICE, [])


def wish(act: str, when: str, n: int, entered: str = ENTERED, paper: str = "p" * 64, **fields: Any) -> Command:
    return Command(f"k{n}", act, fields, at(when), at(entered), "clerk1", entered_by="clerk1", paper=paper)


def entry(**more: Any) -> list[Command]:
    return [
        wish("file", "Mon 2025-09-01 09:00", 1, channel="telephone", old_no="2025-7", reason="旧册转入", **more),
        wish("accept", "Mon 2025-09-08 09:00", 2),
        wish("transfer", "Tue 2025-09-09 09:00", 3, unit="tax", excerpt="见原转办单"),
    ]


def told(case: Case, events: list[Event]) -> list[str]:
    return [one.form for one in notices(events, case, LAW)]


def test_what_was_due_before_the_entry_is_one_event_for_each_stretch_and_rings_nobody() -> None:
    case, events = step(Case.new("c", "o", "b"), entry(), at(ENTERED), LAW)
    kinds = [event.kind for event in events]
    assert not {"warned", "overdue", "urge_due", "refused"} & set(kinds), kinds
    missed = [(event.at, [(one["kind"], one["subject"]) for one in event.data["missed"]]) for event in events if event.kind == "missed_before_entry"]
    assert missed[0] == (at("Mon 2025-09-08 09:00"), [("overdue", "take")]), "taken in too late, and known to be"
    later = [one for _, found in missed[1:] for one in found]
    assert ("overdue", "case") in later
    assert ("overdue", "unit") in later
    assert later.count(("urge_due", "weekly")) > 8, "each week that had passed"
    assert told(case, events) == []


def test_a_receipt_that_the_book_deems_starts_its_clock_at_its_own_instant() -> None:
    case, events = step(Case.new("c", "o", "b"), entry(), at(ENTERED), LAW)
    deemed = next(event for event in events if event.kind == "unit_received")
    assert deemed.at.date() == at("Thu 2025-09-11 00:00").date()
    assert case.assignments["a1"]["deemed"] is True
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_what_comes_due_after_the_entry_rings_as_ever() -> None:
    case, _ = step(Case.new("c", "o", "b"), entry(), at(ENTERED), LAW)
    after, events = step(case, [], at("Tue 2025-12-09 10:00"), LAW)
    assert [(event.kind, event.subject) for event in events if event.kind in ("overdue", "urge_due")] == [("urge_due", "weekly"), ("overdue", "long"), ("urge_due", "weekly")]
    assert told(after, events) == ["urging", "urging"]


def test_an_act_that_is_typed_later_is_told_and_rings() -> None:
    first, *_ = entry()
    case, _ = step(Case.new("c", "o", "b"), [first], at(ENTERED), LAW)
    later = [wish("accept", "Mon 2025-09-08 09:00", 2, "Tue 2025-12-02 10:00"), wish("transfer", "Tue 2025-09-09 09:00", 3, "Tue 2025-12-02 10:00", unit="tax", excerpt="x")]
    after, events = step(case, later, at("Tue 2025-12-02 10:00"), LAW)
    assert "sent" in told(after, events)
    assert ("overdue", "case") in [(event.kind, event.subject) for event in events]


def test_a_new_case_with_an_old_receipt_is_as_it_was() -> None:
    case, events = step(Case.new("c", "o", "b"), [wish("file", "Mon 2025-09-01 09:00", 1, channel="telephone", reason="补录")], at(ENTERED), LAW)
    assert [event.kind for event in events] == ["filed", "missed_before_entry"]
    assert told(case, events) == ["came"]
    assert "old_no" not in projection(case, LAW)


@pytest.mark.parametrize(("who", "fields", "paper", "code"), [
    ("clerk1", {"old_no": "7"}, "p" * 64, "field_missing"), ("clerk1", {"old_no": "7", "reason": "旧册"}, "", "field_missing"), ("complainant", {"old_no": "7", "reason": "x"}, "p" * 64, "not_your_act"),
])  # fmt: skip
def test_an_old_number_needs_a_clerk_a_reason_and_the_register(who: str, fields: dict[str, str], paper: str, code: str) -> None:
    command = Command("k", "file", {"channel": "telephone", **fields}, at("Mon 2025-11-17 09:00"), at(ENTERED), who, paper=paper)
    _, events = step(Case.new("c", "o", "b"), [command], at(ENTERED), LAW)
    assert events[0].data["code"] == code


def test_our_number_is_of_the_year_in_which_the_case_came_in() -> None:
    acts = [wish("file", "Mon 2024-12-02 09:00", 1, channel="telephone", old_no="2024-7", reason="旧册转入"), wish("accept", "Tue 2024-12-03 09:00", 2)]
    case, _ = step(Case.new("c", "o", "b"), acts, at(ENTERED), LAW)
    assert (case.attrs["register_year"], case.attrs["old_no"], projection(case, LAW)["old_no"]) == (2025, "2024-7", "2024-7")
