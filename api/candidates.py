"""Repeats and duplicates while somebody types: the same person or letter for certain, the same unit and ground as likely. Of one's own office, for intake roles."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import old_records, queries, queries_lists, sealing
from api.errors import Problem
from api.filing import TEXT
from api.gateway import now
from api.office import Parts, caller, law_of, parts, sight
from api.sealed import LOOKERS
from domain.core import Law, Reader, line, view

router = APIRouter(tags=["sealed"])
MOST = 8  # of each way to be alike
VALUES = 30  # names, numbers and texts that one draft may look for
SHORTEST = {"name": 2, "telephone": 7, "id_number": 15}  # what is shorter is still being typed
GROUNDS = ("ground", "category", "problem", "aspect")


class Draft(BaseModel):
    """What has been typed so far. The draft's id stands in the log as the reason: one line for the draft, one for each case that it brought up."""

    model_config = ConfigDict(extra="forbid")
    draft: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="a random id, kept while one filing is typed")
    identity: dict[str, str] = Field(default_factory=dict, max_length=40)
    units: list[str] = Field(default_factory=list, max_length=20, description="units complained of")
    persons: list[str] = Field(default_factory=list, max_length=20, description="persons of the office file complained of: their units count")
    facts: dict[str, Any] = Field(default_factory=dict, max_length=100)
    text: str = Field("", max_length=TEXT, description="the complainant's words: the very same text is found, nothing like it")
    days: int = Field(90, ge=1, le=366, description="how far back the same unit and ground count")


@router.post("/candidates")
async def candidates(wish: Draft, request: Request) -> JSONResponse:
    """Earlier cases that this one may repeat, the certain ones first. Nothing that the caller's view hides is found or counted."""
    who, here = caller(request), parts(request)
    return JSONResponse({"items": await found(here, law_of(request, who.office), sight(request, who), who.office, wish)})


async def found(here: Parts, law: Law, one: Reader, office: str, wish: Draft) -> list[dict[str, Any]]:
    """Candidates of a draft; raises Problem not_your_act, too_many_tries."""
    if LOOKERS.isdisjoint(one.roles):
        raise Problem("not_your_act")
    typed = {kind: value for kind, value in wish.identity.items() if kind in SHORTEST and len(sealing.normalised(kind, value)) >= SHORTEST[kind]}
    digests = sealing.digests(here.keys, office, typed)
    letter = here.keys.mac("digest", office, "text", wish.text).hex() if wish.text.strip() else ""
    await _looked(here, one, office, wish.draft, [*digests, *([letter] if letter else [])])
    await here.index.fresh(here.pool, here.laws)
    ways: list[dict[str, Any]] = [*([{"digests": digests}] if digests else []), *([{"original": letter}] if letter else []), *_near(law, wish)]
    pages = await asyncio.gather(*(queries_lists.listed(here.pool, office, one, filters, None, MOST) for filters in ways))
    rows = {row["case_id"]: row for page in pages for row in page.rows}
    cases = await queries.cases_of(here.pool, list(rows))
    laws = await here.laws.of(here.pool, cases.values())
    items = []
    for key, row in rows.items():
        shown = view(cases[key].case, one, laws[key])
        why = _why(shown, digests, letter, wish, law) if shown is not None else []
        if shown is not None and why:
            flat = line(json.loads(row["row"]), shown, one)
            items.append({"case": key, **{name: flat.get(name) for name in ("register_no", "phase", "received_at", "respondent_units", "waiting_on")}, "why": why, "certain": bool(CERTAIN & set(why))})
    items += await _old(here, one, office, digests)
    await _brought_up(here, one, office, wish.draft, [item["case"] for item in items if item["certain"]])
    items.sort(key=lambda item: str(item["received_at"]), reverse=True)
    return sorted(items, key=lambda item: (not item["certain"], "ground" not in item["why"]))


async def _old(here: Parts, one: Reader, office: str, digests: list[str]) -> list[dict[str, Any]]:
    """The same person in an old register that was taken over."""
    known: dict[str, dict[str, Any]] = {}
    for digest in digests:
        for record in await old_records.repeats(here, office, one, digest, MOST):
            item = known.setdefault(record["record"], {"case": record["record"], "register_no": record["number"], "mark": record["mark"], "received_at": record["received_at"], "why": [], "certain": True})
            item["why"].append(digest.partition(":")[0])
    return list(known.values())


CERTAIN = frozenset({*SHORTEST, "text"})


def _units(law: Law, wish: Draft) -> list[str]:
    """The units complained of, those of the persons among them."""
    staff = law.office.get("person", {})
    return list(dict.fromkeys(unit for unit in (*wish.units, *(str(staff.get(one, {}).get("unit", "")) for one in wish.persons)) if unit))


def _ground(law: Law, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is complained of, as the first fact of the book that says so."""
    return next(({name: facts[name]} for name in GROUNDS if name in law.table("fact") and facts.get(name) not in (None, "", [])), {})


def _near(law: Law, wish: Draft) -> list[dict[str, Any]]:
    since, ground = now() - timedelta(days=wish.days), _ground(law, wish.facts)
    more = {"facts": json.dumps(ground, ensure_ascii=False)} if ground else {}
    return [{"respondent_unit": unit, "received_from": since, **more} for unit in _units(law, wish)[:3]]


def _why(shown: Mapping[str, Any], digests: list[str], letter: str, wish: Draft, law: Law) -> list[str]:
    """Ways to be alike that this reader may know of: a part that the view hides is no way."""
    why = [digest.partition(":")[0] for digest in digests if digest in shown.get("digests", ())]
    if letter and shown.get("original") == letter:
        why.append("text")
    staff = law.office.get("person", {})
    theirs = {row.get("unit") or staff.get(row.get("person", ""), {}).get("unit", "") for row in shown.get("respondents", ())}
    if not theirs.isdisjoint(_units(law, wish)):
        why.append("unit")
        ground = _ground(law, wish.facts)
        if ground and all(shown.get("facts", {}).get(name) == value for name, value in ground.items()):
            why.append("ground")
    return why


async def _looked(here: Parts, one: Reader, office: str, draft: str, values: list[str]) -> None:
    """Keep that the draft looks for somebody, once; raises Problem too_many_tries where it looks for too many."""
    if not values:
        return
    marks = ["draft", *(f"v:{hashlib.sha256(value.encode()).hexdigest()[:32]}" for value in values)]
    async with here.pool.acquire() as db, db.transaction():
        fresh = {row["looked"] for row in await db.fetch(LOOKED, office, one.person, draft, marks)}
        if fresh and int(await db.fetchval("select count(*) from candidate_looks where office = $1 and person = $2 and draft = $3 and looked like 'v:%'", office, one.person, draft)) > VALUES:
            raise Problem("too_many_tries")
        if "draft" in fresh:
            await db.execute(LOGGED, office, one.person, "candidates", [""], f"draft {draft}")


async def _brought_up(here: Parts, one: Reader, office: str, draft: str, cases: list[str]) -> None:
    """Keep which cases were brought up for certain, each once, before they are told."""
    if not cases:
        return
    async with here.pool.acquire() as db, db.transaction():
        fresh = [row["looked"].removeprefix("c:") for row in await db.fetch(LOOKED, office, one.person, draft, [f"c:{case}" for case in cases])]
        if fresh:
            await db.execute(LOGGED, office, one.person, "candidate", fresh, f"draft {draft}")


LOOKED = "insert into candidate_looks (office, person, draft, looked) select $1, $2, $3, unnest($4::text[]) on conflict do nothing returning looked"
LOGGED = "insert into reader_log (office, person, what, case_id, reason) select $1, $2, $3, unnest($4::text[]), $5"
