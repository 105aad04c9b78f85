"""Cases folded from their recorded events, outcomes, laws. SELECTs stand in modules whose names begin with `queries`, nowhere else."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import asyncpg

from domain.core import Case, Event, fold

CLOSED = 2**62  # later than any token
# What says that the record is away, and not that the question was wrong.
DOWN: tuple[type[Exception], ...] = (
    OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A case folded from the record, its events, and the hash of its law ('' in rows older than that)."""

    case: Case
    events: list[Event]
    law: str


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


async def revoked(pool: asyncpg.Pool) -> dict[str, int]:
    """Tokens closed before their end, with the second of that end."""
    rows = await pool.fetch("select jti, extract(epoch from expires)::bigint as expires from revoked_tokens where expires > now()")
    return {row["jti"]: int(row["expires"]) for row in rows}


async def closed_tokens(pool: asyncpg.Pool) -> dict[tuple[str, str], int]:
    """Whose tokens are closed: those issued up to an instant, in milliseconds; all of them (CLOSED) while the account is disabled."""
    rows = await pool.fetch("select office, person, case when disabled_at is null then (extract(epoch from closed_before) * 1000)::bigint else $1::bigint end as until from accounts where closed_before is not null", CLOSED)
    return {(row["office"], row["person"]): int(row["until"]) for row in rows}


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
