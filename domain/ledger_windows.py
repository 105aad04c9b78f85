"""Windows of a counter: calendar periods, rolling spans, runs of months; which of them a row of dated entries fills, and when."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from domain.law import Law
from domain.ledger_entries import figure
from domain.ledger_periods import months_on, period_of

ROLLING = {"rolling_years": 12, "rolling_months": 1}
_CALENDAR = {"calendar_years": "year", "calendar_months": "month", "calendar_quarters": "quarter"}
_AT = attrgetter("at")
NEAR = 1e-6  # two ways of adding the same floats; `_full` decides


@dataclass(frozen=True, slots=True)
class Hit:
    """One reaching of a counter's figure: for whom, in which window, when, how many, by which entries (the last completes it)."""

    subject: str
    label: str
    at: datetime
    count: float
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class One:
    """One entry as a window sees it."""

    at: datetime
    key: str
    case: str
    amount: float

    @property
    def order(self) -> tuple[datetime, str]:
        """Its place among the others."""
        return self.at, self.key


Limb = tuple[int, list[One]]  # a second condition's least number, and its entries


def unit(within: Mapping[str, Any]) -> str:
    """The calendar unit of a window, '' where it never ends."""
    return str(within.get("calendar") or next((word for key, word in _CALENDAR.items() if key in within), ""))


def rolling(within: Mapping[str, Any], law: Law) -> tuple[int, int] | None:
    """Months and days that a rolling window reaches back."""
    for key, months in ROLLING.items():
        if key in within:
            return int(figure(within[key], law) or 1) * months, 0
    return (0, int(figure(within["rolling_days"], law) or 1)) if "rolling_days" in within else None


def window(row: Mapping[str, Any], law: Law) -> Mapping[str, Any]:
    """A counter's window as a table, whatever the office or the book calls it."""
    value = figure(row.get("within"), law)
    return value if isinstance(value, Mapping) else {"calendar": value} if isinstance(value, str) else {}


def label_of(word: str, day: date) -> str:
    """The calendar period of a day, '' where there is none."""
    return period_of(word, day).label if word else ""


def ends(day: date, span: tuple[int, int]) -> date:
    """The last day on which an entry of `day` still lies in the window (Civil Code 201, 202: the day itself is not counted)."""
    months, days = span
    return months_on(day, months) if months else date.fromordinal(day.toordinal() + days)


def period(ones: list[One], limb: Limb | None, subject: str, least: float, label: str, word: str) -> list[Hit]:
    """When the entries of one calendar period (in order) first make the figure: one hit or none."""
    limb_here = [one for one in limb[1] if label_of(word, one.at.date()) == label] if limb else []
    for at in sorted({one.at for one in (*ones, *limb_here)}) if limb else _instants(ones, least):
        inside = ones[: bisect_right(ones, at, key=_AT)]
        if _full(inside, _upto(limb, lambda one, at=at: one.at <= at), least):
            return [Hit(subject, label, at, sum(one.amount for one in inside), tuple(one.key for one in inside))]
    return []


def _instants(ones: list[One], least: float) -> Iterable[datetime]:
    """The instants at which the sum is not below the figure: without a second limb only the first of these can be the hit."""
    total = 0.0
    for n, one in enumerate(ones):
        total += one.amount
        if total > least - NEAR and (n + 1 == len(ones) or ones[n + 1].at > one.at):
            yield one.at


def rolled(ones: list[One], limb: Limb | None, subject: str, least: float, span: tuple[int, int]) -> list[Hit]:
    """A rolling window fires when it fills, and again only after it has been below the figure."""
    found: list[Hit] = []
    full, ended, first = False, date.min, 0
    last = [ends(one.at.date(), span) for one in ones]
    single = all(one.amount == 1 for one in ones)
    for at in sorted({one.at for one in (*ones, *(limb[1] if limb else ()))}):
        stop, day = bisect_right(ones, at, key=_AT), at.date()
        while first < stop and last[first] < day:
            first += 1
        inside = stop - first if single else sum(one.amount for one in ones[first:stop])
        now_full = stop > first and inside >= least
        if now_full and limb is not None:
            now_full = _full(ones[first:stop], _upto(limb, lambda one, at=at, day=day: one.at <= at and ends(one.at.date(), span) >= day), least)
        if now_full and full and day > ended:  # it had emptied in between, unseen by any entry
            full = False
        if now_full and not full:
            found.append(Hit(subject, day.isoformat(), at, sum(one.amount for one in ones[first:stop]), tuple(one.key for one in ones[first:stop])))
        if now_full:
            ended = _holds_until(ones, last, first, stop, least, single=single)
        full = now_full
    return found


def _holds_until(ones: list[One], last: list[date], first: int, stop: int, least: float, *, single: bool) -> date:
    """The last day on which the entries from `first` to `stop` still make the figure, if none comes."""
    if single:
        n = first + max(math.floor(stop - first - least), 0)
        return last[n] if least > 0 else date.min
    left = sum(one.amount for one in ones[first:stop])
    for n in range(first, stop):
        left -= ones[n].amount
        if left < least:
            return last[n]
    return date.min


def runs(months: Mapping[date, list[One]], subject: str, length: int, least: int) -> list[Hit]:
    """One hit for each run of consecutive months, when its n-th month is reached."""
    full = sorted(month for month, inside in months.items() if len(inside) >= least)
    found: list[Hit] = []
    run: list[date] = []
    for month in full:
        run = [*run, month] if run and months_on(run[-1], 1) == month else [month]
        if len(run) == length:
            before = [one for m in run[:-1] for one in months[m]]
            ends_with = months[month][:least]
            found.append(Hit(subject, f"{run[0].year}-{run[0].month:02}", ends_with[-1].at, length, tuple(one.key for one in (*before, *ends_with))))
    return found


def _full(ones: list[One], limb: Limb | None, least: float) -> bool:
    if not ones or sum(one.amount for one in ones) < least:
        return False
    if limb is None:
        return True
    cases = {one.case for one in ones if one.case}
    return sum(1 for other in limb[1] if not other.case or not cases or other.case in cases) >= limb[0]


def _upto(limb: Limb | None, keep: Any) -> Limb | None:
    return None if limb is None else (limb[0], [one for one in limb[1] if keep(one)])
