"""What a case leaves behind: its history is kept by somebody else after its end, once, whole, and missed when it is not there."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.archives import Archives
from activities.files import Folder
from activities.histories import fetched, runs_of, unpacked
from activities.types import Checking
from cli import library
from domain.core import law_hash, law_load, law_value
from tests.workflows.rig import Rig
from tests.workflows.telling import tell
from workflows import policies
from workflows.archive import ArchiveCheckWorkflow, ArchiveWorkflow

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


@dataclass
class Keep:
    """A worker with the keeper's activities."""

    archives: Archives
    worker: Worker


@asynccontextmanager
async def keeping(rig: Rig, folder: Path) -> AsyncIterator[Keep]:
    """The keeper's workflows and activities on a queue of their own names, beside the rig's worker."""
    archives = Archives(rig.pool, rig.client, Folder(folder))
    worker = Worker(
        rig.client, task_queue=policies.TASK_QUEUE, activities=[archives.keep, archives.check], workflows=[ArchiveWorkflow, ArchiveCheckWorkflow],
        graceful_shutdown_timeout=policies.DRAIN,
    )  # fmt: skip
    async with worker:
        yield Keep(archives, worker)
