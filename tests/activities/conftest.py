"""A migrated, real PostgreSQL for the tests of the record."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from activities.migrate import migrate
from engine import testing


@pytest.fixture(scope="session")
async def record_database() -> AsyncIterator[str]:
    """URL of an empty, real PostgreSQL."""
    async with testing.database() as running:
        yield running.url()


@pytest.fixture(scope="session")
async def pool(record_database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to it, schema in place."""
    await migrate(record_database)
    async with asyncpg.create_pool(record_database, min_size=1, max_size=8) as pool:
        yield pool
