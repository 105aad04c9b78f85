"""SELECTs of read-only records of old registers: who may know of one is asked exactly as for a case."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from api.queries_lists import CLOSED, Page, Place
from domain.core import Reader

FILTERS = {
    "number": "number = {}", "unit": "units @> array[{}]::text[]", "digest": "digests @> array[{}]::text[]",
    "received_from": "received_at >= {}", "received_before": "received_at < {}",
}  # fmt: skip


def _where(office: str, reader: Reader, filters: dict[str, Any]) -> tuple[str, list[Any]]:
    """The conditions of `queries_lists.conditions` on this table: closed secrets, and whom it concerns."""
    args: list[Any] = [office, ["existence"], sorted(reader.names)]
    where = ["office = $1", "\"row\" ? 'closed'", CLOSED.format(rules="\"row\" -> 'closed'", kinds="$2::text[]", names="$3::text[]")]
    if reader.outside:
        args += [sorted(reader.names | set(reader.stands_for)), reader.person]
        where += ["\"row\" -> 'concerned' ?| $4::text[]", "not (\"row\" -> 'barred' ? $5)"]
        if filters.get("unit", reader.unit) != reader.unit or "digest" in filters:
            where.append("false")
    for name, value in filters.items():
        args.append(value)
        where.append(FILTERS[name].format(f"${len(args)}"))
    return " and ".join(where), args


async def listed(pool: asyncpg.Pool, office: str, reader: Reader, filters: dict[str, Any], after: Place | None, limit: int, *, counted: bool = True) -> Page:
    """A page of the records that the reader's view would show, the newest first, counted under the same conditions (-1 where nobody asks: every page of a file but its first)."""
    condition, args = _where(office, reader, filters)
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        total = -1 if not counted else await db.fetchval(f"select count(*) from old_records where {condition}", *args)  # noqa: S608 - conditions are ours, values are arguments
        if after is not None:
            args += list(after)
            condition += f" and (received_at, id) < (${len(args) - 1}::timestamptz, ${len(args)})"
        found = await db.fetch(f"select *, received_at as place from old_records where {condition} order by received_at desc, id desc limit {limit + 1}", *args)  # noqa: S608
    rows = list(found[:limit])
    return Page(rows, int(total), (rows[-1]["place"], rows[-1]["id"]) if len(found) > limit else None)


async def one(pool: asyncpg.Pool, office: str, name: str) -> asyncpg.Record | None:
    """One record of an office."""
    return await pool.fetchrow("select * from old_records where office = $1 and id = $2", office, name)


async def laws(pool: asyncpg.Pool, hashes: Iterable[str]) -> dict[str, str]:
    """The laws under which records were kept, with their words."""
    return {row["law"]: row["text"] for row in await pool.fetch("select distinct on (law) law, text from law_words where law = any($1) order by law, kept_at desc, sha256", list(hashes))}
