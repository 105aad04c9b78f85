"""Recurring duties: each period of each office, unit or ward has its own, with its day; a missed one is noted and stays open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from domain import people
from domain.case import Case, instant
from domain.clocks import clause_of
from domain.deadlines import Due, LimitError
from domain.law import Law
from domain.ledger_periods import MONTHS, Period, midnight, periods, unit_of
from domain.ledger_watch import OFFICE, words
from domain.limits import deadline

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
    return law.once("standing", lambda one: {name: row for name, row in one.table("recur").items() if "on" not in row})


def occurrences(ledger: Case, law: Law, first: date, last: date) -> Iterator[Occurrence]:
    """Every occurrence whose period touches the days between, as it stands now; a rhythm without a figure has none."""
    for name, row, period in _periods(ledger, law, first, last):
        yield from _of(ledger, law, name, row, period, _end(row, period, law))


def _periods(ledger: Case, law: Law, first: date, last: date) -> Iterator[tuple[str, Mapping[str, Any], Period]]:
    opened = instant(ledger.about["opened_at"]).date()
    for name, row, unit in law.once("rhythms", _rhythms):
        for period in periods(unit, max(first, opened), last, law):
            yield name, row, period


def _rhythms(law: Law) -> list[tuple[str, Mapping[str, Any], str]]:
    return [(name, row, unit) for name, row in standing(law).items() if (unit := unit_of(row.get("every"), law))]


def _of(ledger: Case, law: Law, name: str, row: Mapping[str, Any], period: Period, end: Due) -> Iterator[Occurrence]:
    """The same duty of the office, or of each unit that has it."""
    for where in _places(row, law):
        yield _one(ledger, law, name, row, period, where, end)


def _one(ledger: Case, law: Law, name: str, row: Mapping[str, Any], period: Period, where: str, end: Due) -> Occurrence:
    key = f"{name}:{period.label}" + (f":{where}" if where else "")
    done = ledger.duties.get(key)
    state = "open" if done is None else str(done["state"])
    return Occurrence(key, name, period, where, end, tuple(_who(row.get("by", ()), where, law)), tuple(_who(row.get("to", ()), where, law)), clause_of(row), state)


def _end(row: Mapping[str, Any], period: Period, law: Law) -> Due:
    limit = row.get("due") or {}
    concrete = _concrete(limit, law) if limit else {"same_day": True}  # the period's own last day, on which it ends
    start = period.start if limit and any(word in concrete for word in INSIDE) else midnight(period.last)
    end = deadline([concrete], start, law, str(row.get("roll", "next_workday")))
    if end is None:  # never: there is a limit
        raise LimitError(str(concrete))
    return end


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
    found: list[Occurrence] = []
    for name, row, period in _periods(ledger, law, (since - law.once("reach", reach)).date(), at.date()):
        end = _end(row, period, law)
        if since < end.overdue_at <= at:  # of most periods the end is past or to come: who owes them need not be known
            found += [o for o in _of(ledger, law, name, row, period, end) if o.state == "open"]
    return sorted(found, key=lambda o: (o.due.overdue_at, o.key))


def open_duties(ledger: Case, law: Law, now: datetime) -> list[Occurrence]:
    """What is owed now: of the periods that have begun, and every missed one until it is done."""
    if not standing(law) or not ledger.about:
        return []
    missed = [instant(row["first"]) for row in ledger.duties.values() if row["state"] == "missed"]
    first = min([now - reach(law), *missed])
    found = [o for o in occurrences(ledger, law, first.date(), now.date()) if o.state in ("open", "missed")]
    return [o for o in found if o.state == "missed" or o.due.overdue_at > now]
