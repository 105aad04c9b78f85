"""A notice that does not arrive: marked by the system alone, once, in every phase; the administrator's task until it has arrived; no clock moves."""

from datetime import datetime
from typing import Any

import pytest

from cli import library
from domain.core import Case, Command, Event, Law, alarms, projection, reader_of, step, tasks, unsent, view
from domain.stories import commands

BOOK = "district-e-supervision"
STORY = next(one for _, one in library.stories(BOOK) if one["story"] == "district-whole-transfer")


@pytest.fixture(scope="module")
def law() -> Law:
    return library.law(BOOK, "district")


def after(law: Law, acts: int) -> Case:
    case = Case.new("c1", "district", BOOK)
    for one in commands(STORY)[:acts]:
        case, _ = step(case, [one], one.received_at, law)
    return case


def say(case: Case, law: Law, act: str, notice: str, actor: str = "system", **fields: Any) -> tuple[Case, Event]:
    at: datetime = max(mark.last for mark in case.marks.values())
    before = case.version
    case, events = step(case, [Command(f"{notice}:{act}:{case.version}", act, {"notice": notice, **fields}, at, at, actor)], at, law)
    return case, next(event for event in events if event.seq > before and event.command_id)


@pytest.mark.parametrize("acts", [1, 3, 5, 9, 11, 13])
def test_the_mark_and_its_end_in_every_phase(law: Law, acts: int) -> None:
    case = after(law, acts)
    clocks, waiting, key = alarms(case, law), projection(case, law)["waiting_on"], f"c1:{case.version}:to_liaison"
    case, marked = say(case, law, "mark_unsent", key, since="2025-09-25T09:00:00+08:00", tries=6)
    assert (marked.kind, marked.subject) == ("notice_failed", key.removeprefix("c1:"))
    row = projection(case, law)
    assert row["unsent"] is True and "luo" in row["waiting_on"]
    (task,) = [one for one in tasks(case, law) if "luo" in one.who]
    assert (task.act, task.subject) == ("mark_sent", marked.subject)
    assert alarms(case, law) == clocks, "the statutory clocks go on as they were"
    case, cleared = say(case, law, "mark_sent", key)
    assert (cleared.kind, cleared.subject) == ("notice_sent_late", marked.subject)
    assert unsent(case) == {} and projection(case, law)["waiting_on"] == waiting and projection(case, law)["unsent"] is False


def test_the_administrator_sees_the_task_and_nothing_of_the_complaint(law: Law) -> None:
    case = after(law, 5)
    assert view(case, reader_of("luo", law), law) is None
    case, _ = say(case, law, "mark_unsent", "c1:2:to_liaison")
    shown = view(case, reader_of("luo", law), law)
    assert shown is not None and set(shown) == {"case", "register_no", "phase", "tasks"}
    assert [task["act"] for task in shown["tasks"]] == ["mark_sent"]


def test_each_is_recorded_once_and_ends_only_what_is_open(law: Law) -> None:
    case = after(law, 5)
    case, early = say(case, law, "mark_sent", "c1:2:told")
    assert early.data["code"] == "notice_settled"
    case, _ = say(case, law, "mark_unsent", "c1:2:told")
    case, again = say(case, law, "mark_unsent", "c1:2:told")
    assert again.data["code"] == "notice_settled"
    case, _ = say(case, law, "mark_sent", "c1:2:told")
    for act in ("mark_sent", "mark_unsent"):
        case, late = say(case, law, act, "c1:2:told")
        assert late.data["code"] == "notice_settled"
    assert (case.marks["notice_failed"].count, case.marks["notice_sent_late"].count) == (1, 1)


@pytest.mark.parametrize("actor", ["luo", "li", "complainant", "public", "stranger"])
@pytest.mark.parametrize("act", ["mark_unsent", "mark_sent"])
def test_nobody_can_click_it_away(law: Law, actor: str, act: str) -> None:
    case, _ = say(after(law, 5), law, "mark_unsent", "c1:2:told")
    case, refused = say(case, law, act, "c1:2:told", actor)
    assert refused.kind == "refused" and refused.data["code"] in ("not_your_act", "not_known")
    assert list(unsent(case)) == ["2:told"]


@pytest.mark.parametrize("notice", ["", "c1", "c1:", "c1:2", "c1:2:", "c1::told", "c1:x:told", "c1:0:told", "c1:²:told", "c1:99999999999:told", "c2:2:told", "told"])
def test_a_notice_that_is_not_of_this_case_is_refused(law: Law, notice: str) -> None:
    _, refused = say(after(law, 5), law, "mark_unsent", notice)
    assert refused.data["code"] == ("field_missing" if not notice else "no_such_notice")


def test_without_an_administrator_the_next_in_line_has_it(law: Law) -> None:
    people = {pid: {**row, "posts": [post for post in row["posts"] if post != "admin"]} for pid, row in law.office["person"].items()}
    orphan = Law(law.book, {**law.office, "person": people}, law.calendars, law.calendar, law.scale)
    case, _ = say(after(orphan, 5), orphan, "mark_unsent", "c1:2:told")
    assert [one.who for one in tasks(case, orphan) if one.act == "mark_sent"] == [("li",)]


def test_an_administrator_complained_of_is_passed_over(law: Law) -> None:
    first = commands(STORY)[0]
    accused = Command(first.id, "file", {**first.fields, "respondents": [{"person": "luo", "unit": "jczx"}]}, first.received_at, first.entered_at, first.actor)
    case, _ = step(Case.new("c1", "district", BOOK), [accused], accused.received_at, law)
    case, _ = say(case, law, "mark_unsent", "c1:1:told")
    assert [one.who for one in tasks(case, law) if one.act == "mark_sent"] == [("li",)]
