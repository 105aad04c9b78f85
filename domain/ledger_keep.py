"""How long a closed file is kept, and how long a board or a measure stands."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from domain.deadlines import LimitError, due, parse_limit
from domain.law import Law
from domain.ledger_entries import figure


def keep_until(archived_at: datetime, law: Law) -> date | None:
    """The last day on which a file must still be kept (a floor: longer is allowed); None where nobody has set a period."""
    keep = (law.table("archive").get("keep")) or {}
    limit = figure(keep.get("floor", keep), law)
    return _ends(limit, archived_at, law)


def ends_on(row: Mapping[str, Any], at: datetime, law: Law) -> date | None:
    """The last day of what a row lets stand from `at`; None where the row has no end or nobody set it."""
    return _ends(figure(row.get("until"), law), at, law)


def _ends(limit: Any, at: datetime, law: Law) -> date | None:
    if isinstance(limit, int) and not isinstance(limit, bool):  # a bare number of the office is years
        limit = {"years": limit}
    if not isinstance(limit, Mapping):
        return None
    if "vague" in limit:
        limit = (law.office.get("vague") or {}).get(limit["vague"]) or {}
    try:
        return due(parse_limit(limit), at, law.calendar, roll="none").due_day
    except LimitError:
        return None
