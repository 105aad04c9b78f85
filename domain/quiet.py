"""An office's quiet time: when notices wait that no clause demands. It touches no term."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from domain.workdays import ZONE


def quiet_until(office: Mapping[str, Any], at: datetime) -> datetime | None:
    """When the quiet time that holds at an instant ends, in the office's zone; None outside it. Raises ValueError on an unreadable span."""
    span = quiet_span(office)
    if span is None:
        return None
    here, (start, end) = at.astimezone(ZONE), span
    for day in (here.date() - timedelta(days=1), here.date()):
        begins = datetime.combine(day, start, ZONE)
        ends = datetime.combine(day if start < end else day + timedelta(days=1), end, ZONE)
        if begins <= here < ends:
            return ends
    return None


def quiet_span(office: Mapping[str, Any]) -> tuple[time, time] | None:
    """Start and end of the quiet time of `office.quiet`, None where the office has none. Raises ValueError where it cannot be read."""
    span = office.get("office", {}).get("quiet")
    if span is None:
        return None
    if not isinstance(span, (list, tuple)) or len(span) != 2 or not all(isinstance(one, str) for one in span):
        raise ValueError('quiet: 应为两个时刻 / two times of day, as in ["21:00", "08:00"]')
    start, end = (time.fromisoformat(one) for one in span)
    if start == end or start.tzinfo or end.tzinfo:
        raise ValueError("quiet: 起止时刻不得相同,也不带时区 / two different times without a zone")
    return start, end


def holds_demanded(office: Mapping[str, Any]) -> bool:
    """Whether the office lets even what a clause demands wait for the end of its quiet time (`office.quiet_demanded`)."""
    return bool(office.get("office", {}).get("quiet_demanded", False))
