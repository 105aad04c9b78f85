"""The worker as a process: killed in the middle it loses nothing, it drains on SIGTERM, and it refuses a story's clock unless told."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client

from cli import library
from domain import stories
from domain.core import Command, law_value
from domain.workdays import ZONE
from tests.workflows.rig import Rig, prepare
from workflows import attributes, contract, policies
from workflows.keyfile import codec_keys
from workflows.plugin import plugin

pytestmark = pytest.mark.engine
BOOK, OFFICE = "district-e-supervision", "district"
QUEUE_OF_ITS_OWN = "huiyin-test-worker"


@asynccontextmanager
async def worker(address: str, database: str, keys: Path, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m worker` in a namespace where nobody else works."""
    env = {**os.environ, "HUIYIN_ENGINE_ADDRESS": address, "HUIYIN_NAMESPACE": QUEUE_OF_ITS_OWN, "HUIYIN_DATABASE_URL": database, "HUIYIN_KEYS": str(keys), **more}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "worker", env=env, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_killed_worker_loses_nothing_and_the_next_one_drains(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    await prepare(engine, QUEUE_OF_ITS_OWN)
    client = await Client.connect(engine, namespace=QUEUE_OF_ITS_OWN, plugins=[plugin(codec_keys(tmp_path / "keys"))])
    key, public = contract.key_pair()
    law = library.law(BOOK, OFFICE)
    acts = stories.commands(next(one for _, one in library.stories(BOOK) if one["story"] == "district-whole-transfer"))[:2]
    cases = [f"killed-{n}" for n in range(12)]
    async with worker(engine, database, tmp_path / "keys") as first:
        await asyncio.gather(*(_file(client, case, key, public, law_value(law), acts[0]) for case in cases))
        await rig.answer(cases[0], f"{cases[0]}:file", 30)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    async with worker(engine, database, tmp_path / "keys") as second:
        await asyncio.gather(*(rig.answer(case, f"{case}:file", 30) for case in cases))
        await _file(client, "killed-after", key, public, law_value(law), acts[0])  # the second one is at work
        await rig.answer("killed-after", "killed-after:file", 30)
        second.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(second.wait(), 10) == 0
    async with asyncpg.create_pool(database, min_size=1) as pool:
        rows = await pool.fetch("select case_id, count(*) from events where case_id = any($1) and kind = 'filed' group by case_id", [*cases, "killed-after"])
    assert sorted(row["case_id"] for row in rows) == sorted([*cases, "killed-after"])
    assert all(row["count"] == 1 for row in rows)


async def test_a_story_clock_is_refused_unless_told(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    await prepare(engine, QUEUE_OF_ITS_OWN)
    client = await Client.connect(engine, namespace=QUEUE_OF_ITS_OWN, plugins=[plugin(codec_keys(tmp_path / "keys"))])
    key, public = contract.key_pair()
    act = stories.commands(next(one for _, one in library.stories(BOOK) if one["story"] == "district-whole-transfer"))[0]
    law = law_value(library.law(BOOK, OFFICE))
    async with worker(engine, database, tmp_path / "keys"):
        await _file(client, "story-clock", key, public, law, act, -1000.0)
        await _file(client, "real-clock", key, public, law, act)
        await rig.answer("real-clock", "real-clock:file", 30)
        await asyncio.sleep(0.5)
        assert await rig.pool.fetchval("select count(*) from events where case_id = 'story-clock'") == 0
    async with worker(engine, database, tmp_path / "keys", HUIYIN_STORY_CLOCK="1"):
        await rig.answer("story-clock", "story-clock:file", 40)


async def _file(client: Client, case: str, key: Ed25519PrivateKey, public: str, law: dict[str, object], act: Command, offset: float = 0.0) -> None:
    now = datetime.now(ZONE).replace(microsecond=0)
    filing = Command(f"{case}:file", "file", act.fields, now, now, act.actor)
    start = contract.Start(case, f"{OFFICE}/killed", BOOK, law, {"test": public}, [contract.sign(case, filing, "test", key)], offset)
    await client.start_workflow(
        contract.WORKFLOW, start, id=case, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
        search_attributes=attributes.at_start(start.office, start.book),
    )  # fmt: skip


