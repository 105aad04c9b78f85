"""Saved views: lists that somebody asks for again and again, under a name of their own; and those that each role begins with."""

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.errors import Problem
from api.gateway import now
from api.office import Parts, caller, law_of, parts, reader
from api.wanted import parse
from domain.core import Law, Reader

router = APIRouter(tags=["lists"])
MOST = 30
LATE = ("逾期未结", "Overdue and open", {"open": "true", "overdue": "true", "order": "due"})
NEAR = ("三个工作日内到期", "Due within three working days", {"deadline": "soon", "order": "due"})
MINE = ("待我办理", "Waiting for me", {"waiting_on": "me", "order": "due"})
LONGEST = ("停留最久", "Longest where they are", {"open": "true", "order": "longest"})
DONE = ("最近办结", "Closed most recently", {"order": "closed"})
UNSENT = ("通知未送达", "Notices not delivered", {"unsent": "true"})
VAGUE = ("暂定日期", "Provisional dates", {"open": "true", "provisional": "true", "order": "due"})
DEFAULTS: dict[str, tuple[tuple[str, str, dict[str, str]], ...]] = {
    "intake": (MINE, ("我经办未结", "Mine and open", {"clerk": "me", "open": "true", "order": "due"}), NEAR, LATE, DONE),
    "centre_head": (MINE, LATE, NEAR, LONGEST, UNSENT, DONE),
    "leader_in_charge": (MINE, LATE, NEAR, LONGEST),
    "principal": (MINE, LATE, NEAR, LONGEST),
    "supervisor": (LATE, NEAR, LONGEST, MINE, DONE),
    "unit_liaison": (MINE, ("本单位在办", "Open at my unit", {"open": "true", "order": "due"})),
    "auditor": (("逾期办结", "Closed late", {"open": "false", "late": "true"}), LATE, VAGUE, DONE),
    "admin": (MINE,),
}


class Saved(BaseModel):
    """A name, and the parameters of the list as its address has them."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60, pattern=r"^[^/\x00-\x1f]*\S[^/\x00-\x1f]*$")
    wish: dict[str, str] = Field(max_length=40)


@router.get("/views")
async def views(request: Request) -> JSONResponse:
    """The caller's own views, and those of their role."""
    who = caller(request)
    return JSONResponse({"items": await of(parts(request), who.office, reader(request, who))})


@router.post("/views")
async def save(wish: Saved, request: Request) -> JSONResponse:
    """Keep a view; one of the same name is replaced. At most thirty a person."""
    who = caller(request)
    await keep(parts(request), law_of(request, who.office), who.office, reader(request, who), wish)
    return JSONResponse({"items": await of(parts(request), who.office, reader(request, who))})


@router.delete("/views/{name}")
async def drop(name: str, request: Request) -> JSONResponse:
    """Forget a view of one's own."""
    who = caller(request)
    await forget(parts(request), who.office, who.person, name)
    return JSONResponse({"items": await of(parts(request), who.office, reader(request, who))})


async def of(here: Parts, office: str, one: Reader) -> list[dict[str, Any]]:
    """What a person may choose from: their own views by name, then those of their roles."""
    rows = await here.pool.fetch("select name, wish from saved_views where office = $1 and person = $2 order by name", office, one.person)
    own = [{"name": row["name"], "name_en": row["name"], "wish": json.loads(row["wish"]), "own": True} for row in rows]
    known = {name: {"name": name, "name_en": name_en, "wish": wish, "own": False} for role in one.roles for name, name_en, wish in DEFAULTS.get(role, ())}
    return [*own, *(view for name, view in known.items() if name not in {row["name"] for row in rows})]


async def keep(here: Parts, law: Law, office: str, one: Reader, wish: Saved) -> None:
    """Keep a view that is sound under the office's book; raises Problem body_invalid."""
    parse(law, one.person, now().date(), wish.wish)
    async with here.pool.acquire() as db, db.transaction():
        await db.execute("select pg_advisory_xact_lock(hashtext($1))", f"views:{office}:{one.person}")  # two tabs must not save the thirty-first together
        known = await db.fetchval("select count(*) from saved_views where office = $1 and person = $2 and name <> $3", office, one.person, wish.name)
        if known >= MOST:
            raise Problem("body_invalid", detail=[{"field": "name", "why": f"至多{MOST}个,请先删去不用的 / at most {MOST}: forget one first"}])
        await db.execute(
            "insert into saved_views (office, person, name, wish) values ($1, $2, $3, $4)"
            " on conflict (office, person, name) do update set wish = $4, saved_at = now()",
            office, one.person, wish.name, json.dumps(wish.wish, ensure_ascii=False),
        )  # fmt: skip


async def forget(here: Parts, office: str, person: str, name: str) -> None:
    """Forget a view; raises Problem not_found where there is none."""
    if not await here.pool.fetchval("delete from saved_views where office = $1 and person = $2 and name = $3 returning true", office, person, name):
        raise Problem("not_found")
