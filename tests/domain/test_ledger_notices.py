"""Whom a ledger tells: who owed it and to whom it was owed, who decides, who must know; nobody of themselves."""

from __future__ import annotations

from typing import Any

from domain import ledger as books
from domain.core import Command, bind
from domain.ledger_notices import ledger_notices
from tests.builders import at
from tests.smallbook import BOOK, OFFICE

MEASURE = {"off": {"one_of": ["待岗"], "by": ["head", "tina"], "clause": "m"}}
COUNTER = {"third": {"counts": "deduction", "per": "person", "within": {"calendar": "year"}, "at": 2, "clause": "c"}}
START = "Mon 2025-09-01 09:00"


def taken(*acts: tuple[str, str, str, dict[str, Any]], until: str, **tables: Any) -> list[Any]:
    """The notices of each step of a ledger under the small book."""
    law = bind({**BOOK, "post": {**BOOK["post"], "clerk": {"may": ["file", "enter"], "clause": "1"}}, **tables}, OFFICE, [])
    ledger, notices = books.new("o", "b"), []
    for n, (when, who, act, fields) in enumerate([(START, "system", books.OPEN, {}), *acts]):
        ledger, events = books.take(ledger, [Command(f"k{n}", act, fields, at(when), at(when), who)], at(when), law)
        notices += ledger_notices(events, ledger.id, law)
    ledger, events = books.take(ledger, [], at(until), law)
    return [*notices, *ledger_notices(events, ledger.id, law)]


def test_a_missed_duty_is_told_to_whoever_owed_it_and_to_whom_it_was_owed() -> None:
    row = {"every": "month", "by": "clerk", "to": "head", "clause": "r"}
    found = taken(until="Wed 2025-10-01 00:00", recur={"bulletin": row})
    assert [(one.form, one.to, one.clause, one.demanded, one.data["period"], one.data["due_day"]) for one in found] == [("bulletin", ("clerk1", "head1"), ("r",), True, "2025-09", "2025-09-30")]
    assert found[0].key.startswith("ledger:o:b:")
    assert taken(until="Tue 2025-09-30 23:59", recur={"bulletin": row}) == []
    unwanted = taken(until="Wed 2025-10-01 00:00", recur={"bulletin": {"every": "month", "by": "clerk", "office": True}})
    assert [one.demanded for one in unwanted] == [False]


def deductions(person: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [(when, "clerk1", "enter", {"what": "deduction", "person": person}) for when in ("Mon 2025-11-03 09:00", "Tue 2025-11-04 09:00")]


def test_a_proposal_is_told_to_who_decides_but_not_to_whom_it_is_about() -> None:
    rule = {"away": {"on": "counter:third", "then": {"propose": "off"}, "clause": "t"}}
    found = taken(*deductions("rita"), until="Tue 2025-11-04 09:00", counter=COUNTER, measure=MEASURE, trigger=rule)
    assert [(one.form, one.to) for one in found] == [("away", ("head1", "tina"))]
    mine = taken(*deductions("tina"), until="Tue 2025-11-04 09:00", counter=COUNTER, measure=MEASURE, trigger=rule)
    assert [one.to for one in mine] == [("head1",)]
    assert "rita" not in str(found[0].data)


def test_what_a_rule_tells_is_told_but_not_to_whom_was_counted() -> None:
    rule = {"word": {"on": "counter:third", "then": {"tell": ["head", "liaison"]}, "clause": "t"}}
    found = taken(*deductions("lars"), until="Tue 2025-11-04 09:00", counter=COUNTER, trigger=rule)
    assert [(one.form, one.to, one.data["kind"]) for one in found] == [("word", ("head1", "tina"), "told")]
