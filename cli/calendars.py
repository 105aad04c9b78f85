"""Calendar files from disk: reading is here, meaning is in `domain.workdays`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from domain.workdays import Calendar, Year, parse_calendar, parse_year

CALENDARS = Path(__file__).resolve().parent.parent / "rulebooks" / "calendars"


def read_table(path: Path) -> dict[str, Any]:
    """One calendar file as JSON-safe data, checked; raises OSError, tomllib.TOMLDecodeError, CalendarError."""
    return read_year(path).dump()


def read_year(path: Path) -> Year:
    """One year's notice from a TOML file; raises OSError, tomllib.TOMLDecodeError, CalendarError."""
    return parse_year(tomllib.loads(path.read_text("utf-8")))


def tables(folder: Path = CALENDARS, extra: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """All years of a folder (and further files) as the plain tables that `domain.law.bind` takes."""
    return [read_table(path) for path in [*sorted(folder.glob("*.toml")), *extra]]


def load_calendar(folder: Path = CALENDARS, extra: Iterable[Path] = ()) -> Calendar:
    """The calendar of the published years on disk."""
    return parse_calendar(tables(folder, extra))
