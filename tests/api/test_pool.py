"""What a request leaves behind on a connection never reaches the next."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_a_transaction_that_somebody_left_open_ends_with_them(desk: Any) -> None:
    pool = desk.parts.pool
    async with pool.acquire() as one:
        await one.execute("begin")
        await one.execute("insert into sign_ins (office, person, what, by) values ('x', 'left open', 'in', 'x')")
    for _ in range(12):  # every connection of the pool
        async with pool.acquire() as one, one.transaction(isolation="repeatable_read", readonly=True):
            assert await one.fetchval("select count(*) from sign_ins where person = 'left open'") == 0


async def test_a_statement_that_was_cut_off_between_parse_and_run_binds_nobody(desk: Any) -> None:
    """What a closed page does to a query: the driver has parsed it and not yet run it, and says that nothing is open."""
    pool = desk.parts.pool
    async with pool.acquire() as one:
        pid = one.get_server_pid()
        cut = asyncio.create_task(one.fetchval("select count(*) from sign_ins where person = 'nobody has asked this before'"))
        while not ((waiter := cut._fut_waiter) and waiter.done()):  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        cut.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut
        assert not one.is_in_transaction()
    async with pool.acquire() as one:
        assert one.get_server_pid() == pid, "the same connection"
        async with one.transaction(isolation="repeatable_read", readonly=True):
            assert await one.fetchval("select 1") == 1
