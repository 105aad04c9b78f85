"""One click for the clerk: an appeal filed as the case of its own that the book makes of it, linked both ways."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.appeals import appeals, child_of, file, kind_of
from api.office import Parts, Seen, law_of, seen
from api.pages.complain import receipt_page
from api.pages.desk import clerk

router = APIRouter(include_in_schema=False)
PATIENCE = 3.0


@router.post("/cases/{case_id}/appeals/{seq}")
async def opened(case_id: str, seq: int, request: Request) -> HTMLResponse:
    """File it: the receipt of the new case, to be given to the complainant."""
    who = await clerk(request, f"/cases/{case_id}")
    found = await seen(request, case_id, who.caller)
    answer, failed = await file(request, found, seq, PATIENCE)
    return receipt_page(request, law_of(request, who.office), answer, who=who, onward=f"/cases/{answer['case']}", unlinked=failed)


async def banner(here: Parts, found: Seen) -> list[dict[str, Any]]:
    """The appeals of a case for whoever knows its complainant: when, by which way, and the case of its own that it has or still needs."""
    if "identity" not in found.shown:
        return []
    return [{"seq": event.seq, "at": event.at, "way": event.subject, "kind": kind_of(event), "case": await child_of(here, found, event) if kind_of(event) else ""} for event in appeals(found)]
