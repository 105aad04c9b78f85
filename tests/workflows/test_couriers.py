"""Couriers on the real engine: one an office, started again when ended, racing, killed in the middle, and telling the case."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Replayer

from activities.delivery import Courier
from activities.notices import Notices, wall_clock
from cli import library
from domain import stories
from domain.core import Event
from tests.activities.post_office import PostOffice, post_office
from tests.activities.test_notices import outbox
from tests.workflows.rig import KEYS, Rig, prepare
from tests.workflows.rig import rig as rigged
from worker.couriers import couriers
from worker.offices import Offices
from workflows import contract
from workflows.plugin import plugin

pytestmark = pytest.mark.engine


def office_folder(folder: Path, people: Mapping[str, list[str]], office: str, base: str = "") -> Offices:
    """A folder with one office file, the people's addresses in it."""
    folder.mkdir(exist_ok=True)
    head = base or f'[office]\nid = "{office}"\n'
    rows = [f"[person.{who}]\nnotify = {json.dumps(urls)}\n" for who, urls in people.items()]
    (folder / "office.toml").write_text("".join([head, *rows]), encoding="utf-8")
    return Offices(folder)


@asynccontextmanager
async def at_work(client: Client, pool: asyncpg.Pool, offices: Offices, **more: Any) -> AsyncIterator[Notices]:
    notices = Notices(pool, offices.addresses, office=offices.file, words=offices.words, **more)
    async with couriers(client, notices, offices, watch=0.5, courier=Courier(notices, pause=0.05, shift=timedelta(seconds=2))):
        yield notices


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """Wait for something to be true."""
    for _ in range(int(seconds / 0.05)):
        found = await what()
        if found:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError


async def space(engine: str, name: str) -> Client:
    """A client in a namespace of the test's own."""
    await prepare(engine, name)
    return await Client.connect(engine, namespace=name, plugins=[plugin(KEYS, story_clock=True)])


async def open_rows(pool: asyncpg.Pool, office: str) -> int:
    return int(await pool.fetchval("select count(*) from outbox where office = $1 and sent_at is null", office))


def listed(mail: PostOffice, who: str) -> int:
    """How many notices one person got, alone or in one message with others."""
    return sum(text.count("told　编号") or 1 for text in mail.texts(who))


async def test_an_ended_courier_is_started_again_and_counts_as_no_case(rig: Rig, engine: str, tmp_path: Path) -> None:
    client, office = await space(engine, "huiyin-courier-1"), "ended"
    async with post_office() as mail:
        offices = office_folder(tmp_path / "offices", {"li": [mail.url()]}, office)
        async with at_work(client, rig.pool, offices):
            await outbox(rig.pool, "ce1:1:told", ["li", "wang"], office=office, demanded=False)
            await until(lambda: rig.pool.fetchval("select sent_at from outbox where key = 'ce1:1:told'"))
            handle = client.get_workflow_handle(contract.courier_id(office))
            first = (await handle.describe()).run_id
            await handle.terminate("an operator's slip")
            await outbox(rig.pool, "ce2:1:told", ["li"], office=office, demanded=False)
            await until(lambda: rig.pool.fetchval("select sent_at from outbox where key = 'ce2:1:told'"))

            async def restarted() -> Any:  # the old shift may have sent it before it heard of its end
                now = await handle.describe()
                return now if now.run_id != first and now.status == WorkflowExecutionStatus.RUNNING else None

            again = await until(restarted)
            assert again.search_attributes == {} or "HuiyinStatus" not in again.search_attributes
            assert (await client.count_workflows("HuiyinStatus = 'open' or HuiyinOffice is not null or HuiyinRulebook is not null")).count == 0
        assert len(mail.accepted) == 2
        for n, run in enumerate([run async for run in client.list_workflows(f"WorkflowId = '{contract.courier_id(office)}'")]):
            assert n < 2
            await Replayer(workflows=[], plugins=[plugin(KEYS)]).replay_workflow(await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history())


async def test_shifts_follow_each_other_and_workers_race_without_sending_twice(rig: Rig, engine: str, tmp_path: Path) -> None:
    client, office = await space(engine, "huiyin-courier-2"), "shifts"
    async with post_office() as mail:
        mail.slow = 0.02
        offices = office_folder(tmp_path / "offices", {who: [mail.url(who)] for who in ("li", "wang")}, office)
        second = await space(engine, "huiyin-courier-2")
        async with at_work(client, rig.pool, offices), at_work(second, rig.pool, offices) as other:
            stray: dict[str, asyncio.Task[None]] = {}
            for n in range(30):
                await outbox(rig.pool, f"cs{n}:1:told", ["li", "wang"], office=office, demanded=False)
                await Courier(other).round(office, stray)  # a second one, as after a heartbeat that came too late
                await asyncio.sleep(0.1)
            await asyncio.gather(*stray.values())
            await until(lambda: _none_open(rig.pool, office))
        assert (listed(mail, "li"), listed(mail, "wang")) == (30, 30)
        history = await client.get_workflow_handle(contract.courier_id(office)).fetch_history()
        shifts = [event for event in history.events if event.HasField("activity_task_completed_event_attributes")]
        assert len(shifts) >= 2, "a shift ended, the next one went on"


async def _none_open(pool: asyncpg.Pool, office: str) -> bool:
    return await open_rows(pool, office) == 0


async def test_the_courier_tells_the_case_and_the_administrator(engine: str, database: str, rig: Rig, tmp_path: Path) -> None:
    """An undemanded notice of a real case (kaiyang: the special reason explained) while the mail server is down, then up."""
    name, office, ahead = "courier-marks", "kaiyang/courier-marks", [timedelta(0)]
    await prepare(engine, "huiyin-courier-3")
    base = (library.OFFICES / "kaiyang.toml").read_text(encoding="utf-8").replace('id = "kaiyang"', f'id = "{office}"').replace('quiet = ["21:00", "08:00"]\n', "")
    async with post_office() as mail, rigged(engine, database, namespace="huiyin-courier-3") as here:
        mail.refuses = True
        offices = office_folder(tmp_path / "offices", {"complainant": [mail.url("complainant")]}, office, base)
        async with at_work(here.client, here.pool, offices, mark=here.notices.mark, clock=lambda: wall_clock() + ahead[0]):
            story = {**next(one for _, one in library.stories() if one["story"] == "kaiyang-extended"), "story": name}
            law, commands = library.law(story["rulebook"], "kaiyang"), stories.commands(story)
            start = here.start_of(name, law, story["rulebook"], commands[:1], commands[0].received_at, office)
            handle = await here.open(start)
            for command in commands:
                if command.id != commands[0].id:
                    await here.pass_to(handle, min(command.received_at, command.entered_at), start.clock_offset)
                    await here.send(handle, command)
                await here.answer(name, command.id)
                if await here.pool.fetchval("select count(*) from outbox where case_id = $1 and form = 'explained'", name):
                    break
            row = await here.pool.fetchrow("select * from outbox where case_id = $1 and form = 'explained'", name)
            assert row is not None and not row["demanded"]

            async def failed(kind: str) -> list[Event]:
                bodies = [Event.load(json.loads(body)) for body in await here.bodies(name)]
                return [event for event in bodies if event.kind == kind]

            async def tries(least: int) -> bool:
                return int(await here.pool.fetchval("select tries from outbox where key = $1", row["key"])) >= least

            for n in range(1, 7):
                await until(lambda n=n: tries(n))  # type: ignore[misc]
                assert not await failed("notice_failed") or n == 6
                ahead[0] += timedelta(seconds=10 * 2 ** (n - 1))
            (marked,) = await until(lambda: failed("notice_failed"))
            assert marked.data["fields"] == {"notice": row["key"], "since": marked.data["fields"]["since"], "tries": 6}
            assert "luo" in await here.pool.fetchval("select waiting_on from cases where case_id = $1", name)
            mail.refuses = False
            ahead[0] += timedelta(hours=1)
            await until(lambda: failed("notice_sent_late"))
            assert "luo" not in await here.pool.fetchval("select waiting_on from cases where case_id = $1", name)
            assert mail.subjects("complainant")[0].startswith("【回音】说明特殊原因 ")
        await handle.terminate()


@asynccontextmanager
async def worker(address: str, namespace: str, database: str, keys: Path, offices: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m worker` on its own office files."""
    env = {
        **os.environ, "HUIYIN_ENGINE_ADDRESS": address, "HUIYIN_NAMESPACE": namespace, "HUIYIN_DATABASE_URL": database,
        "HUIYIN_KEYS": str(keys), "HUIYIN_OFFICES": str(offices),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "worker", env=env, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_killed_after_the_server_took_it_only_that_message_goes_again(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    namespace, office = "huiyin-courier-4", "killed"
    await prepare(engine, namespace)
    async with post_office() as mail:
        office_folder(tmp_path / "offices", {who: [mail.url(who)] for who in ("a", "b", "c")}, office)
        for who in "abc":
            await outbox(rig.pool, f"ck{who}:1:told", [who], office=office, demanded=False)
        async with worker(engine, namespace, database, tmp_path / "keys", tmp_path / "offices") as first:
            await until(lambda: _none_open(rig.pool, office))

            mail.on_taken = first.kill  # accepted, not yet answered: the worker cannot have written it down
            await outbox(rig.pool, "ckd:1:told", ["a"], office=office, demanded=False)
            await first.wait()
            mail.on_taken = None
        assert await open_rows(rig.pool, office) == 1
        async with worker(engine, namespace, database, tmp_path / "keys", tmp_path / "offices") as second:
            await until(lambda: _none_open(rig.pool, office))
            await outbox(rig.pool, "cke:1:told", ["b"], office=office, demanded=False)
            await until(lambda: _none_open(rig.pool, office))
            second.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(second.wait(), 30) == 0
        assert sorted(str(one["To"])[0] for one in mail.accepted) == ["a", "a", "a", "b", "b", "c"], "the one in the air twice, the others once"
    rows = await rig.pool.fetch("select tries, sent_at, marked_at from outbox where office = $1", office)
    assert [(row["tries"], row["sent_at"] is not None, row["marked_at"]) for row in rows] == [(1, True, None)] * 5


async def test_a_worker_stops_though_a_mail_server_hangs(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    namespace, office = "huiyin-courier-5", "hangs"
    await prepare(engine, namespace)
    async with post_office() as mail:
        mail.slow = 600
        office_folder(tmp_path / "offices", {"a": [mail.url("a")]}, office)
        await outbox(rig.pool, "ch:1:told", ["a"], office=office, demanded=False)
        async with worker(engine, namespace, database, tmp_path / "keys", tmp_path / "offices") as one:

            async def reached() -> bool:
                return mail.tried > 0

            await until(reached)
            one.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(one.wait(), 60) == 0, "the server would hang for ten minutes"
    assert await open_rows(rig.pool, office) == 1
