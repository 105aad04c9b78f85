"""What an import writes: its state, what became of each row, the read-only records. Every write may run twice."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from api.imports.findings import Finding
from api.imports.mapping import Mapping
from api.queries_imports import LOCK
from domain.core import Law, law_hash, law_words, text_hash

RECORD = """insert into old_records (id, office, import, line, number, received_at, closed_at, units, about, sealed, outcome, digests, content, "row", law)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do nothing"""
ROW = """insert into import_rows (import, "row", outcome, ref, findings) values ($1, $2, $3, $4, $5)
on conflict (import, "row") do update set outcome = excluded.outcome, ref = excluded.ref, findings = excluded.findings, done_at = now()"""


class Busy(Exception):
    """Somebody else works on this import."""


@asynccontextmanager
async def alone(pool: asyncpg.Pool, name: str) -> AsyncIterator[None]:
    """Hold an import: two processes never work on one. Raises Busy. A process that dies holds it no more."""
    async with pool.acquire() as db:
        if not await db.fetchval("select pg_try_advisory_lock($1, hashtext($2))", LOCK, name):
            raise Busy(name)
        try:
            yield
        finally:
            await db.execute("select pg_advisory_unlock($1, hashtext($2))", LOCK, name)


async def begin(pool: asyncpg.Pool, name: str, office: str, person: str, reason: str, sha: str, year: int, mapping: Mapping) -> None:
    """A new import, or the one that is known; the reason of whoever asked last stands."""
    await pool.execute(
        "insert into imports (id, office, person, reason, file_sha256, file_year, mapping) values ($1, $2, $3, $4, $5, $6, $7) "
        "on conflict (id) do update set person = excluded.person, reason = excluded.reason, file_year = excluded.file_year where imports.state not in ('checking', 'running')",
        name, office, person, reason, sha, year, mapping.canonical(),
    )  # fmt: skip


async def state(pool: asyncpg.Pool, name: str, state: str, error: str = "", person: str = "") -> None:
    """The state of an import, with the instant at which it came, and who brought it about where a person did."""
    mark = {"checked": ", checked_at = now()", "running": ", started_at = coalesce(started_at, now()), finished_at = null", "done": ", finished_at = now()"}.get(state, "")
    await pool.execute(f"update imports set state = $2, error = $3, person = coalesce(nullif($4, ''), person){mark} where id = $1", name, state, error, person)  # noqa: S608 - ours


async def report(pool: asyncpg.Pool, name: str, counts: dict[str, int], shown: dict[str, Any], digest: str) -> None:
    """What the dry run found."""
    await pool.execute(
        "update imports set total = $2, closed = $3, open = $4, refused = $5, report = $6, report_sha256 = $7 where id = $1",
        name, counts["total"], counts["record"], counts["case"], counts["refused"], json.dumps(shown, ensure_ascii=False), digest,
    )  # fmt: skip


async def forget_refusals(pool: asyncpg.Pool, name: str) -> None:
    """Before rows are judged anew; what is done stays."""
    await pool.execute("delete from import_rows where import = $1 and outcome = 'refused'", name)


async def rows(pool: asyncpg.Pool, name: str, found: Sequence[tuple[int, str, str, Sequence[Finding]]], records: Sequence[tuple[Any, ...]] = ()) -> None:
    """What became of some rows, and the records among them, in one transaction."""
    async with pool.acquire() as db, db.transaction():
        if records:
            await db.executemany(RECORD, records)
        await db.executemany(ROW, [(name, row, outcome, ref, json.dumps([one.dump() for one in findings], ensure_ascii=False)) for row, outcome, ref, findings in found])


async def keep_mapping(pool: asyncpg.Pool, office: str, person: str, mapping: Mapping) -> None:
    """The mapping for the next file of this office."""
    await pool.execute(
        "insert into import_mappings (office, mapping, person) values ($1, $2, $3) on conflict (office) do update set mapping = excluded.mapping, person = excluded.person, kept_at = now()",
        office, mapping.canonical(), person,
    )  # fmt: skip


async def keep_law(pool: asyncpg.Pool, law: Law) -> str:
    """The hash of a law whose words are in the record: under it the records are shown for ever."""
    digest, text = law_hash(law), law_words(law)
    await pool.execute("insert into law_words (law, sha256, text) values ($1, $2, $3) on conflict do nothing", digest, text_hash(text), text)
    return digest
