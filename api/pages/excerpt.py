"""Before something is passed on: the case as each unit will see it, asked of the core as if it were done; nothing is sent."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import words
from api.clauses import gists_of
from api.errors import Problem
from api.gateway import now
from api.office import Seen, parts, plain, seen
from api.pages import case as case_pages
from api.pages.boxes import fields_of, sheet
from api.pages.render import page
from api.pages.visitor import typed, visitor
from domain.asking import Refused
from domain.case import Case, Command
from domain.core import current, reader_of, view
from domain.outlook import after

router = APIRouter(include_in_schema=False)
PASSES_ON = frozenset({"transfer", "assign", "joint", "forward"})
WITHHELD = (("identity", "身份", "identity"), ("contact", "联系方式", "contact"), ("original", "原文和附件", "the original words and files"))


@router.post("/cases/{case_id}/acts/{act}/preview")
async def preview(case_id: str, act: str, request: Request) -> HTMLResponse:
    """What each unit will see; then it is sent, or changed."""
    who = await visitor(request, f"/cases/{case_id}/acts/{act}")
    found = await seen(request, case_id, who.caller)
    if act not in PASSES_ON:
        raise Problem("unknown_act")
    given = await typed(request)
    at = now()
    fields = fields_of(sheet(found, act, who.lang, given, at), given, found.shown.get("facts", {}))
    later = after(found.case, Command(f"{case_id}:preview", act, fields, at, at, who.person), found.law)
    if isinstance(later, Refused):
        problem = Problem(later.code, clause=later.clause, detail=later.detail, more={"who": list(later.who)})
        return case_pages.act_form(request, who, found, act, given, str(given.get("key", "")), problem)
    return page(
        request, "excerpt.html", who, law=current(found.law, found.case), case=plain(words.opened(parts(request).keys, found.shown)), act=act, given=_pairs(given), views=_views(request, found, later),
        gists=gists_of(str(found.law.table("book").get("id", ""))),
    )  # fmt: skip


def _views(request: Request, found: Seen, later: Case) -> list[dict[str, Any]]:
    """For each unit or person that gets it anew: who there reads it, and what the view holds for them."""
    people, made = found.law.office.get("person", {}), []
    for key, part in later.assignments.items():
        if found.case.assignments.get(key) == part:
            continue
        unit, person = str(part.get("unit") or ""), str(part.get("person") or "")
        readers = [one for one, row in people.items() if (person and one == person) or (unit and row.get("unit") == unit and row.get("posts"))]
        shown = next(((one, seen_) for one in readers if (seen_ := view(later, reader_of(one, found.law), found.law)) is not None), None)
        about = plain(words.opened(parts(request).keys, shown[1])) if shown else None
        mine = (about or {}).get("assignments", {}).get(key, {})
        made.append({"unit": unit or person, "readers": readers, "shown": about, "excerpt": mine.get("excerpt", ""), "opinion": mine.get("opinion", ""), "hidden": [one for one in WITHHELD if about is None or one[0] not in about]})
    return made


def _pairs(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in given.items() for one in (value if isinstance(value, list) else [value])]
