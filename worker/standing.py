"""What stands in the engine beside the cases: the keeper of histories and its daily check. Made by each worker at start, once."""

import asyncio
import logging
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from activities.types import Checking, Keeping
from workflows import policies
from workflows.archive import ARCHIVE, ARCHIVE_CHECK

log = logging.getLogger("huiyin.worker")
KEEPER, DAILY = "archive", "archive-check"
PAUSE = 2.0


async def stand(client: Client, stop: asyncio.Event) -> None:
    """Try until both stand or the worker is told to stop; cases run meanwhile."""
    while not stop.is_set():
        try:
            await keeper(client)
            await daily(client)
            return
        except RPCError as wrong:
            log.warning("the keeper of histories does not stand yet: %s", wrong.status.name)
            await asyncio.sleep(PAUSE)


async def keeper(client: Client) -> None:
    """The workflow that keeps histories; nothing happens where it runs already."""
    await client.start_workflow(
        ARCHIVE, Keeping(), id=KEEPER, task_queue=policies.TASK_QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="keeps the histories of ended cases",
    )  # fmt: skip


async def daily(client: Client, wish: Checking | None = None) -> None:
    """The schedule of the check, at 07:30 (+08:00); one that is there stays as the administrator may have set it."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(ARCHIVE_CHECK, wish or Checking(), id=DAILY, task_queue=policies.TASK_QUEUE),
        spec=ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(23)], minute=[ScheduleRange(30)], comment="07:30 +08:00")]),  # specs are in UTC
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )
    try:
        await client.create_schedule(DAILY, schedule)
    except ScheduleAlreadyRunningError:
        log.debug("the schedule stands")
