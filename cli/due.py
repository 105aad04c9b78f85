"""`huiyin due`: which date, and why, counted day by day under a rulebook. No engine, no database, within a second."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import library
from cli.due_grid import Line, Picture, Subject, picture, stamp
from cli.due_text import draw, draw_count
from domain.deadlines import LimitError
from domain.forecast import Forecast, Reminder, forecast
from domain.law import Law
from domain.workdays import ZONE, CalendarError
from workflows.place import Place

__all__ = ["DueError", "answer", "draw_count", "parse_start", "run"]

_LISTS = {"channel": "channel", "kind": "kind", "source": "source"}
_FLAGS = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}
_EVENTS = {
    "filed": ("接到", "filed"),
    "registered": ("登记", "registered"),
    "accepted": ("受理", "accepted"),
    "papers_complete": ("材料齐全", "papers complete"),
    "instructed": ("批示", "instructed"),
    "opinion_fixed": ("审定", "opinion fixed"),
    "transferred": ("转办", "transferred"),
    "assigned": ("交办", "assigned"),
    "unit_received": ("签收", "signed in"),
    "concluded": ("报结", "concluded"),
    "reviewed": ("审核", "reviewed"),
    "finished": ("办结", "finished"),
    "fed_back": ("答复", "fed back"),
    "closed": ("结案", "closed"),
}


class DueError(ValueError):
    """What the caller asked cannot be counted; the text says why, Chinese first."""


def run(
    rulebook: str, settings: Sequence[str], start: str, *, term: str = "", office: str = "", svg: str = "", lang: str = "zh",
    colour: bool | None = None, columns: int = 80,
) -> int:  # fmt: skip
    """The command: prints the counts (or writes the first as SVG) and gives the exit code."""
    try:
        found = answer(rulebook, settings, start, term=term, office=office)
    except DueError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    if svg:
        from cli.due_svg import draw_svg

        Path(svg).write_text(draw_svg(found[0], lang), "utf-8")
        return 0
    painted = sys.stdout.isatty() if colour is None else colour
    print("\n".join(draw(one, painted, columns, lang) for one in found), end="")
    return 0


def answer(rulebook: str, settings: Sequence[str], start: str, *, term: str = "", office: str = "") -> list[Picture]:
    """The pictures of every term that the facts choose, in the book's order; raises DueError."""
    law = _law(rulebook, office)
    facts = dict(_setting(law, text) for text in settings)
    begins = parse_start(start)
    try:
        found = forecast(law, facts, begins, term)
    except LimitError as wrong:
        raise DueError(f"{start}: 算不出 cannot be counted: {wrong}") from wrong
    if not found:
        known = ", ".join(f"{key} {row.get('zh', '')}".strip() for key, row in law.table("term").items())
        raise DueError(f"没有适用的期限 No term applies. 本规定的期限 terms: {known}")
    gists = _gists(rulebook, {ref for one in found for ref in one.clause})
    return [picture(_subject(one, rulebook, gists), one.due, law.calendar) for one in found]


def parse_start(text: str) -> datetime:
    """`2026-09-30`, `2026-09-30 10:20` or an ISO instant, as +08:00; a bare day begins at 00:00."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise DueError(f"起点应写作 A start is written 2026-09-30 or '2026-09-30 10:20': {text}") from None
    return found.astimezone(ZONE) if found.tzinfo else found.replace(tzinfo=ZONE)


def _law(rulebook: str, office: str) -> Law:
    try:
        library.book(rulebook)  # says which books there are
        return library.law_in_force(rulebook, office or library.office_for(rulebook), Place.of().calendars)
    except (library.LibraryError, CalendarError) as wrong:
        raise DueError(str(wrong)) from wrong


def _setting(law: Law, text: str) -> tuple[str, Any]:
    name, sep, value = text.partition("=")
    row = law.row("fact", name)
    options = law.table(_LISTS[name]) if name in _LISTS else row.get("options", {})
    if not sep or not (row or name in _LISTS):
        known = ", ".join([*_LISTS, *law.table("fact")])
        raise DueError(f"没有这个事实 No such fact: {name}. 写作 write name=value. 现有 known: {known}")
    if options and value not in options:
        known = ", ".join(f"{key} {option.get('zh', '')}".strip() for key, option in options.items())
        raise DueError(f"{name} 没有这个值 has no value {value}. 可选 choose: {known}")
    return name, _value(str(row.get("is", "")), value)


def _value(kind: str, value: str) -> Any:
    if kind == "flag":
        return _FLAGS.get(value.lower(), False)
    if kind == "some_of":
        return value.split(",")
    return int(value) if kind == "number" and value.isdigit() else value


def _gists(rulebook: str, refs: set[str]) -> Mapping[str, tuple[str, str]]:
    return {row["ref"]: (str(row.get("zh", "")), str(row.get("en", ""))) for row in library.clauses(rulebook) if row.get("ref") in refs}


def _subject(found: Forecast, rulebook: str, gists: Mapping[str, tuple[str, str]]) -> Subject:
    told = [gists[ref] for ref in found.clause if ref in gists]
    zh, en = _EVENTS.get(found.start_event, (found.start_event, found.start_event))
    clause = "、".join(found.clause) or "本机关规定 office policy"
    gist_en = " ".join(gist for _, gist in told)
    return Subject(
        title_zh=found.zh,
        title_en=found.en if found.en != found.term else gist_en,
        clause=clause,
        reading=found.reading,
        source=f"{rulebook} {found.clause[0] if found.clause else ''}".strip(),
        start_zh=zh,
        start_en=en,
        gist_zh=" ".join(gist for gist, _ in told),
        gist_en=gist_en,
        figure=found.figure,
        reminders=[_reminder(one) for one in found.reminders],
    )


def _reminder(one: Reminder) -> Line:
    by = "、".join(one.clause) or "本机关规定"
    by_en = ", ".join(one.clause) or "office policy"
    if one.at is None:
        return Line(
            "催办", "Urge", f"{one.zh}:早于起点,不设 ({by})", f"not armed: it would come before the start ({by_en})", "not armed: before the start"
        )
    return Line("催办", "Urge", f"{stamp(one.at)} {one.zh} ({by})", f"{stamp(one.at)} ({by_en})", "urge")
