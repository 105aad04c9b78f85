"""Tokens closed before their end, one by one or with the account of their person: in tables that every API process reads, cached, with a copy in a file for when the record is away."""

import logging
import time
from contextlib import suppress
from pathlib import Path

import asyncpg

from api import queries
from api.alike import for_ever
from workflows.keptfile import put

EVERY = 1.0  # seconds until all processes know
TIDY = 3600.0
PERSON = "person"  # how a line of the file begins that closes those of a person
LOG = logging.getLogger("huiyin.api")


class Revoked:
    """The ids that are closed, each until its token would have ended anyway; and the people whose tokens are, each up to the instant of issue."""

    def __init__(self, file: Path) -> None:
        self.file, self.read_at = file, -1
        self.known: dict[str, int] = {}
        self.people: dict[tuple[str, str], int] = {}
        self.tidied = -TIDY

    def __contains__(self, jti: str) -> bool:
        self._from_file()
        return jti in self.known

    def closes(self, office: str, person: str, issued: float) -> bool:
        """Whether the tokens that a person was issued then are closed with their account."""
        self._from_file()
        return issued * 1000 <= self.people.get((office, person), -1)

    def add(self, jti: str, expires: int) -> None:
        """Close one on this host at once; the table follows with the next `refresh`."""
        self._from_file()
        self.known[jti] = expires
        self._to_file()

    async def refresh(self, pool: asyncpg.Pool) -> None:
        """Take over what others closed, give what this host closed; expired ones drop out."""
        self._from_file()
        now = int(time.time())
        stored, people = await queries.revoked(pool), await queries.closed_tokens(pool)
        ours = [(jti, expires) for jti, expires in self.known.items() if expires > now and jti not in stored]
        if ours:
            await pool.executemany("insert into revoked_tokens (jti, expires) values ($1, to_timestamp($2)) on conflict do nothing", ours)
        if time.monotonic() > self.tidied + TIDY:
            await pool.execute("delete from revoked_tokens where expires < now() - interval '1 day'")
            self.tidied = time.monotonic()
        fresh = {jti: expires for jti, expires in {**self.known, **stored}.items() if expires > now}
        if (fresh, people) != (self.known, self.people):
            self.known, self.people = fresh, people
            self._to_file()

    async def keep_fresh(self, pool: asyncpg.Pool) -> None:
        """Refresh for ever; while the record is away the cache holds."""
        await for_ever(self.refresh, pool, "revocations", EVERY)

    def _from_file(self) -> None:
        try:
            changed = self.file.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self.read_at:
            rows = [row for line in self.file.read_text(encoding="utf-8").splitlines() if (row := line.split()) and row[-1].isdigit()]
            self.known |= {row[0]: int(row[1]) for row in rows if len(row) == 2}
            self.people = {(row[1], row[2]): int(row[3]) for row in rows if len(row) == 4 and row[0] == PERSON}
            self.read_at = changed

    def _to_file(self) -> None:
        lines = [*(f"{jti} {expires}\n" for jti, expires in sorted(self.known.items())), *(f"{PERSON} {office} {person} {until}\n" for (office, person), until in sorted(self.people.items()))]
        put(self.file, "".join(lines))
        with suppress(FileNotFoundError):
            self.read_at = self.file.stat().st_mtime_ns


async def publish(revoked: Revoked, url: str) -> bool:
    """Give what this host closed to all others now; False where the record is away (an API of this host will do it later)."""
    try:
        async with asyncpg.create_pool(url, min_size=0, max_size=1, timeout=3, command_timeout=5) as pool:
            await revoked.refresh(pool)
    except (*queries.DOWN, asyncpg.UndefinedTableError, ValueError):
        return False
    return True
