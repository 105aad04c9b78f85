"""SELECTs of read-only records of old registers: who may know of one is asked exactly as for a case."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from api import queries_search
from api.queries_lists import CLOSED, OWN, WITHDRAWN, Page, Place
from api.queries_search import OLD, Asked, Terms
from domain.core import Reader

EDITION = 1  # the form of the index of words; a higher one is written anew

FILTERS = {
    "number": "number = {}", "unit": "units @> array[{}]::text[]", "digest": "digests @> array[{}]::text[]",
    "received_from": "received_at >= {}", "received_before": "received_at < {}",
}  # fmt: skip


def _where(office: str, reader: Reader, filters: dict[str, Any]) -> tuple[str, list[Any]]:
    """The conditions of `queries_lists.conditions` on this table: closed secrets, and whom it concerns."""
    args: list[Any] = [office, ["existence"], sorted(reader.names)]
    where = ["office = $1", "\"row\" ? 'closed'", CLOSED.format(rules="\"row\" -> 'closed'", kinds="$2::text[]", names="$3::text[]")]
    if reader.acts_as:
        args.append(sorted(reader.own))
        where += [WITHDRAWN, OWN.format(own=f"${len(args)}::text[]")]
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


async def found(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: dict[str, Any], terms: Terms, after: Place | None, limit: int, common: Mapping[int, float] | None = None
) -> Page:
    """A page of the records that the reader's view would show and that hold every term, newest first."""
    condition, args = _where(office, reader, filters)
    return await queries_search.found(pool, Asked(OLD, condition, args, terms, limit, after, own=reader.outside, filtered=bool(filters)), common)


async def unread(pool: asyncpg.Pool, since: datetime, limit: int) -> list[asyncpg.Record]:
    """Records whose words are not read, of those kept since then, the longest ago first."""
    wanted = "select o.* from old_records o left join old_words w using (id) where o.kept_at >= $1 and w.edition is distinct from $2 order by o.kept_at, o.id limit $3"
    return list(await pool.fetch(wanted, since, EDITION, limit))


async def write_words(pool: asyncpg.Pool, rows: Sequence[tuple[Any, ...]]) -> None:
    """Rows of the index of words: (id, office, received_at, tokens, guards, closed)."""
    await pool.executemany(
        "insert into old_words (id, office, received_at, edition, tokens, guards, closed) values ($1, $2, $3, $7, $4, $5, $6)"
        " on conflict (id) do update set edition = $7, tokens = $4, guards = $5, closed = $6 where old_words.edition <> $7",
        [(*row, EDITION) for row in rows],
    )  # fmt: skip


async def now(pool: asyncpg.Pool) -> datetime:
    """The time of the record."""
    found: datetime = await pool.fetchval("select now()")
    return found


async def years(pool: asyncpg.Pool, office: str) -> tuple[int, int] | None:
    """The first and the last year of an office's old records; None where it has none."""
    row = await pool.fetchrow(
        "select (select received_at from old_records where office = $1 order by received_at limit 1) a, (select received_at from old_records where office = $1 order by received_at desc limit 1) b", office
    )  # fmt: skip
    return None if row is None or row["a"] is None else (row["a"].year, row["b"].year + 1)
