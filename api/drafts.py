"""What somebody was typing: sealed, for a day, theirs alone. Parked by a clerk (at most five), or kept from a session that ended."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from api import sealing
from api.errors import Problem
from api.gateway import wall
from api.keyring import Destroyed, Keyring

LIFE = timedelta(hours=24)
PARKED, KEPT = "parked", "kept"
MOST = {PARKED: 5, KEPT: 20}


@dataclass(frozen=True)
class Draft:
    """One draft; `fields` as they were typed."""

    id: str
    path: str
    began_at: datetime
    saved_at: datetime
    fields: dict[str, Any]


async def save(pool: asyncpg.Pool, keys: Keyring, office: str, person: str, path: str, fields: dict[str, Any], *, what: str = PARKED, began_at: datetime | None = None, draft: str = "") -> str:
    """Keep fields, under a new id or in place of `draft`; the id. Raises Problem drafts_full."""
    await pool.execute("delete from drafts where expires_at < now()")
    sealed = sealing.seal(keys, office, wall().year, {"fields": fields})
    if draft:
        known = await pool.fetchval("update drafts set sealed = $4, saved_at = now() where id = $1 and office = $2 and person = $3 returning id", draft, office, person, sealed)
        if known:
            return str(known)
    if await pool.fetchval("select count(*) from drafts where office = $1 and person = $2 and what = $3", office, person, what) >= MOST[what]:
        if what == PARKED:
            raise Problem("drafts_full", detail={"at_most": MOST[what]})
        await pool.execute("delete from drafts where id = (select id from drafts where office = $1 and person = $2 and what = $3 order by saved_at limit 1)", office, person, what)
    made = secrets.token_urlsafe(12)
    await pool.execute(
        "insert into drafts (id, office, person, what, path, sealed, began_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, now() + $8)",
        made, office, person, what, path, sealed, began_at or wall(), LIFE,
    )  # fmt: skip
    return made


async def of(pool: asyncpg.Pool, keys: Keyring, office: str, person: str, what: str = PARKED) -> list[Draft]:
    """The drafts of a person, the newest first."""
    rows = await pool.fetch("select * from drafts where office = $1 and person = $2 and what = $3 and expires_at > now() order by saved_at desc", office, person, what)
    return [one for row in rows if (one := _opened(keys, row)) is not None]


async def one(pool: asyncpg.Pool, keys: Keyring, office: str, person: str, draft: str) -> Draft | None:
    """One draft of a person; None where it is gone or somebody else's."""
    row = await pool.fetchrow("select * from drafts where id = $1 and office = $2 and person = $3 and expires_at > now()", draft, office, person)
    return _opened(keys, row) if row is not None else None


async def drop(pool: asyncpg.Pool, office: str, person: str, draft: str) -> None:
    """Forget one."""
    await pool.execute("delete from drafts where id = $1 and office = $2 and person = $3", draft, office, person)


def _opened(keys: Keyring, row: asyncpg.Record) -> Draft | None:
    try:
        fields = sealing.unseal(keys, row["sealed"])["fields"]
    except (Destroyed, ValueError):
        return None
    return Draft(row["id"], row["path"], row["began_at"], row["saved_at"], fields)
