"""The ledger on the real engine: two cases reach "the third" together and one firing results; what comes twice counts once; nothing is lost."""

import asyncio
import json
from datetime import datetime
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import Replayer

from cli import library
from domain import ledger, stories
from domain.case import Event, fold
from domain.workdays import ZONE
from tests.workflows.rig import KEYS, Rig
from tests.workflows.test_couriers import until
from worker.ledgers import Feeder
from workflows.plugin import plugin

pytestmark = pytest.mark.engine
BOOK = "kaiyang-one-window"
DAYS = {"a": ("2025-10-30", "2025-10-31"), "b": ("2025-11-10", "2025-11-11"), "c": ("2025-11-12", "2025-11-13"), "d": ("2025-11-12", "2025-11-13")}


def story(office: str, name: str) -> dict[str, Any]:
    """One founded complaint about the same window person."""
    base = next(one for _, one in library.stories(BOOK) if one["story"] == "kaiyang-two-months-running")
    first, last = DAYS[name]
    acts = [{k: v for k, v in act.items() if k != "case"} for act in base["act"][:4]]
    for act, day, hour in zip(acts, (first, first, first, last), ("10:20", "10:30", "11:00", "10:00"), strict=True):
        act["at"] = f"{day} {hour}"
    acts[0] = {**acts[0], "with": {**acts[0]["with"], "recording": {"told_at": f"{first}T10:19:00+08:00", "started_at": f"{first}T10:19:20+08:00"}}}
    return {"story": f"{office}-{name}".replace("/", "-"), "rulebook": BOOK, "office": "kaiyang", "act": acts}


def feeder(rig: Rig) -> Feeder:
    return Feeder(rig.client, rig.ledgers, rig.system_key, lambda: {rig.key_id: rig.public})


async def told(rig: Rig, office: str, *names: str) -> list[WorkflowHandle[Any, Any]]:
    """Cases told side by side."""
    return list(await asyncio.gather(*(rig.tell(story(office, name), library.law(BOOK, "kaiyang"), office) for name in names)))


async def fed(rig: Rig, office: str, times: int = 2) -> None:
    """Several workers send what waits, at once; returns when all of it is counted."""
    laws = {office: (BOOK, library.law(BOOK, "kaiyang"))}
    await asyncio.gather(*(feeder(rig).round(laws, datetime.now(ZONE).replace(microsecond=0)) for _ in range(times)))

    async def counted() -> bool:
        return int(await rig.pool.fetchval("select count(*) from ledger_entries where office = $1 and taken_at is null", office)) == 0

    await until(counted)


async def events(rig: Rig, office: str) -> list[Event]:
    rows = await rig.pool.fetch("select body from ledger_events where ledger = $1 order by seq", ledger.ledger_id(office, BOOK))
    return [Event.load(json.loads(row["body"])) for row in rows]


async def test_two_cases_reach_the_third_together_and_it_fires_once(rig: Rig) -> None:
    office = "kaiyang/third"
    handles = await told(rig, office, "a", "b")
    await fed(rig, office)
    handles += await told(rig, office, "c", "d")
    await fed(rig, office, times=3)
    found = await events(rig, office)
    (third,) = [one for e in found if e.kind == "fired" and e.subject == "person_year" for one in e.data["patch"]["fired"].values()]
    assert (third["subject"], third["count"], len(set(third["entries"]))) == ("zhou", 3, 3)
    assert sum(e.kind == "proposal" and e.subject == "return_person" for e in found) == 1
    keys = [e.command_id for e in found if e.kind == "entered"]
    stored = await rig.pool.fetchval("select count(*) from ledger_entries where office = $1", office)
    assert (len(keys), len(set(keys))) == (stored, stored), "nothing lost, nothing twice"

    async def ordered() -> list[str]:
        rows = await rig.pool.fetch("select e.case_id from events e join cases using (case_id) where office = $1 and e.kind = 'order_issued'", office)
        return [row["case_id"] for row in rows]

    assert await until(ordered) == [handles[1].id], "October and November: the case that completed the two months, and no other"

    async def delivered() -> bool:
        return any(e.kind == "delivered" for e in await events(rig, office))

    await until(delivered)
    name = ledger.ledger_id(office, BOOK)
    handle = rig.client.get_workflow_handle(name)
    heard = await rig.pool.fetch('select form, "to", demanded, key from outbox where ledger = $1 order by key', name)
    proposed = next(e for e in found if e.kind == "proposal" and e.subject == "return_person")
    assert [(row["form"], row["to"], row["demanded"]) for row in heard if row["key"].startswith(f"{name}:{proposed.seq}:")] == [("return_person", list(proposed.data["tell"]), True)]
    state = ledger.load(await handle.query("state"))
    row = await rig.pool.fetchrow("select version, chain_head from ledgers where id = $1", name)
    folded = ledger.new(office, BOOK)
    for event in await events(rig, office):
        fold(folded, event)
    assert (row["version"], row["chain_head"]) == (folded.version, folded.chain_head) == (state.version, state.chain_head)
    await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(await handle.fetch_history())
    await handle.terminate()
    for one in handles:
        await one.terminate()


async def test_a_ledger_that_was_ended_goes_on_from_its_record(rig: Rig) -> None:
    office = "kaiyang/again"
    handles = await told(rig, office, "a", "b")
    await fed(rig, office)
    name = ledger.ledger_id(office, BOOK)
    await rig.client.get_workflow_handle(name).terminate("an operator's slip")
    handles += await told(rig, office, "c")
    await rig.pool.execute("update ledger_entries set taken_at = null, sent_at = null where office = $1", office)  # all of it comes once more
    await fed(rig, office)
    found = await events(rig, office)
    assert [e.subject for e in found if e.kind == "fired"].count("person_year") == 1
    keys = [e.command_id for e in found if e.kind == "entered"]
    assert len(keys) == len(set(keys))
    await rig.client.get_workflow_handle(name).terminate()
    for one in handles:
        await one.terminate()


async def test_an_unsigned_entry_is_a_recorded_refusal(rig: Rig) -> None:
    office = "kaiyang/unsigned"
    await fed(rig, office)
    handle = rig.client.get_workflow_handle(ledger.ledger_id(office, BOOK))
    await handle.signal("entries", {"id": "x", "act": "entries", "fields": {"entries": []}})

    async def refused() -> list[str]:
        return [str(e.data["code"]) for e in await events(rig, office) if e.kind == "refused"]

    assert await until(refused) in (["unsigned_act"], ["malformed"])
    await handle.terminate()


def test_the_core_says_the_same_of_these_cases() -> None:
    acts = [{**act, "case": "" if name == "a" else name} for name in DAYS for act in story("core", name)["act"]]
    acts.sort(key=lambda act: act["at"])
    out = stories.run({**story("core", "a"), "act": acts}, library.law(BOOK, "kaiyang"))
    assert [(e.subject, e.data["patch"]["fired"].popitem()[1]["count"]) for e in out.shelf.events if e.kind == "fired" and e.subject in ("person_year", "window_months")] == [("window_months", 2), ("person_year", 3)]
