"""`huiyin doctor`: what the engine's own doctor finds, with the calendars of the installation, the cases that wait for one, the key that signs acts, the published rulebooks, people and who decides alone, templates."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import asyncpg

from cli import library
from cli.doctor_keys import actor_key
from cli.doctor_people import people
from cli.doctor_templates import templates
from cli.doctor_versions import versions
from cli.life import desks
from cli.office_warnings import warnings
from domain.workdays import ZONE, CalendarError, parse_year
from engine.doctor import Subject, examine
from engine.findings import Finding, fail, warn
from workflows.place import Place

SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


async def examined(here: Place) -> list[Finding]:
    """Every finding about one installation; changes nothing, never raises on what is broken."""
    years, wrong = years_of(here.calendars)
    today = datetime.now(ZONE).date()
    engine = here.home / "engine"
    subject = Subject(here.engine, here.namespace, here.database or "-", here.keys, today, years, engine if engine.is_dir() else None, story_clock=here.story_clock)
    return [*await examine(subject), *wrong, *await waiting(here.database, years, today), *await actor_key(here), *await versions(here, today), *await people(here, today), *alone(here, today), *templates(here, offices_of(here))]


def offices_of(here: Place) -> list[str]:
    """The ids of the offices, as far as their files can be read."""
    try:
        return [desk.office for desk in desks(here)]
    except (library.LibraryError, OSError, KeyError, TypeError, AttributeError):
        return []


def alone(here: Place, today: date) -> list[Finding]:
    """Offices in which somebody decides alone with nobody to stand in: no fault, and the day a complaint is about them it waits."""
    try:
        found = {desk.office: len(lines) for desk in desks(here) if (lines := warnings(library.book(desk.book), desk.file, today))}
    except (library.LibraryError, OSError, KeyError, TypeError, AttributeError):
        return []  # a file that cannot be read is said already
    if not found:
        return []
    shown = ", ".join(f"{office} {count}" for office, count in [*found.items()][:8]) + (f" … ({len(found)})" if len(found) > 8 else "")
    return [warn("offices", f"有人一人决定而没有替代人:{shown}", f"people who decide alone with nobody to stand in: {shown}", "huiyin office check 列出是谁、决定什么", "`huiyin office check` says who, and what they decide")]


def years_of(folder: Path) -> tuple[set[int], list[Finding]]:
    """The years in force, and a finding where a file of the installation's own cannot be read."""
    try:
        return {parse_year(year).year for year in library.published(folder)}, []
    except (library.LibraryError, CalendarError) as wrong:
        said = fail("calendar", f"日历文件读不懂:{wrong}", "a calendar file cannot be read", f"修正或移走 {folder} 中的文件,再 huiyin calendar add", "mend or move that file, then `huiyin calendar add`")
        return {int(year["year"]) for year in library.calendars()}, [said]


async def waiting(url: str, years: set[int], today: date) -> list[Finding]:
    """Cases whose dates are provisional although this year and the next are published: nobody has told them."""
    if not {today.year, today.year + 1} <= years:
        return []  # they wait for a year that is not published, and that is said already
    try:
        db = await asyncpg.connect(url or "-", timeout=5)
        try:
            count = await db.fetchval("select count(*) from cases where provisional and phase <> 'archived'")
        finally:
            await db.close()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []  # said already
    if not count:
        return []
    return [warn("calendar", f"{count} 件日期仍暂定,年份已公布", f"{count} cases still have provisional dates in a published year", "再运行 huiyin calendar add 年份.toml", "run `huiyin calendar add YEAR.toml` again")]


def printed(found: Sequence[Finding]) -> list[str]:
    """Line by line, the remedy under what is wrong."""
    lines = []
    for one in found:
        lines.append(f"{SIGNS[one.level]} {one.zh}  {one.en}")
        if one.level != "ok":
            lines.append(f"    → {one.remedy_zh}  {one.remedy_en}")
    return lines
