"""Cumulative terms (累计): what counts is the time in hand, not the time for which the papers lie with somebody else."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.case import Case, instant, iso
from domain.deadlines import Due
from domain.law import Law
from domain.limits import deadline


def turned(case: Case, names: set[str], at: datetime, law: Law) -> dict[str, list[str]]:
    """The instants, away and back in turn, of every term that runs only while the papers are in hand; {} where nothing turned."""
    known: Mapping[str, list[str]] = case.attrs.get("away", {})
    found = {}
    for key, row in law.once("running", lambda one: [(k, r) for k, r in one.table("term").items() if r.get("runs")]):
        runs, past = row["runs"], known.get(key, [])
        if runs["back" if len(past) % 2 else "away"] in names:
            found[key] = [*past, iso(at)]
    return found


def ending(limits: list[Any], start: datetime, turns: list[str], law: Law, roll: str) -> Due | None:
    """When working days in hand are used up; None while the papers are away. A day counts where it ends in hand or they leave on it."""
    figure = limits[0]["working_days"] if turns and limits and isinstance(limits[0], Mapping) else None
    if figure is None:
        return deadline(limits, start, law, roll)
    left, begin = int(figure[-1] if isinstance(figure, list) else figure), start
    for n, text in enumerate(turns):
        at = instant(text)
        if n % 2:
            begin = at
            continue
        end = deadline([_days(left)], begin, law, roll)
        if end is not None and end.overdue_at <= at:
            return end
        left -= sum(1 for day in range(begin.toordinal() + 1, at.toordinal() + 1) if law.calendar.is_workday(date.fromordinal(day)))
    return None if len(turns) % 2 else deadline([_days(left)], begin, law, roll)


def _days(left: int) -> dict[str, Any]:
    return {"working_days": left} if left > 0 else {"same_day": True}
