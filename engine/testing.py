"""Real parts for tests and the demo, up in about half a second: a server in memory that can skip time, a throw-away PostgreSQL.

Everything ends with the context, also when the test process is killed.

    async with temporal_server() as address: client = await Client.connect(address, namespace=NAMESPACE)
    async with postgres() as url: pool = await asyncpg.create_pool(url)         # a fresh, empty database

`engine` and `database` give the same with their handles, for tests that kill, restart or inject faults.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from engine import postgres as clusters
from engine import temporal
from engine.attributes import NAMESPACE
from engine.find import find, sql_tool
from engine.postgres import FORGETFUL, Cluster, Postgres
from engine.progress import Progress
from engine.schema import sql_store
from engine.stores import File, Memory
from engine.temporal import Plan, Temporal
from engine.versions import Engine

QUIET = Progress(quiet=True)
DATABASE_URL = "HUIYIN_DATABASE_URL"


@dataclass(frozen=True)
class RunningEngine:
    """Addresses of a running server, and its handle."""

    address: str
    namespace: str
    server: Temporal


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one run, with a short path (sockets), removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="huiyin-test-"))
    folder.chmod(0o711)  # PostgreSQL's account passes through; what lies inside guards itself
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def engine(
    *,
    time_skipping: bool = True,
    namespace: str = NAMESPACE,
    file: Path | None = None,
    faults: float = 0.0,
    seed: int = 1,
    found: Engine | None = None,
    narrowed: Mapping[str, Any] | None = None,
) -> AsyncIterator[RunningEngine]:
    """A server in memory (or on the SQLite `file`), with our namespace and search attributes.

    `faults` = share of the store's calls that fail; `narrowed` = settings under constraints (engine.configuration). Builds the server when there is none: then the first use takes minutes and says so.
    """
    binary = found or find()
    with scratch() as folder:
        plan = Plan(
            folder,
            File(file) if file else Memory(),
            folder / "engine.log",
            namespace=namespace,
            time_skipping=time_skipping,
            faults=faults,
            seed=seed,
            log_level="error",
            narrowed=narrowed or {},
        )
        server = await temporal.start(binary, plan, progress=QUIET)
        try:
            yield RunningEngine(server.address, namespace, server)
        finally:
            if file:
                await server.stop()
            else:
                server.child.kill()  # memory: nothing to save, and a second faster


@asynccontextmanager
async def database(
    *, durable: bool = False, data: Path | None = None, port: int = 0, env: Mapping[str, str] | None = None
) -> AsyncIterator[Postgres]:
    """A throw-away PostgreSQL 18 on a socket (and on loopback `port` when given).

    Not durable: no fsync, which a killed process survives and a power cut does not. `data` = a folder that stays; `env` for its process.
    """
    with scratch() as folder:
        cluster = Cluster(
            data or folder / "data",
            folder / "run",
            folder / "postgres.log",
            port=port,
            settings={} if durable else FORGETFUL,
            env=env or {},
        )
        running = await clusters.start(cluster, progress=QUIET, template=True)
        try:
            yield running
        finally:
            await running.stop()  # never SIGKILL: that leaves shared memory behind for good


@asynccontextmanager
async def temporal_server(*, time_skipping: bool = True, namespace: str = NAMESPACE) -> AsyncIterator[str]:
    """Address of a server in memory with that namespace and our search attributes. NoEngine when there is none."""
    async with engine(time_skipping=time_skipping, namespace=namespace) as running:
        yield running.address


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """URL of an empty database: on the server of HUIYIN_DATABASE_URL where that is set, else on one of its own."""
    if wish := os.environ.get(DATABASE_URL):
        async with borrowed(wish) as url:
            yield url
    else:
        async with database() as running:
            yield running.url()


@asynccontextmanager
async def borrowed(url: str) -> AsyncIterator[str]:
    """A new database on a server that runs already; dropped at the end."""
    name = f"huiyin_test_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'create database "{name}"')
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            await connection.execute(f'drop database if exists "{name}" with (force)')
    finally:
        await connection.close()


@asynccontextmanager
async def sql_engine(url: str, *, time_skipping: bool = False, namespace: str = NAMESPACE, shards: int = 4) -> AsyncIterator[RunningEngine]:
    """A server on that PostgreSQL (both stores, or the main one where extensions lack), as in production; for load and crash tests.

    Its tables are made by Temporal's own tool, which is built when absent.
    """
    binary, tool = find(), sql_tool()
    with scratch() as folder:
        store = await sql_store(url, tool, beside=File(folder / "visibility.db"), progress=QUIET, shards=shards)
        plan = Plan(folder, store, folder / "engine.log", namespace=namespace, time_skipping=time_skipping, log_level="error")
        server = await temporal.start(binary, plan, progress=QUIET)
        try:
            yield RunningEngine(server.address, namespace, server)
        finally:
            await server.stop()
