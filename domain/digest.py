"""What a leader hears of at once, and what waits for one message when the office opens. Only messages wait: the inbox has everything as it happens."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.law import Law
from domain.views import reader_of
from domain.workdays import ZONE

LEADERS = frozenset({"leader_in_charge", "principal"})
AT_ONCE = frozenset({"overdue", "duty_overdue", "retaliation_reported"})  # events that no digest holds back
OPENS = "09:00"


def gathered(law: Law, person: str) -> bool:
    """Whether this person gets one message at opening time: a leader does, and whom the office file says (`digest = true` or false)."""
    row = law.office.get("person", {}).get(person, {})
    return bool(row["digest"]) if "digest" in row else not LEADERS.isdisjoint(reader_of(person, law).roles)


def urgent(law: Law, form: str, data: Mapping[str, Any], next_due: date | None, at: datetime) -> bool:
    """Whether a notice cannot wait: something is due by the next working day or past, or a clause wants it known at once (`at_once` of its row)."""
    if data.get("kind") in AT_ONCE or form in AT_ONCE or law.table("notice").get(form, {}).get("at_once"):
        return True
    near = date.fromordinal(law.calendar.step(at.astimezone(ZONE).toordinal(), 1))
    days = [next_due, date.fromisoformat(data["due_day"]) if data.get("due_day") else None]
    return any(day is not None and day <= near for day in days)


def opening(law: Law, at: datetime) -> datetime:
    """When the office opens next: today where it has not yet, else on its next working day."""
    here, day = at.astimezone(ZONE), at.astimezone(ZONE).date()
    opens = datetime.strptime(str(law.office.get("office", {}).get("opens", OPENS)), "%H:%M").time()  # noqa: DTZ007 - a time of day of the office's own zone
    if not (law.calendar.is_workday(day) and here < datetime.combine(day, opens, ZONE)):
        day = date.fromordinal(law.calendar.step(day.toordinal(), 1))
    return datetime.combine(day, opens, ZONE)
