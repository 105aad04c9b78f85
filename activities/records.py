"""The record in Postgres: compare and adopt, one round trip for each step of a case."""

import json

import asyncpg
from temporalio import activity

from activities.types import RECORD, Batch, Recorded


class Records:
    """Writes batches through one pool; every method may run twice."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    @activity.defn(name=RECORD)
    async def record(self, batch: Batch) -> Recorded:
        """Append a batch, or say what is stored already; raises only when the database cannot answer or has lost events."""
        text = json.dumps(vars(batch), ensure_ascii=False)
        answer = json.loads(await self.pool.fetchval("select record_batch($1::jsonb)", text))
        return Recorded(answer["number"], answer["head"], list(answer["stored"]))
