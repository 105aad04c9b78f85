"""Which cases have changed lately: for pages that are open."""

from datetime import datetime

import asyncpg


async def changed_since(pool: asyncpg.Pool, since: datetime | None, limit: int = 500) -> tuple[datetime, list[asyncpg.Record]]:
    """The record's clock, and the cases changed after `since` (none where that is None), the earliest first."""
    rows = await pool.fetch("select case_id, office, version, changed_at from cases where changed_at > $1 order by changed_at limit $2", since, limit) if since is not None else []
    at = rows[-1]["changed_at"] if len(rows) == limit else await pool.fetchval("select now()")
    return at, list(rows)
