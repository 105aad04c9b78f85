"""One server for the engine's own tests that need nothing special."""

from collections.abc import AsyncIterator

import pytest

from engine import testing
from engine.testing import RunningEngine


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[RunningEngine]:
    """In memory, can skip time."""
    async with testing.engine() as running:
        yield running
