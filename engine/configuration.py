"""The server's configuration, written by us: loopback only, no HTTP, no metrics, no archival. JSON is YAML."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.stores import Store, persistence

SERVICES = ("frontend", "history", "matching", "worker")
PORT_NAMES = tuple(f"{service}_{kind}" for service in SERVICES for kind in ("grpc", "membership"))
FRONTEND = "frontend_grpc"
CONFIG, DYNAMIC = "server.yaml", "dynamic.yaml"

EMBEDDED = {  # one machine, one worker queue: fewer partitions find each other sooner
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
    "system.namespaceCacheRefreshInterval": "200ms",
}
TIME_SKIPPING = {"frontend.WorkflowTimeSkippingEnabled": True, "history.timerProcessorMaxTimeShift": "10ms"}


def write_configuration(
    folder: Path, store: Store, ports: Mapping[str, int], *, time_skipping: bool = False, faults: float = 0.0, seed: int = 1, log_level: str = "warn",
    narrowed: Mapping[str, Any] | None = None,
) -> Path:
    """Both files into the folder, readable by us alone (a password may stand there); the path of the main one.

    `narrowed` = settings that hold under constraints, as the server writes them: {key: [{"value": …, "constraints": {…}}]}.
    """
    dynamic = EMBEDDED | (TIME_SKIPPING if time_skipping else {})
    write_private(folder / DYNAMIC, {key: [{"value": value}] for key, value in dynamic.items()} | dict(narrowed or {}))
    main = folder / CONFIG
    write_private(main, server(folder, ports, log_level) | {"persistence": persistence(store, faults, seed)})
    return main


def write_private(path: Path, value: Mapping[str, Any]) -> None:
    """JSON into a file that only we may read."""
    path.touch(0o600)
    path.write_text(json.dumps(value, indent=1), "utf-8")


def server(folder: Path, ports: Mapping[str, int], log_level: str) -> dict[str, Any]:
    """All but `persistence`."""
    here = f"127.0.0.1:{ports[FRONTEND]}"
    services = {
        name: {"rpc": {"grpcPort": ports[f"{name}_grpc"], "membershipPort": ports[f"{name}_membership"], "bindOnLocalHost": True}}
        for name in SERVICES
    }
    off = {"history": {"state": "disabled"}, "visibility": {"state": "disabled"}}
    return {
        "log": {"stdout": True, "level": log_level},
        "global": {"membership": {"maxJoinDuration": "30s", "broadcastAddress": "127.0.0.1"}},
        "services": services,
        "clusterMetadata": {
            "enableGlobalNamespace": False,
            "failoverVersionIncrement": 10,
            "masterClusterName": "active",
            "currentClusterName": "active",
            "clusterInformation": {"active": {"enabled": True, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": here}},
        },
        "dcRedirectionPolicy": {"policy": "noop"},
        "archival": off,
        "namespaceDefaults": {"archival": off},
        "dynamicConfigClient": {"filepath": str(folder / DYNAMIC), "pollInterval": "10s"},
    }


def dynamic_values(folder: Path) -> dict[str, Any]:
    """What the dynamic configuration says now, for `doctor`."""
    path = folder / DYNAMIC
    if not path.exists():
        return {}
    return {key: rows[0]["value"] for key, rows in json.loads(path.read_text("utf-8")).items()}


def has_faults(folder: Path) -> bool:
    """True when the written configuration injects faults."""
    path = folder / CONFIG
    return path.exists() and "faultInjection" in path.read_text("utf-8")
