"""Counting told aloud: the days of a term one by one, the readings chosen, and working time within days.

`deadlines.due` runs millions of times and keeps only codes; what people read is made here, on demand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from domain.workdays import DEFAULT_HOURS, ZONE, Calendar

if TYPE_CHECKING:
    from domain.deadlines import Due

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Why a date is as it is, in both languages, with its legal basis ("" where it is ours)."""

    zh: str
    en: str
    basis: str


READINGS: Mapping[str, Reading] = {
    "first_day_not_counted": Reading("开始当日不计入,自下一日起算", "the day of the starting event is not counted", "民法典第201条"),
    "make_up_days_count": Reading("工作日含调休上班日,不含周末和放假日", "working days include make-up days", "国务院放假通知"),
    "week_is_seven_days": Reading("一周按七日计", "a week is seven days", ""),
    "same_date": Reading("到期月的对应日为最后一日", "the same date of the last month ends the term", "民法典第202条"),
    "month_end": Reading("到期月没有对应日,以月末日为最后一日", "no such date in that month: its last day ends the term", "民法典第202条"),
    "rolled": Reading("最后一日遇放假日,顺延至假期结束后首个工作日", "it ends on a day off: the next working day ends it", "民法典第203条"),
    "not_rolled": Reading("最后一日遇放假日,依本规定不顺延", "the last day is a day off and, by this rule, does not roll", ""),
    "closing_time": Reading("有业务时间的,最后一日至停止业务时截止", "the last day ends at closing time", "民法典第203条"),
    "after_closing": Reading("下班后发生,当日截至二十四时", "it began after closing: that day ends at 24:00", ""),
    "started_on_day_off": Reading("休息日发生,仍截至当日二十四时", "it began on a day off: the end is 24:00 of that same day", ""),
    "clock_time": Reading("按小时、分钟计的,自事件发生时起算,夜间和假日照计", "clock time from the event on, nights and holidays too", "民法典第201条"),
    "working_hours": Reading("只计上班时间", "only business hours count", ""),
    "default_hours": Reading("本机关未设上班时间,按常用时间计", "the office has set no hours: usual hours are taken", ""),
    "fixed_date": Reading("规定了固定日期", "the rule names a fixed date", ""),
    "end_of_period": Reading("截至本期最后一日", "the last day of the period", ""),
    "itself_excluded": Reading("“以前”不含当日", "“before” a day excludes it", ""),
    "same_day": Reading("当日办结", "the day on which it began", ""),
    "provisional": Reading("该年放假安排尚未公布,暂只按周末计,公布后重算", "no notice yet: weekends only, counted anew when it is out", ""),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayStep:
    """One day of a count. `kind`: start, counted, passed, off, rolled; `n` is its number where days are numbered.

    `day_kind` is the calendar's: workday, make_up, weekend, festival, closed, opened; zh/en name it.
    """

    day: date
    kind: str
    n: int | None
    day_kind: str
    zh: str
    en: str
    provisional: bool
    is_due: bool


_NUMBERED = frozenset({"working_day", "calendar_day", "week"})


def explain(due: Due, calendar: Calendar) -> tuple[DayStep, ...]:
    """The count from the start day to the due day, every day once; pure, for people and exports."""
    return tuple(_steps(due, calendar))


def _steps(due: Due, calendar: Calendar) -> Iterator[DayStep]:
    first, last = due.start.date(), max(due.due_day, due.start.date())
    unrolled = due.rolled_from or due.due_day
    numbered, working = due.term.unit in _NUMBERED, due.term.unit in ("working_day", "working_hour")
    n, day = 0, first
    while day <= last:
        kind = calendar.kind(day)
        if day == first:
            word, number = "start", None
        elif day > unrolled:
            word, number = ("rolled", None) if kind.is_work else ("off", None)
        elif working and not kind.is_work:
            word, number = "off", None
        else:
            n += 1
            word, number = ("counted", n) if numbered else ("passed", None)
        unpublished = not calendar.is_published(day.year)
        yield DayStep(day, word, number, kind.kind, kind.zh, kind.en, unpublished, day == due.due_day)
        day += _DAY


def readings(due: Due) -> tuple[Reading, ...]:
    """What was decided about this date where the law or the text speaks or is silent."""
    codes = (*due.notes, "provisional") if due.provisional else due.notes
    return tuple(READINGS[code] for code in codes)


def days_left(first: date, last: date, calendar: Calendar) -> int:
    """Working days after `first` up to and with `last`; negative = working days since it passed."""
    step = 1 if last >= first else -1
    span = range(first.toordinal() + (step > 0), last.toordinal() + (step > 0)) if step > 0 else range(last.toordinal() + 1, first.toordinal() + 1)
    return step * sum(calendar.is_work_ordinal(n) for n in span)


def working_time(start: datetime, seconds: int, calendar: Calendar) -> datetime:
    """The instant when `seconds` (> 0) of business hours have passed since `start`."""
    day = start.date()
    while True:
        for opens, closes in _spans(day, calendar):
            begins = max(opens, start)
            room = int((closes - begins).total_seconds())
            if room >= seconds:
                return begins + timedelta(seconds=seconds)
            seconds -= max(room, 0)
        day += _DAY


def working_time_back(end: datetime, seconds: int, calendar: Calendar) -> datetime:
    """The instant since which `seconds` (> 0) of business hours have passed until `end`."""
    day = end.date()
    while True:
        for opens, closes in reversed(_spans(day, calendar)):
            ends = min(closes, end)
            room = int((ends - opens).total_seconds())
            if room >= seconds:
                return ends - timedelta(seconds=seconds)
            seconds -= max(room, 0)
        day -= _DAY


def _spans(day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    if not calendar.is_workday(day):
        return []
    hours = calendar.hours or DEFAULT_HOURS
    return [(datetime.combine(day, time.fromisoformat(a), ZONE), datetime.combine(day, time.fromisoformat(b), ZONE)) for a, b in hours]
