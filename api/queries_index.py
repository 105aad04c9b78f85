"""What the API's own index of the register lacks, and writing it: derived from cases, never a source of truth."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg

EDITION = 1  # the form of the index; a higher one is written anew, case by case
STALE = """from cases c left join register g using (case_id)
    where c.changed_at >= $1 and c.phase <> 'none' and (g.version is distinct from c.version or g.edition <> $2)"""


async def stale(pool: asyncpg.Pool, since: datetime, limit: int) -> list[asyncpg.Record]:
    """Cases that have moved since they were read, the longest ago first, with the time of asking."""
    return list(await pool.fetch(f"select c.case_id, c.changed_at, c.version, now() as asked {STALE} order by c.changed_at, c.case_id limit {int(limit)}", since, EDITION))


async def pending(pool: asyncpg.Pool, since: datetime) -> int:
    """How many there are."""
    return int(await pool.fetchval(f"select count(*) {STALE}", since, EDITION))


async def common(pool: asyncpg.Pool, table: str) -> dict[int, float]:
    """In about how many cases each number stands that stands in many, as the record's own statistics have it; {} where it has none."""
    row = await pool.fetchrow(
        "select s.most_common_elems::text::bigint[] as numbers, s.most_common_elem_freqs as shares, c.reltuples as cases from pg_stats s join pg_class c on c.oid = to_regclass($1)"
        " where s.schemaname = current_schema and s.tablename = $1 and s.attname = 'tokens'",
        table,
    )
    if row is None or row["numbers"] is None:
        return {}
    return {number: share * row["cases"] for number, share in zip(row["numbers"], row["shares"], strict=False)}  # three more figures stand behind the shares


async def now(pool: asyncpg.Pool) -> datetime:
    """The time of the record."""
    found: datetime = await pool.fetchval("select now()")
    return found


async def write(pool: asyncpg.Pool, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of the index, each only where no later one is there: (case, office, version, facts, satisfaction, units, original, tokens, guards, closed)."""
    async with pool.acquire() as db, db.transaction():
        for case_id, office, version, facts, satisfaction, units, original, tokens, guards, closed in rows:
            done = await db.fetchval(
                "insert into register (case_id, office, version, edition, facts, satisfaction, respondent_units, original) values ($1, $2, $3, $4, $5, $6, $7, $8)"
                " on conflict (case_id) do update set version = $3, edition = $4, facts = $5, satisfaction = $6, respondent_units = $7, original = $8"
                " where register.version < $3 or register.edition <> $4 returning true",
                case_id, office, version, EDITION, facts, satisfaction, units, original,
            )  # fmt: skip
            if done:
                await db.execute(
                    "insert into register_words (case_id, version, tokens, guards, closed, received_at)"
                    " select $1, $2, $3, $4, $5, coalesce(received_at, '-infinity') from cases where case_id = $1"
                    " on conflict (case_id) do update set version = $2, tokens = case when register_words.tokens = $3 then register_words.tokens else $3 end, guards = $4, closed = $5, received_at = excluded.received_at",
                    case_id, version, tokens, guards, closed,
                )  # fmt: skip


async def years(pool: asyncpg.Pool, office: str) -> tuple[int, int] | None:
    """The first and the last year in which an office received a case; None where it has none."""
    row = await pool.fetchrow(
        "select (select received_at from cases where office = $1 and received_at is not null order by received_at limit 1) a,"
        " (select received_at from cases where office = $1 and received_at is not null order by received_at desc limit 1) b",
        office,
    )  # fmt: skip
    return None if row is None or row["a"] is None else (row["a"].year, row["b"].year + 1)
