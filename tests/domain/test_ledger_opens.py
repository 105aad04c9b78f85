"""What a count leads to may be a case of its own: decided by a named person, about whom was counted, begun by itself."""

from __future__ import annotations

from typing import Any

import pytest

from domain import ledger as books
from domain.core import Case, Command, Event, bind, step
from domain.other_case import filing
from tests.builders import at
from tests.smallbook import BOOK, OFFICE

BREACH = {"complainant": False, "channel": False, "opened_by": ["head", "trigger"], "clause": "k 2"}
TABLES: dict[str, Any] = {
    "post": {**BOOK["post"], "clerk": {"may": ["file", "enter"], "clause": "1"}},
    "kind": {**BOOK["kind"], "breach": BREACH},
    "counter": {"third": {"counts": "deduction", "per": "person", "within": {"calendar": "year"}, "at": 2, "clause": "c"}},
    "trigger": {"away": {"on": "counter:third", "then": {"open": "breach"}, "to": "head", "clause": "t"}},
}  # fmt: skip
ACTS = [
    ("Mon 2025-11-03 09:00", "clerk1", "enter", {"what": "deduction", "person": "rita"}),
    ("Tue 2025-11-04 09:00", "clerk1", "enter", {"what": "deduction", "person": "rita"}),
]  # fmt: skip


def decided(decision: str = "agree", **tables: Any) -> tuple[Event, Any]:
    """The event of the decision about what the count proposes, and the law."""
    law, ledger, events = bind({**BOOK, **TABLES, **tables}, OFFICE, []), books.new("o", "b"), list[Event]()
    for n, (when, who, act, fields) in enumerate([*ACTS, ("Wed 2025-11-05 09:00", "head1", "decide", {"proposal": "away", "decision": decision, "reason": "屡教不改"})]):
        ledger, made = books.take(ledger, [Command(f"k{n}", act, fields, at(when), at(when), who)], at(when), law)
        events += made
    return next(e for e in events if e.kind == "decided"), law


def test_the_case_begins_with_whoever_decided_and_about_whom_was_counted() -> None:
    event, law = decided()
    command = filing(event)
    assert command is not None
    child, made = step(Case.new(event.data["open"]["case"], "o", "b"), [command], at("Wed 2025-11-05 09:00"), law)
    assert made[0].kind == "filed"
    assert (child.attrs["kind"], child.attrs["clerk"], child.attrs["respondents"]) == ("breach", "head1", [{"person": "rita", "unit": "tax"}])
    again, _ = decided()
    assert again.data["open"]["case"] == event.data["open"]["case"]


@pytest.mark.parametrize(
    ("decision", "tables"),
    [("reject", {}), ("agree", {"kind": {**BOOK["kind"], "breach": {**BREACH, "opened_by": ["head"]}}})],
)
def test_nothing_begins_where_it_was_rejected_or_the_book_leaves_the_filing_to_a_person(decision: str, tables: dict[str, Any]) -> None:
    event, _ = decided(decision, **tables)
    assert filing(event) is None
