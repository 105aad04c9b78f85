"""A case that another one opens, on the real engine: begun by itself, once, linked both ways, and it goes its own way afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Replayer

from activities.files import Folder
from activities.types import OtherCase
from cli import library
from cli.audit import printed
from cli.audit_source import Place, audited
from domain import stories
from domain.case import canonical
from domain.core import Command
from domain.law import bind, law_value
from domain.ledger import ledger_id
from domain.other_case import derived, filing
from domain.workdays import ZONE
from tests.domain.test_ledger_opens import TABLES
from tests.smallbook import BOOK, OFFICE
from tests.workflows.rig import KEYS, Rig
from tests.workflows.test_couriers import until
from worker.ledgers import Feeder
from worker.marking import Marker
from workflows.plugin import plugin

pytestmark = pytest.mark.engine


def story(name: str, acts: int) -> dict[str, Any]:
    """The first acts of a story, without what is expected: one case for the engine."""
    book = {"group": "group-first-inquiry-time-limit-accountability", "agri": "agricultural-enforcement-first-responsibility-time-limit"}[name.split("-")[0]]
    whole = next(one for _, one in library.stories(book) if one["story"] == name)
    return {**whole, "act": whole["act"][:acts], "expect": []}


async def test_the_case_that_was_decided_begins_by_itself_and_both_sides_know_it(rig: Rig) -> None:
    told = story("group-late-opened", 5)
    law = library.law(told["rulebook"], told["office"])
    handle = await rig.tell(told, law)
    core = stories.run(told, law, await rig.number(handle.id, law))
    opened = next(event for event in core.events if event.kind == "opens")
    child = str(opened.data["open"]["case"])

    async def begun() -> list[str]:
        return await rig.bodies(child)

    stored = await until(begun)
    ours = core.cases["accountability"]
    assert stored[0] == canonical(next(one for step in core.steps for one in step.events if step.case.id == child))
    row = await rig.pool.fetchrow("select kind, phase, clerk, law_sha256 = (select law_sha256 from cases where case_id = $2) same_law from cases where case_id = $1", child, handle.id)
    assert (row["kind"], row["phase"], row["clerk"], row["same_law"]) == ("accountability", "filed", "ji", True)
    assert ours.attrs["links"] == [{"relation": "about", "case": handle.id}]
    assert core.case.attrs["links"][0]["case"] == child
    for name in (handle.id, child):
        found = await audited(Place(rig.pool, Folder(Path("no-files")), KEYS, rig.client), name)
        assert found.sound, printed(name, found)
    history = await handle.fetch_history()
    assert (await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(history)).replay_failure is None


async def test_opened_twice_is_one_case(rig: Rig) -> None:
    told = story("agri-late-opened", 5)
    law = library.law(told["rulebook"], told["office"])
    handle = await rig.tell(told, law)
    command = filing(next(event for event in await rig.events(handle.id) if event.kind == "opens"))
    assert command is not None
    child = command.id.removesuffix(":file")

    async def begun() -> list[str]:
        return await rig.bodies(child)

    before = await until(begun)
    run = (await rig.client.get_workflow_handle(child).describe()).run_id
    mark = Marker(rig.client, rig.system_key, story_clock=True)
    await mark.open(OtherCase(child, "agri", told["rulebook"], law_value(law), {rig.key_id: rig.public}, command.dump()))
    assert (await rig.client.get_workflow_handle(child).describe()).run_id == run
    assert await rig.bodies(child) == before
    own = replace(stories.commands(story("agri-late-opened", 6))[5], id=f"{child}:own")
    await rig.send(rig.client.get_workflow_handle(child), own)
    assert (await rig.answer(child, own.id))["code"] == "accepted"
    assert await rig.pool.fetchval("select phase from cases where case_id = $1", child) == "handling"


async def test_a_ledger_begins_the_case_that_was_decided_upon_once(rig: Rig) -> None:
    office, book = "ledger-opens", "b"
    law = bind({**BOOK, **TABLES}, {**OFFICE, "office": {**OFFICE["office"], "id": office}}, [])
    feeder = Feeder(rig.client, rig.ledgers, rig.system_key, lambda: {rig.key_id: rig.public})
    await feeder.round({office: (book, law)}, datetime.now(ZONE).replace(microsecond=0))
    handle = rig.client.get_workflow_handle(ledger_id(office, book))
    for n, (act, who, fields) in enumerate([*(("enter", "clerk1", {"what": "deduction", "person": "rita"}) for _ in range(2)), ("decide", "head1", {"proposal": "away", "decision": "agree"})]):
        now = datetime.now(ZONE).replace(microsecond=0)
        await rig.send(handle, Command(f"k{n}", act, fields, now, now, who))

    async def begun() -> list[str]:
        return [row["case_id"] for row in await rig.pool.fetch("select case_id from cases where office = $1 and kind = 'breach' and phase = 'filed'", office)]

    (child,) = await until(begun)
    assert child == derived(f"{handle.id}:{next(iter((await handle.query('state'))['sections']['proposals']))}")
    await handle.terminate("an operator's slip")
    await rig.pool.execute("update ledgers set state = null, state_version = 0 where id = $1", handle.id)
    await feeder.signal(office, book, law_value(law), Command("law:again", "law", {"law": law_value(law), "keys": {}}, now, now, "system"))  # begun anew, it reads the decision again

    async def anew() -> bool:
        return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING and len(await begun()) == 1

    assert await until(anew)
    assert await begun() == [child]
    await handle.terminate()
