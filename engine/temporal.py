"""Runs a Temporal server: configuration, start, namespace with its search attributes, stop. Loopback only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from engine.attributes import ATTRIBUTES, NAMESPACE, RETENTION_DAYS
from engine.folder import write
from engine.ports import free_ports, is_open
from engine.process import Child, Part
from engine.progress import Progress
from engine.stores import Store
from engine.versions import Engine

SERVICES = ("frontend", "matching", "history", "worker")
MEMBERS = {service: f"{service}-members" for service in SERVICES}
SHARDS = 4  # for ever, once there is data
DISABLED = {"state": "disabled"}
ALWAYS = {"system.forceSearchAttributesCacheRefreshOnRead": True}  # one process: a new attribute counts at once
SKIPPING = {"frontend.WorkflowTimeSkippingEnabled": True, "history.timerProcessorMaxTimeShift": "10ms"}


@dataclass(frozen=True)
class Setup:
    """How a server runs. `folder` takes configuration, ports and log; `time_skipping` is for tests and the demo only."""

    folder: Path
    store: Store
    time_skipping: bool = False
    namespace: str = NAMESPACE
    attributes: Mapping[str, IndexedValueType.ValueType] = field(default_factory=lambda: ATTRIBUTES)
    ports: Mapping[str, int] = field(default_factory=dict)


class Temporal:
    """A running server."""

    def __init__(self, setup: Setup, ports: Mapping[str, int], child: Child) -> None:
        self.setup, self.ports, self.child = setup, ports, child

    @property
    def address(self) -> str:
        """Of the frontend, for clients."""
        return f"127.0.0.1:{self.ports['frontend']}"

    async def answers(self) -> bool:
        """True when the namespace and its attributes are there and visibility answers; makes what is missing."""
        if not is_open(self.ports["frontend"]):
            return False
        try:
            client = await Client.connect(self.address, namespace=self.setup.namespace)
            await prepare_namespace(client, self.setup.attributes)
        except (RPCError, RuntimeError):
            return False  # services are still finding each other
        return True

    async def stop(self, *, patience: float = 4.0) -> None:
        await self.child.stop(patience=patience)


async def start(engine: Engine, setup: Setup, *, progress: Progress, seconds: float = 60) -> Temporal:
    """Start it and wait until a case could be started. PartFailed with the end of the log when it is not up in time."""
    setup.folder.mkdir(parents=True, exist_ok=True)
    ports = ports_of(setup)
    child = Child(Part(name="temporal", argv=command(engine, setup, ports), log=setup.folder / "temporal.log"))
    temporal = Temporal(setup, ports, child)
    child.start()
    try:
        await child.ready(temporal.answers, seconds=seconds, progress=progress, zh="启动引擎", en="Temporal")
    except BaseException:
        child.kill()
        raise
    return temporal


def ports_of(setup: Setup) -> dict[str, int]:
    """The ports of the last run of this folder where they are free: the store remembers them and starts faster."""
    note = setup.folder / "ports.json"
    known: dict[str, int] = {}
    if note.exists():
        known = json.loads(note.read_text("utf-8"))
    ports = free_ports([*SERVICES, *MEMBERS.values()], {**known, **setup.ports})
    write(note, json.dumps(ports))
    return ports


def command(engine: Engine, setup: Setup, ports: Mapping[str, int]) -> list[str]:
    """What to run, after writing what it reads."""
    dynamic = {**ALWAYS, **(SKIPPING if setup.time_skipping else {})}
    if engine.kind == "cli":
        values = [f"--dynamic-config-value={key}={json.dumps(value)}" for key, value in dynamic.items()]
        file = [f"--db-filename={setup.store.file}"] if setup.store.file else []
        listen = ["--ip=127.0.0.1", f"--port={ports['frontend']}", "--headless", "--log-level=warn"]
        return [str(engine.path), "server", "start-dev", *listen, *file, *values]
    write(setup.folder / "dynamic.yaml", json.dumps({key: [{"value": value}] for key, value in dynamic.items()}, indent=1))
    config = setup.folder / "config.yaml"  # JSON is YAML
    config.touch(0o600)
    write(config, json.dumps(configuration(setup, ports), indent=1))
    config.chmod(0o600)
    return [str(engine.path), "--config-file", str(config), "--allow-no-auth", "start"]


def configuration(setup: Setup, ports: Mapping[str, int]) -> dict[str, Any]:
    """All four services in one process."""
    frontend = f"127.0.0.1:{ports['frontend']}"
    services = {
        name: {"rpc": {"grpcPort": ports[name], "membershipPort": ports[MEMBERS[name]], "bindOnLocalHost": True}} for name in SERVICES
    }
    cluster = {"enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": frontend}
    return {
        "log": {"stdout": True, "level": "warn"},
        "persistence": {
            "defaultStore": "main",
            "visibilityStore": "visibility",
            "numHistoryShards": SHARDS,
            "datastores": {"main": setup.store.main, "visibility": setup.store.visibility},
        },
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
        "services": services,
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {"active": cluster},
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "archival": {"history": DISABLED, "visibility": DISABLED},
        "namespaceDefaults": {"archival": {"history": DISABLED, "visibility": DISABLED}},
        "dynamicConfigClient": {"filepath": str(setup.folder / "dynamic.yaml"), "pollInterval": "60s"},
    }


async def prepare_namespace(client: Client, attributes: Mapping[str, IndexedValueType.ValueType]) -> None:
    """Register the client's namespace (90 days' retention) and its search attributes where absent. RPCError while the
    server is not yet ready for either, or when an attribute exists with another type."""
    request = RegisterNamespaceRequest(namespace=client.namespace)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=RETENTION_DAYS))
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as error:
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise
    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    missing = {name: kind for name, kind in attributes.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )
    for name in attributes:
        await client.count_workflows(f"{name} IS NULL")
