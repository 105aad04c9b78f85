"""Periods of the calendar: which one a day lies in, how it is written, and which follows. Pure; +08:00 only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.law import Law
from domain.workdays import ZONE

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
UNITS = ("day", "workday", "week", *MONTHS)
_FIXED = {("days", 1): "day", ("working_days", 1): "workday", ("weeks", 1): "week", ("months", 1): "month", ("months", 3): "quarter", ("months", 6): "half", ("months", 12): "year", ("years", 1): "year"}
_EPOCH = date(1970, 1, 5)  # a Monday: periods of n days or weeks are counted from here


@dataclass(frozen=True, slots=True)
class Period:
    """One period: how it is written, its first and its last day."""

    label: str
    first: date
    last: date

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return midnight(self.last + DAY)


def midnight(day: date) -> datetime:
    """The first instant of a day."""
    return datetime.combine(day, time(0), ZONE)


def unit_of(every: Any, law: Law) -> str:
    """The unit that a rhythm names: a word, a limit, the office's vague word or parameter; '' where nobody gave a figure."""
    if isinstance(every, str):
        return every if every in UNITS else ""
    if not isinstance(every, Mapping):
        return ""
    if "vague" in every:
        return unit_of((law.office.get("vague") or {}).get(every["vague"]), law)
    if "param" in every:
        row = law.row("param", str(every["param"]))
        return unit_of(row.get("value", row.get("default")), law)
    word, count = next(iter(every.items()), ("", 0))
    if (word, count) in _FIXED:
        return _FIXED[word, count]
    days = int(count) * {"days": 1, "weeks": 7}.get(word, 0)
    return f"{days}d" if days > 0 else ""


def period_of(unit: str, day: date) -> Period:
    """The period of a unit that a day lies in."""
    if unit in ("day", "workday"):
        return Period(day.isoformat(), day, day)
    if unit == "week":
        first = day - day.weekday() * DAY
        year, week, _ = day.isocalendar()
        return Period(f"{year}-W{week:02}", first, first + 6 * DAY)
    if unit.endswith("d") and unit[:-1].isdigit():
        length = int(unit[:-1])
        first = _EPOCH + ((day - _EPOCH).days // length * length) * DAY
        return Period(first.isoformat(), first, first + (length - 1) * DAY)
    months = MONTHS[unit]
    index = (day.month - 1) // months
    first = date(day.year, index * months + 1, 1)
    last = (date(day.year + 1, 1, 1) if first.month + months > 12 else date(day.year, first.month + months, 1)) - DAY
    label = {"year": f"{day.year}", "half": f"{day.year}-H{index + 1}", "quarter": f"{day.year}-Q{index + 1}", "month": f"{day.year}-{day.month:02}"}[unit]
    return Period(label, first, last)


def periods(unit: str, first: date, last: date, law: Law) -> Iterator[Period]:
    """Every period of a unit that touches the days from `first` to `last`; of workdays only those that are worked."""
    day = first
    while day <= last:
        one = period_of(unit, day)
        if unit != "workday" or law.calendar.is_workday(day):
            yield one
        day = one.last + DAY


_WRITTEN = (
    (re.compile(r"\d{4}"), "year", lambda t: date(int(t), 1, 1)),
    (re.compile(r"\d{4}-H[12]"), "half", lambda t: date(int(t[:4]), int(t[-1]) * 6 - 5, 1)),
    (re.compile(r"\d{4}-Q[1-4]"), "quarter", lambda t: date(int(t[:4]), int(t[-1]) * 3 - 2, 1)),
    (re.compile(r"\d{4}-\d{2}"), "month", lambda t: date(int(t[:4]), int(t[5:]), 1)),
    (re.compile(r"\d{4}-W\d{2}"), "week", lambda t: date.fromisocalendar(int(t[:4]), int(t[6:]), 1)),
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "day", date.fromisoformat),
)


def written(label: str) -> Period:
    """The period of a label like 2025, 2025-H2, 2025-Q4, 2025-11, 2025-W45 or 2025-11-03; raises ValueError."""
    for pattern, unit, first in _WRITTEN:
        if pattern.fullmatch(label):
            return period_of(unit, first(label))
    raise ValueError(f"not a period: {label!r}")


def months_on(day: date, months: int) -> date:
    """The same date so many months on (or back), clamped to the month's end."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    length = ((date(year + (month == 11), (month + 1) % 12 + 1, 1)) - DAY).day
    return date(year, month + 1, min(day.day, length))
