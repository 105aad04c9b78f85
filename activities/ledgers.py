"""The ledgers in Postgres: compare and adopt; entries that wait; and what a ledger tells a case."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
from temporalio import activity

from activities.types import LEDGER_LOAD, LEDGER_RECORD, LEDGER_TELL, LedgerBatch, LedgerSend, LedgerStored

Tell = Callable[[str, str, str, Mapping[str, Any]], Awaitable[bool]]
AT_ONCE, AGAIN = 100, 60.0  # entries of one message; seconds until one that was not taken is sent again


class Ledgers:
    """Writes and reads ledgers through one pool; every method may run twice."""

    def __init__(self, pool: asyncpg.Pool, tell: Tell) -> None:
        self.pool, self.tell_case = pool, tell

    @activity.defn(name=LEDGER_LOAD)
    async def load(self, ledger: str) -> LedgerStored:
        """The last state that was kept and the events after it."""
        row = await self.pool.fetchrow("select state, state_version from ledgers where id = $1", ledger)
        if row is None:
            return LedgerStored()
        events = await self.pool.fetch("select body from ledger_events where ledger = $1 and seq > $2 order by seq", ledger, row["state_version"])
        return LedgerStored(json.loads(row["state"]) if row["state"] else None, [one["body"] for one in events])

    @activity.defn(name=LEDGER_RECORD)
    async def record(self, batch: LedgerBatch) -> LedgerStored:
        """Append a step, or say what is stored already."""
        answer = json.loads(await self.pool.fetchval("select ledger_step($1::jsonb)", json.dumps(vars(batch), ensure_ascii=False)))
        return LedgerStored(None, list(answer["stored"]))

    @activity.defn(name=LEDGER_TELL)
    async def tell(self, send: LedgerSend) -> bool:
        """Send a case what its ledger says; False where the case has ended. The same id twice is one act."""
        return await self.tell_case(send.case, send.id, send.act, send.fields)

    async def waiting(self, office: str, book: str) -> list[dict[str, Any]]:
        """Entries of an office that its ledger has not counted and that are not on their way, oldest first."""
        rows = await self.pool.fetch(
            "select body from ledger_entries where office = $1 and book = $2 and taken_at is null and (sent_at is null or sent_at < now() - make_interval(secs => $3))"
            " order by recorded_at, key limit $4", office, book, AGAIN, AT_ONCE,
        )  # fmt: skip
        return [json.loads(row["body"]) for row in rows]

    async def sent(self, keys: list[str]) -> None:
        """These are on their way."""
        await self.pool.execute("update ledger_entries set sent_at = now() where key = any($1) and taken_at is null", keys)
