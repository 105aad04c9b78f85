"""The only SELECTs: cases folded from their recorded events, lists by keyset. Nothing here decides who may see what."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from domain.core import Case, Event, fold

INSIDE = "office = $1 and not (coalesce(\"row\" -> 'existence_closed_to', '[]') ?| $2)"
CONCERNED = f"{INSIDE} and (units && $3 or waiting_on && $4)"
FILTERS = {
    "overdue": "overdue = {}", "provisional": "provisional = {}", "due_before": "next_due_day < {}", "waiting_on": "waiting_on @> array[{}]::text[]",
    "unit": "units @> array[{}]::text[]", "grade": "grade = {}", "phase": "phase = {}", "register_no": "register_no = {}", "digest": "\"row\" -> 'digests' ? {}",
}  # fmt: skip


async def case_of(pool: asyncpg.Pool, case_id: str) -> tuple[Case, list[Event]] | None:
    """One case folded from the record, with its events; None where the record has none."""
    return (await cases_of(pool, [case_id])).get(case_id)


async def cases_of(pool: asyncpg.Pool, ids: Sequence[str]) -> dict[str, tuple[Case, list[Event]]]:
    """Several cases in one query, folded."""
    rows = await pool.fetch(
        "select c.case_id, c.office, c.book, array_agg(e.body order by e.seq) bodies from cases c join events e using (case_id) where c.case_id = any($1) group by 1", list(ids)
    )
    found = {}
    for row in rows:
        case, events = Case.new(row["case_id"], row["office"], row["book"]), [Event.load(json.loads(body)) for body in row["bodies"]]
        for event in events:
            fold(case, event)
        found[row["case_id"]] = (case, events)
    return found


async def listed(
    pool: asyncpg.Pool, office: str, person: str, unit: str, *, inside: bool, filters: dict[str, Any], after: tuple[datetime, str] | None, limit: int
) -> tuple[list[asyncpg.Record], int]:
    """A page of rows and how many there are in all, under the same conditions; newest first, keyset (received_at, case_id)."""
    closed = [person, f"unit:{unit}"]
    args: list[Any] = [office, closed] if inside else [office, closed, [unit], [person]]
    where = [INSIDE if inside else CONCERNED]
    for name, value in filters.items():
        args.append(value)
        where.append(FILTERS[name].format(f"${len(args)}"))
    condition = " and ".join(where)
    total = await pool.fetchval(f"select count(*) from cases where {condition}", *args)  # noqa: S608 - conditions are ours, values are arguments
    if after is not None:
        args += list(after)
        condition += f" and (received_at, case_id) < (${len(args) - 1}, ${len(args)})"
    rows = await pool.fetch(f"select * from cases where {condition} order by received_at desc, case_id desc limit {limit}", *args)  # noqa: S608
    return list(rows), int(total)


async def by_digest(pool: asyncpg.Pool, digest: str) -> str | None:
    """The case that carries a digest (a receipt's index), or None."""
    found = await pool.fetchval("select case_id from cases where \"row\" -> 'digests' ? $1 limit 1", digest)
    return str(found) if found else None


async def outcome(pool: asyncpg.Pool, case_id: str, command_id: str) -> asyncpg.Record | None:
    """What became of a command."""
    return await pool.fetchrow("select case_id, command_id, code, first_seq, last_seq from outcomes where case_id = $1 and command_id = $2", case_id, command_id)


async def inbox(pool: asyncpg.Pool, person: str, limit: int = 100) -> list[asyncpg.Record]:
    """Notices to one person, newest first."""
    return list(await pool.fetch("select key, case_id, form, clause, data, sent_at, read_at from inbox where person = $1 order by sent_at desc limit $2", person, limit))


async def office_tasks(pool: asyncpg.Pool, office: str, roles: Sequence[str], limit: int = 200) -> list[asyncpg.Record]:
    """Open tasks of an office for some roles, the oldest first."""
    wanted = "select key, what, case_id, opened_at from office_tasks where office = $1 and role = any($2) and closed_at is null order by opened_at, key limit $3"
    return list(await pool.fetch(wanted, office, list(roles), limit))


def day(text: str) -> date:
    """ISO text as a day; raises ValueError."""
    return date.fromisoformat(text)
