"""A year's calendar file as an administrator writes it: everything wrong with it at once, with line, entry and remedy."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from domain.workdays import CalendarError, Year, parse_year

TOP, ENTRY = ("year", "number", "issued_on", "off"), ("zh", "en", "first", "last", "make_up")
LONGEST = 15  # days of one run; the longest so far had 9
DAYS = "一二三四五六日"
FIXED = ((1, 1, "元旦", "New Year's Day"), (5, 1, "劳动节", "Labour Day"), (10, 1, "国庆节", "National Day"))


class BadCalendar(ValueError):
    """A file that is no year's notice; one line for each thing wrong."""


def read_notice(path: Path) -> Year:
    """The year of a file; raises BadCalendar with every problem found."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as wrong:
        raise BadCalendar(f"{path}: 读不到 cannot be read ({wrong.strerror}); 请检查路径 check the path") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise BadCalendar(f"{path}: 不是 TOML not TOML: {wrong}; 样本 a sample: huiyin calendar seed 2026") from None
    found = [f"{path.name}:{_line(text, where)}: {said}" for where, said in problems(table)]
    if found:
        raise BadCalendar("\n".join(found))
    try:
        return parse_year(table)
    except CalendarError as wrong:  # the last word is the core's
        raise BadCalendar(f"{path.name}: {wrong}") from None


def problems(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each thing wrong: a word to find its line by, and what to do, Chinese first."""
    yield from ((key, f"未知的项 unknown key '{key}'; 可用 known: {', '.join(TOP)}") for key in table if key not in TOP)
    year = table.get("year")
    if not isinstance(year, int) or not 1950 <= year <= 2199:
        yield "year", "缺年份,应写 year = 2027  the year is missing: write year = 2027"
        return
    if not str(table.get("number") or "").strip():
        yield "number", '缺通知文号,应写 number = "国办发明电〔…〕…号"  the number of the notice is missing'
    yield from _issued(table.get("issued_on"), year)
    off = table.get("off")
    if not isinstance(off, list) or not off or not all(isinstance(row, Mapping) for row in off):
        yield "off", "缺放假安排,应写 off = [{ zh, en, first, last, make_up }]  no days off: write off = [{ zh, en, first, last, make_up }]"
        return
    for n, row in enumerate(off, 1):
        yield from ((where, f"第 {n} 项 entry {n}: {said}") for where, said in _entry(row, year))
    yield from _across(off)


def _issued(value: Any, year: int) -> Iterator[tuple[str, str]]:
    if not _is_day(value):
        yield "issued_on", f"缺通知日期,应写 issued_on = {year - 1}-11-04  the date of the notice is missing"
    elif value.year not in (year - 1, year):
        yield "issued_on", f"通知日期 {value} 不在 {year - 1} 或 {year} 年  the date of the notice lies in neither year"


def _entry(row: Mapping[str, Any], year: int) -> Iterator[tuple[str, str]]:
    first: Any
    last: Any
    where = f"first={row['first']}" if row.get("first") else str(row.get("zh") or "off")
    yield from ((key, f"未知的项 unknown key '{key}'; 可用 known: {', '.join(ENTRY)}") for key in row if key not in ENTRY)
    yield from ((where, f"缺 {key}  '{key}' is missing") for key in ("zh", "en") if not str(row.get(key) or "").strip())
    first, last, paid = row.get("first"), row.get("last"), row.get("make_up", [])
    if not (_is_day(first) and _is_day(last)):
        yield where, "首末日应写作日期,如 first = 2027-01-01, last = 2027-01-03  first and last are dates"
        return
    if not isinstance(paid, list) or not all(_is_day(day) for day in paid):
        yield where, "调休上班日应写作日期的列表 make_up = [2027-01-09]  make_up is a list of dates"
        return
    if last < first:
        yield where, f"末日 {last} 早于首日 {first}  the run ends before it begins"
    elif (last - first).days >= LONGEST:
        yield where, f"{first} 至 {last} 超过 {LONGEST} 天,请核对年月  longer than {LONGEST} days: check month and year"
    for day in (first, last, *paid):
        if day.year not in (year, year - 1) or (day.year < year and day.month < 12):
            yield day.isoformat(), f"{day} 不在 {year} 年(或上年12月)  lies outside the year and the December before"
    for day in paid:
        if day.weekday() < 5:
            yield day.isoformat(), f"调休上班日 {day} 是星期{DAYS[day.weekday()]},不是周末  the make-up day is a {day:%A}, no weekend: check the date"


def _across(off: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What only shows between entries: overlaps, a day both off and made up, or made up twice."""
    taken: dict[date, int] = {}
    made: dict[date, int] = {}
    for n, row in enumerate(off, 1):
        first, last = row.get("first"), row.get("last")
        for day in _run(first, last):
            if day in taken:
                yield f"first={first}", f"第 {n} 项与第 {taken[day]} 项重叠于 {day}  entries {taken[day]} and {n} overlap"
                break
        taken |= {day: n for day in _run(first, last) if day not in taken}
        for day in row.get("make_up", ()) if isinstance(row.get("make_up", ()), list) else ():
            if day in made:
                yield str(day), f"调休上班日 {day} 在第 {made[day]}、{n} 项写了两次  the make-up day is given twice"
            made[day] = n
    yield from ((str(day), f"{day} 既放假又上班 (第 {taken[day]}、{n} 项)  is both off and made up") for day, n in made.items() if day in taken)


def _run(first: Any, last: Any) -> list[date]:
    if not (_is_day(first) and _is_day(last)) or not 0 <= (last - first).days < 400:
        return []
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _is_day(value: Any) -> bool:
    return type(value) is date


def _line(text: str, where: str) -> int:
    """The first line that holds a word (or key=value, however it is spaced), else the first."""
    pattern = re.compile(re.escape(where).replace("=", r"\s*=\s*"))
    return next((n for n, line in enumerate(text.splitlines(), 1) if pattern.search(line) and not line.lstrip().startswith("#")), 1)


def remarks(year: Year) -> list[str]:
    """What is odd, yet not wrong: a yearly notice without one of the fixed holidays was probably cut."""
    return [f"注意:{zh} {date(year.year, month, day)} 未列为放假,请核对通知  {en} is not listed as a day off: check the notice" for month, day, zh, en in FIXED if date(year.year, month, day) not in year.off]


def differences(old: Year, new: Year) -> list[str]:
    """Days that change between two notices of a year, in order."""
    was, now = _kinds(old), _kinds(new)
    return [f"{day} {was.get(day, '平常 as usual')} → {now.get(day, '平常 as usual')}" for day in sorted({*was, *now}) if was.get(day) != now.get(day)]


def _kinds(year: Year) -> dict[date, str]:
    return {**dict.fromkeys(year.off, "放假 off"), **dict.fromkeys(year.make_up, "上班 worked")}
