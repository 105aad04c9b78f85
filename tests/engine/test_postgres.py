"""What a cluster meets besides a plain kill: numbers used anew, survivors, shut folders."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from engine import postgres
from engine.account import account_for
from engine.cluster import binaries
from engine.postgres import Cluster
from engine.process import launched
from engine.progress import Progress
from engine.testing import database, scratch

pytestmark = pytest.mark.database
QUIET = Progress(quiet=True)


def cluster(folder: Path) -> Cluster:
    return Cluster(folder / "data", folder / "run", folder / "postgres.log")


async def test_a_lock_whose_number_now_belongs_to_another_process_is_no_hindrance() -> None:
    with scratch() as folder:
        first = await postgres.start(cluster(folder), progress=QUIET, template=True)
        lock = folder / "data" / "postmaster.pid"
        left = lock.read_text().split("\n")
        await first.stop()
        lock.write_text("\n".join([str(os.getpid()), *left[1:]]))
        second = await postgres.start(cluster(folder), progress=QUIET)
        assert await second.answers()
        await second.stop()


async def test_a_server_that_outlived_its_parent_is_stopped_first() -> None:
    with scratch() as folder:
        first = await postgres.start(cluster(folder), progress=QUIET, template=True)
        second = await postgres.start(cluster(folder), progress=QUIET)
        assert not first.child.alive
        assert await second.answers()
        await second.stop()


async def test_a_short_socket_folder_is_used_again() -> None:
    with scratch() as folder:
        deep = folder / ("很长的路径" * 8)
        first = await postgres.start(cluster(deep), progress=QUIET, template=True)
        await first.stop()
        second = await postgres.start(cluster(deep), progress=QUIET)
        assert second.sockets == first.sockets
        await second.stop()
        second.sockets.rmdir()


async def test_only_the_servers_account_may_enter_the_sockets_folder() -> None:
    async with database() as running:
        shown = running.sockets.stat()
        account = account_for(running.cluster.data)
        assert stat.S_IMODE(shown.st_mode) == 0o700
        assert shown.st_uid == (account.uid if account else os.geteuid())


async def test_a_database_is_made_once() -> None:
    async with database() as running:
        url = await running.create("one")
        connection = await asyncpg.connect(url)
        await connection.execute("create table kept ()")
        assert await running.create("one") == url
        assert await connection.fetchval("select to_regclass('kept') is not null")
        await connection.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its account")
async def test_under_root_a_folder_shut_to_the_account_works_and_stays_shut(tmp_path: Path) -> None:
    with scratch() as folder:
        folder.chmod(0o700)
        account = account_for(folder / "data", binaries())
        assert account is not None
        assert account.uid != 0
        assert len(account.caps) == 1
        running = await postgres.start(cluster(folder), progress=QUIET, template=True)
        status = Path(f"/proc/{running.child.pid}/status").read_text()
        await running.stop()
        assert f"Uid:\t{account.uid}\t" in status
        assert f"CapEff:\t{1 << account.caps[0]:016x}" in status
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands on a capability")
def test_the_account_may_run_what_lies_in_a_shut_folder(tmp_path: Path) -> None:
    """initdb asks access(2) whether it may run postgres, and access(2) forgets capabilities unless told not to."""
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o700)
    tool = shut / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    account = account_for(tmp_path, tool)
    assert account is not None and account.uid != 0 and account.caps
    done = subprocess.run(launched([sys.executable, "-I", "-S", "-c", "import os, sys; sys.exit(not os.access(sys.argv[1], os.X_OK))", str(tool)], account), check=False, cwd="/")
    assert done.returncode == 0
