"""`deliver`: the office's courier at work. It looks again every second, sends what waits, and hands over when its shift or its worker ends."""

import asyncio
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from activities.notices import Notices
from activities.types import DELIVER
from domain.quiet import holds_demanded

log = logging.getLogger("huiyin.courier")
SHIFT = timedelta(hours=1)
PAUSE = 1.0  # seconds between two looks
SWEEP = 10  # looks between two searches for rows that a dead process left
PATIENCE = 1.5  # seconds for what is in hand when the worker stops; an interrupted message is sent again by the next one
ELSEWHERE = timedelta(seconds=30)
NO_RECORD = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Courier:
    """Carries what no clause demands, what waited for quiet hours, and what its case has left lying."""

    def __init__(self, notices: Notices, *, shift: timedelta = SHIFT, pause: float = PAUSE) -> None:
        self.notices, self.shift, self.pause = notices, shift, pause

    @activity.defn(name=DELIVER)
    async def deliver(self, office: str) -> int:
        """Work until the shift is over or the worker stops; returns how many looks it took. Raises where the office is unknown here."""
        if not self.notices.office(office):
            raise ApplicationError(
                f"office {office} 不在此处 / is not in this worker's folder", type="office_unknown", next_retry_delay=ELSEWHERE, category=ApplicationErrorCategory.BENIGN
            )  # fmt: skip
        stopping = asyncio.ensure_future(activity.wait_for_worker_shutdown())
        in_hand: dict[str, asyncio.Task[None]] = {}
        ends, looks = time.monotonic() + self.shift.total_seconds(), 0
        try:
            while not stopping.done() and time.monotonic() < ends:
                await self._look(office, in_hand, sweep=looks % SWEEP == 0)
                activity.heartbeat()
                looks += 1
                await asyncio.wait({stopping}, timeout=self.pause)
        finally:
            stopping.cancel()
            if in_hand:
                await asyncio.wait(list(in_hand.values()), timeout=PATIENCE)
        return looks

    async def _look(self, office: str, in_hand: dict[str, asyncio.Task[None]], *, sweep: bool) -> None:
        """One round; a record or an engine that is away is waited for, not died of."""
        try:
            await self.round(office, in_hand, sweep=sweep)
        except NO_RECORD as wrong:
            log.warning("%s: the record does not answer: %s", office, type(wrong).__name__)
        except RPCError as wrong:
            log.warning("%s: the engine does not answer: %s", office, wrong.status.name)

    async def round(self, office: str, in_hand: dict[str, asyncio.Task[None]], *, sweep: bool = True) -> None:
        """Show what is new, and start sending what is due to people who are not being sent to already; a sweep finds what was left."""
        notices, outbox, now = self.notices, self.notices.outbox, self.notices.clock()
        await notices.show(await outbox.waiting(office, now))
        if sweep:
            await outbox.settle(await outbox.stragglers(office), now)
            await notices.escalate(office=office)
        file = notices.office(office)
        for person, keys in (await outbox.due(office, notices.clock(), quiet=notices.is_quiet(file), all_quiet=holds_demanded(file))).items():
            if person not in in_hand:
                task = in_hand[person] = asyncio.create_task(self._carried(office, person, keys))
                task.add_done_callback(partial(_put_down, in_hand, person))

    async def _carried(self, office: str, person: str, keys: Iterable[str]) -> None:
        """One person's messages; what goes wrong here is this person's alone and is tried again."""
        try:
            await self.notices.whole(self._reached(office, person, list(keys)))
        except Exception as wrong:  # noqa: BLE001 - the next look finds the rows again
            log.warning("%s: a notice could not be sent: %s", office, type(wrong).__name__)

    async def _reached(self, office: str, person: str, keys: list[str]) -> None:
        await self.notices.reach(office, person, keys, wait=False)
        await self.notices.outbox.settle(keys, self.notices.clock())
        await self.notices.escalate(keys=keys)


def _put_down(in_hand: dict[str, asyncio.Task[None]], person: str, _: asyncio.Task[None]) -> None:
    in_hand.pop(person, None)
