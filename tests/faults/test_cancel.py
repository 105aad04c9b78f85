"""The engine's own pages have a button "cancel". It ends no complaint: not one that waits, not one whose record is away."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus

from tests.faults.invariants import Evidence, check
from tests.workflows.rig import KEYS, Rig
from tests.workflows.test_messages import begun

pytestmark = [pytest.mark.engine, pytest.mark.database, pytest.mark.faults]


async def to_the_end(rig: Rig, begin: tuple[Any, list[Any], Any], done: int) -> None:
    """The rest of the acts, the end in the engine, all invariants."""
    handle, commands, start = begin
    for command in commands[done:]:
        await rig.pass_to(handle, command.received_at, start.clock_offset)
        await rig.send(handle, command)
        await rig.answer(handle.id, command.id, 60)
    await handle.result()
    assert (await handle.describe()).status == WorkflowExecutionStatus.COMPLETED
    await check(Evidence(rig.client, rig.pool, KEYS, {handle.id: [one.id for one in commands]}), [handle.id])


async def test_a_waiting_case_outlives_a_cancel_request(rig: Rig) -> None:
    begin = await begun(rig, "cancel-waiting", 3)
    await begin[0].cancel()
    await to_the_end(rig, begin, 3)


async def test_a_case_whose_record_is_away_outlives_a_cancel_request(rig: Rig) -> None:
    begin = await begun(rig, "cancel-recording", 3)
    handle, commands, start = begin
    await rig.pass_to(handle, commands[3].received_at, start.clock_offset)
    await rig.pool.execute("alter function record_batch(jsonb) rename to record_batch_gone")
    try:
        await rig.send(handle, commands[3])
        while not (await handle.describe()).raw_description.pending_activities:  # by now it is the patient one
            await asyncio.sleep(0.1)
        await handle.cancel()
        await asyncio.sleep(1)
    finally:
        await rig.pool.execute("alter function record_batch_gone(jsonb) rename to record_batch")
    await to_the_end(rig, begin, 3)  # the act that was on its way is sent again: still one
