"""What a case leaves behind: its history is kept by somebody else after its end, once, whole, and missed when it is not there."""

import asyncio
import hashlib
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment

from activities.archives import CUT, DAMAGED, Archives
from activities.files import Folder
from activities.histories import fetched, key_of, link_of, runs_of, unpacked
from activities.types import Checking
from api.settings import Settings
from cli import audit_run, library
from cli.audit import printed
from cli.audit_source import Place, audited
from domain import stories
from domain.core import law_hash, law_load, law_value
from tests.workflows.rig import KEYS, SHORT, Rig, prepare
from tests.workflows.rig import rig as rigged
from tests.workflows.telling import tell
from tests.workflows.test_worker import worker as process
from worker.standing import DAILY, KEEPER, daily, keeper
from workflows.plugin import plugin

OWN = "huiyin-archive"
pytestmark = [pytest.mark.engine, pytest.mark.database]
STORY = "district-whole-transfer"


async def told(rig: Rig, name: str) -> Any:
    """The whole-transfer story under another name, told to its archive."""
    story = {**next(one for _, one in library.stories() if one["story"] == STORY), "story": name}
    handle = await tell(rig, story)
    await handle.result(follow_runs=True)
    return handle


async def deleted(client: Client, case_id: str, run_id: str = "") -> None:
    """Delete a run (the current one) from the engine, as retention does, and wait until it is gone."""
    one = WorkflowExecution(workflow_id=case_id, run_id=run_id)
    await client.workflow_service.delete_workflow_execution(DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=one))
    for _ in range(1500):
        try:
            await client.get_workflow_handle(case_id, run_id=run_id or None).describe()
        except RPCError:
            return
        await asyncio.sleep(0.02)
    raise TimeoutError("the engine did not delete the run")


async def until(what: Callable[[], Awaitable[Any]], seconds: float = 60) -> Any:
    """The first true answer."""
    for _ in range(int(seconds / 0.05)):
        found = await what()
        if found:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError("nothing came")


async def checked(archives: Archives, older_than: float = 0) -> Any:
    return await ActivityEnvironment().run(archives.check, Checking(older_than))


async def task(rig: Rig, name: str) -> tuple[str, bool] | None:
    """What the administrator is told of a case, and whether the task is still open."""
    row = await rig.pool.fetchrow("select what, closed_at is null as open, role from office_tasks where case_id = $1", name)
    if row is None:
        return None
    assert row["role"] == "admin"
    return row["what"], row["open"]


async def test_an_ended_case_is_kept_and_nothing_is_added_to_it(rig: Rig, tmp_path: Path) -> None:
    handle = await told(rig, "kept")
    before = runs_of(await fetched(rig.client, "kept"))
    assert await rig.pool.fetchval("select count(*) from archive_queue where case_id = 'kept'") == 1
    archives = Archives(rig.pool, rig.client, Folder(tmp_path))
    assert await archives.keep_one("kept")
    assert await archives.keep_one("kept")  # again, as after a kill between row and answer
    row = await rig.pool.fetchrow("select * from archives where case_id = 'kept'")
    assert row is not None
    assert json.loads(row["runs"]) == before == runs_of(await fetched(rig.client, "kept"))
    assert row["events"] == before[0]["events"]
    assert row["whole"] and row["build"].startswith("0.") and row["office"] == "district/kept"
    assert row["law_sha256"] == law_hash(law_load(law_value(library.law("district-e-supervision", "district"))))
    path = tmp_path / row["file"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "罗" not in path.read_text() and "identity" not in path.read_text()  # payloads stay sealed
    assert runs_of(unpacked("kept", path.read_bytes())) == before
    assert await rig.pool.fetchval("select count(*) from archive_queue where case_id = 'kept'") == 0
    with pytest.raises(Exception, match="append-only"):
        await rig.pool.execute("update archives set sha256 = 'x' where case_id = 'kept'")
    assert (await handle.describe()).status.name == "COMPLETED"


async def test_an_open_run_waits_and_says_why(rig: Rig, tmp_path: Path) -> None:
    await told(rig, "waits")
    await rig.pool.execute("insert into archive_queue (case_id) select case_id from cases where case_id = 'waits' on conflict do nothing")
    archives = Archives(rig.pool, rig.client, Folder(tmp_path))
    await deleted(rig.client, "waits")
    assert not await archives.keep_one("waits")
    row = await rig.pool.fetchrow("select tries, last_error, next_try > now() as later from archive_queue where case_id = 'waits'")
    assert row is not None and (row["tries"], row["later"]) == (1, True)
    assert "no run" in row["last_error"]


class Dying(Folder):
    """A file store whose process dies right after a file is whole on disk."""

    def put(self, key: str, data: bytes) -> None:
        super().put(key, data)
        raise KeyboardInterrupt


async def test_killed_between_file_and_row_the_next_one_finishes(rig: Rig, tmp_path: Path) -> None:
    await told(rig, "killed-between")
    with pytest.raises(KeyboardInterrupt):
        await Archives(rig.pool, rig.client, Dying(tmp_path)).keep_one("killed-between")
    path = tmp_path / key_of("killed-between")
    written = path.stat()
    assert await rig.pool.fetchval("select count(*) from archives where case_id = 'killed-between'") == 0
    assert await Archives(rig.pool, rig.client, Folder(tmp_path)).keep_one("killed-between")
    assert await rig.pool.fetchval("select size from archives where case_id = 'killed-between'") == written.st_size
    assert path.stat().st_mtime_ns == written.st_mtime_ns  # the same bytes: not written again


class Full(Folder):
    """A file store on a full disk."""

    def put(self, key: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")


async def test_a_full_disk_is_said_and_tried_again(rig: Rig, tmp_path: Path) -> None:
    await told(rig, "full-disk")
    assert not await Archives(rig.pool, rig.client, Full(tmp_path)).keep_one("full-disk")
    row = await rig.pool.fetchrow("select tries, last_error from archive_queue where case_id = 'full-disk'")
    assert row is not None and row["tries"] == 1 and "No space left" in row["last_error"]
    assert await Archives(rig.pool, rig.client, Folder(tmp_path)).keep_one("full-disk")


async def test_a_damaged_file_is_a_task_and_is_mended_while_the_engine_can(rig: Rig, tmp_path: Path) -> None:
    name = "mended"
    await told(rig, name)
    archives = Archives(rig.pool, rig.client, Folder(tmp_path))
    assert await archives.keep_one(name)
    path = tmp_path / key_of(name)
    whole = path.read_bytes()
    await checked(archives)
    assert await task(rig, name) is None

    path.write_bytes(whole[:100] + b"X" + whole[101:])
    for _ in range(2):  # one task, not one a day
        await checked(archives)
        assert await task(rig, name) == (DAMAGED, True)
    opened = await rig.pool.fetchval("select opened_at from office_tasks where case_id = $1", name)
    assert await archives.keep_one(name)
    assert path.read_bytes() == whole
    assert len(list(path.parent.glob(f"{path.name}.damaged-*"))) == 1  # what was found stays for whoever asks
    assert await task(rig, name) == (DAMAGED, True)  # a person shall see it, until the next look
    await checked(archives)
    assert await task(rig, name) == (DAMAGED, False)

    path.unlink()
    await checked(archives)
    assert await task(rig, name) == (DAMAGED, True)
    assert await rig.pool.fetchval("select opened_at from office_tasks where case_id = $1", name) > opened
    await deleted(rig.client, name)
    assert not await archives.keep_one(name)
    path.write_bytes(whole)  # from a backup
    await checked(archives)
    assert await task(rig, name) == (DAMAGED, False)


async def test_a_chain_is_kept_whole_though_the_engine_forgets_its_first_runs(engine: str, database: str, rig: Rig, tmp_path: Path) -> None:
    await prepare(engine, SHORT)
    async with rigged(engine, database, namespace=SHORT) as short:
        name = "chain-kept"
        await told(short, name)
        histories = await fetched(short.client, name)
        assert len(histories) >= 3
        archives = Archives(short.pool, short.client, Folder(tmp_path))
        assert await until(lambda: ActivityEnvironment().run(archives.keep_links)) >= len(histories) - 1
        assert (tmp_path / link_of(name, histories[0].run_id)).exists()
        await deleted(short.client, name, histories[0].run_id)
        assert len(await fetched(short.client, name)) == len(histories) - 1
        place = Place(short.pool, Folder(tmp_path), KEYS, short.client)
        assert (await audited(place, name)).sound
        bare = await audited(Place(short.pool, Folder(tmp_path / "nothing"), KEYS, short.client), name)
        said = printed(name, bare)
        assert not bare.sound  # it says what is missing, and what the chain head proves all the same
        assert [text for holds, text in bare.lines if not holds] == [f"更早的运行已不在 earlier runs are not there: {histories[0].run_id}"], said
        assert "are proved by the chain head that the next run began with" in said

        assert await archives.keep_one(name)
        row = await short.pool.fetchrow("select * from archives where case_id = $1", name)
        assert row is not None and row["whole"]
        assert json.loads(row["runs"]) == runs_of(histories)
        for run in histories[1:]:
            await deleted(short.client, name, run.run_id)
        found = await audited(place, name)
        assert found.sound, printed(name, found)
        assert "from the archive" in printed(name, found)
        await checked(archives)
        assert await task(rig, name) is None


async def test_a_chain_that_was_cut_before_it_was_kept_is_a_task(engine: str, database: str, rig: Rig, tmp_path: Path) -> None:
    await prepare(engine, SHORT)
    async with rigged(engine, database, namespace=SHORT) as short:
        name = "chain-cut"
        await told(short, name)
        first = (await fetched(short.client, name))[0]
        await deleted(short.client, name, first.run_id)
        archives = Archives(short.pool, short.client, Folder(tmp_path))
        assert await archives.keep_one(name)
        await checked(archives)
        assert await task(rig, name) == (CUT, True)


async def test_a_repeated_filing_after_the_engine_forgot_does_not_replace_what_was_kept(rig: Rig, tmp_path: Path) -> None:
    name = "again"
    await told(rig, name)
    archives = Archives(rig.pool, rig.client, Folder(tmp_path))
    assert await archives.keep_one(name)
    kept = await rig.pool.fetchval("select sha256 from archives where case_id = $1", name)
    await deleted(rig.client, name)
    story = {**next(one for _, one in library.stories() if one["story"] == STORY), "story": name}
    filing = stories.commands(story)[0]
    law = library.law(str(story["rulebook"]), str(story["office"]))
    again = await rig.open(rig.start_of(name, law, str(story["rulebook"]), [filing], filing.received_at, f"{story['office']}/{name}"))
    await again.result()  # the record is adopted, the run ends at once
    place = Place(rig.pool, Folder(tmp_path), KEYS, rig.client)
    found = await audited(place, name)
    assert found.sound, printed(name, found)
    assert "the engine has a later run of this id" in printed(name, found)
    assert not await archives.keep_one(name)
    assert await rig.pool.fetchval("select sha256 from archives where case_id = $1", name) == kept


@pytest.fixture
async def standing(engine: str, database: str, rig: Rig, tmp_path: Path) -> AsyncIterator[tuple[Rig, Path, dict[str, str]]]:
    """A namespace of its own with the keys of the rig in a folder: what a worker's process needs."""
    await prepare(engine, OWN)
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    for key, content in KEYS.keys.items():
        (keys / ("codec" if key == "k1" else f"codec.{key}")).write_bytes(content)
    client = await Client.connect(engine, namespace=OWN, plugins=[plugin(KEYS, story_clock=True)])
    own = replace(rig, client=client)
    yield own, tmp_path / "files", {"HUIYIN_FILES": str(tmp_path / "files"), "HUIYIN_KEYS": str(keys), "HUIYIN_STORY_CLOCK": "1", "HUIYIN_NAMESPACE": OWN}


async def test_the_worker_keeps_what_ends_also_after_it_was_killed(engine: str, database: str, standing: tuple[Rig, Path, dict[str, str]]) -> None:
    own, files, env = standing

    async def kept(name: str) -> Any:
        return await own.pool.fetchrow("select file, sha256 from archives where case_id = $1", name)

    async with process(engine, database, Path(env["HUIYIN_KEYS"]), **env) as first:
        await told(own, "own-1")
        await until(lambda: kept("own-1"))
        first.send_signal(signal.SIGKILL)
        await first.wait()
    async with process(engine, database, Path(env["HUIYIN_KEYS"]), **env) as second:
        await told(own, "own-2")  # the keeper itself comes back after its heartbeat is missed
        row = await until(lambda: kept("own-2"), 150)
        assert hashlib.sha256((files / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        described = await own.client.get_workflow_handle(KEEPER).describe()
        assert described.status is not None and described.status.name == "RUNNING"

        await own.pool.execute("alter table events disable trigger events_only_new")
        await own.pool.execute("update events set recorded_at = recorded_at - interval '2 hours' where case_id = 'own-2' and kind = 'archived'")
        await own.pool.execute("alter table events enable trigger events_only_new")
        (files / row["file"]).unlink()
        schedule = own.client.get_schedule_handle(DAILY)
        assert (await schedule.describe()).schedule.spec.calendars[0].hour[0].start == 23  # UTC; 07:30 at +08:00
        await schedule.trigger()
        await until(lambda: task(own, "own-2"))
        await until(lambda: _there(files / row["file"]))  # the keeper put it back
        here, said = Settings(engine, OWN, database, Path(env["HUIYIN_KEYS"]), files, 0), list[str]()
        code = await audit_run.check(here, said.append)  # by hand, as the administrator does
        assert await _closed(own, "own-2"), said
        assert code in (0, 1)  # other tests of this database leave cases that are not kept here
        assert "closed 1" in said[-1], said
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 10) == 0


async def _there(path: Path) -> bool:
    return path.exists()


async def _closed(rig: Rig, name: str) -> bool:
    return await task(rig, name) == (DAMAGED, False)


async def test_what_stands_is_made_once_and_left_as_it_is(standing: tuple[Rig, Path, dict[str, str]]) -> None:
    own, _, _ = standing
    for _ in range(2):
        await keeper(own.client)
        await daily(own.client)
    schedule = own.client.get_schedule_handle(DAILY)
    await schedule.pause(note="the administrator's wish")
    await daily(own.client)
    assert (await schedule.describe()).schedule.state.paused
    await schedule.unpause()
