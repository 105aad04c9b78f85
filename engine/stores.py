"""Where the engine keeps its data: SQLite in memory or in a file, PostgreSQL; and the faults injected there on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

MAIN, VISIBILITY = "main", "visibility"
DATABASES = {MAIN: "temporal", VISIBILITY: "temporal_visibility"}
PLUGIN = "postgres12_pgx"
EVERY_FAULT = ("Timeout", "ExecuteAndTimeout", "ResourceExhausted")
READ_FAULTS = ("Timeout", "ResourceExhausted")
FAULTY_METHODS = {
    "CreateWorkflowExecution": EVERY_FAULT,
    "UpdateWorkflowExecution": EVERY_FAULT,
    "AppendHistoryNodes": EVERY_FAULT,
    "GetWorkflowExecution": READ_FAULTS,
    "GetCurrentExecution": READ_FAULTS,
    "ReadHistoryBranch": READ_FAULTS,
}


@dataclass(frozen=True)
class Memory:
    """SQLite in memory: gone with the process."""

    shards: int = 4


@dataclass(frozen=True)
class File:
    """One SQLite file. `shards` is for ever."""

    path: Path
    shards: int = 4


@dataclass(frozen=True)
class Sql:
    """PostgreSQL (an address of a server; the databases have fixed names). Visibility may lie on SQLite instead."""

    url: str
    visibility: "Memory | File | None" = None
    shards: int = 4


Store = Memory | File | Sql


def persistence(store: Store, faults: float = 0.0, seed: int = 1) -> dict[str, Any]:
    """The `persistence` section. `faults` = share (0..1) of the main store's calls that fail, for tests only."""
    beside = store.visibility if isinstance(store, Sql) and store.visibility else store
    main = datastore(store, MAIN)
    if faults:
        main["faultInjection"] = injected(faults, seed)
    return {
        "defaultStore": MAIN,
        "visibilityStore": VISIBILITY,
        "numHistoryShards": store.shards,
        "datastores": {MAIN: main, VISIBILITY: datastore(beside, VISIBILITY)},
    }


def datastore(store: Store, role: str) -> dict[str, Any]:
    """The server's datastore for one role."""
    if isinstance(store, Sql):
        return {"sql": postgres(store.url, role)}
    return {"sql": sqlite(store)}


def sqlite(store: Memory | File) -> dict[str, Any]:
    """Lifetime 0: a memory store dies with its one connection."""
    in_file = isinstance(store, File)
    attributes = {"cache": "private", "setup": "true", "journal_mode": "wal", "synchronous": "2"}
    return {
        "pluginName": "sqlite",
        "databaseName": str(store.path) if isinstance(store, File) else "default",
        "connectAddr": "localhost",
        "connectProtocol": "tcp",
        "connectAttributes": attributes if in_file else {"mode": "memory", "cache": "private"},
        "maxConns": 1,
        "maxIdleConns": 1,
        "maxConnLifetime": "0s",
    }


def postgres(url: str, role: str) -> dict[str, Any]:
    """A socket folder in the address (`?host=/...`) is handed on as the driver's own `host`."""
    where = address(url)
    return {
        "pluginName": PLUGIN,
        "databaseName": DATABASES[role],
        "connectAddr": f"{where.host}:{where.port}",
        "connectProtocol": "tcp",
        "connectAttributes": {"host": where.socket} if where.socket else {},
        "user": where.user,
        "password": where.password,
        "maxConns": 20 if role == MAIN else 5,
        "maxIdleConns": 20 if role == MAIN else 5,
        "maxConnLifetime": "1h",
    }


@dataclass(frozen=True)
class Address:
    """A PostgreSQL address taken apart; `socket` is a folder or empty."""

    user: str
    password: str
    host: str
    port: int
    socket: str


def address(url: str) -> Address:
    """Take a postgresql:// address apart."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    socket = next((host for host in query.get("host", []) if host.startswith("/")), "")
    port = int(query.get("port", [str(parts.port or 5432)])[0])
    return Address(unquote(parts.username or "postgres"), unquote(parts.password or ""), parts.hostname or "127.0.0.1", port, socket)


def injected(share: float, seed: int) -> Mapping[str, Any]:
    """The fault section: each method fails in `share` of its calls, its kinds in equal parts."""
    methods = {name: {"seed": seed, "errors": dict.fromkeys(kinds, share / len(kinds))} for name, kinds in FAULTY_METHODS.items()}
    return {"targets": {"dataStores": {"ExecutionStore": {"methods": methods}}}}
