"""The calendars on file, and the two sides of every day off around National Day 2025 and Spring Festival 2026."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]  # the package has no stubs
import pytest

from cli.calendar_seed import run, seed
from cli.calendars import load_calendar
from cli.library import CALENDARS
from domain.workdays import Calendar, CalendarError, parse_calendar, parse_hours, parse_year
from tests.builders import at, day

CALENDAR = load_calendar()


@pytest.mark.parametrize(
    ("text", "works", "kind"),
    [
        ("Sat 2025-09-27", False, "weekend"),
        ("Sun 2025-09-28", True, "make_up"),
        ("Tue 2025-09-30", True, "workday"),
        ("Wed 2025-10-01", False, "festival"),
        ("Wed 2025-10-08", False, "festival"),
        ("Thu 2025-10-09", True, "workday"),
        ("Sat 2025-10-11", True, "make_up"),
        ("Sun 2025-10-12", False, "weekend"),
        ("Wed 2025-12-31", True, "workday"),
        ("Thu 2026-01-01", False, "festival"),
        ("Fri 2026-01-02", False, "festival"),
        ("Sat 2026-01-03", False, "festival"),
        ("Sun 2026-01-04", True, "make_up"),
        ("Fri 2026-02-13", True, "workday"),
        ("Sat 2026-02-14", True, "make_up"),
        ("Sun 2026-02-15", False, "festival"),
        ("Mon 2026-02-23", False, "festival"),
        ("Tue 2026-02-24", True, "workday"),
        ("Sat 2026-02-28", True, "make_up"),
        ("Fri 2026-09-25", False, "festival"),
        ("Thu 2026-12-31", True, "workday"),
    ],
)
def test_statutory_days_with_make_up_days(text: str, works: bool, kind: str) -> None:
    assert CALENDAR.is_workday(day(text)) is works
    assert CALENDAR.kind(day(text)).kind == kind


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_files_say_what_the_package_says_day_by_day(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(365))
    assert [d for d in days if CALENDAR.is_workday(d) is not chinese_calendar.is_workday(d)] == []
    assert (CALENDARS / f"{year}.toml").read_text("utf-8") == seed(year)


@pytest.mark.parametrize(("year", "workdays"), [(2025, 248), (2026, 248)])
def test_working_days_of_a_year(year: int, workdays: int) -> None:
    assert sum(CALENDAR.is_workday(date(year, 1, 1) + timedelta(days=n)) for n in range(365)) == workdays


def test_each_year_names_its_notice() -> None:
    assert {y.year: (y.number, y.issued_on.isoformat()) for y in CALENDAR.years.values()} == {
        2025: ("国办发明电〔2024〕12号", "2024-11-12"),
        2026: ("国办发明电〔2025〕7号", "2025-11-04"),
    }


def test_an_unpublished_year_counts_weekends_only() -> None:
    assert not CALENDAR.is_published(2027)
    assert CALENDAR.is_workday(day("Fri 2027-10-01"))
    assert not CALENDAR.is_workday(day("Sat 2027-10-02"))


def test_the_package_ends_with_2026() -> None:
    with pytest.raises(ValueError, match="2027"):
        seed(2027)


def test_seeding_never_overwrites(tmp_path: Path) -> None:
    out = tmp_path / "2026.toml"
    assert (run(2026, out), run(2026, out), run(2027, tmp_path / "2027.toml")) == (0, 2, 2)
    assert out.read_text("utf-8") == seed(2026)
    assert not (tmp_path / "2027.toml").exists()


def test_the_offices_own_days_go_first() -> None:
    office = CALENDAR.with_office(closed=["2025-10-11", "2025-10-13"], opened=["2025-10-08"])
    assert not office.is_workday(day("Sat 2025-10-11"))
    assert not office.is_workday(day("Mon 2025-10-13"))
    assert office.is_workday(day("Wed 2025-10-08"))
    assert (office.kind(day("Mon 2025-10-13")).kind, office.kind(day("Wed 2025-10-08")).kind) == ("closed", "opened")


def test_a_calendar_travels_by_value() -> None:
    office = CALENDAR.with_office(closed=["2025-10-13"], opened=["2025-10-12"], hours={"opens": "09:00", "closes": "17:00"})
    assert Calendar.load(office.dump()) == office
    assert hash(Calendar.load(office.dump())) == hash(office)
    assert office != CALENDAR


def test_a_year_that_comes_later_is_added() -> None:
    year = parse_year(
        {
            "year": 2027,
            "number": "n",
            "issued_on": "2026-11-05",
            "off": [{"zh": "元旦", "en": "New Year", "first": "2027-01-01", "last": "2027-01-03"}],
        }
    )
    assert CALENDAR.with_year(year).is_published(2027)
    assert not CALENDAR.with_year(year).is_workday(day("Fri 2027-01-01"))
    assert CALENDAR.is_workday(day("Fri 2027-01-01"))


def _row(first: str, last: str, *make_up: str) -> dict[str, object]:
    return {"zh": "x", "en": "x", "first": first, "last": last, "make_up": list(make_up)}


@pytest.mark.parametrize(
    "rows",
    [
        [_row("2025-10-08", "2025-10-01")],
        [_row("2025-10-01", "2025-10-08"), _row("2025-10-08", "2025-10-09")],
        [_row("2025-10-01", "2025-10-08", "2025-10-09")],
        [_row("2025-10-01", "2025-10-08", "2025-10-04")],
        [_row("2026-01-01", "2026-01-03")],
        [_row("2025-10-01", "2025-10-32")],
        [{"zh": "x"}],
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused(rows: list[dict[str, object]]) -> None:
    with pytest.raises(CalendarError):
        parse_year({"year": 2025, "number": "n", "issued_on": "2024-11-12", "off": rows})


def test_a_year_twice_is_refused() -> None:
    with pytest.raises(CalendarError):
        parse_calendar([CALENDAR.years[2025].dump(), CALENDAR.years[2025].dump()])


@pytest.mark.parametrize(
    "hours", [[["17:00", "09:00"]], [["9:00", "17:00"]], [["09:00"]], [["09:00", "12:00"], ["11:00", "17:00"]], [["09:00", "25:00"]]]
)
def test_business_hours_rise(hours: list[list[str]]) -> None:
    with pytest.raises(CalendarError):
        parse_hours(hours)


def test_the_builders_check_the_weekday() -> None:
    assert at("Fri 2026-09-25 10:20").isoformat() == "2026-09-25T10:20:00+08:00"
    for wrong in ("Thu 2026-09-25 10:20", "Sat 2026-09-25 10:20"):
        with pytest.raises(ValueError, match="Fri"):
            at(wrong)
