"""A case as a picture: phases, terms, extensions, urges and breaches on one axis of days, days off shaded. Only what the view and the told events hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from api.office import Seen
from api.pages.render import Names
from domain.core import current

WIDTH, LEFT, ROW, TOP = 1000.0, 150.0, 26.0, 34.0
LONGEST = 200  # days on one axis; a longer case shows its last ones
MARKED = {"urged": "urge", "urge_due": "urge", "warned": "warn", "overdue": "late", "duty_overdue": "late", "extended": "move", "date_moved": "move", "refused": "no", "supervised": "urge", "order_issued": "late", "fed_back": "good"}


@dataclass(frozen=True)
class Bar:
    """A length of time on a row: class of its colour, place, and what it says."""

    css: str
    x: float
    width: float
    row: int
    title: str


@dataclass(frozen=True)
class Tick:
    """A moment on a row."""

    css: str
    x: float
    row: int
    title: str


@dataclass
class Picture:
    """What the template draws."""

    year: str = ""
    days: list[Bar] = field(default_factory=list)
    labels: list[tuple[float, str]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    now: float | None = None

    @property
    def height(self) -> float:
        """In units of the picture."""
        return TOP + ROW * len(self.rows) + 8


def picture(found: Seen, events: list[Mapping[str, Any]], names: Names, now: datetime) -> Picture | None:
    """The picture for this reader; None where they see neither dates nor events."""
    clocks = list(found.shown.get("clocks", ()))
    moments = [*(datetime.fromisoformat(one["start"]) for one in clocks), *(datetime.fromisoformat(str(one["at"])) for one in events)]
    if not moments:
        return None
    law = current(found.law, found.case)
    ended = found.case.phase in ("closed", "archived")
    last = max([*moments, *(datetime.fromisoformat(f"{one['due_day']}T23:59:59+08:00") for one in clocks), *([] if ended else [now])])
    first = max(min(moments), last - timedelta(days=LONGEST))
    begin, end = first.date(), last.date() + timedelta(days=1)
    axis = _Axis(begin, (end - begin).days)
    made = Picture(year=str(begin.year) if begin.year == last.year else f"{begin.year}-{last.year}")
    _days(made, axis, law.calendar, names.lang)
    if "phase" in found.shown and not found.reader.outside:
        made.rows.append("phases" if names.lang == "en" else "阶段")
        made.bars += _phases(found, axis, names, now if not ended else last)
    if events:
        row = len(made.rows)
        made.rows.append("events" if names.lang == "en" else "经过")
        made.ticks += [Tick(MARKED.get(str(one["kind"]), "plain"), axis.at(one["at"]), row, f"{names.event(str(one['kind']))} {_short(one['at'])}") for one in events]
    for clock in clocks:
        row = len(made.rows)
        made.rows.append(str(clock["en"] if names.lang == "en" and clock.get("en") else clock["zh"]))
        made.bars += _term(clock, axis, row, now, names)
        made.ticks += [Tick("urge", axis.at(one["at"]), row, f"{names.event(str(one['kind']))} {_short(one['at'])}") for one in events if one["kind"] in ("urged", "urge_due") and clock["state"] == "open" and "duty" not in str(clock["key"])][:6]
    made.now = axis.at(now.isoformat()) if begin <= now.date() <= end else None
    return made


@dataclass(frozen=True)
class _Axis:
    begin: date
    days: int

    def at(self, value: Any) -> float:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        seconds = (moment - datetime.fromisoformat(f"{self.begin.isoformat()}T00:00:00+08:00")).total_seconds()
        return round(min(WIDTH, max(LEFT, LEFT + seconds / 86400 * self.step)), 1)

    @property
    def step(self) -> float:
        return (WIDTH - LEFT) / max(1, self.days)


def _days(made: Picture, axis: _Axis, calendar: Any, lang: str) -> None:
    """Days off as shade; a label where there is room."""
    every = next(n for n in (1, 2, 5, 10, 15, 30, 60) if n * axis.step >= 46)
    for n in range(axis.days):
        day = axis.begin + timedelta(days=n)
        kind = calendar.kind(day)
        if not kind.is_work:
            made.days.append(Bar("off", round(LEFT + n * axis.step, 1), round(axis.step, 2), 0, f"{day:%m-%d} {kind.en if lang == 'en' else kind.zh}"))
        if n % every == 0:
            made.labels.append((round(LEFT + n * axis.step, 1), f"{day.month}-{day.day}"))


def _phases(found: Seen, axis: _Axis, names: Names, until: datetime) -> Iterable[Bar]:
    steps = [(event.at, str(event.data["patch"]["attrs"]["phase"])) for event in found.events if event.data.get("patch", {}).get("attrs", {}).get("phase")]
    for n, (at, phase) in enumerate(steps):
        following = steps[n + 1][0] if n + 1 < len(steps) else until
        start, stop = axis.at(at), axis.at(max(at, following))
        if phase not in ("closed", "archived"):
            yield Bar(f"phase p{n % 3}", start, max(2.0, round(stop - start, 1)), 0, names.phase(phase))


def _term(clock: Mapping[str, Any], axis: _Axis, row: int, now: datetime, names: Names) -> Iterable[Bar]:
    start, due = axis.at(clock["start"]), axis.at(clock["overdue_at"])
    said = f"{clock['zh']} {clock['due_day']}"
    yield Bar("term done" if clock["state"] != "open" else "term", start, max(2.0, round(due - start, 1)), row, said)
    if clock["state"] == "open" and now > datetime.fromisoformat(str(clock["overdue_at"])):
        yield Bar("late", due, max(2.0, round(axis.at(now) - due, 1)), row, f"{said} " + ("overdue" if names.lang == "en" else "逾期"))


def _short(value: Any) -> str:
    return f"{datetime.fromisoformat(str(value)):%Y-%m-%d %H:%M}"
