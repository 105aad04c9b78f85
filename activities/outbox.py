"""The outbox and the inboxes in Postgres: who has been shown a notice, which address has it, what failed. Every statement may run twice."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

TRIES, HOUR = 6, timedelta(hours=1)  # the issue's: a task for the administrator after six tries or an hour, then on every hour
ABANDONED = timedelta(minutes=2)  # a demanded notice whose case does not try it any more is the courier's
AT_ONCE, TOGETHER = 500, 50


@dataclass(frozen=True)
class Shown:
    """One notice for one person; `outside` = they have addresses; `held` = it waits for the end of the quiet time, or until `after`."""

    key: str
    person: str
    outside: bool
    held: bool = False
    after: datetime | None = None


WAITING = 'select o.key, o.case_id, o.office, o.form, o.data, o.demanded, o."to", c.next_due_day from outbox o left join cases c using (case_id)'
TAKE = (
    "select i.key, i.case_id, i.office, i.form, i.clause, i.data, i.demanded, i.held, coalesce(i.person = any(c.waiting_on), false) mine from inbox i left join cases c using (case_id)"
    " where i.person = $1 and i.key = any($2) and i.reached_at is null and not ($3 = any(i.took)) order by i.sent_at, i.key for update of i"
)


class Outbox:
    """All statements about notices, over one pool; `now` is always the caller's clock."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def open(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of these keys that have not been sent."""
        return [_read(row) for row in await self.pool.fetch(f"{WAITING} where o.key = any($1) and o.sent_at is null order by o.key", list(keys))]

    async def waits(self, offices: Sequence[str], now: datetime) -> set[str]:
        """Of these offices, those where a courier has something to show or to send now (`waiting` and `due`, quiet time apart)."""
        rows = await self.pool.fetch(
            "select office from outbox where office = any($1) and sent_at is null and shown_at is null and (not demanded or next_try <= $3) union"
            " select office from inbox where office = any($1) and reached_at is null and next_try <= $2 and (not demanded or held or case_id is null or next_try <= $3)",
            list(offices), now, now - ABANDONED,
        )  # fmt: skip
        return {row["office"] for row in rows}

    async def unsettled(self, offices: Sequence[str]) -> set[str]:
        """Of these offices, those with anything that a sweep could find: not sent to everybody yet, or failing and not said to be well again."""
        rows = await self.pool.fetch(
            "select office from outbox where office = any($1) and sent_at is null union"
            " select office from outbox where office = any($1) and failing_at is not null and cleared_at is null", list(offices)
        )  # fmt: skip
        return {row["office"] for row in rows}

    async def waiting(self, office: str, now: datetime) -> list[dict[str, Any]]:
        """Rows of an office that nobody has been shown and that are the courier's: undemanded, or left by their case."""
        rows = await self.pool.fetch(
            f"{WAITING} where o.office = $1 and o.sent_at is null and o.shown_at is null"
            " and (not o.demanded or o.next_try <= $2) order by o.created_at, o.key limit $3", office, now - ABANDONED, AT_ONCE,
        )  # fmt: skip
        return [_read(row) for row in rows]

    async def show(self, people: Sequence[Shown], now: datetime) -> list[str]:
        """Write the inbox rows; returns the keys that are thereby sent, because nobody on them has an address."""
        outside = {one.key for one in people if one.outside}
        keys = {one.key for one in people}
        rows = await self.pool.fetch(
            "with new as (insert into inbox (key, person, case_id, form, clause, data, office, demanded, held, next_try, reached_at)"
            " select o.key, p.person, o.case_id, o.form, o.clause, o.data, o.office, o.demanded, p.held, coalesce(p.after, $5::timestamptz), case when p.outside then null else $5 end"
            " from unnest($1::text[], $2::text[], $3::bool[], $4::bool[], $8::timestamptz[]) as p (key, person, outside, held, after) join outbox o using (key),"
            " set_config('synchronous_commit', 'off', true)"  # not waited for on the disk: the engine's next write takes it along, and the courier does again what a crash undoes
            " on conflict do nothing)"
            " update outbox set shown_at = $5, next_try = $5, sent_at = case when key = any($7::text[]) then $5 end, tries = (key = any($7))::int"
            " where key = any($6::text[]) and sent_at is null and shown_at is null returning key, sent_at",
            [one.key for one in people], [one.person for one in people], [one.outside for one in people], [one.held for one in people],
            now, sorted(keys), sorted(keys - outside), [one.after for one in people],
        )  # fmt: skip
        return [row["key"] for row in rows if row["sent_at"] is not None]

    async def due(self, office: str, now: datetime, *, quiet: bool, all_quiet: bool) -> dict[str, list[str]]:
        """By person, the keys that are the courier's to send now (a ledger's at once); in quiet time only what a clause demands, unless all is quiet."""
        rows = await self.pool.fetch(
            "select person, (array_agg(key order by sent_at, key))[:$6] keys from inbox where office = $1 and reached_at is null and next_try <= $2"
            " and (not demanded and not $4 or demanded and not $5 and (held or case_id is null or next_try <= $3)) group by person order by min(next_try)",
            office, now, now - ABANDONED, quiet, quiet and all_quiet, TOGETHER,
        )  # fmt: skip
        return {row["person"]: list(row["keys"]) for row in rows}

    async def people(self, keys: Sequence[str]) -> dict[tuple[str, str], list[str]]:
        """By office and person, the open keys among these that do not wait for quiet time."""
        rows = await self.pool.fetch(
            "select office, person, array_agg(key order by sent_at, key) keys from inbox where key = any($1) and reached_at is null and not held group by 1, 2", list(keys)
        )
        return {(row["office"], row["person"]): list(row["keys"]) for row in rows}

    async def take(self, db: asyncpg.Connection, person: str, keys: Sequence[str], address: str, *, wait: bool) -> list[dict[str, Any]]:
        """Lock what one address has not got yet, inside the caller's transaction; somebody else's locked rows are waited for, or left."""
        rows = await db.fetch(TAKE if wait else f"{TAKE} skip locked", person, list(keys), address)
        return [{**_read(row), "clause": list(row["clause"])} for row in rows]

    async def took(self, db: asyncpg.Connection, person: str, keys: Sequence[str], address: str) -> None:
        """One address has these notices; it never gets them again."""
        await db.execute("update inbox set took = took || $3::text where person = $1 and key = any($2)", person, list(keys), address)

    async def finish(self, person: str, keys: Sequence[str], addresses: Sequence[str], failed: Mapping[str, str], now: datetime) -> None:
        """Close what every address has, count a try for what failed, and bring the rows of the outbox up to date."""
        await self.pool.execute(
            "update inbox set reached_at = $4, tries = tries + 1, last_error = '' where person = $1 and key = any($2) and reached_at is null and took @> $3::text[]",
            person, list(keys), list(addresses), now,
        )  # fmt: skip
        if failed:
            await self.pool.execute(
                "update inbox i set tries = tries + 1, failed_since = coalesce(failed_since, $4), last_error = f.error,"
                " next_try = $4::timestamptz + case when tries >= $5 - 1 then $6 else interval '10 seconds' * 2 ^ tries end"
                " from unnest($2::text[], $3::text[]) as f (key, error) where i.person = $1 and i.key = f.key and reached_at is null",
                person, list(failed), list(failed.values()), now, TRIES, HOUR,
            )  # fmt: skip

    async def settle(self, keys: Collection[str], now: datetime) -> list[str]:
        """Mark as sent what has reached everybody; returns the keys marked now. The others get the newest of their tries."""
        rows = await self.pool.fetch(
            "update outbox o set tries = greatest(a.tries, 1), last_error = a.error, next_try = coalesce(a.next_try, o.next_try), sent_at = case when a.left_open = 0 then $2::timestamptz end"
            " from (select key, max(tries) tries, count(*) filter (where reached_at is null) left_open, min(next_try) filter (where reached_at is null) next_try,"
            " coalesce(max(last_error) filter (where reached_at is null), '') error from inbox where key = any($1) group by key) a"
            " where o.key = a.key and o.sent_at is null returning o.key, o.sent_at", list(keys), now,
        )  # fmt: skip
        return [row["key"] for row in rows if row["sent_at"] is not None]

    async def stragglers(self, office: str) -> list[str]:
        """Rows that reached everybody while the process died before it could say so."""
        rows = await self.pool.fetch(
            "select key from outbox o where office = $1 and sent_at is null and shown_at is not null and not exists (select from inbox i where i.key = o.key and i.reached_at is null)", office
        )
        return [row["key"] for row in rows]

    async def still_open(self, keys: Sequence[str], now: datetime) -> tuple[list[str], timedelta]:
        """Which of the keys have not reached everybody and do not wait for quiet time, and how long until the next try."""
        rows = await self.pool.fetch("select key, min(next_try) at from inbox where key = any($1) and reached_at is null and not held group by key order by key", list(keys))
        return [row["key"] for row in rows], max((row["at"] - now for row in rows), default=timedelta(0))

    async def failing(self, now: datetime, *, office: str = "", keys: Sequence[str] = ()) -> list[asyncpg.Record]:
        """Rows that failed six times or for an hour and of which nobody has been told; once here, a row stays so even if it is sent meanwhile."""
        await self.pool.execute(
            "update outbox o set failing_at = $5 from inbox i where i.key = o.key and (i.office = $1 or i.key = any($2::text[])) and i.reached_at is null"
            " and (i.tries >= $3 or i.failed_since <= $4) and o.failing_at is null", office, list(keys), TRIES, now - HOUR, now,
        )  # fmt: skip
        return list(
            await self.pool.fetch(
                "select o.key, o.case_id, o.ledger, o.office, min(i.failed_since) since, max(i.tries) tries from outbox o join inbox i using (key)"
                " where (o.office = $1 or o.key = any($2::text[])) and failing_at is not null and marked_at is null and cleared_at is null and failed_since is not null group by o.key",
                office, list(keys),
            )
        )  # fmt: skip

    async def recovered(self, *, office: str = "", keys: Sequence[str] = ()) -> list[asyncpg.Record]:
        """Rows that were told of as failing and have been sent since."""
        return list(
            await self.pool.fetch(
                "select key, case_id, ledger, office from outbox where (office = $1 or key = any($2::text[])) and failing_at is not null and marked_at is not null and cleared_at is null and sent_at is not null", office, list(keys)
            )
        )

    async def marked(self, key: str, now: datetime) -> None:
        """The case has been told of a failure."""
        await self.pool.execute("update outbox set marked_at = $2 where key = $1", key, now)

    async def cleared(self, key: str, now: datetime) -> None:
        """The case has been told of its end."""
        await self.pool.execute("update outbox set cleared_at = $2 where key = $1", key, now)

    async def at_the_door(self, key: str, case_id: str, act: str, fields: Mapping[str, Any], admins: Sequence[str], now: datetime) -> None:
        """What a finished case can no longer take: kept in the door log; the administrators hear of it in their inbox."""
        async with self.pool.acquire() as db, db.transaction():
            await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{key}:{act}")  # a round and a message in hand may both find it
            await db.execute(
                "insert into door_log (case_id, command_id, act, actor, code, body) select $1, $2, $3, 'system', 'archived', $4"
                " where not exists (select from door_log where case_id = $1 and command_id = $2)", case_id, f"{key}:{act}", act, json.dumps(fields),
            )  # fmt: skip
            await db.execute(
                "insert into inbox (key, person, case_id, form, data, office, demanded, reached_at)"
                " select o.key, p, o.case_id, 'notice_failed', o.data, o.office, false, $3 from outbox o, unnest($2::text[]) p where o.key = $1 on conflict do nothing",
                key, list(admins), now,
            )  # fmt: skip


def _read(row: asyncpg.Record) -> dict[str, Any]:
    return {**row, "data": json.loads(row["data"])}
