"""Stories told on the engine of the tests, and asserted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

from activities.files import Folder
from cli import library
from cli.audit import printed
from cli.audit_source import Place, audited
from tests.workflows.rig import KEYS, Rig


async def tell(rig: Rig, story: Mapping[str, Any]) -> WorkflowHandle[Any, Any]:
    """Run the story under the office's law, with a number series of its own."""
    return await rig.tell(story, library.law(story["rulebook"], story["office"]), f"{story['office']}/{story['story']}")


async def check_alike(rig: Rig, story: Mapping[str, Any]) -> WorkflowHistory:
    """Expectation, core and engine agree; returns the history, replayed."""
    told = await rig.told(story, library.law(story["rulebook"], story["office"]))
    assert not told.differences, "\n".join(told.differences)
    name = told.handle.id
    assert await rig.pool.fetchval("select chain_head from cases where case_id = $1", name) == told.core.case.chain_head
    found = await audited(Place(rig.pool, Folder(Path("no-files")), KEYS, rig.client), name)
    assert found.sound, printed(name, found)
    return await told.handle.fetch_history()
