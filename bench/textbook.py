"""The textbook: an update for each act that answers when its activity is done, a timeout on each wait; nothing is recorded, signed or encrypted.

`python -m bench.textbook` is its worker, one process, as the SDK's documentation starts one: same server, same sandbox, same number of tasks at once as
ours. With `ours` as its last word it runs under our worker's settings (event loop, collector, polls, sticky time), which are no part of a design. The
activity is empty, or (`KEPT`) writes one row, as a textbook that keeps a list would.
"""

import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

QUEUE = "bench-textbook"
ACTS = ("accept", "transfer", "conclude", "feedback")
LIMIT = timedelta(days=5)


@dataclass(frozen=True)
class Filed:
    """The input: about what ours says of a complaint, less the law."""

    case_id: str
    office: str
    kept: bool
    fields: dict[str, str]


@dataclass(frozen=True)
class Act:
    """One act with its fields."""

    case_id: str
    seq: int
    kind: str
    actor: str
    fields: dict[str, str]


@activity.defn
async def step(act: Act) -> str:
    """Does nothing."""
    return act.kind


@workflow.defn(name="Textbook")
class Textbook:
    """Takes each act in its order, and stays open for the archive, as ours does."""

    @workflow.init
    def __init__(self, filed: Filed) -> None:
        self.filed, self.done, self.late = filed, list[str](), 0

    @workflow.run
    async def run(self, filed: Filed) -> int:  # noqa: ARG002 - the SDK asks for the parameters of __init__
        """Wait for each act, each wait with its limit."""
        for number in range(1, len(ACTS) + 2):  # the fifth is the archive, which nobody sends here
            try:
                await workflow.wait_condition(lambda n=number: len(self.done) >= n, timeout=LIMIT)  # type: ignore[misc]
            except TimeoutError:
                self.late += 1
        return self.late

    @workflow.query
    def taken(self) -> str:
        """For a caller who waits until the case has taken its filing."""
        return self.filed.case_id

    @workflow.update
    async def act(self, act: Act) -> str:
        """Answers when the activity is done."""
        name = "keep" if self.filed.kept else "step"
        answer: str = await workflow.execute_activity(name, act, result_type=str, start_to_close_timeout=timedelta(seconds=10))
        self.done.append(act.kind)
        return answer


async def main(address: str, namespace: str, database: str, *, tuned: bool) -> None:
    """Run the worker until killed; `tuned` = under our worker's settings."""
    import asyncpg
    from temporalio.client import Client
    from temporalio.worker import Worker

    from worker.__main__ import spare_the_collector
    from workflows import policies

    pool = await asyncpg.create_pool(database, min_size=1, max_size=12)

    @activity.defn
    async def keep(act: Act) -> str:
        await pool.execute("insert into bench_acts values ($1, $2, $3, $4) on conflict do nothing", act.case_id, act.seq, act.kind, act.actor)
        return act.kind

    settings: dict[str, Any] = {}
    if tuned:
        spare_the_collector()
        settings = {"sticky_queue_schedule_to_start_timeout": policies.STICKY, "max_concurrent_workflow_task_polls": policies.POLLS}
    client = await Client.connect(address, namespace=namespace)
    await Worker(client, task_queue=QUEUE, workflows=[Textbook], activities=[step, keep], **settings).run()


if __name__ == "__main__":
    import asyncio

    import uvloop

    own = sys.argv[4:] == ["ours"]
    (uvloop.run if own else asyncio.run)(main(*sys.argv[1:4], tuned=own))
    os._exit(0)
