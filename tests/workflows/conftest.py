"""One engine, one database and one worker for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from activities.migrate import migrate
from engine import testing
from engine.find import look
from tests.workflows import rig as rigs


@pytest.fixture(scope="session")
async def database() -> AsyncIterator[str]:
    """URL of an empty, real PostgreSQL."""
    async with testing.postgres() as url:
        yield url


@pytest.fixture(scope="session")
async def engine() -> AsyncIterator[str]:
    """Address of a real Temporal server in memory with time skipping."""
    found = look()
    if found is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE or run `huiyin doctor`")
    async with rigs.engine(found) as address:
        yield address


@pytest.fixture(scope="session")
async def rig(engine: str, database: str) -> AsyncIterator[rigs.Rig]:
    """The office of the tests."""
    await migrate(database)
    async with rigs.rig(engine, database) as one:
        yield one
