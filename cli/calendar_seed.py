"""`huiyin calendar seed 2026`: a calendar file from the `chinesecalendar` package.

The package knows days, not notices: number and date of a notice come from the table below or from the caller.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar import constants  # type: ignore[import-untyped]  # the package has no stubs

NOTICES = {
    2025: ("国办发明电〔2024〕12号", date(2024, 11, 12)),
    2026: ("国办发明电〔2025〕7号", date(2025, 11, 4)),
}
_ZH = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}


def seed(year: int, number: str = "", issued_on: date | None = None) -> str:
    """A year's TOML text; raises ValueError for a year that the package or the notice table does not know."""
    known_number, known_date = NOTICES.get(year, ("", None))
    number, issued_on = number or known_number, issued_on or known_date
    off = {day: name for day, name in constants.holidays.items() if day.year == year}
    work = {day: name for day, name in constants.workdays.items() if day.year == year}
    if not off:
        raise ValueError(f"the package chinesecalendar has no days off for {year}")
    if not number or issued_on is None:
        raise ValueError(f"give number and date of the notice for {year}")
    lines = [
        f"# 国务院办公厅关于{year}年部分节假日安排的通知",
        f"# State Council notice on days off and make-up days of {year}",
        f"year = {year}",
        f'number = "{number}"',
        f"issued_on = {issued_on}",
        "",
        "off = [",
    ]
    for first, last, names in _runs(off):
        zh, en = "、".join(_ZH[name] for name in names), " and ".join(names)
        paid = ", ".join(str(day) for day in sorted(work) if work[day] in names)
        lines.append(f'  {{ zh = "{zh}", en = "{en}", first = {first}, last = {last}, make_up = [{paid}] }},')
    return "\n".join([*lines, "]", ""])


def _runs(off: dict[date, str]) -> list[tuple[date, date, list[str]]]:
    """Neighbouring days off are one run, with its festivals in order of frequency."""
    runs: list[tuple[date, date, list[str]]] = []
    for day in sorted(off):
        if runs and day - runs[-1][1] == timedelta(days=1):
            first, _, names = runs.pop()
            runs.append((first, day, names if off[day] in names else [*names, off[day]]))
        else:
            runs.append((day, day, [off[day]]))
    return runs


def run(year: int, out: Path, number: str = "", issued_on: date | None = None) -> int:
    """The command: writes the year's file, never over an existing one; gives the exit code."""
    try:
        text = seed(year, number, issued_on)
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print(f"{out} 已存在,未改动 exists and was left alone", file=sys.stderr)
        return 2
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    return 0
