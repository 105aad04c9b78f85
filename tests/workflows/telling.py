"""A story told on the engine: each act at its own instant, time skipped in between; then held against the core."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

from activities.files import Folder
from cli import library
from cli.audit import printed
from cli.audit_source import Place, audited
from domain import stories
from domain.core import Event, canonical
from tests.workflows.rig import KEYS, Rig


def instants(story: Mapping[str, Any]) -> list[datetime]:
    """Every instant to which the core let time pass, the acts' among them."""
    texts = [one["at"] for part in ("act", "expect") for one in story.get(part, ()) if "at" in one]
    return [stories.when(text) for text in (*texts, *([story["until"]] if story.get("until") else []))]


async def tell(rig: Rig, story: Mapping[str, Any]) -> WorkflowHandle[Any, Any]:
    """Run the story's acts and let its time pass to the end; the case may stay open."""
    name = str(story["story"])
    law = library.law(story["rulebook"], story["office"])
    acts = stories.commands(story)
    office = f"{story['office']}/{name}"  # a number series of its own, so that each story's case is number 1
    start = rig.start_of(name, law, story["rulebook"], acts[:1], acts[0].received_at, office)
    handle = await rig.open(start)
    await rig.answer(name, acts[0].id)
    for command in acts[1:]:
        await rig.pass_to(handle, min(command.received_at, command.entered_at), start.clock_offset)
        await rig.send(handle, command)
        await rig.answer(name, command.id)
    if json.loads(await rig.pool.fetchval('select "row" from cases where case_id = $1', name))["phase"] != "archived":
        await rig.pass_to(handle, max(instants(story)) + rig.grace(name), start.clock_offset)
    return handle


async def check_alike(rig: Rig, story: Mapping[str, Any]) -> WorkflowHistory:
    """Expectation, core and engine agree; returns the history, replayed."""
    core = stories.run(story, library.law(story["rulebook"], story["office"]))
    assert not core.failures, core.failures
    handle = await tell(rig, story)
    name = str(story["story"])
    want = [canonical(event) for event in core.events]
    got = await _stored(rig, name, core.case.chain_head)
    ours, theirs = [_short(body) for body in got], [_short(body) for body in want]
    assert ours == theirs, f"only stored {[one for one in ours if one not in theirs]}, only core {[one for one in theirs if one not in ours]}"
    first = next(((a, b) for a, b in zip(got, want, strict=True) if a != b), None)
    assert first is None, f"stored {first[0]}\ncore   {first[1]}"
    assert await rig.pool.fetchval("select chain_head from cases where case_id = $1", name) == core.case.chain_head
    found = await audited(Place(rig.pool, Folder(Path("no-files")), KEYS, rig.client), name)
    assert found.sound, printed(name, found)
    return await handle.fetch_history()


async def _stored(rig: Rig, name: str, head: str) -> list[str]:
    for _ in range(250):  # the last alarm's record may still be on its way
        if await rig.pool.fetchval("select chain_head from cases where case_id = $1", name) == head:
            break
        await asyncio.sleep(0.02)
    return await rig.bodies(name)


def _short(body: str) -> tuple[str, str, str]:
    event = Event.load(json.loads(body))
    return event.kind, event.subject, str(event.at)
