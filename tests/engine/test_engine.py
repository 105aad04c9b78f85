"""What the tests' own servers promise: loopback only, fresh each time, gone with their parent."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from temporalio.client import Client

from engine.attributes import ATTRIBUTES
from engine.namespaces import known_attributes
from engine.testing import engine, temporal_server
from engine.testing import postgres as fresh_database


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
async def test_the_database_of_tests_is_fresh_each_time() -> None:
    for _ in range(2):
        async with fresh_database() as url:
            connection = await asyncpg.connect(url)
            await connection.execute("create table once(id int)")
            await connection.close()


@pytest.mark.engine
async def test_the_server_listens_on_loopback_only() -> None:
    async with engine() as running:
        own, seen = socket_numbers(running.server.child.pid), 0
        for line in (*Path("/proc/net/tcp").read_text().splitlines()[1:], *Path("/proc/net/tcp6").read_text().splitlines()[1:]):
            words = line.split()
            if words[3] == "0A" and words[9] in own:
                assert words[1].split(":")[0] in {"0100007F", "0000000000000000FFFF00000100007F"}, line
                seen += 1
    assert seen >= 8, "four services, each with two ports"


def socket_numbers(pid: int) -> set[str]:
    links = (os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink())
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


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
