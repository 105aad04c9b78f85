"""What a case survives: many runs in a row, a cache of nothing, and a record that does not answer."""

import asyncio
import json

import pytest
from temporalio.worker import Replayer

from cli import library
from domain import stories
from domain.core import canonical
from tests.workflows.rig import KEYS, SHORT, Rig, prepare
from tests.workflows.rig import rig as rigged
from tests.workflows.telling import tell
from tests.workflows.test_messages import begun
from workflows.contract import Result
from workflows.plugin import plugin

pytestmark = pytest.mark.engine
MOST_EVENTS_OF_AN_OUTAGE = 15


async def test_continue_as_new_keeps_ids_order_and_chain(engine: str, database: str, rig: Rig) -> None:
    await prepare(engine, SHORT)
    story = {**next(one for _, one in library.stories() if one["story"] == "district-whole-transfer"), "story": "many-runs"}
    core = stories.run(story, library.law(story["rulebook"], story["office"]))
    async with rigged(engine, database, namespace=SHORT, max_cached_workflows=0) as short:
        handle = await tell(short, story)
        result = await handle.result(follow_runs=True)
        assert await short.bodies("many-runs") == [canonical(event) for event in core.events]
        assert result == Result(len(core.events), core.case.chain_head)
        runs = [run async for run in short.client.list_workflows("WorkflowId = 'many-runs'")]
        assert len(runs) >= 3
        for run in runs:
            history = await short.client.get_workflow_handle("many-runs", run_id=run.run_id).fetch_history()
            await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(history)


async def test_an_outage_of_the_record_costs_few_events(rig: Rig) -> None:
    name = "outage"
    handle, commands, start = await begun(rig, name, 3)
    await rig.pass_to(handle, commands[3].received_at, start.clock_offset)
    before = len((await handle.fetch_history()).events)
    await rig.pool.execute("alter function record_batch(jsonb) rename to record_batch_away")
    try:
        await rig.send(handle, commands[3])
        await rig.send(handle, commands[3])  # the caller's retry
        await asyncio.sleep(6)
    finally:
        await rig.pool.execute("alter function record_batch_away(jsonb) rename to record_batch")
    assert (await rig.answer(name, commands[3].id, 30))["code"] == "accepted"
    await handle.query("state")
    assert len((await handle.fetch_history()).events) - before <= MOST_EVENTS_OF_AN_OUTAGE
    assert [json.loads(body)["command_id"] for body in await rig.bodies(name)].count(commands[3].id) == 1
    await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(await handle.fetch_history())


async def test_filing_and_four_acts_cost_at_most_thirty_events(rig: Rig) -> None:
    over = [await above_thirty(rig, "count")]
    while over[-1] > 0 and len(over) < 3:  # where the machine stood still for seconds the engine looked again; that says nothing of ours
        over.append(await above_thirty(rig, f"count-{len(over)}"))
    assert over[-1] <= 0, over


async def above_thirty(rig: Rig, name: str) -> int:
    """By how many events a case exceeds thirty, and one for each notice that a clause demands."""
    handle, _, _ = await begun(rig, name, 5)
    await handle.query("state")
    events = [one for one in (await handle.fetch_history()).events if "time_skipping" not in str(one.WhichOneof("attributes")) and "options" not in str(one.WhichOneof("attributes"))]
    told = await rig.pool.fetchval("select count(distinct split_part(key, ':', 2)) from outbox where case_id = $1 and demanded", name)
    return len(events) - 30 - int(told)
