"""Dates that check their own weekday, so that no test rests on a wrong calendar."""

from __future__ import annotations

from datetime import date, datetime

from domain.workdays import ZONE

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(text: str) -> date:
    """`day("Fri 2026-09-25")`; raises ValueError if that date is no Friday."""
    name, iso = text.split(" ", 1)
    found = date.fromisoformat(iso)
    if _NAMES[found.weekday()] != name:
        raise ValueError(f"{iso} is a {_NAMES[found.weekday()]}, not a {name}")
    return found


def at(text: str) -> datetime:
    """`at("Fri 2026-09-25 10:20")`, with or without seconds, as an instant in +08:00."""
    name, iso, clock = text.split(" ")
    return datetime.fromisoformat(f"{day(f'{name} {iso}').isoformat()}T{clock}").replace(tzinfo=ZONE)
