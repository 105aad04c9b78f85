"""People by the API: who is who, changes signed and with a reason, accounts; the same functions and refusals as the administrator's pages."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import accounts, people, people_accounts
from api.errors import Problem
from api.gateway import now
from api.identity import Caller
from api.office import caller, law_of, parts, plain, reader
from domain.core import reader_of

router = APIRouter(prefix="/api/v1", tags=["people"])
ADMIN = "admin"
Id = Annotated[str, Field(max_length=40)]
Day = Annotated[str, Field(max_length=10)]


class Change(BaseModel):
    """One change of a person: `what`, the values it takes (posts, unit, rank; name; successor; by, from, until), the day it begins (`from`; today where it is left out), why."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    what: Literal["added", "posts", "left", "substitute", "substitute_ended"]
    reason: str = Field(max_length=2000)
    first: Day = Field("", alias="from")
    name: str = Field("", max_length=100)
    posts: list[Id] = Field(default_factory=list, max_length=20)
    unit: Id = ""
    rank: str = Field("", max_length=40)
    successor: Id = ""
    by: Id = ""
    until: Day = ""


class Account(BaseModel):
    """What becomes of an account, and why."""

    model_config = ConfigDict(extra="forbid")
    do: Literal["password", "disable", "enable"]
    reason: str = Field(max_length=2000)


@router.get("/people")
async def everybody(request: Request) -> JSONResponse:
    """Everybody of the caller's office with unit, posts and account, for its administrators; those who left last."""
    who = _admin(request)
    office, states = law_of(request, who.office).office, await accounts.states(parts(request).pool, who.office)
    rows = [_row(person, row, states) for person, row in office.get("person", {}).items()]
    return JSONResponse(plain({"items": sorted(rows, key=lambda row: bool(row["left"])), "substitutes": list(office.get("substitute", ()))}))


@router.get("/people-changes")
async def changes(request: Request) -> JSONResponse:
    """Every change of the office's people that this installation has signed, the newest first, for its administrators."""
    who = _admin(request)
    return JSONResponse(plain({"items": list(reversed(parts(request).people.roster.of(who.office)))}))


@router.get("/people/{person}")
async def one(person: str, request: Request) -> JSONResponse:
    """One person: posts, account, substitutes, sign-ins, changes; for administrators, and for everybody of themselves."""
    who = caller(request)
    if person != who.person:
        _admin(request)
    return JSONResponse(await _shown(request, who, person))


@router.post("/people/{person}/changes")
async def change(person: str, wish: Change, request: Request) -> JSONResponse:
    """Make one change: signed, and law for new cases at once; running cases hear of it within seconds. An administrator changes others, everybody names who acts for themselves."""
    who, today = caller(request), now().date()
    given = {**wish.model_dump(), "from": wish.first}
    await people.change(parts(request), law_of(request, who.office), who.person, people.wish_of(wish.what, person, given, today), admin=_is_admin(request, who), today=today)
    return JSONResponse(await _shown(request, who, person))


@router.post("/people/{person}/account")
async def account(person: str, wish: Account, request: Request) -> JSONResponse:
    """Give an account or a new password (shown once, to be changed at the first sign-in), disable or enable it. Disabled, its sessions and tokens end."""
    who = _admin(request)
    password = await people_accounts.DO[wish.do](parts(request), law_of(request, who.office), who.person, person, wish.reason)
    state = (await accounts.states(parts(request).pool, who.office)).get(person, "")
    return JSONResponse({"person": person, "account": state, **({"password": password} if password else {})})


def _admin(request: Request) -> Caller:
    who = caller(request)
    if not _is_admin(request, who):
        raise Problem("not_admin")
    return who


def _is_admin(request: Request, who: Caller) -> bool:
    """By their own post, or in the place of an administrator who is away."""
    law, one = law_of(request, who.office), reader(request, who)
    return any(ADMIN in reader_of(person, law).roles for person in (one.person, *one.stands_for))


async def _shown(request: Request, who: Caller, person: str) -> dict[str, Any]:
    here, office, today = parts(request), law_of(request, who.office).office, now().date().isoformat()
    row = office.get("person", {}).get(person)
    if row is None:
        raise Problem("person_unknown")
    made: dict[str, Any] = plain({
        **_row(person, row, await accounts.states(here.pool, who.office)),
        "substitutes": people.substitutes_of(office, person, today), "changes": people.changes_of(here, who.office, person),
        "sign_ins": [{**dict(one), "at": one["at"].isoformat()} for one in await accounts.latest(here.pool, who.office, person)],
    })  # fmt: skip
    return made


def _row(person: str, row: Any, states: dict[str, str]) -> dict[str, Any]:
    return {"person": person, "name": row.get("name", ""), "unit": row.get("unit", ""), "posts": list(row.get("posts", ())), "rank": row.get("rank", ""), "left": row.get("left", ""), "account": states.get(person, "")}
