"""The only SELECTs: cases folded from their recorded events, lists by keyset. Who may know of a case is asked here exactly as the core decides it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from domain.core import Case, Event, Reader, fold

# What says that the record is away, and not that the question was wrong.
DOWN: tuple[type[Exception], ...] = (
    OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,
)  # fmt: skip
CLOSED = """not exists (select 1 from jsonb_array_elements("row" -> 'closed') r where r -> 'hide' ?| {kinds}
    and (coalesce(r -> 'from', '[]') ?| {names} or (r ? 'only_to' and not (r -> 'only_to' ?| {names}))) and not (coalesce(r -> 'except', '[]') ?| {names}))"""
FILTERS = {
    "overdue": "overdue = {}", "provisional": "provisional = {}", "due_before": "next_due_day < {}", "waiting_on": "waiting_on && {}::text[]",
    "unit": "units @> array[{}]::text[]", "grade": "grade = {}", "phase": "phase = {}", "register_no": "register_no = {}", "digest": "\"row\" -> 'digests' ? {}",
}  # fmt: skip
PROGRESS = frozenset({"overdue", "provisional", "due_before", "waiting_on", "phase"})  # what the secret 'progress' hides, hidden from filters too
ORDERS = {
    "newest": ("received_at", "received_at desc, case_id desc", "<"),
    "due": ("coalesce(next_due_at, '9999-12-31 00:00:00+00'::timestamptz)", "coalesce(next_due_at, '9999-12-31 00:00:00+00'::timestamptz), case_id", ">"),
}


@dataclass(frozen=True)
class Found:
    """A case folded from the record, its events, and the hash of its law ('' in rows older than that)."""

    case: Case
    events: list[Event]
    law: str


@dataclass(frozen=True)
class Page:
    """Rows of a list, how many there are on all pages, and the key after which the next page begins."""

    rows: list[asyncpg.Record]
    total: int
    after: tuple[datetime, str] | None


async def case_of(pool: asyncpg.Pool, case_id: str) -> Found | None:
    """One case; None where the record has none."""
    return (await cases_of(pool, [case_id])).get(case_id)


async def cases_of(pool: asyncpg.Pool, ids: Sequence[str]) -> dict[str, Found]:
    """Several cases in one query, folded."""
    rows = await pool.fetch(
        "select c.case_id, c.office, c.book, coalesce(c.law_sha256, '') law, array_agg(e.body order by e.seq) bodies "
        "from cases c join events e using (case_id) where c.case_id = any($1) group by 1",
        list(ids),
    )
    found = {}
    for row in rows:
        case, events = Case.new(row["case_id"], row["office"], row["book"]), [Event.load(json.loads(body)) for body in row["bodies"]]
        for event in events:
            fold(case, event)
        found[row["case_id"]] = Found(case, events, row["law"])
    return found


async def laws(pool: asyncpg.Pool, hashes: Iterable[str]) -> dict[str, str]:
    """The texts of laws by hash, with their words where those are kept."""
    rows = await pool.fetch(
        "select l.sha256, coalesce((select w.text from law_words w where w.law = l.sha256 order by w.kept_at desc, w.sha256 limit 1), l.text) as text "
        "from law l where l.sha256 = any($1)",
        list(hashes),
    )
    return {row["sha256"]: row["text"] for row in rows}


def _where(office: str, reader: Reader, filters: dict[str, Any]) -> tuple[str, list[Any]]:
    """The conditions of a list: what the reader's view would show, and only filters on what it would show."""
    names = sorted(reader.names)
    own = sorted(reader.names | set(reader.stands_for))
    kinds = ["existence", "progress"] if PROGRESS & set(filters) else ["existence"]
    args: list[Any] = [office, kinds, names]
    where = ["office = $1", "phase <> 'none'", "\"row\" ? 'closed'", CLOSED.format(kinds="$2::text[]", names="$3::text[]")]
    if reader.outside:
        args += [own, reader.person]
        where += ["\"row\" -> 'concerned' ?| $4::text[]", "not (\"row\" -> 'barred' ? $5)"]
        if filters.get("unit", reader.unit) != reader.unit or not set(filters.get("waiting_on", ())) <= set(own):
            where.append("false")
    for name, value in filters.items():
        args.append(value)
        where.append(FILTERS[name].format(f"${len(args)}"))
    return " and ".join(where), args


async def listed(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: dict[str, Any], after: tuple[datetime, str] | None, limit: int, order: str = "newest"
) -> Page:
    """A page of the cases that the reader's view would show, counted under the same conditions in one snapshot; keyset (instant, case_id)."""
    column, by, beyond = ORDERS[order]
    condition, args = _where(office, reader, filters)
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        total = await db.fetchval(f"select count(*) from cases where {condition}", *args)  # noqa: S608 - conditions are ours, values are arguments
        if after is not None:
            args += list(after)
            condition += f" and ({column}, case_id) {beyond} (${len(args) - 1}::timestamptz, ${len(args)})"
        found = await db.fetch(f"select *, {column} as place from cases where {condition} order by {by} limit {limit + 1}", *args)  # noqa: S608
    rows = list(found[:limit])
    return Page(rows, int(total), (rows[-1]["place"], rows[-1]["case_id"]) if len(found) > limit else None)


async def by_digest(pool: asyncpg.Pool, digest: str) -> str | None:
    """The case that carries a digest (a receipt's index), or None."""
    found = await pool.fetchval("select case_id from cases where \"row\" -> 'digests' ? $1 limit 1", digest)
    return str(found) if found else None


async def outcome(pool: asyncpg.Pool, case_id: str, command_id: str) -> asyncpg.Record | None:
    """What became of a command."""
    return await pool.fetchrow("select case_id, command_id, code, first_seq, last_seq from outcomes where case_id = $1 and command_id = $2", case_id, command_id)


async def outcomes(pool: asyncpg.Pool, command_ids: Sequence[str]) -> list[asyncpg.Record]:
    """What became of several."""
    return list(await pool.fetch("select case_id, command_id, code, first_seq, last_seq from outcomes where command_id = any($1)", list(command_ids), timeout=1))


async def inbox(pool: asyncpg.Pool, office: str, names: Iterable[str], limit: int, after: tuple[datetime, str] | None) -> Page:
    """Notices to a person and their unit about cases of their office and from its ledger, newest first."""
    condition = "person = any($1) and (exists (select 1 from cases c where c.case_id = inbox.case_id and c.office = $2) or case_id is null and office = $2)"
    args: list[Any] = [sorted(names), office]
    total = await pool.fetchval(f"select count(*) from inbox where {condition}", *args)  # noqa: S608 - ours
    if after is not None:
        args += list(after)
        condition += " and (sent_at, key) < ($3, $4)"
    found = await pool.fetch(f"select *, sent_at as place from inbox where {condition} order by sent_at desc, key desc limit {limit + 1}", *args)  # noqa: S608
    rows = list(found[:limit])
    return Page(rows, int(total), (rows[-1]["place"], rows[-1]["key"]) if len(found) > limit else None)


async def revoked(pool: asyncpg.Pool) -> dict[str, int]:
    """Tokens closed before their end, with the second of that end."""
    rows = await pool.fetch("select jti, extract(epoch from expires)::bigint as expires from revoked_tokens where expires > now()")
    return {row["jti"]: int(row["expires"]) for row in rows}


async def office_tasks(pool: asyncpg.Pool, office: str, roles: Sequence[str], limit: int = 200) -> list[asyncpg.Record]:
    """Open tasks of an office for some roles, the oldest first."""
    wanted = "select key, what, case_id, opened_at from office_tasks where office = $1 and role = any($2) and closed_at is null order by opened_at, key limit $3"
    return list(await pool.fetch(wanted, office, list(roles), limit))


async def ledger_of(pool: asyncpg.Pool, ledger: str) -> tuple[str, list[str]]:
    """The last kept state of a ledger ('' where none is) and the events after it."""
    row = await pool.fetchrow("select l.state, array(select e.body from ledger_events e where e.ledger = l.id and e.seq > l.state_version order by e.seq) bodies from ledgers l where l.id = $1", ledger)
    return (str(row["state"] or ""), list(row["bodies"])) if row else ("", [])


async def ledger_outcome(pool: asyncpg.Pool, ledger: str, command_id: str) -> asyncpg.Record | None:
    """The event by which a ledger answered a command."""
    return await pool.fetchrow("select e.body from ledger_outcomes o join ledger_events e on e.ledger = o.ledger and e.seq = o.seq where o.ledger = $1 and o.command_id = $2", ledger, command_id)


async def archived_at(pool: asyncpg.Pool, office: str, case_id: str) -> str:
    """When a case of an office was archived, '' where it was not."""
    at = await pool.fetchval("select min(e.at) from events e join cases c using (case_id) where c.office = $1 and e.case_id = $2 and e.kind = 'archived'", office, case_id)
    return at.isoformat() if at else ""


def day(text: str) -> date:
    """ISO text as a day; raises ValueError."""
    return date.fromisoformat(text)
