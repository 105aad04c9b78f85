"""SELECTs about imports of old registers: their state, what became of each row, what is here already."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg

LOCK = 20_110  # class of the advisory locks that a running import holds
HELD = "exists (select 1 from pg_locks where locktype = 'advisory' and classid = $2 and objid = (hashtext(id)::bigint & 4294967295)::oid and objsubid = 2) as held"


async def one(pool: asyncpg.Pool, office: str, name: str) -> asyncpg.Record | None:
    """An import of an office, and whether somebody works on it now."""
    return await pool.fetchrow(f"select *, {HELD} from imports where id = $1 and office = $3", name, LOCK, office)  # noqa: S608 - ours


async def latest(pool: asyncpg.Pool, office: str, limit: int = 50) -> list[asyncpg.Record]:
    """The imports of an office, the newest first."""
    return list(await pool.fetch(f"select *, {HELD} from imports where office = $1 order by created_at desc, id limit $3", office, LOCK, limit))  # noqa: S608 - ours


async def counts(pool: asyncpg.Pool, name: str) -> dict[str, int]:
    """Rows by what became of them."""
    return {row["outcome"]: int(row["n"]) for row in await pool.fetch("select outcome, count(*) n from import_rows where import = $1 group by 1", name)}


async def settled(pool: asyncpg.Pool, name: str) -> set[int]:
    """Rows that are done, whatever came after."""
    return {int(row["row"]) for row in await pool.fetch("select \"row\" from import_rows where import = $1 and outcome <> 'refused'", name)}


async def findings(pool: asyncpg.Pool, name: str, after: int = -1, limit: int = 1000) -> list[dict[str, Any]]:
    """What is wrong with the rows after one, in their order."""
    rows = await pool.fetch("select findings from import_rows where import = $1 and \"row\" > $2 and findings <> '[]' order by \"row\" limit $3", name, after, limit)
    return [finding for row in rows for finding in json.loads(row["findings"])]


async def mapping(pool: asyncpg.Pool, office: str) -> dict[str, Any] | None:
    """The mapping that an office used last."""
    found = await pool.fetchval("select mapping from import_mappings where office = $1", office)
    return json.loads(found) if found else None


async def known(pool: asyncpg.Pool, cases: Sequence[str], records: Sequence[str]) -> dict[str, str]:
    """Which of these cases and records are here already; a record with the digest of its content."""
    found = {row["case_id"]: "" for row in await pool.fetch("select case_id from cases where case_id = any($1)", list(cases))}
    return found | {row["id"]: row["content"] for row in await pool.fetch("select id, content from old_records where id = any($1)", list(records))}
