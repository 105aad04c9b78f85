"""Both servers for real: killed and started again on their data, in the folder where they belong."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from engine import postgres, temporal
from engine.attributes import ATTRIBUTES, NAMESPACE, RETENTION_DAYS
from engine.find import NoEngine, find
from engine.namespaces import known_attributes
from engine.postgres import Cluster, Postgres
from engine.progress import Progress
from engine.stores import File
from engine.temporal import Plan, Temporal
from engine.testing import engine, scratch, temporal_server
from engine.testing import postgres as fresh_database

QUIET = Progress(quiet=True)


@pytest.fixture
async def place() -> AsyncIterator[Path]:
    with scratch() as folder:
        yield folder


def ended(pid: int) -> bool:
    """True when that process is gone, or dead and only unburied."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def gone(pid: int, seconds: float = 8) -> bool:
    for _ in range(int(seconds / 0.05)):
        if ended(pid):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.database
async def test_a_killed_database_comes_back_with_every_row(place: Path) -> None:
    cluster = Cluster(place / "data", place / "run", place / "postgres.log")
    first = await postgres.start(cluster, progress=QUIET, template=True)
    connection = await asyncpg.connect(first.url())
    assert await connection.fetchval("show server_encoding") == "UTF8"
    assert await connection.fetchval("show data_checksums") == "on"
    assert await connection.fetchval("show listen_addresses") == ""
    await connection.execute("create table kept(id int primary key)")
    await connection.execute("insert into kept values (1)")
    os.kill(first.child.pid, signal.SIGKILL)
    connection.terminate()
    second: Postgres = await postgres.start(cluster, progress=QUIET)  # the first is dead, and not yet buried
    first.child.kill()
    try:
        connection = await asyncpg.connect(second.url())
        assert await connection.fetchval("select count(*) from kept") == 1
        await connection.close()
    finally:
        await second.stop()
    assert ended(second.child.pid)


@pytest.mark.database
async def test_loopback_wants_the_password(place: Path) -> None:
    from engine.ports import any_free

    cluster = Cluster(place / "data", place / "run", place / "postgres.log", port=any_free())
    running = await postgres.start(cluster, progress=QUIET, template=True)
    try:
        connection = await asyncpg.connect(running.tcp_url())
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://huiyin:wrong@127.0.0.1:{cluster.port}/huiyin")
    finally:
        await running.stop()


@pytest.mark.database
async def test_a_database_with_a_long_path_still_gets_its_socket(place: Path) -> None:
    long = place / ("很长的路径" * 8)
    running = await postgres.start(Cluster(long / "data", long / "run", long / "log"), progress=QUIET, template=True)
    try:
        assert await running.answers()
    finally:
        await running.stop()
        for left in running.sockets.parent.glob(running.sockets.name):
            if place not in left.parents:
                left.rmdir()


@pytest.mark.database
async def test_the_database_of_tests_is_fresh_each_time() -> None:
    for _ in range(2):
        async with fresh_database() as url:
            connection = await asyncpg.connect(url)
            await connection.execute("create table once(id int)")
            await connection.close()


@pytest.mark.engine
async def test_a_killed_server_comes_back_with_namespace_attributes_and_cases(place: Path) -> None:
    plan = Plan(place / "engine", File(place / "engine" / "temporal.db"), place / "temporal.log")
    first: Temporal = await temporal.start(find(QUIET), plan, progress=QUIET)
    client = await Client.connect(first.address, namespace=NAMESPACE)
    await client.start_workflow("Waits", id="kept", task_queue="nobody")
    os.kill(first.child.pid, signal.SIGKILL)
    first.child.kill()
    plan = Plan(plan.folder, plan.store, plan.log, ports=first.ports)
    second = await temporal.start(find(QUIET), plan, progress=QUIET)
    try:
        client = await Client.connect(second.address, namespace=NAMESPACE)
        assert (await client.get_workflow_handle("kept").describe()).run_id
        shown = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=NAMESPACE))
        assert shown.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=RETENTION_DAYS)
        assert set(ATTRIBUTES) <= await known_attributes(client)
    finally:
        await second.stop()
    assert ended(second.child.pid)


@pytest.mark.engine
async def test_the_server_listens_on_loopback_only() -> None:
    async with engine() as running:
        own = socket_numbers(running.server.child.pid)
        for line in (*Path("/proc/net/tcp").read_text().splitlines()[1:], *Path("/proc/net/tcp6").read_text().splitlines()[1:]):
            words = line.split()
            if words[3] == "0A" and words[9] in own:
                assert words[1].split(":")[0] in {"0100007F", "0000000000000000FFFF00000100007F"}, line


def socket_numbers(pid: int) -> set[str]:
    links = (os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink())
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


@pytest.mark.engine
async def test_time_skipping_is_off_unless_asked_for(place: Path) -> None:
    from engine.configuration import dynamic_values

    plan = Plan(place, File(place / "temporal.db"), place / "log")
    temporal.make(find(QUIET), plan, temporal.free_ports(temporal.PORT_NAMES))
    assert "frontend.WorkflowTimeSkippingEnabled" not in dynamic_values(place)


CHILD = """
import asyncio, sys
from pathlib import Path
from engine.testing import engine, database
async def main():
    async with engine() as one, database() as two:
        print(one.server.child.pid, two.child.pid, two.cluster.data.parent, one.server.plan.folder, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.engine
@pytest.mark.database
async def test_both_die_with_a_killed_parent() -> None:
    import shutil

    parent = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert parent.stdout is not None
    words = (await asyncio.to_thread(parent.stdout.readline)).split()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    try:
        assert await gone(int(words[0]))
        assert await gone(int(words[1]))
    finally:
        for folder in words[2:]:
            shutil.rmtree(folder)


@pytest.mark.engine
async def test_address_of_a_server_for_tests() -> None:
    async with temporal_server(namespace="huiyin-other") as address:
        client = await Client.connect(address, namespace="huiyin-other")
        assert await known_attributes(client) >= set(ATTRIBUTES)


def test_no_engine_is_said_in_both_languages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUIYIN_ENGINE", str(tmp_path / "absent"))
    with pytest.raises(NoEngine) as caught:
        find(QUIET)
    assert "找不到" in str(caught.value)
    assert "HUIYIN_ENGINE" in str(caught.value)
    assert "go.temporal.io/server/cmd/server@v" in str(caught.value)
