"""The record in Postgres: compare and adopt, one round trip for each step of a case."""

import json
from dataclasses import replace

import asyncpg
from temporalio import activity

from activities.types import LAWS, RECORD, Batch, Recorded, whole


class Records:
    """Writes batches through one pool; every method may run twice."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.kept: set[str] = set()  # laws that this process has seen stored

    @activity.defn(name=RECORD)
    async def record(self, batch: Batch) -> Recorded:
        """Append a batch, or say what is stored already; raises only when the database cannot answer or has lost events."""
        batch = whole(batch)
        if batch.law and batch.law not in self.kept:
            return await self._first(batch)
        try:
            return await self._write(replace(batch, law_text=""))
        except asyncpg.ForeignKeyViolationError:  # another database than the one this process knew
            return await self._first(batch)

    async def _first(self, batch: Batch) -> Recorded:
        answer = await self._write(replace(batch, law_text=batch.law_text or LAWS.get(batch.law, "")))
        self.kept.add(batch.law)
        return answer

    async def _write(self, batch: Batch) -> Recorded:
        text = json.dumps(vars(batch), ensure_ascii=False)
        answer = json.loads(await self.pool.fetchval("select record_step($1::jsonb)", text))
        return Recorded(answer["number"], answer["head"], list(answer["stored"]))
