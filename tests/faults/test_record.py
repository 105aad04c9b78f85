"""The record that does not answer: an answer lost after COMMIT is adopted, and ten minutes without a database cost few events."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker

from activities.notices import Notices, addresses_of
from activities.records import Records
from activities.types import RECORD, Batch, Recorded
from cli import library
from cli.audit import histories_of
from cli.audit_watch import Seen, watched
from domain import stories
from engine.testing import scratch
from tests.faults.invariants import Evidence, check
from tests.faults.proxy import linked
from tests.workflows.rig import KEYS, Rig, prepare
from tests.workflows.rig import rig as rigged
from tests.workflows.telling import tell
from workflows import contract, policies
from workflows.plugin import plugin

pytestmark = [
    pytest.mark.engine, pytest.mark.database, pytest.mark.faults,
    pytest.mark.filterwarnings("ignore:Cannot find activity to cancel"),  # the SDK's word for a quick try that ended while it was being cancelled
]  # fmt: skip
BOOK, OFFICE, STORY = "district-e-supervision", "district", "district-whole-transfer"
MOST_EVENTS = 15  # that ten minutes without the record may add to a history
OUTAGE = timedelta(minutes=10)
CASES = 120
NOT_OURS = ("time_skipping", "options_updated")  # what the engine writes about skipped time


def story_of(name: str) -> dict[str, Any]:
    return {**next(one for _, one in library.stories(BOOK) if one["story"] == STORY), "story": name}


async def sound(rig: Rig, case: str, commands: list[str]) -> Seen:
    """All invariants; what the replay saw."""
    await check(Evidence(rig.client, rig.pool, KEYS, {case: commands}), [case])
    return await watched(await histories_of(rig.client, case), KEYS)


@asynccontextmanager
async def over_a_link(address: str, database: str, namespace: str) -> AsyncIterator[tuple[Rig, Any]]:
    """A rig whose worker reaches the record through a link in our hands."""
    await prepare(address, namespace)
    with scratch() as folder:
        async with linked(folder, lambda: database) as link, rigged(address, link.url(database), namespace=namespace) as one:
            yield one, link


@pytest.mark.parametrize(("name", "kind"), [("first", "filed"), ("middle", "transferred"), ("closing", "archived")])
async def test_an_answer_to_commit_that_is_lost_is_adopted(engine: str, database: str, rig: Rig, name: str, kind: str) -> None:
    case = f"lost-{name}"
    async with over_a_link(engine, database, f"huiyin-{case}") as (mine, link), link.stop("record_step", case, f'"kind": "{kind}"') as stop:
        telling = asyncio.create_task(tell(mine, story_of(case)))
        await asyncio.wait_for(stop.reached.wait(), 60)
        assert await rig.pool.fetchval("select count(*) from events where case_id = $1 and kind = $2", case, kind) == 1  # committed
        stop.release(cut=True)
        await telling
        seen = await sound(mine, case, [one.id for one in stories.commands(story_of(case))])
    adopted = [text for _, answer in seen.batches for text in answer.stored]
    assert any(f'"kind":"{kind}"' in text for text in adopted), "the second try adopted what the first had stored"


class Away(Records):
    """The record of a database that some cases cannot reach until the outage is over; tries are counted."""

    def __init__(self, pool: Any, prefix: str) -> None:
        super().__init__(pool)
        self.prefix, self.over, self.waited, self.tries = prefix, False, timedelta(0), dict[str, int]()

    @activity.defn(name=RECORD)
    async def record(self, batch: Batch) -> Recorded:
        info = activity.info()
        self.tries[batch.case] = self.tries.get(batch.case, 0) + 1
        if batch.case.startswith(self.prefix) and not self.over:
            if not info.is_local:
                self.waited = max(self.waited, waited_before(info.attempt))
            raise ConnectionRefusedError("no database")
        return await super().record(batch)


def waited_before(attempt: int) -> timedelta:
    """How long the engine has let pass between the tries of one regular activity before this one."""
    retry = policies.PATIENT["retry_policy"]
    pauses = (min(retry.initial_interval * retry.backoff_coefficient**n, retry.maximum_interval) for n in range(attempt - 1))
    return sum(pauses, timedelta(0))


@asynccontextmanager
async def without_record(rig: Rig, address: str, namespace: str, prefix: str) -> AsyncIterator[tuple[Rig, Away]]:
    """A worker of its own whose cases with that prefix find no database."""
    await prepare(address, namespace)
    client = await Client.connect(address, namespace=namespace, plugins=[plugin(KEYS, story_clock=True)])
    away = Away(rig.pool, prefix)
    mine = replace(rig, client=client)
    notices = Notices(rig.pool, addresses_of({}))
    async with Worker(client, task_queue=policies.TASK_QUEUE, activities=[away.record, notices.notify], sticky_queue_schedule_to_start_timeout=policies.STICKY):
        yield mine, away


async def opened(rig: Rig, case: str) -> tuple[WorkflowHandle[Any, Any], list[Any], contract.Start]:
    """A case with its filing on the way, nothing awaited."""
    commands = stories.commands(story_of(case))
    start = rig.start_of(case, library.law(BOOK, OFFICE), BOOK, commands[:1], commands[0].received_at, f"{OFFICE}/{case}")
    return await rig.open(start), commands, start


async def reached(condition: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        await asyncio.sleep(0.1)


async def ours(handle: WorkflowHandle[Any, Any]) -> int:
    """Events of a history, without those about skipped time."""
    events = (await handle.fetch_history()).events
    return len([one for one in events if not any(word in str(one.WhichOneof("attributes")) for word in NOT_OURS)])


async def test_ten_minutes_without_the_record_add_few_events(rig: Rig, engine: str) -> None:
    case = "ten-minutes"
    async with without_record(rig, engine, "huiyin-ten-minutes", "no-case") as (mine, away):
        handle, commands, start = await opened(mine, case)
        await mine.answer(case, commands[0].id)
        await mine.pass_to(handle, commands[1].received_at, start.clock_offset)
        before = await ours(handle)
        away.prefix = case
        await mine.send(handle, commands[1])
        await reached(lambda: away.waited > timedelta(0))  # the two quick tries run on real time
        skipping = asyncio.create_task(mine.skipper.fast_forward(handle, OUTAGE))  # each pause between two tries is skipped, on the engine's own clock
        until = time.monotonic() + 240
        while not any(one.workflow_execution_time_skipping_transitioned_event_attributes.disabled_after_fast_forward for one in (await handle.fetch_history()).events[-3:]):
            assert time.monotonic() < until, away.waited
            await asyncio.sleep(0.2)
        assert away.tries[case] > 30
        away.over = True
        await mine.answer(case, commands[1].id, 60)
        skipping.cancel()
        await handle.query("state")
        added = await ours(handle) - before
        assert added <= MOST_EVENTS, added
        await sound(mine, case, [one.id for one in commands[:2]])


async def test_a_hundred_and_twenty_cases_without_a_record_hold_up_no_other(rig: Rig, engine: str) -> None:
    async with without_record(rig, engine, "huiyin-many-away", "away-") as (mine, away):

        async def good(name: str) -> float:
            began = time.monotonic()
            _, commands, _ = await opened(mine, name)
            await mine.answer(name, commands[0].id, 120)
            return time.monotonic() - began

        await good("calm-0")
        calm = max([await good(f"calm-{n}") for n in range(1, 4)])
        handles = [(await opened(mine, f"away-{n}"))[0] for n in range(CASES)]
        busy = [await good(f"busy-{n}") for n in range(5)]
        assert not await rig.pool.fetchval("select count(*) from cases where case_id like 'away-%'"), "the others were answered while these were still without a record"
        assert len(away.tries) >= CASES
        print(f"calm {calm:.2f} s, among {CASES} without a record {sorted(busy)}")
        counts = await asyncio.gather(*(ours(one) for one in handles))
        away.over = True
        await asyncio.gather(*(mine.answer(f"away-{n}", stories.commands(story_of(f"away-{n}"))[0].id, 120) for n in range(CASES)))
        assert max(counts) <= MOST_EVENTS, counts
        await check(Evidence(mine.client, rig.pool, KEYS, {}), [f"away-{n}" for n in range(0, CASES, 10)])
