"""Recurring duties: each period of each office, unit or ward has its own, with its day; a missed one is noted and stays open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain import people
from domain.case import Case, instant
from domain.clocks import clause_of
from domain.deadlines import Due, due, parse_limit
from domain.law import Law
from domain.ledger_periods import MONTHS, Period, midnight, periods, unit_of
from domain.ledger_watch import OFFICE, words

INSIDE = ("end_of", "day_of_next_month", "day_of_month", "same_day")  # counted from within the period; all other limits from its last day


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One duty of one period: `key` is unique in the ledger; who owes it, to whom it goes, its day and its first late instant."""

    key: str
    recur: str
    period: Period
    unit: str
    due: Due
    who: tuple[str, ...]
    to: tuple[str, ...]
    clause: tuple[str, ...]
    state: str


def standing(law: Law) -> dict[str, Mapping[str, Any]]:
    """The rows of duties that recur over cases; those with `on` live in each case."""
    return {name: row for name, row in law.table("recur").items() if "on" not in row}


def occurrences(ledger: Case, law: Law, first: date, last: date) -> Iterator[Occurrence]:
    """Every occurrence whose period touches the days between, as it stands now; a rhythm without a figure has none."""
    opened = instant(ledger.about["opened_at"]).date()
    for name, row in standing(law).items():
        unit = unit_of(row.get("every"), law)
        if not unit:
            continue
        for period in periods(unit, max(first, opened), last, law):
            for where in _places(row, law):
                yield _one(ledger, law, name, row, period, where)


def _one(ledger: Case, law: Law, name: str, row: Mapping[str, Any], period: Period, where: str) -> Occurrence:
    key = f"{name}:{period.label}" + (f":{where}" if where else "")
    end = _end(row, period, law)
    done = ledger.duties.get(key)
    state = "open" if done is None else str(done["state"])
    return Occurrence(key, name, period, where, end, tuple(_who(row.get("by", ()), where, law)), tuple(_who(row.get("to", ()), where, law)), clause_of(row), state)


def _end(row: Mapping[str, Any], period: Period, law: Law) -> Due:
    limit = row.get("due") or {}
    if not limit:  # the period's own last day, on which it ends
        return due(parse_limit({"same_day": True}), midnight(period.last), law.calendar)
    concrete = _concrete(limit, law)
    start = period.start if any(word in concrete for word in INSIDE) else midnight(period.last)
    return due(parse_limit(concrete), start, law.calendar, roll=str(row.get("roll", "next_workday")))


def _concrete(limit: Mapping[str, Any], law: Law) -> Mapping[str, Any]:
    if "vague" in limit:
        return (law.office.get("vague") or {}).get(limit["vague"]) or {"same_day": True}
    if "param" in limit:
        row = law.row("param", str(limit["param"]))
        return row.get("value", row.get("default")) or {"same_day": True}
    return limit


def _places(row: Mapping[str, Any], law: Law) -> list[str]:
    """'' for the office; else every unit, or every unit of one kind."""
    per = str(row.get("per", OFFICE)).removeprefix("unit_kind:")
    if per == OFFICE:
        return [""]
    units = law.office.get("unit", {})
    return [uid for uid, one in units.items() if per in ("unit", one.get("kind"))]


def _who(word: Any, where: str, law: Law) -> list[str]:
    """Who owes it or hears of it: of a unit's own staff, else its contact, else whoever holds the post."""
    found: list[str] = []
    for one in words(word):
        if where:
            own = people.holders(law.office, one, where) or people.related(f"{one}:unit:{where}", Case.new("", "", ""), law.office)
            found += own
            if own:
                continue
        found += people.related(one, Case.new("", "", ""), law.office)
    return list(dict.fromkeys(_contact(one, law) for one in found))


def _contact(one: str, law: Law) -> str:
    unit = law.office.get("unit", {}).get(one.removeprefix("unit:"), {}) if one.startswith("unit:") else {}
    return str(unit.get("liaison") or unit.get("head") or one)


def reach(law: Law) -> timedelta:
    """How far back the earliest period may lie whose duty can still be due."""
    longest = max((MONTHS.get(unit_of(row.get("every"), law), 1) for row in standing(law).values()), default=1)
    return timedelta(days=31 * longest + 62)


def lapses(ledger: Case, law: Law, since: datetime, at: datetime) -> list[Occurrence]:
    """Duties whose last instant passed between the two and that nobody has done, in order."""
    if not standing(law):
        return []
    found = [o for o in occurrences(ledger, law, (since - reach(law)).date(), at.date()) if o.state == "open" and since < o.due.overdue_at <= at]
    return sorted(found, key=lambda o: (o.due.overdue_at, o.key))


def open_duties(ledger: Case, law: Law, now: datetime) -> list[Occurrence]:
    """What is owed now: of the periods that have begun, and every missed one until it is done."""
    if not standing(law) or not ledger.about:
        return []
    missed = [instant(row["first"]) for row in ledger.duties.values() if row["state"] == "missed"]
    first = min([now - reach(law), *missed])
    found = [o for o in occurrences(ledger, law, first.date(), now.date()) if o.state in ("open", "missed")]
    return [o for o in found if o.state == "missed" or o.due.overdue_at > now]
