"""首问: whoever is asked first keeps the duty until another has it (vocabulary: first). How a contact may end are rows of the route."""

from collections.abc import Mapping
from typing import Any

from domain.context import Context
from domain.people import OUTSIDERS, active


def first_row(context: Context) -> Mapping[str, Any]:
    """The row of 首问 that binds this case, {} in a book without one."""
    return next((row for _, row in context.fitting("first")), {})


def first_of(context: Context, person: str) -> str:
    """Who is first asked when this person receives: the person, their unit where the book says so, nobody for an outsider."""
    if person in OUTSIDERS:
        return ""
    unit = context.law.office.get("person", {}).get(person, {}).get("unit", "")
    return f"unit:{unit}" if first_row(context).get("by") == "unit" and unit else person


def comes_first(context: Context, person: str) -> bool:
    """Whether nobody has been asked yet, so that this member of staff, who files or takes up what came in by itself, is the first."""
    return context.case.phase != "archived" and not context.case.attrs.get("first_asked") and bool(context.law.table("first")) and person in context.law.office.get("person", {})


def keepers(context: Context) -> list[str]:
    """Those on whom the duty of 首问 still rests although others have the matter in hand; [] where it has ended or never left them."""
    row, asked, case = first_row(context), str(context.case.attrs.get("first_asked") or ""), context.case
    if not row or not asked or case.phase not in ("handling", "review", "answering", "following") or _ended(context, str(row.get("keeps_until", "unit_received"))):
        return []
    sent = any(part.get("sent_at") for part in case.assignments.values())
    elsewhere = sent or case.attrs.get("own_by") not in (None, "", *context.staff(asked), asked)
    return context.staff([asked, *_words(row.get("also", ()))]) if elsewhere else []


def _ended(context: Context, until: str) -> bool:
    if until != "unit_received":
        return until in context.case.marks
    parts = active(context.case)
    return bool(parts) and all(part.get("received_at") for part in parts)


def _words(words: Any) -> list[str]:
    return [words] if isinstance(words, str) else list(words)
