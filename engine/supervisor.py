"""Keeps the parts running: started in order, started again when they die, stopped in bounded time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import takewhile

from engine.process import Child, PartFailed
from engine.progress import Progress

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
STEADY = 60.0  # a part that ran so long starts its pauses anew
LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Service:
    """One part: `start` returns its child when it is ready; `patience` = seconds between asking and SIGKILL."""

    name: str
    start: Callable[[], Awaitable[Child]]
    patience: float
    stage: str = ""  # services of one stage are stopped together


class Supervisor:
    """Starts services one after the other; use `keep` to watch over them and `stop` to end them."""

    def __init__(self, progress: Progress, *, longest: float = LONGEST_PAUSE) -> None:
        self.progress, self.longest = progress, longest
        self.running: list[tuple[Service, Child]] = []
        self.watches: list[asyncio.Task[None]] = []

    async def add(self, service: Service) -> None:
        """Start it, wait until it is ready, then watch over it. PartFailed when it does not come up the first time."""
        child = await service.start()
        self.running.append((service, child))
        self.watches.append(asyncio.create_task(self.keep(len(self.running) - 1)))

    def child(self, name: str) -> Child:
        """The run of that service as it is now; for those who kill it on purpose."""
        return next(child for service, child in self.running if service.name == name)

    async def keep(self, place: int) -> None:
        """Start the service of that place again whenever it ends."""
        pause = FIRST_PAUSE
        while True:
            service, child = self.running[place]
            if child.alive:
                await asyncio.sleep(LOOK_EVERY)
                continue
            pause = FIRST_PAUSE if time.monotonic() - child.began > STEADY else pause
            child.kill()
            self.progress.say(f"{service.name} 停了（{child.returncode}），重新启动", f"{service.name} ended, starting it again")
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.longest)
            try:
                self.running[place] = (service, await service.start())
            except PartFailed as failure:
                self.progress.say(f"{service.name} 未能启动，再试", str(failure).splitlines()[0])

    async def stop(self) -> None:
        """End all in reverse order, those of one stage together."""
        for watch in self.watches:
            watch.cancel()
        await asyncio.gather(*self.watches, return_exceptions=True)
        left = list(reversed(self.running))
        self.running.clear()
        while left:
            together = list(takewhile(lambda pair: pair[0].stage == left[0][0].stage, left))
            del left[: len(together)]
            await asyncio.gather(*(child.stop(patience=service.patience) for service, child in together))
