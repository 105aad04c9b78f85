"""What a request leaves behind on a connection never reaches the next."""

from __future__ import annotations

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
