"""The function that judges every other test here: it accepts all stories, and finds each kind of damage, named by its invariant."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.records import Records
from cli import library
from cli.audit_watch import Seen
from domain import stories
from domain.core import Event, canonical, law_load, law_value
from tests.faults import invariants
from tests.faults.invariants import Evidence, Told, at_rest, rung_rightly, violations
from tests.faults.mail import Mail
from tests.workflows.rig import KEYS, Rig, prepare
from tests.workflows.test_messages import begun
from workflows import policies
from workflows.complaint import ComplaintWorkflow
from workflows.plugin import plugin

engine_test = pytest.mark.engine


def test_every_alarm_of_every_story_is_lawful() -> None:
    wrong = []
    for _, story in library.stories():
        law = library.law(story["rulebook"], story["office"])
        core = stories.run(story, law)
        row = {"office": core.case.office, "book": core.case.book}
        wrong += rung_rightly(Told(core.case.id, Seen(), law_load(law_value(law)), row, list(core.events), [], [], [], []))
    assert not wrong, "\n".join(wrong[:20])


def evidence(rig: Rig, case: str, commands: list[str], mails: list[Mail] | None = None) -> Evidence:
    return Evidence(rig.client, rig.pool, KEYS, {case: commands}, mails or [], lambda office, person: f"{person}@huiyin.example")


@asynccontextmanager
async def tampered(pool: asyncpg.Pool, *statements: str) -> AsyncIterator[None]:
    """The record changed by SQL, with its guards off."""
    async with pool.acquire() as db:
        for table in ("events", "outcomes"):
            await db.execute(f"alter table {table} disable trigger user")
        for one in statements:
            assert int((await db.execute(one)).split()[-1]) > 0, f"changes nothing: {one}"
        for table in ("events", "outcomes"):
            await db.execute(f"alter table {table} enable trigger user")
    yield


DAMAGE = {
    "I1 answer lost": ("I1", "delete from outcomes where case_id = '{id}' and command_id = (select max(command_id) from outcomes where case_id = '{id}')"),
    "I2 approver changed": ("I2", "update events set actor = 'zhao', body = replace(body, '\"actor\":\"li\"', '\"actor\":\"zhao\"') where case_id = '{id}' and kind = 'approved'"),
    "I2 list row changed": ("I2", "update cases set \"row\" = \"row\" || '{{\"phase\": \"closed\"}}' where case_id = '{id}'"),
    "I2 column changed": ("I2", "update cases set overdue = not overdue where case_id = '{id}'"),
    "I2 answer changed": ("I2", "update outcomes set code = 'secret' where case_id = '{id}'"),
    "I3 notice lost": ("I3", "with i as (delete from inbox where case_id = '{id}') delete from outbox where case_id = '{id}' and demanded"),
    "I3 notice unsent": ("I3", "update outbox set sent_at = null where case_id = '{id}' and demanded"),
    "I3 told to nobody": ("I3", "delete from inbox where case_id = '{id}'"),
    "I3 told to another": ("I3", "update inbox set person = 'zhou' where case_id = '{id}'"),
    "I5 hash changed": ("I5", "update events set hash = repeat('0', 64) where case_id = '{id}' and seq = 2"),
    "I5 head changed": ("I5", "update cases set chain_head = repeat('0', 64) where case_id = '{id}'"),
}


@engine_test
@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found_and_named(rig: Rig, name: str) -> None:
    case = "damage-" + name.replace(" ", "-")
    _, commands, _ = await begun(rig, case, 5)
    mine = evidence(rig, case, [one.id for one in commands[:5]])
    await at_rest(mine, case, 60)
    assert not [one for one in await violations(mine, [case]) if "never reached" not in one]
    invariant, statement = DAMAGE[name]
    async with tampered(rig.pool, statement.format(id=case)):
        found = await violations(mine, [case])
    assert [one for one in found if one.startswith(f"{invariant} {case}")], found


@engine_test
async def test_acts_and_mails_that_never_came_are_found(rig: Rig) -> None:
    case = "damage-mail"
    _, commands, _ = await begun(rig, case, 5)
    mine = evidence(rig, case, [*(one.id for one in commands[:5]), "never"])
    await at_rest(mine, case, 60)
    found = await violations(mine, [case])
    assert any(one.startswith("I1") and "never is 0 events" in one for one in found)
    assert any(one.startswith("I3") and "never reached" in one for one in found)
    number = await rig.pool.fetchval("select register_no from cases where case_id = $1", case)
    astray = Mail("zhou@huiyin.example", f"编号：{number}\n事项：x\n", b"")
    assert any(one.startswith("I3") and "zhou" in one for one in await violations(replace(mine, mails=[astray]), [case]))


@engine_test
async def test_an_alarm_left_out_or_moved_is_found(rig: Rig) -> None:
    case = "damage-alarm"
    handle, commands, start = await begun(rig, case, 5)
    await rig.pass_to(handle, commands[5].received_at, start.clock_offset)
    await rig.send(handle, commands[5])
    await rig.answer(case, commands[5].id)
    seen = Seen(starts=[start])
    told = await invariants._told(rig.pool, case, seen)
    assert told is not None
    assert not rung_rightly(told)
    place = next(n for n, event in enumerate(told.events) if event.data.get("patch", {}).get("rung"))
    rung = told.events[place]
    later = Event.load({**json.loads(canonical(rung)), "at": "2025-10-10T09:30:00+08:00"})
    moved = replace(told, events=[*told.events[:place], later, *told.events[place + 1 :]])
    assert any(one.startswith("I4") and "legal instant" in one for one in rung_rightly(moved))
    rest = [Event.load({**json.loads(canonical(event)), "seq": event.seq - 1}) for event in told.events[place + 1 :]]
    assert any("had not rung" in one for one in rung_rightly(replace(told, events=[*told.events[:place], *rest])))


@engine_test
async def test_a_case_that_ended_or_stands_still_is_found(rig: Rig) -> None:
    case = "damage-ended"
    handle, _, _ = await begun(rig, case, 3)
    mine = evidence(rig, case, [])
    await at_rest(mine, case, 60)
    assert not await violations(mine, [case])
    await handle.terminate("by somebody at the engine's own pages")
    assert any(one.startswith("I6") and "TERMINATED" in one for one in await violations(mine, [case]))


@engine_test
async def test_a_timer_that_is_not_armed_is_found(rig: Rig) -> None:
    case = "damage-timer"
    handle, _, _ = await begun(rig, case, 3)
    await at_rest(evidence(rig, case, []), case, 60)
    history = await handle.fetch_history()
    assert invariants.armed(history)
    assert not invariants.armed(replace(history, events=[one for one in history.events if not one.HasField("timer_started_event_attributes")]))


@engine_test
async def test_a_failing_task_is_found(rig: Rig, engine: str) -> None:
    case, elsewhere = "damage-failing", "huiyin-failing"
    await prepare(engine, elsewhere)
    strict = await Client.connect(engine, namespace=elsewhere, plugins=[plugin(KEYS)])  # refuses a story's clock: its tasks fail
    _, commands, _ = await begun(rig, case, 3)
    start = rig.start_of(case, library.law("district-e-supervision", "district"), "district-e-supervision", commands[:1], commands[0].received_at)
    async with Worker(strict, task_queue=policies.TASK_QUEUE, activities=[Records(rig.pool).record]):
        handle = await strict.start_workflow(ComplaintWorkflow.run, start, id=case, task_queue=policies.TASK_QUEUE)
        told = await invariants._told(rig.pool, case, Seen(starts=[start]))
        assert told is not None
        for _ in range(600):
            found = await invariants.alive(strict, told, [await handle.fetch_history()])
            if any("its task fails" in one for one in found):
                break
            await asyncio.sleep(0.2)
        assert any(one.startswith("I6") and "its task fails" in one for one in found)
        await handle.terminate()
