"""The picture of a count as data: weeks of seven cells, and the lines below. Drawn as text and as SVG from here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.counting import READINGS, DayStep, Reading, explain, readings
from domain.deadlines import Due, Term
from domain.workdays import Calendar

WEEKDAYS = (("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"), ("周日", "Sun"))
MOST_WEEKS = 8
EDGE_WEEKS = 3
DAY = timedelta(days=1)
CLINGING = frozenset("，。；、：）】〕》”")  # never begin a line
CLOCK_UNITS = frozenset({"hour", "working_hour", "minute", "second"})

_LIMITS = {
    "working_day": ("{n} 个工作日", "{n} working day{s}"),
    "calendar_day": ("{n} 日", "{n} day{s}"),
    "week": ("{n} 周", "{n} week{s}"),
    "month": ("{n} 个月", "{n} month{s}"),
    "year": ("{n} 年", "{n} year{s}"),
    "hour": ("{n} 小时", "{n} hour{s}"),
    "working_hour": ("{n} 个工作小时", "{n} working hour{s}"),
    "minute": ("{n} 分钟", "{n} minute{s}"),
    "second": ("{n} 秒", "{n} second{s}"),
    "day_of_month": ("{n} 日之前(含)", "by the {n}th"),
    "day_of_next_month": ("次月 {n} 日之前(含)", "by the {n}th of the next month"),
    "same_day": ("当日", "the same day"),
}
_PERIODS = {"month": ("本月底", "the end of the month"), "quarter": ("本季度末", "the end of the quarter"),
            "half": ("本半年末", "the end of the half-year"), "year": ("本年底", "the end of the year")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: its number as shown, what it is (`style`), and two short lines in each language."""

    day: date
    label: str
    style: str
    zh: str
    en: str
    mark_zh: str = ""
    mark_en: str = ""


@dataclass(frozen=True, slots=True)
class Week:
    """Seven cells from Monday; `skipped` > 0 stands for that many weeks left out and has none."""

    title: str
    cells: tuple[Cell, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line under the picture; `note` is the English beside the Chinese where the whole would repeat it."""

    label_zh: str
    label_en: str
    zh: str
    en: str = ""
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn about one end."""

    title_zh: str
    title_en: str
    source: str
    weeks: tuple[Week, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose count it is: titles, clause, reading, and what began it."""

    title_zh: str
    title_en: str
    clause: str
    reading: str = ""
    source: str = ""
    start_zh: str = "起点"
    start_en: str = "start"
    gist_zh: str = ""
    gist_en: str = ""
    figure: str = ""  # the vague word or parameter that the office gave a figure
    reminders: Sequence[Line] = ()


def picture(subject: Subject, due: Due, calendar: Calendar) -> Picture:
    """The drawing of a due date as data; pure."""
    steps = explain(due, calendar)
    return Picture(subject.title_zh, subject.title_en, subject.source, tuple(_weeks(steps, subject)), tuple(_lines(subject, due, calendar, steps)))


def limit_text(term: Term) -> tuple[str, str]:
    """A limit in Chinese and English."""
    if term.unit == "end_of_period":
        return _PERIODS[term.period]
    zh, en = _LIMITS[term.unit]
    n = f"{term.warn}-{term.count}" if term.warn else str(term.count)
    return zh.format(n=n), en.format(n=n, s="" if term.count == 1 else "s")


def stamp(at: datetime, end: bool = False) -> str:
    """An instant for people; the end of a day is written 24:00 of that day."""
    if end and (at.hour, at.minute, at.second) == (23, 59, 59):
        return f"{at:%Y-%m-%d} 24:00"
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def width(text: str) -> int:
    """Columns of a text in a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most so many columns; breaks at spaces, or anywhere between Chinese characters."""
    lines, line = [], ""
    for word in _words(text):
        if line and width(line + word.rstrip()) > columns:
            lines.append(line.rstrip())
            line = word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _words(text: str) -> list[str]:
    words, word = [], ""
    for c in text:
        wide = unicodedata.east_asian_width(c) in "WF"
        if wide and c not in CLINGING:
            words.append(word)
            word = ""
        word += c
        if c == " ":
            words.append(word)
            word = ""
    return [w for w in [*words, word] if w]


def _weeks(steps: Sequence[DayStep], subject: Subject) -> list[Week]:
    by_day = {step.day: step for step in steps}
    monday = steps[0].day - steps[0].day.weekday() * DAY
    weeks: list[Week] = []
    shown = ""
    while monday <= steps[-1].day:
        cells = tuple(_cell(monday + n * DAY, by_day, subject) for n in range(7))
        title = f"{monday:%Y-%m}"
        weeks.append(Week("" if title == shown else title, cells))
        shown = title
        monday += 7 * DAY
    if len(weeks) <= MOST_WEEKS:
        return weeks
    left_out = len(weeks) - 2 * EDGE_WEEKS
    tail = weeks[-EDGE_WEEKS:]
    first = tail[0].cells[0].day
    return [*weeks[:EDGE_WEEKS], Week("", skipped=left_out), Week(f"{first:%Y-%m}", tail[0].cells), *tail[1:]]


def _cell(day: date, by_day: dict[date, DayStep], subject: Subject) -> Cell:
    step = by_day.get(day)
    label = f"{day:%m-%d}" if day.day == 1 and not (step and step.is_due) else str(day.day)
    if step is None:
        return Cell(day, label, "outside", "", "")
    return Cell(day, label, _style(step), *_words_of(step, subject))


def _style(step: DayStep) -> str:
    if step.is_due:
        return "due"
    if step.kind == "off":
        return "weekend" if step.day_kind == "weekend" else "off"
    if step.kind == "passed":
        return "passed"
    return step.kind


def _words_of(step: DayStep, subject: Subject) -> tuple[str, str, str, str]:
    """First line: what the day is in the count; second: that it is a make-up day."""
    if step.kind == "start":
        zh, en = subject.start_zh, subject.start_en
    elif step.n is not None:
        zh, en = f"第{step.n}日", f"day {step.n}"
    elif step.kind == "rolled":
        zh, en = "顺延至此", "rolled to"
    elif step.kind == "passed" and step.day_kind == "workday":
        zh, en = "", ""
    else:
        zh, en = step.zh.split("、")[0], _short(step)
    if step.day_kind == "make_up" and step.zh != zh:
        return zh, en, step.zh, "make-up"
    return zh, en, "", ""


def _short(step: DayStep) -> str:
    """An English festival in one cell: its first word."""
    return {"weekend": "weekend", "make_up": "make-up", "closed": "closed", "opened": "open"}.get(step.day_kind, step.en.split()[0].split("-")[0])


def _lines(subject: Subject, due: Due, calendar: Calendar, steps: Sequence[DayStep]) -> list[Line]:
    lines = [_start_line(subject, due), _limit_line(subject, due), *_due_lines(due)]
    if due.rolled_from:
        zh, en = _weekday(due.rolled_from)
        lines.append(Line("顺延", "Rolled", f"自 {due.rolled_from} {zh} 顺延", f"from {en} {due.rolled_from}", "from that day off"))
    if due.warn_at:
        lines.append(Line("提醒", "Warning", stamp(due.warn_at), stamp(due.warn_at), "warn"))
    lines += [*subject.reminders, *_off_lines(steps, calendar), *_make_up_lines(steps)]
    if due.provisional:
        lines.append(_provisional_line(steps, calendar))
    lines.append(Line("依据", "Clause", _joined(subject.clause, subject.gist_zh), _joined(subject.clause, subject.gist_en), subject.gist_en or " "))
    if subject.reading:
        lines.append(Line("读法", "Reading", subject.reading))
    told = [r for r in readings(due) if r is not READINGS["provisional"]]
    return [*lines, *(_reading_line(reading, first=n == 0) for n, reading in enumerate(told))]


def _start_line(subject: Subject, due: Due) -> Line:
    zh, en = _weekday(due.start.date())
    whole_day = due.term.unit not in CLOCK_UNITS and (due.start.hour, due.start.minute, due.start.second) == (0, 0, 0)
    at = f"{due.start:%Y-%m-%d}" if whole_day else stamp(due.start)
    return Line("起算", "Start", f"{at} {zh} {subject.start_zh}", f"{en} {at}, {subject.start_en}", subject.start_en)


def _limit_line(subject: Subject, due: Due) -> Line:
    zh, en = limit_text(due.term)
    if not subject.figure:
        return Line("期限", "Limit", zh, en)
    return Line(
        "期限", "Limit", f"{zh} (“{subject.figure}”由本机关定)", f"{en} ({subject.figure}: the office's figure)", f"{en}, the office's figure"
    )


def _due_lines(due: Due) -> list[Line]:
    zh, en = _weekday(due.due_day)
    end, late = stamp(due.due_at, end=True), stamp(due.overdue_at)
    return [
        Line("截止", "Due", f"{end} {zh}", f"{en} {end}", "last legal instant", tone="due"),
        Line("逾期", "Overdue", f"{late} 起", f"from {late}", "from that instant on"),
    ]


def _off_lines(steps: Sequence[DayStep], calendar: Calendar) -> list[Line]:
    days = [s.day for s in steps]
    lines: list[Line] = []
    for year in calendar.years.values():
        for festival in year.festivals:
            if festival.first <= days[-1] and festival.last >= days[0]:
                one = festival.first == festival.last
                span = f"{festival.first:%m-%d}" if one else f"{festival.first:%m-%d} 至 {festival.last:%m-%d}"
                zh = f"{festival.zh} {span} ({year.number})"
                lines.append(Line("放假", "Days off", zh, f"{festival.en} {span.replace('至', 'to')} ({year.number})", festival.en))
    closed = ", ".join(f"{s.day:%m-%d}" for s in steps if s.day_kind == "closed")
    return [*lines, Line("休息", "Closed", f"本机关休息 {closed}", f"office closed {closed}", "office closed")] if closed else lines


def _make_up_lines(steps: Sequence[DayStep]) -> list[Line]:
    days = [s.day for s in steps if s.day_kind == "make_up"]
    zh, en = (", ".join(f"{d:%m-%d} {_weekday(d)[n]}" for d in days) for n in (0, 1))
    return [Line("调休", "Make-up", f"{zh} 上班", f"{en} worked", "worked")] if days else []


def _provisional_line(steps: Sequence[DayStep], calendar: Calendar) -> Line:
    years = sorted({s.day.year for s in steps} - set(calendar.years))
    zh = f"{'、'.join(map(str, years))} 年放假安排尚未公布,暂只按周末计;公布后重算并通知"
    return Line("暂定", "Provisional", zh, f"no notice yet for {', '.join(map(str, years))}: weekends only, counted anew when it is out", tone="warn")


def _reading_line(reading: Reading, first: bool) -> Line:
    basis = f" ({reading.basis})" if reading.basis else ""
    return Line("算法" if first else "", "Counting" if first else "", reading.zh + basis, reading.en + basis, reading.en)


def _joined(*parts: str) -> str:
    return " ".join(p for p in parts if p)


def _weekday(day: date) -> tuple[str, str]:
    return WEEKDAYS[day.weekday()]
