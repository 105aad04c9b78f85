"""The case of a caller who tells several things about themselves: all of them must fit, and nothing is said of which did not."""

from collections.abc import Sequence

import asyncpg

MOST = 5  # cases of one person that a clerk can choose from


async def by_all_digests(pool: asyncpg.Pool, office: str, digests: Sequence[str]) -> list[str]:
    """Ids of an office's cases that carry all of these digests, the newest first."""
    rows = await pool.fetch("select case_id from cases where office = $1 and \"row\" -> 'digests' ?& $2::text[] order by received_at desc, case_id desc limit $3", office, list(digests), MOST)
    return [str(row["case_id"]) for row in rows]
