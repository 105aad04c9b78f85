"""The rulebook of an office as its people see it: which version is in force, what a proposal would change, and the second person's yes or no."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import publishing
from api.errors import Problem, body_of
from api.office import parts
from api.pages.render import page
from api.pages.visitor import Visitor, data, kept, typed, visitor
from cli.book_diff import compared, terms
from cli.show import sheet
from domain.versions import Version, publishers

router = APIRouter(include_in_schema=False)
SIGNS = {"+": "new", "-": "gone", "~": "changed"}


@dataclass
class Change:
    """One row of a rulebook that a proposal adds, takes away or changes, with what is said about it."""

    sign: str
    name: str
    lines: list[str] = field(default_factory=list)


@router.get("/rules")
async def rules(request: Request) -> HTMLResponse:
    """The versions of the visitor's office, the newest first, and the proposal that waits."""
    who = await visitor(request)
    return await _shown(request, who, await kept(request, who))


@router.get("/rules/{sha256}")
async def text(sha256: str, request: Request) -> HTMLResponse:
    """The whole text of a proposal or version, as a person reads it."""
    who = await visitor(request)
    found = data(await publishing.text(who.office, sha256, request))
    return page(request, "rules_text.html", who, sheet=sheet(found["book"], found["clause"]), terms=list(terms(found)), sha256=sha256)


@router.post("/rules/confirm")
async def confirm(request: Request) -> Response:
    """The second person says yes, with the hash of what they have read."""
    who, given = await visitor(request, "/rules"), await typed(request)
    wish = publishing.Confirmation(sha256=str(given.get("sha256", ""))[:200], reason=str(given.get("reason", ""))[:2000])
    return await _done(request, who, given, publishing.confirm(who.office, wish, request))


@router.post("/rules/withdraw")
async def withdraw(request: Request) -> Response:
    """The proposal is taken back."""
    who, given = await visitor(request, "/rules"), await typed(request)
    return await _done(request, who, given, publishing.withdraw(who.office, publishing.Withdrawal(reason=str(given.get("reason", ""))[:2000]), request))


async def _done(request: Request, who: Visitor, given: dict[str, Any], step: Any) -> Response:
    try:
        await step
    except Problem as problem:
        return await _shown(request, who, given, problem)
    return RedirectResponse("/rules?done=1", 303)


async def _shown(request: Request, who: Visitor, given: dict[str, Any], problem: Problem | None = None) -> HTMLResponse:
    here = parts(request).versions
    history = here.history(who.office)
    items = list(reversed(publishing.standing(history, people=True)))
    may = {kind: who.person in publishers(kind, who.law.book, who.law.office) for kind in ("confirmed", "withdrawn")}
    waiting = history.pending
    return page(
        request, "rules.html", who, status=problem.status if problem else 200, items=items, pending=next((one for one in items if one["state"] == "pending"), None),
        changes=_changes(here.published.shelf.texts, waiting, history.versions) if waiting else None, own=bool(waiting and waiting.by == who.person), may=may,
        given=given, done=request.query_params.get("done", ""), problem=body_of(problem) if problem else None, unproved=history.unproved,
    )  # fmt: skip


def _changes(texts: dict[str, str], waiting: Version, versions: Iterable[Version]) -> list[tuple[str, list[Change]]] | None:
    """What a proposal changes against the version it replaces, by table; None where it is the first."""
    before = next((one for one in versions if one.number == waiting.replaces), None)
    if before is None or not {before.sha256, waiting.sha256} <= texts.keys():
        return None
    tables: list[tuple[str, list[Change]]] = []
    for line in compared(texts[before.sha256], texts[waiting.sha256]):
        sign = line.strip()[:1]
        if line.startswith("## "):
            tables.append((line[3:], []))
        elif line.startswith("      ") and tables and tables[-1][1]:
            tables[-1][1][-1].lines.append(line.strip())
        elif sign in SIGNS and tables:
            tables[-1][1].append(Change(SIGNS[sign], line.strip()[2:]))
    return tables
