"""A real Temporal server in memory with time skipping, a real PostgreSQL, and one worker: what the tests of cases stand on."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper, TimeSkippingConfig
from temporalio.worker import Worker

from activities.notices import Notices, addresses_of
from activities.records import Records
from domain.core import Command, Law, grace_of, law_value
from domain.workdays import ZONE
from engine.find import look
from worker.marking import Marker
from workflows import attributes, contract, policies
from workflows.complaint import ComplaintWorkflow
from workflows.converter import CodecKeys
from workflows.plugin import plugin

KEYS = CodecKeys({"k1": b"1" * 32, "k0": b"0" * 32}, "k1")
NAMESPACE = "huiyin-test"
SHORT = "huiyin-short"  # a namespace whose runs are told to continue as new after 30 events


def free_ports(count: int) -> list[int]:
    """Free loopback ports below 32768, as the engine's membership asks."""
    found: list[int] = []
    port = 21_000 + os.getpid() % 9_000
    while len(found) < count:
        port += 1
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


def engine_binary() -> str | None:
    """The engine: the setting, PATH, the cache of earlier runs."""
    found = look()
    return str(found.path) if found else None


def engine_config(folder: Path, ports: list[int]) -> Path:
    """The server's configuration: SQLite in memory, loopback only, time skipping on."""
    names = ("frontend", "matching", "history", "worker")
    services = {name: {"rpc": {"grpcPort": ports[2 * n], "membershipPort": ports[2 * n + 1], "bindOnLocalHost": True}} for n, name in enumerate(names)}
    sql = {
        "pluginName": "sqlite", "databaseName": "default", "connectAddr": "localhost", "connectProtocol": "tcp", "maxConns": 1, "maxIdleConns": 1,
        "maxConnLifetime": "0s", "connectAttributes": {"mode": "memory", "cache": "private"},
    }  # fmt: skip
    short = {"value": 30, "constraints": {"namespace": SHORT}}
    dynamic = {
        "frontend.WorkflowTimeSkippingEnabled": True, "history.timerProcessorMaxTimeShift": "10ms",
        # Else the deletion of an ended run waits up to 30 s, for a checkpoint of its queue.
        "history.transferProcessorEnsureCloseBeforeDelete": False, "history.visibilityProcessorEnsureCloseBeforeDelete": False,
    }  # fmt: skip
    (folder / "dynamic.yaml").write_text(json.dumps({**{key: [{"value": value}] for key, value in dynamic.items()}, "limit.historyCount.suggestContinueAsNew": [short]}))
    config = {
        "log": {"stdout": True, "level": "error"},
        "persistence": {
            "defaultStore": "main", "visibilityStore": "visibility", "numHistoryShards": 1, "datastores": {"main": {"sql": sql}, "visibility": {"sql": sql}},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
        "services": services,
        "clusterMetadata": {
            "enableGlobalNamespace": False, "failoverVersionIncrement": 10, "masterClusterName": "active", "currentClusterName": "active",
            "clusterInformation": {"active": {"enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": f"127.0.0.1:{ports[0]}"}},
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "archival": {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}},
        "namespaceDefaults": {"archival": {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}}},
        "dynamicConfigClient": {"filepath": str(folder / "dynamic.yaml"), "pollInterval": "60s"},
    }  # fmt: skip
    path = folder / "config.yaml"
    path.write_text(json.dumps(config))
    return path


@asynccontextmanager
async def engine(binary: str, folder: Path) -> AsyncIterator[str]:
    """A running engine with our namespace and attributes; yields its address."""
    folder.mkdir(parents=True, exist_ok=True)
    ports = free_ports(8)
    with (folder / "engine.log").open("w") as log:
        server = subprocess.Popen(
            [binary, "--config-file", str(engine_config(folder, ports)), "--allow-no-auth", "start"], stdout=log, stderr=log)
        try:
            address = f"127.0.0.1:{ports[0]}"
            await _ready(address)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


async def _ready(address: str) -> None:
    for _ in range(300):
        try:
            return await prepare(address, NAMESPACE)
        except (RPCError, RuntimeError):
            await asyncio.sleep(0.1)
    raise RuntimeError("the engine did not become ready")


async def prepare(address: str, namespace: str) -> None:
    """The namespace with our attributes; raises RPCError until the engine knows them."""
    client = await Client.connect(address, namespace=namespace)
    request = RegisterNamespaceRequest(namespace=namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    with suppress(RPCError):
        await client.workflow_service.register_namespace(request)
    kinds = {key.name: IndexedValueType.ValueType(key.indexed_value_type) for key in attributes.ALL}
    for _ in range(100):
        try:
            await client.operator_service.add_search_attributes(AddSearchAttributesRequest(namespace=namespace, search_attributes=kinds))
            await client.count_workflows("HuiyinStatus IS NULL")
            return
        except RPCError:
            await asyncio.sleep(0.1)
    raise RuntimeError(f"namespace {namespace} did not become ready")


@dataclass
class Rig:
    """One test office: engine, record, keys, and the ways to move a case."""

    client: Client
    skipper: TimeSkipper
    pool: asyncpg.Pool
    key: Ed25519PrivateKey
    public: str
    address: str
    system: str
    notices: Notices

    def start_of(self, case_id: str, law: Law, book: str, first: list[Command], at: datetime, office: str = "") -> contract.Start:
        """A start input whose case believes it is `at` now."""
        offset = (at - datetime.now(ZONE)).total_seconds()
        inbox = [contract.sign(case_id, one, "test", self.key) for one in first]
        return contract.Start(case_id, office or law.office["office"]["id"], book, law_value(law), {"test": self.public, contract.SYSTEM_KEY: self.system}, inbox, offset)

    async def open(self, start: contract.Start) -> WorkflowHandle[Any, Any]:
        """Start a case; its time stands where the wall clock puts it until it is fast-forwarded."""
        return await self.skipper.client.start_workflow(
            ComplaintWorkflow.run, start, id=start.case_id, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
            search_attributes=attributes.at_start(start.office, start.book),
        )  # fmt: skip

    async def send(self, handle: WorkflowHandle[Any, Any], command: Command) -> None:
        """An act as its signed signal."""
        await handle.signal(command.act, contract.sign(handle.id, command, "test", self.key))

    async def answer(self, case_id: str, command_id: str, seconds: float = 20) -> asyncpg.Record:
        """The outcome of a command, when the record has it."""
        for _ in range(int(seconds / 0.02)):
            row = await self.pool.fetchrow("select * from outcomes where case_id = $1 and command_id = $2", case_id, command_id)
            if row:
                return row
            await asyncio.sleep(0.02)
        raise TimeoutError(f"{case_id}: no answer to {command_id}")

    async def bodies(self, case_id: str) -> list[str]:
        """The stored events, as canonical text."""
        return [row["body"] for row in await self.pool.fetch("select body from events where case_id = $1 order by seq", case_id)]

    async def pass_to(self, handle: WorkflowHandle[Any, Any], at: datetime, offset: float) -> None:
        """Let the case's own time run to `at` (story time); nothing when it is there already."""
        shown = await self.skipper.get_time_skipping_info(handle)
        now = shown.current_time.ToDatetime(tzinfo=ZONE) if shown and shown.HasField("current_time") else datetime.now(ZONE)
        left = at - (now.astimezone(ZONE) + timedelta(seconds=offset))
        if left > timedelta(milliseconds=20):
            await self.skipper.fast_forward(handle, left)

    def grace(self, case_id: str) -> timedelta:
        """The case's own small delay of alarms."""
        return grace_of(case_id)


@asynccontextmanager
async def rig(address: str, url: str, *, offices: dict[str, Any] | None = None, namespace: str = NAMESPACE, **worker: Any) -> AsyncIterator[Rig]:
    """Clients and a worker on a running engine and a migrated database."""
    (key, public), (system_key, system) = contract.key_pair(), contract.key_pair()
    client = await Client.connect(address, namespace=namespace, plugins=[plugin(KEYS, story_clock=True)])
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    async with asyncpg.create_pool(url, min_size=2, max_size=8) as pool:
        known, mark = offices or {}, Marker(client, system_key, story_clock=True)
        records, notices = Records(pool), Notices(pool, addresses_of(known), office=lambda name: known.get(name, {}), mark=mark)
        async with Worker(
            client, task_queue=policies.TASK_QUEUE, activities=[records.record, notices.notify],
            sticky_queue_schedule_to_start_timeout=policies.STICKY, **worker,
        ):  # fmt: skip
            yield Rig(client, skipper, pool, key, public, address, system, notices)
