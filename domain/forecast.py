"""What would be due: the terms of a book for given facts and one start, before any case exists (`huiyin due`, GET due)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.case import Case
from domain.clocks import alarms, clause_of, rows_of_terms
from domain.context import Context
from domain.deadlines import Due, before
from domain.law import Law, current
from domain.limits import deadline, resolve


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder before an end; `at` is None where it would come at or before the start and so is not armed."""

    zh: str
    at: datetime | None
    clause: tuple[str, ...]
    policy: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """One term of the book, counted from the given start as if that were its starting event.

    `figure` is the vague word or parameter to which the office gave the figure, "" where the text has it.
    """

    term: str
    zh: str
    en: str
    start_event: str
    clause: tuple[str, ...]
    reading: str
    nature: str
    policy: bool
    figure: str
    due: Due
    reminders: tuple[Reminder, ...]


def forecast(law: Law, facts: Mapping[str, Any], start: datetime, only: str = "") -> list[Forecast]:
    """Terms whose conditions hold and speak of a given fact (all that hold, where none does); `only` names one term."""
    case = Case.new("forecast", "", "")
    case.sections["facts"].update(facts)
    context = Context(case, law)
    fitting = [(key, row) for key, row in rows_of_terms(context) if context.holds(row) and (not only or key == only)]
    named = [(key, row) for key, row in fitting if facts.keys() & row.get("when", {}).keys()]
    rows = fitting if only else (named or fitting)
    return [found for key, row in rows if (found := _one(context, key, row, start))]


def later(case: Case, law: Law, start: datetime) -> list[Forecast]:
    """The terms of a case that have not begun, counted as if each began at `start`: what will be due by when once it has come so far."""
    context = Context(case, current(law, case))
    begun = {clock.term for clock in alarms(case, law)}
    rows = [(key, row) for key, row in rows_of_terms(context) if key not in begun and context.holds(row)]
    return [found for key, row in rows if (found := _one(context, key, row, start))]


def _one(context: Context, key: str, row: Mapping[str, Any], start: datetime) -> Forecast | None:
    limit = row.get("limit", {})
    end = deadline(resolve(limit, context), start, context.law, str(row.get("roll", "next_workday")))
    if end is None:
        return None
    begins = row.get("from", "")
    return Forecast(
        term=key,
        zh=str(row.get("zh", key)),
        en=str(row.get("en", key)),
        start_event=str(next(iter(begins.get("any", [""]))) if isinstance(begins, Mapping) else begins),
        clause=clause_of(row),
        reading=str(row.get("reading", "")),
        nature=str(row.get("nature", "must")),
        policy=bool(row.get("office")),
        figure=str(limit.get("vague") or limit.get("param") or ""),
        due=end,
        reminders=tuple(_reminders(context, key, end)),
    )


def _reminders(context: Context, term: str, end: Due) -> list[Reminder]:
    found = []
    for key, row in context.law.table("urge").items():
        if term in row.get("before", ()) and "at" in row:
            (unit, count), *_ = row["at"].items()
            at = before(end, int(count), unit, context.law.calendar)
            found.append(Reminder(str(row.get("zh", key)), at, clause_of(row), bool(row.get("office"))))
    return found
