"""The couriers of the offices known here: their own task queue, and a watch that starts the missing ones."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

import asyncpg
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from activities.delivery import Courier
from activities.notices import Notices
from worker.beside import beside
from worker.offices import Offices
from workflows import contract, policies

log = logging.getLogger("huiyin.worker")
WATCH = 20.0  # seconds until a courier that somebody has ended is started again
REST = 0.5  # for what is in hand; an interrupted message is sent again by the next worker


@asynccontextmanager
async def senders(url: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections that hold the locks of what is being sent, apart from all others: a mail server that hangs holds some, at the end too."""
    pool = await asyncpg.create_pool(url, min_size=0, max_size=16, command_timeout=10, timeout=2)
    try:
        yield pool
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), REST)


@asynccontextmanager
async def couriers(client: Client, notices: Notices, offices: Offices, *, watch: float = WATCH, courier: Courier | None = None) -> AsyncIterator[None]:
    """Deliver for every office while this lasts; on the way out what is in hand is finished or left to the next worker."""
    at_work = courier or Courier(notices)
    worker = Worker(
        client, task_queue=policies.COURIER_QUEUE, activities=[at_work.deliver], max_concurrent_activities=1000,
        graceful_shutdown_timeout=policies.DRAIN, sticky_queue_schedule_to_start_timeout=policies.STICKY,
    )  # fmt: skip
    try:
        async with worker, beside(kept(client, offices, watch, at_work)):
            yield
    finally:
        await notices.rest(REST)


async def kept(client: Client, offices: Offices, watch: float, courier: Courier) -> None:
    """Start the courier of every office that has none, again and again; one that is at work here needs no asking."""
    while True:
        try:
            await start(client, sorted(set(offices.all()) - courier.offices))
        except Exception as wrong:  # noqa: BLE001 - the watch outlives whatever ails the engine or a folder
            log.warning("couriers could not be started now: %s", type(wrong).__name__)
        await asyncio.sleep(watch)


async def start(client: Client, offices: Iterable[str]) -> None:
    """Start the couriers that do not run; those that do are left alone. No search attribute: lists and counts are of cases."""
    for office in offices:
        await client.start_workflow(
            contract.COURIER, office, id=contract.courier_id(office), task_queue=policies.COURIER_QUEUE, task_timeout=policies.TASK_TIMEOUT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, static_summary=f"通知 notices: {office}",
        )  # fmt: skip
