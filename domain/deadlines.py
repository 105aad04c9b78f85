"""From a limit and a start to a due day: every unit of time of the rulebooks (Civil Code 200-204).

Assumptions: +08:00; the law's clock ticks in whole seconds, so fractions of a start are dropped and the
first late instant is the second after the last legal one; a day that ends at 24:00 is late from the next
midnight. An act is late exactly when its instant is not before `overdue_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain import counting
from domain.workdays import ZONE, Calendar

TICK = timedelta(seconds=1)
_DAY = timedelta(days=1)
_MIDNIGHT = time(0, tzinfo=ZONE)


class LimitError(ValueError):
    """A limit table that names no known unit, or a figure that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Term:
    """A limit: count and unit, the warn figure of a pair, and whether the named day itself still counts (以前)."""

    count: int | None
    unit: str
    warn: int | None = None
    itself: bool = True
    period: str = ""


Limit = Term


@dataclass(frozen=True, slots=True)
class Due:
    """An end: `due_at` is the last legal instant, `overdue_at` the first late one; all instants in +08:00."""

    start: datetime
    term: Term
    due_day: date
    due_at: datetime
    overdue_at: datetime
    warn_at: datetime | None
    provisional: bool
    rolled_from: date | None
    notes: tuple[str, ...]


# The vocabulary's word -> the unit. The singular, and the unit itself, are understood as well.
UNITS: Mapping[str, str] = {
    "working_days": "working_day",
    "days": "calendar_day",
    "weeks": "week",
    "months": "month",
    "years": "year",
    "hours": "hour",
    "working_hours": "working_hour",
    "minutes": "minute",
    "seconds": "second",
    "day_of_next_month": "day_of_next_month",
    "day_of_month": "day_of_month",
}
_UNIT_NAMES: Mapping[str, str] = {
    **UNITS,
    **{word.removesuffix("s"): unit for word, unit in UNITS.items()},
    **{unit: unit for unit in UNITS.values()},
}
PERIODS: Mapping[str, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_SECONDS: Mapping[str, int] = {"hour": 3600, "minute": 60, "second": 1}
MOST = 36_525  # a century of days: more is a slip of the pen, and counting it would take time
_OTHER_KEYS = frozenset({"itself", "roll", "same_day", "end_of"})


def parse_limit(table: Mapping[str, Any]) -> Limit:
    """A limit table of the vocabulary, already concrete (no fact, table, vague, param); raises LimitError."""
    words = [word for word in table if word in UNITS]
    if set(table) - set(words) - _OTHER_KEYS:
        raise LimitError(f"unknown in a limit: {sorted(set(table) - set(words) - _OTHER_KEYS)}")
    if len(words) + ("same_day" in table) + ("end_of" in table) != 1:
        raise LimitError(f"a limit names exactly one unit: {dict(table)}")
    itself = table.get("itself", True) is not False
    if "same_day" in table:
        if table["same_day"] is not True:
            raise LimitError("same_day is true or absent")
        return Term(None, "same_day")
    if "end_of" in table:
        if table["end_of"] not in PERIODS:
            raise LimitError(f"no such period: {table['end_of']}")
        return Term(None, "end_of_period", itself=itself, period=str(table["end_of"]))
    warn, count = _figures(table[words[0]])
    return Term(count, UNITS[words[0]], warn, itself)


def _figures(value: Any) -> tuple[int | None, int]:
    figures = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(figures) not in (1, 2) or not all(type(n) is int and n > 0 for n in figures):
        raise LimitError(f"a limit is a whole number above 0, or [warn, due]: {value!r}")
    if figures[-1] > MOST:
        raise LimitError(f"nobody means a limit of {figures[-1]}")
    if len(figures) == 2 and figures[0] >= figures[1]:
        raise LimitError(f"the warning comes before the end: {value!r}")
    return (figures[0] if len(figures) == 2 else None), figures[-1]


def due(limit: Limit, start: datetime, calendar: Calendar, *, roll: str = "next_workday") -> Due:
    """When a term from `start` ends; `roll` "none" keeps an end on a day off.

    Raises LimitError beyond the year 9999 and on a start without a zone.
    """
    if start.tzinfo is None:
        raise LimitError("a start has a time zone")
    start = start.astimezone(ZONE).replace(microsecond=0)
    clock = limit.unit in _SECONDS or limit.unit == "working_hour"
    try:
        return _clock_end(limit, start, calendar) if clock else _day_end(limit, start, calendar, roll)
    except (OverflowError, ValueError) as wrong:
        raise LimitError(f"no such day: {wrong}") from wrong


def _day_end(limit: Term, start: datetime, calendar: Calendar, roll: str) -> Due:
    first = start.date().toordinal()
    last, notes = _LAST_DAY[limit.unit](limit, limit.count or 0, first, calendar)
    if not limit.itself:
        last, notes = last - 1, (*notes, "itself_excluded")
    rolled_from = None
    if limit.unit in _ROLLED and not calendar.is_work_ordinal(last):
        if roll == "none":
            notes = (*notes, "not_rolled")
        else:
            rolled_from = date.fromordinal(last)
            last = calendar.step(last, 1)
            notes = (*notes, "rolled")
    day = date.fromordinal(last)
    overdue_at, closing = _end_of(day, start, limit, calendar)
    warn_at = None
    if limit.warn is not None:
        warn_day, _ = _LAST_DAY[limit.unit](limit, limit.warn, first, calendar)
        warn_at = max(opening(date.fromordinal(warn_day), calendar), start)
    counted_from = first + 1 if limit.unit == "working_day" else (rolled_from or day).toordinal()
    provisional = limit.unit != "same_day" and _rests_on_unpublished(counted_from, last, calendar)
    if closing:
        notes = (*notes, closing)
    return Due(start, limit, day, overdue_at - TICK, overdue_at, warn_at, provisional, rolled_from, notes)


def _end_of(day: date, start: datetime, limit: Term, calendar: Calendar) -> tuple[datetime, str]:
    """The first late instant of a due day, and the note that explains it."""
    if calendar.hours and calendar.is_workday(day):
        closing = _at(day, calendar.hours[-1][1]) + TICK
        if start < closing:  # else it begins on its last day, after closing: then that day ends at 24:00
            return closing, "closing_time"
        return datetime.combine(day, _MIDNIGHT) + _DAY, "after_closing"
    off = limit.unit == "same_day" and not calendar.is_workday(day)
    return datetime.combine(day, _MIDNIGHT) + _DAY, "started_on_day_off" if off else ""


def _clock_end(limit: Term, start: datetime, calendar: Calendar) -> Due:
    count = limit.count or 0
    if limit.unit != "working_hour":
        span = timedelta(seconds=_SECONDS[limit.unit])
        end = start + count * span
        warn_at = start + limit.warn * span if limit.warn is not None else None
        return Due(start, limit, end.date(), end, end + TICK, warn_at, False, None, ("clock_time",))
    end = counting.working_time(start, count * 3600, calendar)
    warn_at = counting.working_time(start, limit.warn * 3600, calendar) if limit.warn is not None else None
    provisional = _rests_on_unpublished(start.toordinal(), end.toordinal(), calendar)
    notes = ("working_hours",) if calendar.hours else ("working_hours", "default_hours")
    return Due(start, limit, end.date(), end, end + TICK, warn_at, provisional, None, notes)


LastDay = Callable[[Term, int, int, Calendar], tuple[int, tuple[str, ...]]]
_COUNTED = ("first_day_not_counted",)


def _working_days(_limit: Term, count: int, first: int, calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    return calendar.step(first, count), ("first_day_not_counted", "make_up_days_count")


def _days(_limit: Term, count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    return first + count, _COUNTED


def _weeks(_limit: Term, count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    return first + 7 * count, (*_COUNTED, "week_is_seven_days")


def _months(limit: Term, count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    start = date.fromordinal(first)
    last, clamped = _in_month(start, count * (12 if limit.unit == "year" else 1), start.day)
    return last.toordinal(), (*_COUNTED, "month_end") if clamped else (*_COUNTED, "same_date")


def _day_of_month(limit: Term, count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    start = date.fromordinal(first)
    ahead = 1 if limit.unit == "day_of_next_month" or start.day >= count else 0
    last, clamped = _in_month(start, ahead, count)
    return last.toordinal(), ("fixed_date", "month_end") if clamped else ("fixed_date",)


def _end_of_period(limit: Term, _count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    start, months = date.fromordinal(first), PERIODS[limit.period]
    last, _ = _in_month(start, months - 1 - (start.month - 1) % months, 31)
    return last.toordinal(), ("end_of_period",)


def _same_day(_limit: Term, _count: int, first: int, _calendar: Calendar) -> tuple[int, tuple[str, ...]]:
    return first, ("same_day",)


_LAST_DAY: Mapping[str, LastDay] = {
    "working_day": _working_days,
    "calendar_day": _days,
    "week": _weeks,
    "month": _months,
    "year": _months,
    "day_of_month": _day_of_month,
    "day_of_next_month": _day_of_month,
    "end_of_period": _end_of_period,
    "same_day": _same_day,
}
_ROLLED = frozenset(_LAST_DAY) - {"working_day", "same_day"}


def _in_month(start: date, ahead: int, day: int) -> tuple[date, bool]:
    """That day of the month `ahead` months on, clamped to its end (Civil Code 202)."""
    index = start.year * 12 + start.month - 1 + ahead
    year, month = divmod(index, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (following - _DAY).day
    return date(year, month + 1, min(day, length)), day > length


def _rests_on_unpublished(first: int, last: int, calendar: Calendar) -> bool:
    years = range(date.fromordinal(first).year, date.fromordinal(last).year + 1)
    return not all(calendar.is_published(year) for year in years)


def before(due: Due, count: int, unit: str, calendar: Calendar) -> datetime | None:
    """The beginning of the day `count` units before the due day (after its roll), the instant itself for hours and less.

    None at or before the start of the term: such a reminder is not armed.
    """
    name = _UNIT_NAMES.get(unit, "")
    if name in _SECONDS:
        moment = due.due_at - timedelta(seconds=count * _SECONDS[name])
    elif name == "working_hour":
        moment = counting.working_time_back(due.due_at, count * 3600, calendar)
    elif name in _BACK:
        moment = opening(_BACK[name](due.due_day, count, calendar), calendar)
    else:
        raise LimitError(f"nothing counts backwards in {unit!r}")
    return moment if moment > due.start else None


_BACK: Mapping[str, Callable[[date, int, Calendar], date]] = {
    "working_day": lambda day, n, calendar: date.fromordinal(calendar.step(day.toordinal(), -n)) if n else day,
    "calendar_day": lambda day, n, _calendar: day - n * _DAY,
    "week": lambda day, n, _calendar: day - 7 * n * _DAY,
    "month": lambda day, n, _calendar: _in_month(day, -n, day.day)[0],
    "year": lambda day, n, _calendar: _in_month(day, -12 * n, day.day)[0],
}


def opening(day: date, calendar: Calendar) -> datetime:
    """When a day begins: the office's opening hour if it set one and works that day, else 00:00."""
    if calendar.hours and calendar.is_workday(day):
        return _at(day, calendar.hours[0][0])
    return datetime.combine(day, _MIDNIGHT)


def earliest(ends: Iterable[Due]) -> Due:
    """The end that binds where a text takes the earliest; raises ValueError without any."""
    return min(ends, key=lambda end: (end.overdue_at, end.start))


def _at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZONE)
