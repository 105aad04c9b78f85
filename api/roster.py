"""Changes of an office's people between the record and the file of this host: what is changed anywhere is law here within a second, and outlives a record that is away."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from api import accounts
from api.alike import for_ever, joined, once
from api.errors import Problem
from domain.workdays import ZONE
from workflows.keptfile import Signed
from workflows.roster import Roster, sign

EVERY = 1.0  # seconds until all processes know
NEW = "insert into people_changes (office, seq, what, person, by, at, body, signature) values ($1, $2, $3, $4, $5, $6, $7, $8)"
LOG = logging.getLogger("huiyin.api")


class People:
    """The changes of this installation, kept alike in the record and in the file of this host's key folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.roster = folder, Roster(folder)
        self.torn: set[str] = set()  # offices of which record and file tell different things

    async def refresh(self, pool: asyncpg.Pool) -> None:
        """Take over what is new in the record; give it what a restored one has lost. Where the two contradict each other the file stays."""
        self.roster.fresh()
        known = self.roster.entries
        counts = {row["office"]: row["n"] for row in await pool.fetch("select office, count(*) as n from people_changes group by office")}
        if counts == {office: len(rows) for office, rows in known.items() if rows}:
            return
        merged, self.torn = dict(known), set[str]()
        for office in sorted({*known, *counts}):
            theirs = [Signed(row["body"], row["signature"]) for row in await pool.fetch("select body, signature from people_changes where office = $1 order by seq", office)]
            both = joined(known.get(office, []), theirs)
            if both is None:
                self.torn.add(office)
                LOG.error("%s: record and file tell different things of its people; the file stays in force", office)
                continue
            merged[office], lost = both
            for seq, one in enumerate(lost, len(theirs) + 1):
                await _insert(pool, office, seq, one)
        if merged != known:
            self.roster.write(merged)

    async def keep_fresh(self, pool: asyncpg.Pool) -> None:
        """Refresh for ever; while the record is away the file holds."""
        await for_ever(self.refresh, pool, "people", EVERY)

    async def once(self, pool: asyncpg.Pool) -> bool:
        """Refresh; False where the record did not answer."""
        return await once(self.refresh, pool, "people")

    async def enter(self, pool: asyncpg.Pool, change: dict[str, Any], check: Callable[[dict[str, Any]], None], *, ends: bool = False) -> dict[str, Any]:
        """Check, sign and record one change; it is law on this host at once. `ends`: every session of the person ends with it.

        Raises what `check` raises, Problem people_changed where others changed people at the same time.
        """
        office = change["office"]
        for _ in range(3):  # somebody else may come between
            await self.refresh(pool)
            if office in self.torn:
                raise Problem("people_torn")
            whole = {**change, "seq": len(self.roster.entries.get(office, [])) + 1, "at": datetime.now(ZONE).replace(microsecond=0).isoformat()}
            check(whole)
            try:
                async with pool.acquire() as db, db.transaction():
                    await _insert(db, office, whole["seq"], sign(self.folder, whole))
                    if ends:
                        await accounts.end(db, office, change["person"])
            except asyncpg.UniqueViolationError:
                continue
            await self.refresh(pool)
            return whole
        raise Problem("people_changed")


async def _insert(db: Any, office: str, seq: int, entry: Signed) -> None:
    """Put one in the record; a forged one that comes back from the file says nothing, but keeps its place."""
    try:
        one = json.loads(entry.body)
        said = one["what"], one["person"], one["by"], datetime.fromisoformat(one["at"])
    except (ValueError, KeyError, TypeError):
        said = "?", "?", "?", datetime.now(ZONE)
    await db.execute(NEW, office, seq, *said, entry.body, entry.signature)
