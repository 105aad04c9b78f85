"""Clocks kept between two events are those that a fresh case would compute, under any law it is asked about."""

import pytest

from cli import library
from domain import stories
from domain.core import Case, alarms, fold, law_load, law_value, step

STORY = next(one for _, one in library.stories() if one["story"] == "district-whole-transfer")


def test_kept_clocks_are_those_of_a_fresh_case() -> None:
    law = library.law(STORY["rulebook"], STORY["office"])
    case = Case.new(STORY["story"], "district", STORY["rulebook"])
    seen = set()
    for command in stories.commands(STORY):
        case, _ = step(case, [command], command.received_at, law)
        fresh = Case.load(case.dump())
        assert fresh.known is None
        assert alarms(case, law) == alarms(case, law) == alarms(fresh, law)
        seen.add(repr([(clock.key, clock.state) for clock in alarms(case, law)]))
    assert len(seen) > 5  # they did move


def test_an_event_and_another_law_make_them_anew() -> None:
    law = library.law(STORY["rulebook"], STORY["office"])
    first, accept, third = stories.commands(STORY)[:3]
    case, _ = step(Case.new("c", "district", STORY["rulebook"]), [first, accept], accept.received_at, law)
    before = alarms(case, law)
    longer = law_load(law_value(law) | {"book": {**law.book, "term": {}}})
    assert before
    assert [clock for clock in alarms(case, longer) if not clock.term.startswith(("duty:", "order:"))] == []
    assert alarms(case, law) == before
    alarms(case, law).clear()  # a caller's list is the caller's
    assert alarms(case, law) == before
    _, events = step(case, [third], third.received_at, law)
    fold(case, events[0])
    assert case.known is None


@pytest.mark.parametrize("changed", ["copy", "load"])
def test_a_copy_stands_for_itself(changed: str) -> None:
    law = library.law(STORY["rulebook"], STORY["office"])
    first, second = stories.commands(STORY)[:2]
    case, _ = step(Case.new("c", "district", STORY["rulebook"]), [first], first.received_at, law)
    kept = alarms(case, law)
    other = case.copy() if changed == "copy" else Case.load(case.dump())
    _, events = step(other, [second], second.received_at, law)
    for event in events:
        fold(other, event)
    assert alarms(other, law) != kept
    assert alarms(case, law) == kept
