"""From the five sorts of figure to one concrete limit: text, elsewhere, entered, vague, none (vocabulary, section 2)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from domain.context import Context
from domain.deadlines import Due, due, parse_limit
from domain.law import Law

CHOICES = ("first_of", "earliest_of")
KEPT = 512  # ends kept with a law; a case has some dozens
SOURCES = ("fact", "vague", "param", "table")


def resolve(limit: Mapping[str, Any], context: Context, subject: Mapping[str, Any] | None = None) -> list[Any]:
    """The concrete limits that a limit table names now: [] where nobody gave a figure, several where the earliest binds."""
    if "first_of" in limit:
        for choice in limit["first_of"]:
            found = resolve(choice, context, subject)
            if found:
                return found[:1]
        return []
    if "earliest_of" in limit:
        return [one for choice in limit["earliest_of"] for one in resolve(choice, context, subject)]
    if "entered" in limit:  # a date that the act itself carried
        day = (subject or {}).get("legal_correction_date")
        return [day] if day else []
    for source in SOURCES:
        if source in limit:
            return _looked_up(source, limit[source], limit, context, subject)
    return [{k: v for k, v in limit.items() if k != "at_most"} if "at_most" in limit else limit]


def _looked_up(source: str, key: str, limit: Mapping[str, Any], context: Context, subject: Mapping[str, Any] | None) -> list[Any]:
    if source == "vague":
        value: Any = (context.law.office.get("vague") or {}).get(key)
    elif source == "fact":
        value = (subject or {}).get(key) or context.fact(key)
    elif source == "param":
        value = context.param(key)
    else:
        value = (context.param(key) or {}).get(context.fact(str(limit.get("key", ""))))
    if "unit" in limit and isinstance(value, (int, float)) and not isinstance(value, bool):  # a number that somebody entered
        value = {limit["unit"]: int(value)} if value >= 1 else None
    return [value, *([limit["at_most"]] if "at_most" in limit else [])] if value else []


def deadline(limits: list[Any], start: datetime, law: Law, roll: str = "next_workday") -> Due | None:
    """The earliest end that the limits give from a start; None without a limit. A limit may be a day as ISO text.

    The clocks of a case are asked anew after each of its events: what the same limit gave from the same start is kept with the law.
    """
    key = (str(limits), start, roll)
    if key in law.ends:
        known: Due | None = law.ends[key]
        return known
    if len(law.ends) >= KEPT:
        law.ends.clear()
    end = law.ends[key] = _deadline(limits, start, law, roll)
    return end


def _deadline(limits: list[Any], start: datetime, law: Law, roll: str) -> Due | None:
    ends = [on_day(one, start, law) if isinstance(one, (str, date)) else due(parse_limit(one), start, law.calendar, roll=roll) for one in limits]
    return min(ends, key=lambda end: end.overdue_at, default=None)


def on_day(day: str | date, start: datetime, law: Law) -> Due:
    """An end fixed by a date that somebody entered: it stands as it is, also on a day off; raises ValueError on other text."""
    fixed = date.fromisoformat(day[:10]) if isinstance(day, str) else day
    away = max((fixed - start.date()).days, 0)
    end = due(parse_limit({"days": away}), start, law.calendar, roll="none") if away else None
    if end is not None:
        return end
    tomorrow = due(parse_limit({"days": 1}), start, law.calendar, roll="none")
    back = (tomorrow.due_day - fixed).days
    shift = timedelta(days=back)
    return replace(tomorrow, due_day=fixed, due_at=tomorrow.due_at - shift, overdue_at=tomorrow.overdue_at - shift)
