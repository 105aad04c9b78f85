"""`huiyin rules stories`: of each term in days, working days, weeks or months, whether both sides of its end are told across National Day 2025 and Spring Festival 2026."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from cli import library
from cli.story_cover import BOUNDS, Heard, Told, told
from domain.clocks import Clock, clause_of

FESTIVALS = {"国庆 2025 National Day": (2025, "国庆节、中秋节"), "春节 2026 Spring Festival": (2026, "春节")}
BY_THE_CLOCK = frozenset({"minutes", "hours", "same_day"})
BEFORE = "(本制度当时尚未施行 not in force then) "
WHY_NOT = {
    "clock": "按钟点连续计算或当天了结,假日不改变其终点 counted by the clock or ended the same day: no holiday moves its end",
    "unset": "样例机构未定数字,不计时 no sample office has set it: nothing runs",
}


@dataclass
class Across:
    """One term, and for each festival the stories that tell a side of its end across it."""

    one: Told
    begins: str = ""  # the book's first day
    figures: set[str] = field(default_factory=set)
    sides: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {festival: {} for festival in FESTIVALS})

    @property
    def why_not(self) -> str:
        """Why no festival can be asked of it, '' where it must be told."""
        if self.one.unset:
            return "unset"
        return "clock" if self.figures and self.figures <= BY_THE_CLOCK else ""

    @property
    def wanted(self) -> list[str]:
        """Both sides; of a window or a floor the refusal is one of them."""
        nature = str(self.one.row.get("nature"))
        return ["refused", BOUNDS[nature]] if nature in BOUNDS else ["kept", "late"]

    def open(self, festival: str) -> list[str]:
        """The sides that no story tells across a festival; none before the book was in force."""
        return [] if self.why_not or self.begins > min(festivals()[festival]).isoformat() else [side for side in self.wanted if side not in self.sides[festival]]


@cache
def festivals() -> dict[str, frozenset[date]]:
    """The days off and the make-up days of both festivals, from the published calendar."""
    known = {(int(year["year"]), str(row["zh"])): row for year in library.calendars() for row in year["off"]}
    found: dict[str, frozenset[date]] = {}
    for name, key in FESTIVALS.items():
        row = known[key]
        found[name] = frozenset({*(date.fromordinal(n) for n in range(row["first"].toordinal(), row["last"].toordinal() + 1)), *row["make_up"]})
    return found


def touches(clock: Clock, festival: str) -> bool:
    """Whether a clock runs into a festival: a day off or a make-up day lies after its start and not after its end."""
    since, until = clock.start.date(), date.fromisoformat(clock.due_day)
    return any(since < day <= until for day in festivals()[festival])


@cache
def across(name: str) -> tuple[Across, ...]:
    """Every term of a book with what its stories and boundary stories tell; a side counts only where the story itself states the last day."""
    begins = str(library.book(name).get("book", {}).get("in_force_from", ""))
    rows = [Across(one, begins) for one in told(name) if one.table == "term"]
    for _, story in (*library.stories(name), *library.boundaries(name)):
        heard = Heard(story, library.law(name, story["office"]))
        for row in rows:
            for clock in heard.every_clock:
                if _is(row.one, clock):
                    row.figures |= _figures(clock)
                    _told(row, heard, clock)
    return tuple(rows)


def _is(one: Told, clock: Clock) -> bool:
    name = one.key.partition(".")[0]
    return clock.term == name and clock.clause == clause_of(one.row) and clock.zh == str(one.row.get("zh", name))


def _figures(clock: Clock) -> set[str]:
    return {str(word) for limit in clock.limit for word in (limit if isinstance(limit, Mapping) else ["day named"]) if word != "itself"}


def _told(row: Across, heard: Heard, clock: Clock) -> None:
    if not heard.sound or (clock.term, clock.due_day) not in heard.dated:
        return
    for festival in FESTIVALS:
        if touches(clock, festival):
            for side in _sides(row, heard, clock):
                stories = row.sides[festival].setdefault(side, [])
                if heard.name not in stories:
                    stories.append(heard.name)


def _sides(row: Across, heard: Heard, clock: Clock) -> Iterator[str]:
    if clock.state == "met" or f"overdue:{clock.term}" in heard.silent:
        yield "kept"
    if clock.state == "late" or any(event.kind == "overdue" and event.subject == clock.term and event.at == clock.overdue_at for event in heard.events):
        yield "late"
    if any(event.data["code"] in ("outside_window", "too_early") and set(event.clause) & set(clause_of(row.one.row)) for event in heard.refused):
        yield "refused"


def lines(name: str, *, every: bool = True) -> Iterator[str]:
    """One line a term: ✓ or ✗, and for each festival the stories that tell its end across it, or why none can."""
    words = {"kept": "未逾期 kept", "late": "逾期 late", "refused": "期间之外被拒 refused outside"}
    for row in across(name):
        wrong = any(row.open(festival) for festival in FESTIVALS)
        if not wrong and not every:
            continue
        said = [f"{festival}: " + (BEFORE if row.begins > min(festivals()[festival]).isoformat() else "") + ", ".join(f"{words[side]} {row.sides[festival].get(side, ['—'])[0]}" for side in row.wanted) for festival in FESTIVALS]
        yield f"{'✗' if wrong else '✓'} term.{row.one.key} ({'、'.join(clause_of(row.one.row)) or '本单位 office'})  {WHY_NOT[row.why_not] if row.why_not else '; '.join(said)}"


def counts(name: str) -> dict[str, tuple[int, int]]:
    """By festival: terms told from both sides across it, and all that must be; what is exempt, by reason, is counted apart."""
    found = across(name)
    asked = [row for row in found if not row.why_not]
    told_of = {festival: (sum(1 for row in asked if not row.open(festival)), len(asked)) for festival in FESTIVALS}
    return told_of | {why: (n, n) for why in WHY_NOT if (n := sum(1 for row in found if row.why_not == why))}
