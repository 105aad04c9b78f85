"""Whoever waits for an answer gets it after the record has been away, whatever the driver raised meanwhile."""

import asyncio
from typing import Any

import asyncpg
import pytest

from api.answers import Answers


class Pool:
    """Raises what it is given, one a query; then knows the answer."""

    def __init__(self, *wrong: Exception) -> None:
        self.wrong = list(wrong)

    async def fetch(self, _query: str, ids: list[str], timeout: float) -> list[dict[str, Any]]:
        if self.wrong:
            raise self.wrong.pop(0)
        return [{"command_id": one, "code": "accepted"} for one in ids]


@pytest.mark.parametrize("wrong", [ConnectionResetError(), TimeoutError(), asyncpg.ConnectionDoesNotExistError(), asyncpg.InterfaceError("closed"), asyncpg.InternalClientError("cannot switch to state 15")])
async def test_the_poll_outlives_an_outage(wrong: Exception) -> None:
    answers = Answers(Pool(wrong, wrong))
    first, second = await asyncio.gather(answers.wait("a", 30), answers.wait("b", 30))
    assert (first["command_id"], second["command_id"]) == ("a", "b")
    assert not answers.waiting
