"""What was said to whom about one case, and whether it arrived; for those who look over the office's cases."""

import asyncpg


async def notices_of(pool: asyncpg.Pool, case_id: str, limit: int = 200) -> list[asyncpg.Record]:
    """The notices of a case person by person, the newest first: when each was shown in the inbox, reached outside, or failed."""
    return list(
        await pool.fetch(
            'select o.key, o.form, o.clause, o.demanded, o.created_at, o."to", i.person, i.sent_at, i.reached_at, coalesce(i.tries, o.tries) as tries, i.failed_since, i.read_at '
            "from outbox o left join inbox i on i.key = o.key where o.case_id = $1 order by o.created_at desc, o.key, i.person limit $2",
            case_id, limit,
        )
    )
