"""Both sides of every boundary of every unit of time; ids name the article of the Civil Code or the reading."""

from __future__ import annotations

from typing import Any

import pytest

from cli.calendars import load_calendar
from domain.counting import READINGS, explain, readings
from domain.deadlines import LimitError, Term, before, due, earliest, parse_limit
from domain.workdays import Calendar
from tests.builders import at, day

CALENDAR = load_calendar()
HOURS = CALENDAR.with_office(hours=[["09:00", "12:00"], ["13:30", "17:30"]])


def _due(limit: dict[str, Any], start: str, calendar: Calendar = CALENDAR, roll: str = "next_workday") -> Any:
    return due(parse_limit(limit), at(start), calendar, roll=roll)


WORKING_DAYS = [
    # around National Day 2025: Sunday 28 Sep worked, 1-8 Oct off, Saturday 11 Oct worked
    (1, "Fri 2025-09-26 10:00", "Sun 2025-09-28"),
    (2, "Fri 2025-09-26 10:00", "Mon 2025-09-29"),
    (1, "Tue 2025-09-30 00:00", "Thu 2025-10-09"),
    (1, "Tue 2025-09-30 23:59:59", "Thu 2025-10-09"),
    (1, "Wed 2025-10-01 00:00", "Thu 2025-10-09"),
    (1, "Wed 2025-10-08 23:59:59", "Thu 2025-10-09"),
    (1, "Thu 2025-10-09 00:00", "Fri 2025-10-10"),
    (2, "Tue 2025-09-30 10:20", "Fri 2025-10-10"),
    (3, "Tue 2025-09-30 10:20", "Sat 2025-10-11"),
    (4, "Tue 2025-09-30 10:20", "Mon 2025-10-13"),
    # around Spring Festival 2026: Saturday 14 Feb worked, 15-23 Feb off, Saturday 28 Feb worked
    (1, "Fri 2026-02-13 09:00", "Sat 2026-02-14"),
    (2, "Fri 2026-02-13 09:00", "Tue 2026-02-24"),
    (5, "Sat 2026-02-14 09:00", "Sat 2026-02-28"),
    (6, "Sat 2026-02-14 09:00", "Mon 2026-03-02"),
    # New Year 2026: 1-3 Jan off, Sunday 4 Jan worked
    (1, "Wed 2025-12-31 16:00", "Sun 2026-01-04"),
    (2, "Wed 2025-12-31 16:00", "Mon 2026-01-05"),
    (1, "Tue 2025-12-30 16:00", "Wed 2025-12-31"),
    # Mid-autumn and National Day 2026: the README's picture
    (3, "Wed 2026-09-30 10:20", "Sat 2026-10-10"),
    (15, "Mon 2025-09-22 10:00", "Fri 2025-10-17"),
]


@pytest.mark.parametrize(("count", "start", "end"), WORKING_DAYS)
def test_working_days_count_make_up_days_and_not_the_first_day(count: int, start: str, end: str) -> None:
    found = _due({"working_days": count}, start)
    assert (found.due_day, found.provisional, found.rolled_from) == (day(end), False, None)


ROLLING = [
    # limit, start, end, rolled from (Civil Code 202, 203)
    ({"days": 1}, "Mon 2025-09-29 10:00", "Tue 2025-09-30", None),
    ({"days": 2}, "Mon 2025-09-29 10:00", "Thu 2025-10-09", "Wed 2025-10-01"),
    ({"days": 10}, "Sun 2025-09-28 10:00", "Thu 2025-10-09", "Wed 2025-10-08"),
    ({"days": 11}, "Sun 2025-09-28 10:00", "Thu 2025-10-09", None),
    ({"days": 13}, "Sun 2025-09-28 10:00", "Sat 2025-10-11", None),
    ({"days": 14}, "Sun 2025-09-28 10:00", "Mon 2025-10-13", "Sun 2025-10-12"),
    ({"weeks": 1}, "Wed 2025-09-24 10:00", "Thu 2025-10-09", "Wed 2025-10-01"),
    ({"weeks": 1}, "Tue 2025-09-23 10:00", "Tue 2025-09-30", None),
    ({"months": 1}, "Mon 2025-09-08 10:00", "Thu 2025-10-09", "Wed 2025-10-08"),
    ({"months": 1}, "Tue 2025-09-09 10:00", "Thu 2025-10-09", None),
    ({"months": 1}, "Wed 2025-12-31 10:00", "Sat 2026-01-31", "off"),
    ({"months": 1}, "Fri 2026-01-30 10:00", "Sat 2026-02-28", None),
    ({"months": 1}, "Sat 2026-01-31 10:00", "Sat 2026-02-28", None),
    ({"months": 2}, "Wed 2025-12-31 10:00", "Sat 2026-02-28", None),
    ({"months": 2}, "Tue 2025-12-30 10:00", "Sat 2026-02-28", None),
    ({"months": 2}, "Sun 2025-12-28 10:00", "Sat 2026-02-28", None),
    ({"months": 2}, "Sat 2025-12-27 10:00", "Fri 2026-02-27", None),
    ({"years": 1}, "Fri 2025-01-10 10:00", "Sat 2026-01-10", "off"),
    ({"years": 1}, "Thu 2025-02-27 10:00", "Fri 2026-02-27", None),
    ({"day_of_next_month": 7}, "Mon 2025-09-01 10:00", "Thu 2025-10-09", "Tue 2025-10-07"),
    ({"day_of_next_month": 7, "itself": False}, "Wed 2025-12-31 10:00", "Tue 2026-01-06", None),
    ({"day_of_next_month": 31}, "Sun 2025-10-26 10:00", "Sun 2025-11-30", "off"),
    ({"day_of_month": 10}, "Thu 2025-10-09 10:00", "Fri 2025-10-10", None),
    ({"day_of_month": 10}, "Fri 2025-10-10 10:00", "Mon 2025-11-10", None),
    ({"end_of": "month"}, "Mon 2025-09-01 10:00", "Tue 2025-09-30", None),
    ({"end_of": "quarter"}, "Tue 2025-09-30 10:00", "Tue 2025-09-30", None),
    ({"end_of": "quarter"}, "Wed 2025-10-01 00:00", "Wed 2025-12-31", None),
    ({"end_of": "half"}, "Wed 2025-01-01 10:00", "Mon 2025-06-30", None),
    ({"end_of": "year"}, "Wed 2025-01-01 10:00", "Wed 2025-12-31", None),
]


@pytest.mark.parametrize(("limit", "start", "end", "rolled"), ROLLING)
def test_an_end_on_a_day_off_rolls_to_the_next_working_day(limit: dict[str, Any], start: str, end: str, rolled: str | None) -> None:
    kept = _due(limit, start, roll="none")
    found = _due(limit, start)
    assert kept.rolled_from is None
    if rolled == "off":  # the table gives the day off itself
        assert kept.due_day == found.rolled_from == day(end)
        assert found.due_day > kept.due_day
    else:
        assert (found.due_day, found.rolled_from) == (day(end), day(rolled) if rolled else None)
        assert kept.due_day == (day(rolled) if rolled else day(end))
    assert "rolled" in found.notes or found.rolled_from is None


@pytest.mark.parametrize(
    ("limit", "start", "unrolled"),
    [
        ({"years": 1}, "Thu 2024-02-29 10:00", "Fri 2025-02-28"),
        ({"months": 12}, "Thu 2024-02-29 10:00", "Fri 2025-02-28"),
        ({"years": 4}, "Thu 2024-02-29 10:00", "Tue 2028-02-29"),
        ({"months": 2}, "Fri 2027-12-31 10:00", "Tue 2028-02-29"),
        ({"months": 2}, "Thu 2026-12-31 10:00", "Sun 2027-02-28"),
        ({"days": 1}, "Mon 2028-02-28 10:00", "Tue 2028-02-29"),
        ({"days": 2}, "Mon 2028-02-28 10:00", "Wed 2028-03-01"),
    ],
)
def test_month_ends_clamp_and_29_february_exists_in_leap_years_only(limit: dict[str, Any], start: str, unrolled: str) -> None:
    found = _due(limit, start, roll="none")
    assert found.due_day == day(unrolled)
    assert found.provisional is (found.due_day.year > 2026)


CLOCK = [
    ({"hours": 2}, "Tue 2025-09-30 23:30", "Wed 2025-10-01 01:30"),
    ({"hours": 24}, "Wed 2025-12-31 10:00", "Thu 2026-01-01 10:00"),
    ({"minutes": 30}, "Sat 2025-10-04 11:45", "Sat 2025-10-04 12:15"),
    ({"seconds": 15}, "Wed 2025-12-31 23:59:50", "Thu 2026-01-01 00:00:05"),
    ({"working_hours": 2}, "Tue 2025-09-30 10:20", "Tue 2025-09-30 13:50"),
    ({"working_hours": 2}, "Tue 2025-09-30 15:30", "Tue 2025-09-30 17:30"),
    ({"working_hours": 2}, "Tue 2025-09-30 15:31", "Thu 2025-10-09 09:01"),
    ({"working_hours": 2}, "Tue 2025-09-30 18:00", "Thu 2025-10-09 11:00"),
    ({"working_hours": 2}, "Sat 2025-10-04 08:00", "Thu 2025-10-09 11:00"),
    ({"working_hours": 7}, "Sun 2025-09-28 08:00", "Sun 2025-09-28 17:30"),
]


@pytest.mark.parametrize(("limit", "start", "end"), CLOCK)
def test_hours_run_on_and_working_hours_stop(limit: dict[str, Any], start: str, end: str) -> None:
    found = _due(limit, start)
    assert (found.due_at, found.provisional) == (at(end), False)
    assert (found.overdue_at - found.due_at).total_seconds() == 1
    assert _due(limit, start, HOURS).due_at == found.due_at
    assert ("default_hours" in found.notes) is ("working_hours" in limit)


def test_a_due_day_ends_at_24_00() -> None:
    found = _due({"working_days": 1}, "Tue 2025-09-30 10:20")
    assert found.due_at == at("Thu 2025-10-09 23:59:59")
    assert found.overdue_at == at("Fri 2025-10-10 00:00")


def test_with_business_hours_a_due_day_ends_at_closing_time() -> None:
    found = _due({"working_days": 1}, "Tue 2025-09-30 10:20", HOURS)
    assert (found.due_at, found.overdue_at) == (at("Thu 2025-10-09 17:30"), at("Thu 2025-10-09 17:30:01"))
    assert _due({"days": 1}, "Tue 2025-09-30 10:20", HOURS, "none").overdue_at == at("Thu 2025-10-02 00:00")


@pytest.mark.parametrize(
    ("start", "calendar", "overdue", "note"),
    [
        ("Tue 2025-09-30 10:20", CALENDAR, "Wed 2025-10-01 00:00", "same_day"),
        ("Wed 2025-10-01 10:20", CALENDAR, "Thu 2025-10-02 00:00", "started_on_day_off"),
        ("Tue 2025-09-30 17:30", HOURS, "Tue 2025-09-30 17:30:01", "closing_time"),
        ("Tue 2025-09-30 17:30:01", HOURS, "Wed 2025-10-01 00:00", "after_closing"),
        ("Wed 2025-10-01 10:20", HOURS, "Thu 2025-10-02 00:00", "started_on_day_off"),
    ],
)
def test_same_day_ends_on_the_day_it_began(start: str, calendar: Calendar, overdue: str, note: str) -> None:
    found = _due({"same_day": True}, start, calendar)
    assert found.overdue_at == at(overdue)
    assert note in found.notes
    assert found.overdue_at > found.start


@pytest.mark.parametrize(
    ("limit", "start", "provisional"),
    [
        ({"working_days": 1}, "Wed 2026-12-30 10:00", False),
        ({"working_days": 1}, "Thu 2026-12-31 10:00", True),
        ({"days": 3}, "Mon 2026-12-28 10:00", False),
        ({"days": 4}, "Mon 2026-12-28 10:00", True),
        ({"months": 2}, "Fri 2026-10-30 10:00", False),
        ({"months": 2}, "Mon 2026-11-02 10:00", True),
        ({"hours": 48}, "Thu 2026-12-31 10:00", False),
        ({"working_hours": 2}, "Thu 2026-12-31 10:00", False),
        ({"working_hours": 2}, "Thu 2026-12-31 17:00", True),
        ({"same_day": True}, "Fri 2027-01-01 10:00", False),
        ({"working_days": 1}, "Tue 2024-12-31 10:00", False),
        ({"working_days": 1}, "Mon 2024-12-30 10:00", True),
    ],
)
def test_what_rests_on_an_unpublished_year_is_provisional(limit: dict[str, Any], start: str, provisional: bool) -> None:
    found = _due(limit, start)
    assert found.provisional is provisional
    assert (READINGS["provisional"] in readings(found)) is provisional


@pytest.mark.parametrize(
    ("limit", "warn", "end"),
    [  # 9, 10, 11, 13, 14, 15, 16 October are the first seven working days
        ({"working_days": [7, 10]}, "Thu 2025-10-16 00:00", "Tue 2025-10-21"),
        ({"days": [3, 10]}, "Fri 2025-10-03 00:00", "Fri 2025-10-10"),
        ({"hours": [1, 2]}, "Tue 2025-09-30 11:20", "Tue 2025-09-30"),
        ({"working_hours": [1, 2]}, "Tue 2025-09-30 11:20", "Tue 2025-09-30"),
    ],
)
def test_a_pair_warns_when_the_day_of_its_first_figure_begins(limit: dict[str, Any], warn: str, end: str) -> None:
    found = _due(limit, "Tue 2025-09-30 10:20")
    assert (found.warn_at, found.due_day) == (at(warn), day(end))


@pytest.mark.parametrize(
    ("limit", "start", "back", "armed"),
    [
        ({"working_days": 15}, "Mon 2025-09-22 10:00", (3, "working_day"), "Tue 2025-10-14 00:00"),
        ({"working_days": 10}, "Tue 2025-09-23 10:00", (3, "working_day"), "Thu 2025-10-09 00:00"),
        ({"working_days": 9}, "Tue 2025-09-23 10:00", (3, "working_day"), "Tue 2025-09-30 00:00"),
        ({"working_days": 9}, "Tue 2025-09-23 10:00", (3, "working_days"), "Tue 2025-09-30 00:00"),
        ({"working_days": 9}, "Tue 2025-09-23 10:00", (3, "calendar_day"), "Wed 2025-10-08 00:00"),
        ({"working_days": 9}, "Tue 2025-09-23 10:00", (3, "day"), "Wed 2025-10-08 00:00"),
        ({"working_days": 4}, "Tue 2025-09-30 10:20", (3, "working_day"), "Thu 2025-10-09 00:00"),
        ({"working_days": 3}, "Tue 2025-09-30 10:20", (3, "working_day"), None),
        ({"working_days": 3}, "Tue 2025-09-30 00:00", (3, "working_day"), None),
        ({"working_days": 3}, "Mon 2025-09-29 23:59:59", (3, "working_day"), None),
        ({"working_days": 3}, "Mon 2025-09-29 23:59:59", (2, "working_day"), "Tue 2025-09-30 00:00"),
        ({"months": 2}, "Wed 2025-12-31 10:00", (3, "working_day"), "Wed 2026-02-25 00:00"),
        ({"months": 3}, "Wed 2025-12-31 10:00", (1, "month"), "Sat 2026-02-28 00:00"),
        ({"weeks": 2}, "Mon 2025-09-01 10:00", (1, "week"), "Mon 2025-09-08 00:00"),
        ({"hours": 24}, "Mon 2025-09-01 10:00", (2, "hour"), "Tue 2025-09-02 08:00"),
        ({"hours": 2}, "Mon 2025-09-01 10:00", (2, "hour"), None),
        ({"working_hours": 4}, "Mon 2025-09-01 10:00", (1, "working_hour"), "Mon 2025-09-01 14:30"),
        ({"working_hours": 4}, "Mon 2025-09-01 10:00", (3, "working_hour"), "Mon 2025-09-01 11:00"),
        ({"working_hours": 4}, "Mon 2025-09-01 10:00", (4, "working_hour"), None),
    ],
)
def test_urging_counts_back_from_the_due_day_in_its_own_unit(limit: dict[str, Any], start: str, back: tuple[int, str], armed: str | None) -> None:
    assert before(_due(limit, start), *back, CALENDAR) == (at(armed) if armed else None)


def test_a_reminder_comes_at_the_opening_hour() -> None:
    assert before(_due({"working_days": 9}, "Tue 2025-09-23 10:00", HOURS), 3, "working_day", HOURS) == at("Tue 2025-09-30 09:00")


def test_the_earliest_end_binds() -> None:
    ends = [_due({"working_days": 3}, "Tue 2025-09-30 10:20"), _due({"days": 5}, "Tue 2025-09-30 10:20"), _due({"hours": 24}, "Tue 2025-09-30 10:20")]
    assert earliest(ends) is ends[2]
    assert earliest(ends[:2]) is ends[1]


@pytest.mark.parametrize(
    "table",
    [
        {}, {"days": 0}, {"days": -1}, {"days": 1.5}, {"days": True}, {"days": "3"}, {"days": [10, 7]}, {"days": [3, 3]}, {"days": [1, 2, 3]}, {"days": []},
        {"days": 10**9}, {"fortnights": 1}, {"days": 1, "weeks": 1}, {"end_of": "decade"}, {"same_day": False}, {"vague": "及时"}, {"days": 1, "same_day": True},
    ],
)  # fmt: skip
def test_a_limit_that_cannot_be_meant_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(LimitError):
        parse_limit(table)


def test_a_limit_is_a_value() -> None:
    assert parse_limit({"working_days": [7, 10]}) == Term(10, "working_day", 7)
    assert len({parse_limit({"days": 3}), parse_limit({"days": 3}), parse_limit({"weeks": 3})}) == 2
    found = _due({"days": 3}, "Tue 2025-09-30 10:20")
    assert hash(found) == hash(_due({"days": 3}, "Tue 2025-09-30 10:20"))


def test_a_start_has_a_zone_and_an_end_lies_in_our_era() -> None:
    start = at("Tue 2025-09-30 10:20")
    with pytest.raises(LimitError):
        due(parse_limit({"days": 3}), start.replace(tzinfo=None), CALENDAR)
    with pytest.raises(LimitError):
        due(parse_limit({"years": 9000}), start, CALENDAR)


def test_every_day_of_the_count_is_explained() -> None:
    found = _due({"working_days": 3}, "Tue 2025-09-30 10:20")
    told = [(s.day.day, s.kind, s.n, s.zh) for s in explain(found, CALENDAR)]
    assert told == [
        (30, "start", None, "工作日"),
        *[(n, "off", None, "国庆节、中秋节") for n in range(1, 9)],
        (9, "counted", 1, "工作日"),
        (10, "counted", 2, "工作日"),
        (11, "counted", 3, "调休上班"),
    ]
    rolled = explain(_due({"months": 1}, "Mon 2025-09-08 10:00"), CALENDAR)
    assert [s.kind for s in rolled[-3:]] == ["passed", "passed", "rolled"]
    assert [s.is_due for s in rolled].count(True) == 1
