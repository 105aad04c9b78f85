"""Long work of an API process beside its requests: each piece once, one at a time, ended with the process; what it has done stands in the record."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Beside:
    """Tasks by name."""

    def __init__(self) -> None:
        self.tasks: dict[str, asyncio.Task[Any]] = {}
        self.turn = asyncio.Semaphore(1)  # a second piece waits: people at their desks come first

    def begin(self, name: str, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """Start a piece unless it runs already."""
        known = self.tasks.get(name)
        if known is not None:
            work.close()
            return known
        task = asyncio.create_task(self._in_turn(work))
        self.tasks[name] = task
        task.add_done_callback(lambda _: self.tasks.pop(name, None))
        return task

    def busy(self, name: str) -> bool:
        """Whether a piece runs or waits in this process."""
        return name in self.tasks

    async def done(self, work: Coroutine[Any, Any, Any]) -> None:
        """Finish a short piece even where whoever waits for it is gone: what was handed out is written down."""
        task = asyncio.create_task(work)
        self.tasks[f"short:{id(task)}"] = task
        task.add_done_callback(lambda one: self.tasks.pop(f"short:{id(one)}", None))
        await asyncio.shield(task)

    async def _in_turn(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            async with self.turn:
                return await work
        finally:
            work.close()

    async def end(self) -> None:
        """Stop everything; it goes on when somebody asks for it again."""
        tasks = list(self.tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
