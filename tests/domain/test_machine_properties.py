"""What holds for every sequence of acts, by anybody, at any instant, under every book (design, sections 1 and 2)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.core import (
    CODES,
    Accepted,
    Case,
    Command,
    Event,
    Law,
    Refused,
    current,
    decide,
    evolve,
    next_wake,
    notices,
    pending,
    projection,
    reader_of,
    ring_until,
    step,
    tasks,
    view,
)  # fmt: skip
from tests.domain.sequences import BOOKS, OUTSIDERS, histories, law_of, text, told, walk

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
every_book = pytest.mark.parametrize("book", BOOKS)


def leads_on(case: Case, law: Law) -> bool:
    """Somebody is waited for, or an alarm will ring, or all who could act have withdrawn and a substitute can be named."""
    if case.phase in ("none", "archived") or next_wake(case, law) is not None:
        return True
    waiting = tasks(case, current(law, case))
    return any(who for task in waiting for who in task.who) or bool(waiting and case.people.get("recused"))


@every_book
@FEW
@given(data=st.data())
def test_decide_never_raises_and_knows_its_codes(book: str, data: st.DataObject) -> None:
    law = law_of(book)
    for before, command, after, events in data.draw(histories(book)):
        answer = decide(before, command, law)
        assert isinstance(answer, Accepted | Refused)
        for code in [answer.code] if isinstance(answer, Refused) else []:
            assert code in CODES
        assert {e.data["code"] for e in events if e.kind == "refused"} <= set(CODES)
        assert leads_on(after, law), (after.phase, after.marks.keys())


@every_book
@FEW
@given(data=st.data())
def test_readers_lists_and_notices_never_fail(book: str, data: st.DataObject) -> None:
    law = law_of(book)
    _, _, case, events = data.draw(histories(book))[-1]
    now = current(law, case)
    text(projection(case, now))
    assert all(notice.to for notice in notices(events, case, now))
    for person in (*law.office["person"], *OUTSIDERS):
        text(view(case, reader_of(person, now), now))


@every_book
@FEW
@given(data=st.data())
def test_fold_again_is_the_same_case(book: str, data: st.DataObject) -> None:
    steps = data.draw(histories(book))
    case = steps[-1][2]
    events = [event for *_, found in steps for event in found]
    stored = [Event.load(json.loads(text(event.dump()))) for event in events]
    assert [one.dump() for one in stored] == [one.dump() for one in events]
    again = Case.new(case.id, case.office, case.book)
    for event in stored:
        again = evolve(again, event)
    assert text(again.dump()) == text(case.dump())
    assert again.chain_head == case.chain_head
    assert again.version == len(events)
    assert text(Case.load(json.loads(text(case.dump()))).dump()) == text(case.dump())


@every_book
@FEW
@given(data=st.data())
def test_step_is_pure_and_a_command_counts_once(book: str, data: st.DataObject) -> None:
    law = law_of(book)
    steps = data.draw(histories(book, 4))
    case, command = steps[-1][2], steps[-1][1]
    kept, asked = text(case.dump()), text(command.dump())
    fresh = Command("fresh", *[getattr(command, name) for name in Command.__slots__[1:]])
    step(case, [fresh, fresh], command.entered_at + timedelta(days=30), law)
    assert (text(case.dump()), text(command.dump())) == (kept, asked)
    after, events = step(case, [command], command.entered_at, law)
    assert [e for e in events if e.command_id] == []
    _, twice = step(case, [fresh, fresh], command.entered_at, law)
    assert len([e for e in twice if e.command_id == "fresh"]) == 1
    assert after.commands == case.commands


@every_book
@FEW
@given(data=st.data())
def test_alarms_ring_once_forwards_and_end(book: str, data: st.DataObject) -> None:
    law = law_of(book)
    case = data.draw(histories(book, 5))[-1][2].copy()
    start = case.copy()
    wake = next_wake(case, law)
    if wake is None:
        return
    until = wake + timedelta(days=400)
    rung = [e for e in ring_until(case, until, law) if any(not k.startswith("trigger:") for k in e.data.get("patch", {}).get("rung", {}))]
    assert rung, "a wake rings something"
    assert [e.at for e in rung] == sorted(e.at for e in rung)
    assert all(alarm.at > until for alarm in pending(case, current(law, case)))
    assert ring_until(case, until, law) == []
    in_two = start.copy()
    parts = [*ring_until(in_two, wake, law), *ring_until(in_two, until, law)]
    assert text(in_two.dump()) == text(case.dump()), [e.kind for e in parts]


def after_story(book: str, name: str, acts: int) -> Case:
    """The case after the first acts of a story."""
    story = next(one for one in told(book) if one[0].id.startswith(f"{name}:"))
    return walk(book, list(story[:acts]))[-1][2]


def send(case: Case, act: str, actor: str = "system", **fields: Any) -> tuple[Case, list[Event]]:
    """One act a day after the case last moved, then a year of nothing."""
    at = max(mark.last for mark in case.marks.values()) + timedelta(days=1)
    after, events = step(case, [Command(f"late{case.version}", act, fields, at, at, actor)], at, law_of(case.book))
    law = current(law_of(case.book), after)
    ring_until(after.copy(), at + timedelta(days=365), law)
    text(projection(after, law))
    for person in law.office["person"]:
        view(after, reader_of(person, law), law)
    return after, events


# Found by these properties or beside them; each stood in the core once.


def test_a_voluntary_approval_keeps_nobody_from_being_waited_for() -> None:
    case = after_story("district-e-supervision", "district-archive-contents", 4)
    assert case.phase == "opinion"
    assert [task.act for task in tasks(case, law_of(case.book))] == ["transfer"]


@pytest.mark.parametrize("value", ["9999-12-31", "9999-12-31T23:59:59+08:00", "0001-01-01", "1700-01-01"])
def test_an_instant_beyond_reason_is_no_correction(value: str) -> None:
    case = after_story("kaiyang-one-window", "kaiyang-grounds", 3)
    after, events = send(case, "correct", "wang", mark="accepted", value=value, reason="笔误")
    assert events[0].data["code"] == "field_invalid"
    assert after.attrs.get("corrected") is None


@pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01"])
def test_a_day_beyond_reason_is_no_fact(value: str) -> None:
    case = after_story("district-e-supervision", "district-archive-contents", 4)
    _, events = send(case, "classify", "li", facts={"legal_correction_date": value}, reason="法律另定")
    assert events[0].data["code"] == "field_invalid"


@pytest.mark.parametrize("what", ["office", "people", "keys"])
@pytest.mark.parametrize("value", [{}, "", "x", [], 1, {"office": 1}, {"office": {}, "unit": [], "person": {}}, {"office": {}, "unit": {}, "person": {"wang": []}}])
def test_a_broken_revision_never_binds_a_case(what: str, value: Any) -> None:
    case = after_story("kaiyang-one-window", "kaiyang-grounds", 3)
    after, _ = send(case, "revise", what=what, value=value)
    after, events = send(after, "note", "wang", text="照常办理")
    assert [event.kind for event in events if event.command_id] == ["noted"]


def test_the_office_of_another_book_never_binds_a_case() -> None:
    case = after_story("kaiyang-one-window", "kaiyang-grounds", 1)
    after, events = send(case, "revise", what="office", value=dict(law_of("district-e-supervision").office))
    assert events[0].data["code"] == "field_invalid"
    assert leads_on(after, law_of(case.book))
