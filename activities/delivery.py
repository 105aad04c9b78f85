"""`deliver`: the office's courier at work until its shift or its worker ends.

All couriers of a process look together, once a second: one question for every office, and a round only where something waits. So an idle office costs nothing.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
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
BEAT = 5.0  # seconds between two signs of life; `policies.DELIVER` waits for them
PATIENCE = 1.5  # seconds for what is in hand when the worker stops; an interrupted message is sent again by the next one
ELSEWHERE = timedelta(seconds=30)
NO_RECORD = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(eq=False)
class Shift:
    """One office's courier at work in this process: what it carries now, how often it went round."""

    office: str
    in_hand: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    going: asyncio.Task[None] | None = None
    rounds: int = 0


class Courier:
    """Carries what no clause demands, what waited for quiet hours, and what its case has left lying."""

    def __init__(self, notices: Notices, *, shift: timedelta = SHIFT, pause: float = PAUSE) -> None:
        self.notices, self.shift, self.pause = notices, shift, pause
        self.shifts: set[Shift] = set()
        self.watch: asyncio.Task[None] | None = None

    @property
    def offices(self) -> set[str]:
        """The offices for which this process is at work now."""
        return {shift.office for shift in self.shifts}

    @activity.defn(name=DELIVER)
    async def deliver(self, office: str) -> int:
        """Work until the shift is over or the worker stops; returns how many rounds it made. Raises where the office is unknown here."""
        if not self.notices.office(office):
            raise ApplicationError(
                f"office {office} 不在此处 / is not in this worker's folder", type="office_unknown", next_retry_delay=ELSEWHERE, category=ApplicationErrorCategory.BENIGN
            )  # fmt: skip
        stopping, ends = asyncio.ensure_future(activity.wait_for_worker_shutdown()), time.monotonic() + self.shift.total_seconds()
        shift = self._begin(office)
        try:
            while not stopping.done() and (left := ends - time.monotonic()) > 0:
                activity.heartbeat()
                await asyncio.wait({stopping}, timeout=min(BEAT, left))
        finally:
            stopping.cancel()
            await self._end(shift)
        return shift.rounds

    def _begin(self, office: str) -> Shift:
        shift = Shift(office)
        self.shifts.add(shift)
        self._go(shift, sweep=True)
        if self.watch is None:
            self.watch = asyncio.create_task(self._watching())
        return shift

    async def _end(self, shift: Shift) -> None:
        """What is in hand has a moment to be finished; the last one out ends the watch."""
        self.shifts.discard(shift)
        if not self.shifts and self.watch is not None:
            self.watch.cancel()
            self.watch = None
        if shift.going is not None:
            await asyncio.wait({shift.going}, timeout=PATIENCE)
        if shift.in_hand:
            await asyncio.wait(list(shift.in_hand.values()), timeout=PATIENCE)

    async def _watching(self) -> None:
        """Look for all offices at once, again and again; a record that is away is waited for."""
        looks = 0
        while True:
            await asyncio.sleep(self.pause)
            offices, sweep = sorted(self.offices), looks % SWEEP == 0
            try:
                waits = await self.notices.outbox.waits(offices, self.notices.clock())
                left = await self.notices.outbox.unsettled(offices) if sweep else set()
            except NO_RECORD as wrong:
                log.warning("the record does not answer: %s", type(wrong).__name__)
                continue
            looks += 1
            for shift in [one for one in self.shifts if one.office in waits | left]:
                self._go(shift, sweep=shift.office in left)

    def _go(self, shift: Shift, *, sweep: bool) -> None:
        """Begin a round unless one is under way: an office that waits for the engine keeps no other waiting."""
        if shift.going is None or shift.going.done():
            shift.going = asyncio.create_task(self._look(shift, sweep=sweep))

    async def _look(self, shift: Shift, *, sweep: bool) -> None:
        """One round; a record or an engine that is away is waited for, not died of."""
        shift.rounds += 1
        try:
            await self.round(shift.office, shift.in_hand, sweep=sweep)
        except NO_RECORD as wrong:
            log.warning("%s: the record does not answer: %s", shift.office, type(wrong).__name__)
        except RPCError as wrong:
            log.warning("%s: the engine does not answer: %s", shift.office, wrong.status.name)

    async def round(self, office: str, in_hand: dict[str, asyncio.Task[None]], *, sweep: bool = True) -> None:
        """Show what is new, and start sending what is due to people who are not being sent to already; a sweep finds what was left."""
        notices, outbox, now = self.notices, self.notices.outbox, self.notices.clock()
        await notices.show(await outbox.waiting(office, now))
        if sweep:
            await outbox.settle(await outbox.stragglers(office), now)
        file = notices.office(office)
        for person, keys in (await outbox.due(office, notices.clock(), quiet=notices.is_quiet(file), all_quiet=holds_demanded(file))).items():
            if person not in in_hand:
                task = in_hand[person] = asyncio.create_task(self._carried(office, person, keys))
                task.add_done_callback(partial(_put_down, in_hand, person))
        if sweep:
            await notices.escalate(office=office)

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
