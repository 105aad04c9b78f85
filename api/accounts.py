"""Local accounts: argon2id, a lock-out that grows, and a log of who came in. A person of the office file has at most one."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from api.errors import Problem

HASHER = PasswordHasher()  # argon2id with the library's present parameters (RFC 9106, low memory)
LEAST = 10  # signs of a password
FREE = 5  # wrong ones in a row before each costs time
LONGEST = timedelta(hours=1)
UNKNOWN = HASHER.hash("nobody has this account")  # an unknown name takes as long as a wrong password


@dataclass(frozen=True)
class Account:
    """One account, without its secret."""

    office: str
    person: str
    must_change: bool
    disabled: bool


async def check(pool: asyncpg.Pool, office: str, person: str, password: str) -> Account:
    """The account of a right password; raises Problem sign_in_wrong, too_many_tries: unknown, disabled and wrong answer alike."""
    row = await pool.fetchrow("select secret, must_change, disabled_at, locked_until, locked_until > now() as locked from accounts where office = $1 and person = $2", office, person)
    if row is not None and row["locked"]:
        await log(pool, office, person, "locked", person)
        raise Problem("too_many_tries", headers={"Retry-After": "60"})
    right = await asyncio.to_thread(_matches, row["secret"] if row else UNKNOWN, password)
    if row is None or not right or row["disabled_at"] is not None:
        if row is not None:
            await _failed(pool, office, person)
        raise Problem("sign_in_wrong")
    await pool.execute("update accounts set failures = 0, locked_until = null where office = $1 and person = $2", office, person)
    await log(pool, office, person, "in", person)
    return Account(office, person, bool(row["must_change"]), disabled=False)


async def give(pool: asyncpg.Pool, office: str, person: str, password: str, *, by: str, must_change: bool = True, reason: str = "") -> None:
    """Make an account or set its password; every session of it ends. Raises Problem password_weak."""
    fit(password, person)
    secret = await asyncio.to_thread(HASHER.hash, password)
    async with pool.acquire() as db, db.transaction():
        await db.execute(
            "insert into accounts (office, person, secret, must_change, changed_by) values ($1, $2, $3, $4, $5) on conflict (office, person) do update "
            "set secret = $3, must_change = $4, changed_by = $5, changed_at = now(), failures = 0, locked_until = null",
            office, person, secret, must_change, by,
        )  # fmt: skip
        await end(db, office, person)
        await db.execute("insert into sign_ins (office, person, what, by, reason) values ($1, $2, $3, $4, $5)", office, person, "changed" if by == person else "reset", by, reason)


async def able(pool: asyncpg.Pool, office: str, person: str, *, able: bool, by: str, reason: str = "") -> bool:
    """Disable or enable an account; disabled, every session of it ends now and every token within a second. False where there is none."""
    async with pool.acquire() as db, db.transaction():
        done = await db.fetchval(
            "update accounts set disabled_at = case when $3 then null else now() end, closed_before = case when $3 then closed_before else now() end, changed_by = $4, changed_at = now()"
            " where office = $1 and person = $2 returning 1",
            office, person, able, by,
        )  # fmt: skip
        if done:
            await end(db, office, person)
            await db.execute("insert into sign_ins (office, person, what, by, reason) values ($1, $2, $3, $4, $5)", office, person, "enabled" if able else "disabled", by, reason)
    return bool(done)


async def end(db: asyncpg.Connection, office: str, person: str) -> None:
    """End every session of a person."""
    await db.execute("update sessions set ended_at = now() where office = $1 and person = $2 and ended_at is null", office, person)


async def states(pool: asyncpg.Pool, office: str) -> dict[str, str]:
    """How each account of an office stands: open, first (its password is to be changed), locked, disabled; no entry where there is none."""
    rows = await pool.fetch("select person, case when disabled_at is not null then 'disabled' when locked_until > now() then 'locked' when must_change then 'first' else 'open' end as state from accounts where office = $1", office)
    return {row["person"]: row["state"] for row in rows}


async def latest(pool: asyncpg.Pool, office: str, person: str, most: int = 50) -> list[asyncpg.Record]:
    """What happened to an account, the newest first."""
    return list(await pool.fetch("select what, by, at, reason from sign_ins where office = $1 and person = $2 order by id desc limit $3", office, person, most))


async def log(pool: asyncpg.Pool, office: str, person: str, what: str, by: str) -> None:
    """Keep that somebody came, went or was turned away."""
    await pool.execute("insert into sign_ins (office, person, what, by) values ($1, $2, $3, $4)", office, person, what, by)


def fit(password: str, person: str) -> None:
    """Raises Problem password_weak: too short, the name itself, or one sign over and over."""
    if len(password) < LEAST or len(password) > 200 or len(set(password)) < 4 or (person and person in password and len(password) < LEAST + len(person)):
        raise Problem("password_weak", detail={"at_least": LEAST})


def _matches(secret: str, password: str) -> bool:
    try:
        return HASHER.verify(secret, password)
    except (Argon2Error, InvalidHashError):
        return False


async def _failed(pool: asyncpg.Pool, office: str, person: str) -> None:
    """Five are free; then 1, 2, 4 … minutes, at most an hour."""
    failures = await pool.fetchval("update accounts set failures = failures + 1 where office = $1 and person = $2 returning failures", office, person)
    if failures and failures >= FREE:
        wait = min(LONGEST, timedelta(minutes=2 ** min(failures - FREE, 10)))
        await pool.execute("update accounts set locked_until = now() + $3 where office = $1 and person = $2", office, person, wait)
    await log(pool, office, person, "wrong", person)
