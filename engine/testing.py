"""Real parts for tests and the demo, up in about half a second: a server in memory that can skip time, a throw-away
PostgreSQL. Everything ends with the context, also when the test process is killed.

    async with engine() as running: client = await Client.connect(running.address, namespace=running.namespace)
    async with database() as postgres: url = await postgres.create("mine")      # url of a fresh, empty database
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import postgres, temporal
from engine.attributes import NAMESPACE
from engine.find import find
from engine.postgres import FORGETFUL, Cluster, Postgres
from engine.progress import Progress
from engine.stores import File, Memory
from engine.temporal import Plan, Temporal
from engine.versions import Engine

QUIET = Progress(quiet=True)


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
) -> AsyncIterator[RunningEngine]:
    """A server in memory (or on the SQLite `file`), with our namespace and search attributes. `faults` = share of the
    store's calls that fail. Builds the server when there is none: then the first use takes minutes and says so."""
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
async def database(*, durable: bool = False, data: Path | None = None, port: int = 0) -> AsyncIterator[Postgres]:
    """A throw-away PostgreSQL 18 on a socket (and on loopback `port` when given). Not durable: no fsync, which a killed
    process survives and a power cut does not. `data` = a folder that stays."""
    with scratch() as folder:
        cluster = Cluster(
            data or folder / "data",
            folder / "run",
            folder / "postgres.log",
            port=port,
            settings={} if durable else FORGETFUL,
        )
        running = await postgres.start(cluster, progress=QUIET, template=True)
        try:
            yield running
        finally:
            if durable or data:
                await running.stop()
            else:
                running.child.kill()
