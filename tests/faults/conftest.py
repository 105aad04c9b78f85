"""What breaks on purpose: a small rig for what happens inside a case, a whole installation for what happens to processes."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.site import Site, site
from tests.workflows import conftest as others

database, engine, rig = others.database, others.engine, others.rig


@pytest.fixture(scope="session")
async def place() -> AsyncIterator[Site]:
    """One installation for all runs of this process."""
    async with site() as one:
        yield one
