"""What is kept beside a case for speed says the same as a case that was read anew: copies, the register's number, refusals."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cli import library
from domain.case import Case, Event, evolve, fold
from domain.clocks import alarms, pending
from domain.core import Law, current, numbered, tasks
from domain.law import bind
from domain.machine import named, step
from domain.stories import commands, run

NAMES = ("kaiyang-answer-empty", "district-overdue-transferred", "kaiyang-three-a-year")


def told() -> Iterator[tuple[Case, list[Event], Law]]:
    for _, story in library.stories():
        if story["story"] in NAMES:
            law = library.law(story["rulebook"], story["office"])
            done = run(story, law)
            yield done.case, done.events, law


def fresh(case: Case) -> Case:
    return Case.load(json.loads(json.dumps(case.dump())))


def refusal(case: Case, at: Event) -> Event:
    return Event(case.version + 1, "refused", at.at, "wang", "", "", f"again:{case.version}", (), {"act": "close", "code": "wrong_phase"})


def test_copies_change_apart_whichever_of_them_folds() -> None:
    for done, events, _ in told():
        case = Case.new(done.id, done.office, done.book)
        for event in events:
            before, one = case.dump(), case.copy()
            two = one.copy()
            kept = json.dumps(before)
            fold(one, event)
            assert (json.dumps(case.dump()), json.dumps(two.dump())) == (kept, kept)
            fold(case, event)
            assert json.dumps(two.dump()) == kept
            assert json.dumps(one.dump()) == json.dumps(case.dump()) == json.dumps(evolve(fresh(two), event).dump())
        assert case.chain_head == done.chain_head


def test_a_supposed_case_leaves_the_real_one_alone() -> None:
    for done, *_ in told():
        kept = json.dumps(done.dump())
        other = done.supposed({"attrs": {"phase": "handling"}, "rung": {"x": "y"}})
        assert (other.phase, other.rung["x"], json.dumps(done.dump())) == ("handling", "y", kept)


def test_the_number_changes_the_case_as_a_second_fold_would() -> None:
    stories = [story for _, story in library.stories() if story["story"] in NAMES]
    for story in stories:
        law = library.law(story["rulebook"], story["office"])
        before, (after, events) = registering(story, law)
        written, case = named(before, after, events, 7)
        again = before.copy()
        for event in numbered(events, 7):
            fold(again, event)
        assert (written, json.dumps(case.dump())) == (numbered(events, 7), json.dumps(again.dump()))
        assert (alarms(case, law), pending(case, law), tasks(case, law)) == (alarms(again, law), pending(again, law), tasks(again, law))
        assert after.attrs["register_no"] == "#", "the case before it has its number stays as it was"


def registering(story: dict[str, Any], law: Law) -> tuple[Case, tuple[Case, list[Event]]]:
    """The step by which a story's case asks for its number, and the case before it."""
    case = Case.new("c", law.office["office"]["id"], str(story["rulebook"]))
    for command in commands(story):
        after, events = step(case, [command], command.received_at, law)
        if any(event.kind == "registered" for event in events):
            return case, (after, events)
        case = after
    raise AssertionError(f"{story['story']} registers nothing")


def test_a_refusal_leaves_clocks_and_tasks_as_they_are() -> None:
    for done, events, law in told():
        law_now, known = current(law, done), (alarms(done, current(law, done)), tasks(done, current(law, done)))
        after = evolve(done, refusal(done, events[-1]))
        assert after.known is done.known, "nothing was forgotten"
        anew = fresh(after)
        assert (alarms(after, law_now), tasks(after, law_now)) == known == (alarms(anew, law_now), tasks(anew, law_now))


@pytest.mark.parametrize("on", ["refused", "refused:close", {"any": ["closed", "refused"]}])
def test_a_book_that_names_refusals_is_asked_anew(on: object) -> None:
    done, events, law = next(told())
    heeding = bind({**law.book, "term": {**law.table("term"), "look": {"from": on, "limit": {"days": 3}, "until": "archived"}}}, law.office, list(law.calendars))
    assert (law.heeds("refused"), heeding.heeds("refused")) == (False, True)
    alarms(done, heeding)
    assert evolve(done, refusal(done, events[-1])).known is None
