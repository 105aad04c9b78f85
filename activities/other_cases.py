"""`open_case`: the case that another one opens is started; twice is once, because its id is derived from the first."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.types import OPEN_CASE, OtherCase


class OtherCases:
    """Starts cases in the name of the system."""

    def __init__(self, start: Callable[[OtherCase], Awaitable[None]]) -> None:
        self.start = start

    @activity.defn(name=OPEN_CASE)
    async def open(self, opening: OtherCase) -> None:
        """Start it, or find it started already; raises while the engine is away."""
        await self.start(opening)
