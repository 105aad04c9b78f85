"""The calendar of days off: which day is a working day, and whether that is certain.

Assumptions: one time zone, +08:00; weekends are Saturday and Sunday; the State Council's yearly notice
names the days off and the make-up days (调休); a year without a notice counts weekends only, and every
date that rests on it is provisional. The calendar travels by value in a case's start input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, timezone
from typing import Any

ZONE = timezone(timedelta(hours=8), "+08:00")

Spans = tuple[tuple[str, str], ...]

# Asked for only by terms in working hours, when the office has set no hours of its own.
DEFAULT_HOURS: Spans = (("09:00", "12:00"), ("13:30", "17:30"))


class CalendarError(ValueError):
    """A calendar file or office table that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Festival:
    """A run of days off with the make-up days that pay for it."""

    zh: str
    en: str
    first: date
    last: date
    make_up: tuple[date, ...] = ()

    def days(self) -> Iterator[date]:
        """Every day off of the run."""
        for n in range(self.first.toordinal(), self.last.toordinal() + 1):
            yield date.fromordinal(n)


@dataclass(frozen=True, slots=True)
class Year:
    """One published year: number and date of its notice, days off, make-up days."""

    year: int
    number: str
    issued_on: date
    festivals: tuple[Festival, ...]

    @property
    def published(self) -> bool:
        """A year is here only because its notice is."""
        return True

    @property
    def off(self) -> dict[date, Festival]:
        """Days off of the notice, weekends inside a run included."""
        return {day: festival for festival in self.festivals for day in festival.days()}

    @property
    def make_up(self) -> dict[date, Festival]:
        """Weekend days that are worked."""
        return {day: festival for festival in self.festivals for day in festival.make_up}

    def dump(self) -> dict[str, Any]:
        """Plain JSON, ISO days; `parse_year` reads it back."""
        return {
            "year": self.year,
            "number": self.number,
            "issued_on": self.issued_on.isoformat(),
            "off": [
                {
                    "zh": f.zh,
                    "en": f.en,
                    "first": f.first.isoformat(),
                    "last": f.last.isoformat(),
                    "make_up": [d.isoformat() for d in f.make_up],
                }
                for f in self.festivals
            ],
        }


@dataclass(frozen=True, slots=True)
class DayKind:
    """What a day is: `workday`, `make_up`, `weekend`, `festival`, `closed` or `opened` (by the office)."""

    kind: str
    zh: str
    en: str

    @property
    def is_work(self) -> bool:
        """Whether the day counts in working days."""
        return self.kind in _WORKED


_WORKED = frozenset({"workday", "make_up", "opened"})
_WORKDAY = DayKind("workday", "工作日", "working day")
_WEEKEND = DayKind("weekend", "周末", "weekend")
_CLOSED = DayKind("closed", "本机关休息", "office closed")
_OPENED = DayKind("opened", "本机关上班", "office open")


@dataclass(frozen=True)
class Calendar:
    """Published years, the office's own closed and open days, and its business hours if it set any."""

    years: Mapping[int, Year] = field(default_factory=dict)
    extra_off: tuple[date, ...] = ()
    extra_work: tuple[date, ...] = ()
    hours: Spans = ()
    _off: frozenset[int] = field(init=False, repr=False, compare=False)
    _work: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay the days out as sets once: counting asks them millions of times."""
        extra_off, extra_work = _ordinals(self.extra_off), _ordinals(self.extra_work)
        off: set[int] = set()
        work: set[int] = set()
        for year in self.years.values():
            off |= _ordinals(year.off)
            work |= _ordinals(year.make_up)
        work = (work - extra_off) | extra_work
        object.__setattr__(self, "_off", frozenset((off | extra_off) - work))
        object.__setattr__(self, "_work", frozenset(work))

    def __hash__(self) -> int:
        """By the days themselves, since a mapping has no hash."""
        years = tuple(sorted(self.years.items()))
        return hash((tuple(y for y, _ in years), self._off, self._work, self.hours))

    def is_workday(self, day: date) -> bool:
        """Working days are statutory ones with make-up days; the office's own days go first."""
        return self.is_work_ordinal(day.toordinal())

    def is_work_ordinal(self, n: int) -> bool:
        """`is_workday` for a proleptic ordinal, without building the date."""
        return n in self._work or ((n + 6) % 7 < 5 and n not in self._off)

    def is_published(self, year: int) -> bool:
        """Whether the notice of that year is known."""
        return year in self.years

    def step(self, n: int, count: int) -> int:
        """The ordinal `count` working days after `n` (before it, if negative); `n` is not counted."""
        way, left = (1, count) if count > 0 else (-1, -count)
        work, off = self._work, self._off
        while left:
            n += way
            if n in work or ((n + 6) % 7 < 5 and n not in off):
                left -= 1
        return n

    def kind(self, day: date) -> DayKind:
        """Why a day is worked or not, with the festival's name."""
        if day in self.extra_work:
            return _OPENED
        if day in self.extra_off:
            return _CLOSED
        for year in self.years.values():  # a notice may name days of the December before
            for festival in year.festivals:
                if day in festival.make_up:
                    return DayKind("make_up", "调休上班", f"make-up day for {festival.en}")
                if festival.first <= day <= festival.last:
                    return DayKind("festival", festival.zh, festival.en)
        return _WORKDAY if day.weekday() < 5 else _WEEKEND

    def with_year(self, year: Year) -> Calendar:
        """The calendar after that year's notice came out (or was corrected)."""
        return replace(self, years={**self.years, year.year: year})

    def with_office(
        self,
        closed: Iterable[date | str] = (),
        opened: Iterable[date | str] = (),
        hours: Mapping[str, Any] | Iterable[Iterable[str]] = (),
    ) -> Calendar:
        """The calendar with an office's closed and open days and its business hours."""
        return replace(
            self,
            extra_off=tuple(sorted(_day(d) for d in closed)),
            extra_work=tuple(sorted(_day(d) for d in opened)),
            hours=parse_hours(hours),
        )

    def dump(self) -> dict[str, Any]:
        """Plain JSON; keys are left out when empty, so that equal calendars dump alike."""
        out: dict[str, Any] = {"years": [self.years[y].dump() for y in sorted(self.years)]}
        if self.extra_off:
            out["closed"] = [d.isoformat() for d in self.extra_off]
        if self.extra_work:
            out["opened"] = [d.isoformat() for d in self.extra_work]
        if self.hours:
            out["hours"] = [list(span) for span in self.hours]
        return out

    @staticmethod
    def load(data: Mapping[str, Any]) -> Calendar:
        """The inverse of `dump`; raises CalendarError."""
        return parse_calendar(data["years"]).with_office(data.get("closed", ()), data.get("opened", ()), data.get("hours", ()))


def parse_calendar(files: Iterable[Mapping[str, Any]] | Mapping[str, Any]) -> Calendar:
    """A calendar from already loaded year tables (one, or several); raises CalendarError."""
    tables = [files] if isinstance(files, Mapping) else list(files)
    years = [parse_year(table) for table in tables]
    if len({y.year for y in years}) < len(years):
        raise CalendarError("a year is given twice")
    return Calendar(years={y.year: y for y in sorted(years, key=lambda y: y.year)})


def parse_year(table: Mapping[str, Any]) -> Year:
    """One year's notice: `year`, `number`, `issued_on`, `off = [{zh, en, first, last, make_up}]`."""
    try:
        year = Year(
            year=int(table["year"]),
            number=str(table["number"]),
            issued_on=_day(table["issued_on"]),
            festivals=tuple(
                Festival(
                    zh=str(row["zh"]),
                    en=str(row["en"]),
                    first=_day(row["first"]),
                    last=_day(row["last"]),
                    make_up=tuple(_day(d) for d in row.get("make_up", ())),
                )
                for row in table["off"]
            ),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise CalendarError(f"not a calendar year: {wrong!r}") from wrong
    _check(year)
    return year


def parse_hours(hours: Mapping[str, Any] | Iterable[Iterable[str]]) -> Spans:
    """`{opens = "09:00", closes = "17:30"}` or a list of spans, in order; empty means none set."""
    if isinstance(hours, Mapping):
        spans: Spans = ((str(hours["opens"]), str(hours["closes"])),) if hours else ()
    else:
        pairs = [tuple(str(end) for end in span) for span in hours]
        if any(len(pair) != 2 for pair in pairs):
            raise CalendarError("a span of business hours has a beginning and an end")
        spans = tuple((pair[0], pair[1]) for pair in pairs)
    ends = [end for span in spans for end in span]
    if not all(_is_clock(end) for end in ends) or ends != sorted(set(ends)):
        raise CalendarError(f"business hours must be HH:MM and rise: {ends}")
    return spans


def _check(year: Year) -> None:
    off, work = list(year.off), list(year.make_up)
    spans = sum((f.last - f.first).days + 1 for f in year.festivals)
    made_up = sum(len(f.make_up) for f in year.festivals)
    near = {year.year, year.year - 1}
    if any(f.last < f.first for f in year.festivals) or len(off) != spans or len(work) != made_up:
        raise CalendarError(f"{year.year}: runs of days off overlap, repeat or end before they begin")
    if any(d.year not in near for d in off + work):
        raise CalendarError(f"{year.year}: a day lies outside the year and the December before it")
    if set(off) & set(work):
        raise CalendarError(f"{year.year}: a day is both off and made up")
    if any(d.weekday() < 5 for d in work):
        raise CalendarError(f"{year.year}: a make-up day is not on a weekend")


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _ordinals(days: Iterable[date]) -> frozenset[int]:
    return frozenset(d.toordinal() for d in days)


def _is_clock(text: str) -> bool:
    hour, _, minute = text.partition(":")
    return len(text) == 5 and hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60
