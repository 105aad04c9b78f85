"""What the record holds and a file of this host holds too, kept alike for ever: while the record is away, the file is what counts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

from api import queries

T = TypeVar("T")
LOG = logging.getLogger("huiyin.api")
AWAY = (*queries.DOWN, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError)
Refresh = Callable[[asyncpg.Pool], Awaitable[None]]


async def once(refresh: Refresh, pool: asyncpg.Pool, what: str) -> bool:
    """Refresh; False where the record did not answer, or somebody else wrote at the same time."""
    try:
        await refresh(pool)
    except (*AWAY, asyncpg.UniqueViolationError) as wrong:
        LOG.info("%s from the file: %s", what, type(wrong).__name__)
        return False
    return True


async def for_ever(refresh: Refresh, pool: asyncpg.Pool, what: str, seconds: float) -> None:
    """Refresh again and again."""
    while True:
        await once(refresh, pool, what)
        await asyncio.sleep(seconds)


def joined(ours: Sequence[T], theirs: Sequence[T]) -> tuple[list[T], list[T]] | None:
    """(all that is known, what the record has lost) of two lists that only grow; None where they contradict each other."""
    if list(theirs[: len(ours)]) == list(ours):
        return list(theirs), []
    if list(ours[: len(theirs)]) == list(theirs):
        return list(ours), list(ours[len(theirs) :])
    return None
