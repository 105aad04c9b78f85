"""A real server and a real database for tests and the demo: small, quick to start, gone without a trace."""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from temporalio.api.enums.v1 import IndexedValueType

from engine import postgres as database
from engine import temporal
from engine.attributes import ATTRIBUTES, NAMESPACE
from engine.find import find
from engine.progress import Progress
from engine.stores import Store, in_memory

DATABASE_URL = "HUIYIN_DATABASE_URL"


@asynccontextmanager
async def temporal_server(
    *,
    time_skipping: bool = True,
    namespace: str = NAMESPACE,
    attributes: Mapping[str, IndexedValueType.ValueType] = ATTRIBUTES,
    store: Store | None = None,
    folder: Path | None = None,
) -> AsyncIterator[str]:
    """Address of a Temporal server with that namespace, in memory unless a store is given. NoEngine when there is none."""
    engine = find()
    with scratch(folder) as place:
        setup = temporal.Setup(place, store or in_memory(), time_skipping, namespace, attributes)
        server = await temporal.start(engine, setup, progress=Progress(quiet=True))
        try:
            yield server.address
        finally:
            await server.stop(patience=1.0 if store is None else 4.0)


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """URL of an empty database: on the server of HUIYIN_DATABASE_URL where that is set, else on one of its own."""
    if wish := os.environ.get(DATABASE_URL):
        async with borrowed(wish) as url:
            yield url
        return
    with scratch(None) as place:
        cluster = database.Cluster(place / "data", place / "run", place / "postgres.log", settings=database.FORGETFUL)
        server = await database.start(cluster, progress=Progress(quiet=True), template=True)
        try:
            yield server.url()
        finally:
            await server.stop(patience=2.0)


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


class scratch:  # noqa: N801 - used as a word: `with scratch(...)`
    """A folder for one run, removed at the end; a given one stays. Other accounts may pass it: PostgreSQL's does."""

    def __init__(self, folder: Path | None) -> None:
        self.given = folder
        self.path = folder or Path(tempfile.mkdtemp(prefix="huiyin-"))
        if folder is None:
            self.path.chmod(0o711)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        if self.given is None:
            shutil.rmtree(self.path, ignore_errors=True)
