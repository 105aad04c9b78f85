"""Where a Temporal server keeps its data: SQLite in memory, a SQLite file, or PostgreSQL with visibility on SQLite."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Datastore = dict[str, Any]


@dataclass(frozen=True)
class Store:
    """The two datastores of the server's configuration; `file` where one SQLite file holds both."""

    main: Datastore
    visibility: Datastore
    file: Path | None = None

    def faulty(self, faults: Mapping[str, Mapping[str, float]], *, seed: int = 1) -> "Store":
        """The same store whose calls fail by chance, for tests: method of ExecutionStore → error → share of calls."""
        methods = {method: {"seed": seed, "errors": dict(errors)} for method, errors in faults.items()}
        injection = {"targets": {"dataStores": {"ExecutionStore": {"methods": methods}}}}
        return Store({**self.main, "faultInjection": injection}, self.visibility, self.file)


def sqlite(database: str, attributes: Mapping[str, Any]) -> Datastore:
    return {
        "sql": {
            "pluginName": "sqlite",
            "databaseName": database,
            "connectAddr": "localhost",
            "connectProtocol": "tcp",
            "connectAttributes": {"cache": "private", **attributes},
            "maxConns": 1,
            "maxIdleConns": 1,
            "maxConnLifetime": "0s",  # the samples' hour would end a database in memory with its connection
        }
    }


def in_memory() -> Store:
    """Gone with the process."""
    both = sqlite("default", {"mode": "memory"})
    return Store(both, both)


def in_file(path: Path) -> Store:
    """One file, made with its schema at the first start; every commit is synced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    both = sqlite(str(path), {"mode": "rwc", "setup": "true", "journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000"})
    return Store(both, both, path)


def in_postgres(*, port: int, database: str, user: str, password_file: Path, visibility: Path) -> Store:
    """PostgreSQL on loopback for cases, a SQLite file for visibility (whose schema wants an extension that the embedded
    PostgreSQL lacks). The schema must be there: `engine.schema.prepare`."""
    main: Datastore = {
        "sql": {
            "pluginName": "postgres12_pgx",
            "databaseName": database,
            "connectAddr": f"127.0.0.1:{port}",
            "connectProtocol": "tcp",
            "user": user,
            "passwordCommand": {"command": "cat", "args": [str(password_file)]},
            "maxConns": 20,
            "maxIdleConns": 20,
            "maxConnLifetime": "1h",
        }
    }
    return Store(main, in_file(visibility).visibility)
