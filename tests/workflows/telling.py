"""Stories told on the engine of the tests, and asserted."""

from collections.abc import Mapping
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer

from cli import library
from tests.workflows.rig import KEYS, Rig
from workflows.plugin import plugin


async def tell(rig: Rig, story: Mapping[str, Any]) -> WorkflowHandle[Any, Any]:
    """Run the story under the office's law, with a number series of its own."""
    return await rig.tell(story, library.law(story["rulebook"], story["office"]), f"{story['office']}/{story['story']}")


async def check_alike(rig: Rig, story: Mapping[str, Any]) -> WorkflowHistory:
    """Expectation, core and engine agree; returns the history, replayed."""
    told = await rig.told(story, library.law(story["rulebook"], story["office"]))
    assert not told.differences, "\n".join(told.differences)
    assert await rig.pool.fetchval("select chain_head from cases where case_id = $1", told.handle.id) == told.core.case.chain_head
    history = await told.handle.fetch_history()
    await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(history)
    return history
