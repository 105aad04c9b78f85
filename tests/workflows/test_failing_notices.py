"""A mail server that is down, on the real engine: the case is marked and goes on, its dates ring, and when the server is back the mark ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.worker import Replayer

from cli import library
from domain import stories
from domain.core import Event, grace_of
from tests.activities.post_office import PostOffice, post_office
from tests.workflows.rig import KEYS, SHORT, Rig, prepare
from tests.workflows.rig import rig as rigged
from workflows import contract
from workflows.plugin import plugin

pytestmark = pytest.mark.engine
BOOK, OFFICE, STORY = "district-e-supervision", "district", "district-whole-transfer"
REVIEWED = 9  # acts until the liaison must answer within a working day
MAIL = "huiyin-mail"  # where nobody else works, so that only these offices are known


@asynccontextmanager
async def mailing(engine: str, database: str, name: str, **more: Any) -> AsyncIterator[tuple[Rig, PostOffice]]:
    """A rig whose one office sends to a mail server that refuses, until told otherwise."""
    async with post_office() as mail:
        mail.refuses = True
        base = library.office(OFFICE)
        people = {**base["person"], "complainant": {}}
        office = {**base, "person": {pid: {**row, "notify": [mail.url(pid)]} for pid, row in people.items()}}
        async with rigged(engine, database, offices={f"{OFFICE}/{name}": office}, **more) as rig:
            yield rig, mail


async def begun(rig: Rig, name: str, acts: int) -> tuple[WorkflowHandle[Any, Any], list[Any], contract.Start]:
    story = {**next(one for _, one in library.stories(BOOK) if one["story"] == STORY), "story": name}
    commands = stories.commands(story)
    start = rig.start_of(name, library.law(BOOK, OFFICE), BOOK, commands[:1], commands[0].received_at, f"{OFFICE}/{name}")
    handle = await rig.open(start)
    await rig.answer(name, commands[0].id)
    for command in commands[1:acts]:
        await rig.pass_to(handle, command.received_at, start.clock_offset)
        await rig.send(handle, command)
        await rig.answer(name, command.id)
    return handle, commands, start


async def events(rig: Rig, name: str) -> list[Event]:
    return [Event.load(json.loads(body)) for body in await rig.bodies(name)]


async def seen(rig: Rig, name: str, kind: str, subject: str = "") -> Event:
    """The one event of a kind, as soon as it is on the record."""
    for _ in range(1500):
        found = [event for event in await events(rig, name) if event.kind == kind and subject in ("", event.subject)]
        if found:
            assert len(found) == 1
            return found[0]
        await asyncio.sleep(0.02)
    raise TimeoutError(f"{name}: no {kind}")


async def waiting_on(rig: Rig, name: str) -> list[str]:
    return list(await rig.pool.fetchval("select waiting_on from cases where case_id = $1", name))


async def replays(handle: WorkflowHandle[Any, Any]) -> None:
    await Replayer(workflows=[], plugins=[plugin(KEYS, story_clock=True)]).replay_workflow(await handle.fetch_history())


async def test_the_case_is_marked_its_dates_ring_and_the_mark_ends(engine: str, database: str, rig: Rig) -> None:
    name = "mail-down"
    await prepare(engine, MAIL)
    async with mailing(engine, database, name, namespace=MAIL) as (here, mail):
        mail.refuses = False
        handle, commands, start = await begun(here, name, REVIEWED)
        mail.refuses = True
        at = stories.when("Mon 2025-10-13 11:00")
        await here.pass_to(handle, at, start.clock_offset)
        await here.send(handle, replace(commands[0], id=f"{name}:s", act="supervise", actor="he", fields={"reason": "weak", "mode": "telephone"}, received_at=at, entered_at=at))
        assert (await here.answer(name, f"{name}:s"))["code"] == "accepted"
        await here.pass_to(handle, at + timedelta(hours=2), start.clock_offset)
        marked = await seen(here, name, "notice_failed")
        key = marked.data["fields"]["notice"]
        assert marked.actor == "system" and marked.subject.endswith(":supervised") and at < marked.at < at + timedelta(hours=2)
        assert "luo" in await waiting_on(here, name)
        assert await here.pool.fetchval("select count(*) from inbox where key = $1 and person = 'liu'", key) == 1, "the liaison has it in the inbox"

        due, tried = stories.when("Wed 2025-10-15 00:00"), mail.tried
        await here.pass_to(handle, due + grace_of(name) + timedelta(minutes=1), start.clock_offset)
        overdue = await seen(here, name, "overdue")
        assert (overdue.subject, overdue.at) == ("unit_feedback", due), "the statutory clock goes on and rings at its legal instant"
        assert mail.tried - tried >= 24, "tried on every hour"
        mail.refuses = False
        await here.pass_to(handle, due + timedelta(hours=4), start.clock_offset)
        cleared = await seen(here, name, "notice_sent_late", marked.subject)
        assert cleared.at > due
        assert "luo" not in await waiting_on(here, name)
        assert [subject.split()[0] for subject in mail.subjects("liu")] == ["【回音】to_liaison", "【回音】supervised"]
        assert [event.subject for event in await events(here, name) if event.kind == "notice_failed"].count(marked.subject) == 1
        await replays(handle)


async def test_an_archived_case_stays_until_its_answer_has_arrived(engine: str, database: str, rig: Rig) -> None:
    name = "mail-archived"
    await prepare(engine, MAIL)
    async with mailing(engine, database, name, namespace=MAIL) as (here, mail):
        mail.refuses = False
        handle, commands, start = await begun(here, name, REVIEWED)
        mail.refuses = True
        for command in commands[REVIEWED:]:
            await here.pass_to(handle, command.received_at, start.clock_offset)
            await here.send(handle, command)
            await here.answer(name, command.id)
        assert await here.pool.fetchval("select phase from cases where case_id = $1", name) == "archived"
        await here.pass_to(handle, commands[-1].received_at + timedelta(hours=3), start.clock_offset)
        assert (await seen(here, name, "notice_failed")).subject.endswith(":unit_answer")
        assert await waiting_on(here, name) == ["luo"]
        mail.refuses = False
        await here.pass_to(handle, commands[-1].received_at + timedelta(hours=6), start.clock_offset)
        result = await handle.result()
        recorded = await events(here, name)
        assert (result.version, recorded[-1].kind) == (recorded[-1].seq, "notice_sent_late")
        assert await waiting_on(here, name) == []
        assert sorted(str(one["To"]) for one in mail.accepted) == ["complainant@example.org", "liu@example.org"]
        description = await handle.describe()
        assert description.status is not None and description.status.name == "COMPLETED"
        await replays(handle)


async def test_a_run_that_continues_takes_its_notices_along(engine: str, database: str, rig: Rig) -> None:
    name = "mail-runs"
    await prepare(engine, SHORT)
    async with mailing(engine, database, name, namespace=SHORT, max_cached_workflows=0) as (here, mail):
        handle, commands, start = await begun(here, name, 5)
        for n in range(1, 7):
            at = commands[4].received_at + timedelta(minutes=n)
            await here.pass_to(handle, at, start.clock_offset)
            await here.send(handle, replace(commands[0], id=f"{name}:{n}", act="note", fields={"text": "记"}, received_at=at, entered_at=at))
            assert (await here.answer(name, f"{name}:{n}"))["code"] == "accepted"
        runs = [run async for run in here.client.list_workflows(f"WorkflowId = '{name}'")]
        assert len(runs) > 1, "the mail server keeps no clock and no act waiting"
        assert mail.tried and not mail.accepted
        mail.refuses = False
        for _ in range(3000):
            if await here.pool.fetchval("select sent_at from outbox where case_id = $1 and demanded", name):
                break
            await asyncio.sleep(0.02)
        assert mail.subjects("liu") and len(mail.accepted) == 1
        for run in runs:
            await replays(here.client.get_workflow_handle(name, run_id=run.run_id))
        await handle.terminate()


async def test_the_workers_key_speaks_for_the_system_alone(rig: Rig) -> None:
    name = "system-key"
    handle, commands, start = await begun(rig, name, 3)
    await rig.pass_to(handle, commands[3].received_at, start.clock_offset)
    mark = rig.notices.mark
    assert mark is not None
    key = mark.key  # type: ignore[attr-defined]
    await handle.signal("approve", contract.sign(name, commands[3], contract.SYSTEM_KEY, key))
    forged, _ = contract.key_pair()
    wish = replace(commands[3], id=f"{name}:1:told:mark_unsent", act="mark_unsent", fields={"notice": f"{name}:1:told"}, actor="system", post="", unit="", entered_by="")
    await handle.signal("mark_unsent", contract.sign(name, wish, contract.SYSTEM_KEY, forged))
    assert await mark(name, "mark_unsent", {"notice": f"{name}:1:told"})
    await seen(rig, name, "notice_failed")
    refused = [event.data["code"] for event in await events(rig, name) if event.kind == "refused"]
    assert refused == ["unsigned_act", "unsigned_act"]
    assert await mark("no-such-case", "mark_unsent", {"notice": "no-such-case:1:told"}) is False

