"""Calendar files from disk: reading is here, meaning is in `domain.workdays`."""

from __future__ import annotations

from cli import library
from domain.workdays import Calendar, parse_calendar


def load_calendar() -> Calendar:
    """The published years that come with the project."""
    return parse_calendar(library.calendars())
