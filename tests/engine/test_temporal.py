"""The server: time, injected faults, PostgreSQL as its store, the command line as another binary."""

import contextlib
import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from engine import temporal
from engine.attributes import ATTRIBUTES
from engine.configuration import has_faults, write_configuration
from engine.membership import forget_in_file, forget_members
from engine.namespaces import known_attributes, no_such_case, serving
from engine.ports import free_ports
from engine.process import PartFailed
from engine.progress import Progress
from engine.stores import File, Memory, Sql, persistence
from engine.temporal import Plan
from engine.testing import RunningEngine, database, engine, sql_engine
from engine.versions import Engine

QUIET = Progress(quiet=True)
COMMAND_LINE = Engine(Path("/usr/bin/temporal"), "cli", (1, 32, 0))


@workflow.defn
class Sleeper:
    """Waits ten days."""

    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=10))
        return "awake"


async def client_of(running: RunningEngine) -> Client:
    return await Client.connect(running.address, namespace=running.namespace)


@pytest.mark.engine
async def test_ten_days_pass_at_once(server: RunningEngine) -> None:
    client = await client_of(server)
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    async with Worker(client, task_queue="sleep", workflows=[Sleeper], workflow_runner=UnsandboxedWorkflowRunner()):
        handle = await skipper.client.start_workflow(Sleeper.run, id="sleeper", task_queue="sleep")
        await skipper.fast_forward(handle, timedelta(days=11))
        assert await handle.result() == "awake"


@pytest.mark.engine
async def test_a_server_starts_in_spite_of_injected_faults() -> None:
    async with engine(faults=0.01, seed=3, namespace="faulty") as running:
        assert has_faults(running.server.plan.folder)
        assert await known_attributes(await client_of(running)) == set(ATTRIBUTES)


def test_the_share_of_faults_is_what_was_asked(tmp_path: Path) -> None:
    write_configuration(tmp_path, Memory(), free_ports(temporal.PORT_NAMES), faults=0.01, seed=7)
    main = json.loads((tmp_path / "server.yaml").read_text())["persistence"]["datastores"]["main"]
    for method in main["faultInjection"]["targets"]["dataStores"]["ExecutionStore"]["methods"].values():
        assert method["seed"] == 7
        assert sum(method["errors"].values()) == pytest.approx(0.01)


async def members(url: str) -> set[tuple[str, int]]:
    connection = await asyncpg.connect(url)
    try:
        return {(row["rpc_address"], row["rpc_port"]) for row in await connection.fetch("select rpc_address, rpc_port from cluster_membership")}
    finally:
        await connection.close()


@pytest.mark.engine
@pytest.mark.database
async def test_a_server_on_postgres_finds_its_cases_again() -> None:
    async with database() as running:
        async with sql_engine(running.url("postgres")) as first:
            await (await client_of(first)).start_workflow("Nobody", id="kept", task_queue="none")
        for _ in range(3):
            async with sql_engine(running.url("postgres")) as again:
                assert (await (await client_of(again)).get_workflow_handle("kept").describe()).id == "kept"


@pytest.mark.engine
@pytest.mark.database
async def test_a_restarted_server_asks_no_dead_member_to_let_it_in() -> None:
    async with database() as running:
        async with sql_engine(running.url("postgres")) as first:
            before = await members(running.url("temporal"))
            assert before == {("127.0.0.1", first.server.ports[name]) for name in temporal.PORT_NAMES if name.endswith("membership")}
        store = Sql(running.url("postgres"))
        connection = await asyncpg.connect(running.url("temporal"))
        await connection.execute("update cluster_membership set rpc_address = '10.0.0.9' where role = 1")  # one on another machine
        await connection.close()
        await forget_members(store)
        assert {host for host, _ in await members(running.url("temporal"))} == {"10.0.0.9"}


def test_a_file_forgets_its_dead_members(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    forget_in_file(path)
    assert not path.exists()  # the server makes it, not we
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        forget_in_file(path)  # no table yet
        connection.execute("create table cluster_membership (rpc_address text)")
        connection.executemany("insert into cluster_membership values (?)", [("127.0.0.1",), ("10.0.0.9",)])
        connection.commit()
        forget_in_file(path)
        assert connection.execute("select rpc_address from cluster_membership").fetchall() == [("10.0.0.9",)]


@pytest.mark.engine
async def test_ready_is_said_by_history_and_matching_not_by_the_frontend(server: RunningEngine) -> None:
    await serving(await client_of(server))
    elsewhere = await Client.connect(server.address, namespace="absent")
    with pytest.raises(RPCError, match="absent"):  # NOT_FOUND too, yet said by the frontend
        await no_such_case(elsewhere, "nobody")


def test_an_address_over_a_socket_is_handed_on() -> None:
    sql = persistence(Sql("postgresql://huiyin@/postgres?host=/run/h"))["datastores"]["main"]["sql"]
    assert sql["connectAttributes"] == {"host": "/run/h"}
    sql = persistence(Sql("postgresql://h:p%40ss@db.example:6432/x"))["datastores"]["main"]["sql"]
    assert (sql["connectAddr"], sql["user"], sql["password"]) == ("db.example:6432", "h", "p@ss")


def test_the_command_line_is_told_the_same(tmp_path: Path) -> None:
    plan = Plan(tmp_path, File(tmp_path / "t.db"), tmp_path / "log", time_skipping=True)
    argv = list(temporal.make(COMMAND_LINE, plan, free_ports(temporal.PORT_NAMES)).child.part.argv)
    assert "frontend.WorkflowTimeSkippingEnabled=true" in argv
    assert argv[argv.index("--db-filename") + 1] == str(tmp_path / "t.db")
    assert sum(word == "--search-attribute" for word in argv) == len(ATTRIBUTES)


def test_the_command_line_refuses_what_it_cannot(tmp_path: Path) -> None:
    for changes in ({"faults": 0.1}, {"store": Sql("postgresql://h@db/x")}):
        plan = Plan(**{"folder": tmp_path, "store": Memory(), "log": tmp_path / "log", **changes})  # type: ignore[arg-type]
        with pytest.raises(PartFailed, match="SQLite"):
            temporal.make(COMMAND_LINE, plan, free_ports(temporal.PORT_NAMES))
