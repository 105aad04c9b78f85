"""Calendar files from disk: reading is here, meaning is in `domain.workdays`."""

from __future__ import annotations

from pathlib import Path

from cli import library
from domain.workdays import Calendar, Year, parse_calendar, parse_year


def read_year(path: Path) -> Year:
    """One year's notice from a TOML file, checked; raises LibraryError, CalendarError."""
    return parse_year(library.toml(path))


def load_calendar() -> Calendar:
    """The published years that come with the project."""
    return parse_calendar(library.calendars())
