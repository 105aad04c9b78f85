"""What a leader hears of at once and what waits for the opening of the office: on real days of the calendar, by the office's own rows."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from cli import library
from domain.digest import gathered, opening, urgent
from domain.law import Law
from domain.workdays import ZONE

LAW = library.law("kaiyang-one-window", "kaiyang")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def with_person(name: str, **row: object) -> Law:
    people = {**LAW.office["person"], name: {**LAW.office["person"][name], **row}}
    return replace(LAW, office={**LAW.office, "person": people})


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2025-11-11T07:30", "2025-11-11T09:00"),
        ("2025-11-11T09:00", "2025-11-12T09:00"),
        ("2025-11-14T16:00", "2025-11-17T09:00"),
        ("2025-11-15T08:00", "2025-11-17T09:00"),
        ("2025-09-30T18:00", "2025-10-09T09:00"),
        ("2025-10-10T18:00", "2025-10-11T09:00"),
    ],
    ids=["before-opening", "as-it-opens", "friday", "saturday", "festival", "make-up-saturday"],
)
def test_the_office_opens_next(now: str, opens: str) -> None:
    assert opening(LAW, at(now)) == at(opens)


def test_leaders_are_gathered_for_and_the_office_file_has_the_last_word() -> None:
    assert [person for person in LAW.office["person"] if gathered(LAW, person)] == ["chen", "lu"]
    assert not gathered(LAW, "unit:tax")
    assert not gathered(with_person("chen", digest=False), "chen")
    assert gathered(with_person("wang", digest=True), "wang")


@pytest.mark.parametrize(
    ("form", "data", "due", "wanted"),
    [
        ("asked_leader", {"kind": "proposed"}, None, False),
        ("asked_leader", {"kind": "proposed"}, date(2025, 11, 18), False),
        ("asked_leader", {"kind": "proposed"}, date(2025, 11, 17), True),
        ("asked_leader", {"kind": "proposed", "due_day": "2025-11-14"}, None, True),
        ("asked_leader", {"kind": "proposed", "due_day": ""}, date(2025, 11, 10), True),
        ("late", {"kind": "overdue"}, None, True),
        ("retaliation_reported", {"kind": "retaliation_reported"}, None, True),
        ("nobody_knows", {}, None, False),
    ],
    ids=["no-date", "far", "by-monday", "own-date-today", "past", "overdue", "retaliation", "unknown"],
)
def test_on_a_friday(form: str, data: dict[str, str], due: date | None, wanted: bool) -> None:
    assert urgent(LAW, form, data, due, at("2025-11-14T10:00")) is wanted


def test_a_row_of_the_book_may_want_a_leader_told_at_once() -> None:
    book = library.book("enforcement-complaint-report-rules-county")
    law = library.law("enforcement-complaint-report-rules-county", library.office_for("enforcement-complaint-report-rules-county"))
    assert book["notice"]["urgent"]["at_once"] is True
    assert urgent(law, "urgent", {"kind": "accepted"}, None, at("2025-11-14T10:00"))
    assert not urgent(law, "liability", {"kind": "measure_proposed"}, None, at("2025-11-14T10:00"))
