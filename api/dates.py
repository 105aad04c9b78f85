"""Dates told aloud: a count day by day, the readings chosen, the clause."""

from typing import Any

from domain.clocks import alarms
from domain.core import Case, Law, current
from domain.counting import explain, readings
from domain.deadlines import Due


def why(due: Due, law: Law) -> dict[str, Any]:
    """One due date, JSON-safe: where it starts, every day up to it, what was read where the text is silent."""
    return {
        "start": due.start.isoformat(), "due_day": due.due_day.isoformat(), "overdue_at": due.overdue_at.isoformat(), "provisional": due.provisional,
        "rolled_from": due.rolled_from.isoformat() if due.rolled_from else None,
        "days": [{"day": one.day.isoformat(), "kind": one.kind, "n": one.n, "day_kind": one.day_kind, "zh": one.zh, "en": one.en} for one in explain(due, law.calendar)],
        "readings": [{"zh": one.zh, "en": one.en, "basis": one.basis} for one in readings(due)],
    }  # fmt: skip


def counts(case: Case, law: Law) -> list[dict[str, Any]]:
    """Every clock of a case with its count."""
    now = current(law, case)
    return [
        {"key": clock.key, "zh": clock.zh, "en": clock.en, "state": clock.state, "clause": list(clock.clause), "reading": clock.reading, **why(clock.due, now)}
        for clock in alarms(case, now)
    ]
