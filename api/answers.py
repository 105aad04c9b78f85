"""Waiting for what the case decided: one query for all waiters of this process, every 10 ms (30 where many wait), only while somebody waits."""

import asyncio
from typing import Any

import asyncpg

from api import queries

PAUSE, EACH, LONGEST, OUTAGE = 0.01, 0.001, 0.03, 0.5  # where many wait the machine is busy, and a query that finds nobody's answer makes it busier


class Answers:
    """Futures by (case, command); a row of `outcomes` ends them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.waiting: dict[str, set[asyncio.Future[Any]]] = {}
        self.polling: asyncio.Task[None] | None = None
        self.down = False  # whether the record did not answer the last time

    async def wait(self, command_id: str, seconds: float, otherwise: str = "") -> Any | None:
        """The outcome row of a command, or of what the case would keep in its place; None when none has come in time (202, and the place to look)."""
        mine: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        names = [command_id, otherwise] if otherwise else [command_id]
        for name in names:
            self.waiting.setdefault(name, set()).add(mine)
        if self.polling is None or self.polling.done():
            self.polling = asyncio.create_task(self._poll())
        try:
            return await asyncio.wait_for(mine, seconds)
        except TimeoutError:
            return None
        finally:
            for name in names:
                self.waiting[name].discard(mine)
                if not self.waiting[name]:
                    del self.waiting[name]

    async def _poll(self) -> None:
        pause = PAUSE
        while self.waiting:
            await asyncio.sleep(pause)
            try:
                rows = await queries.outcomes(self.pool, list(self.waiting))
            except Exception:  # noqa: BLE001 - a poll that dies leaves everybody waiting; a cut link may raise the driver's InternalClientError, which has no family
                pause, self.down = OUTAGE, True
                continue
            pause, self.down = min(PAUSE + EACH * len(set().union(*self.waiting.values())), LONGEST), False
            for row in rows:
                for waiter in self.waiting.get(row["command_id"], ()):
                    if not waiter.done():
                        waiter.set_result(row)
