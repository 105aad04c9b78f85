"""Notices: into the in-app inbox of each receiver at once, and to the addresses that the office file gives; once per key and address.

`notify` is the case's own way, for what a clause demands; `activities/delivery.py` goes the same ways for all else.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
import jinja2
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.service import RPCError

from activities.mailing import Sender, Texts, Words, bare_words, digest_of
from activities.outbox import Outbox, Shown
from activities.types import NOTIFY, Telling
from domain.digest import gathered, opening, urgent
from domain.law import Law
from domain.people import holders
from domain.quiet import holds_demanded, quiet_until
from domain.workdays import ZONE

T = TypeVar("T")
log = logging.getLogger("huiyin.notices")

Addresses = Callable[[str, str], Sequence[str]]  # (office, person or unit) -> Apprise URLs
Office = Callable[[str], Mapping[str, Any]]  # office id -> office file, {} where there is none
Mark = Callable[[str, str, Mapping[str, Any]], Awaitable[bool]]  # (case, act, fields) -> False when the case has ended


class SendingFailed(ApplicationError):
    """An address did not take a notice; the row stays open, its tries are counted, and the next try has its time."""


def addresses_of(offices: Mapping[str, Mapping[str, Any]]) -> Addresses:
    """Look-up of `notify` of a person (`li`) or a unit (`unit:land`) in office files, by office id."""
    return lambda office, who: addresses_in(offices.get(office, {}), who)


def addresses_in(office: Mapping[str, Any], who: str) -> Sequence[str]:
    """The addresses of one person or unit in one office file."""
    table, name = ("unit", who.removeprefix("unit:")) if who.startswith("unit:") else ("person", who)
    return list(dict.fromkeys(str(url) for url in office.get(table, {}).get(name, {}).get("notify", ())))


def wall_clock() -> datetime:
    """The time at +08:00."""
    return datetime.now(ZONE)


class Notices:
    """Sends what stands in the outbox. Locks are held on connections of `locks`, so that a mail server that hangs keeps no record and no look waiting."""

    def __init__(
        self, pool: asyncpg.Pool, addresses: Addresses, *, locks: asyncpg.Pool | None = None, office: Office = lambda _: {}, words: Words = bare_words,
        law: Callable[[str], Law | None] = lambda _: None, base: str = "", mark: Mark | None = None, clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        self.locks, self.addresses, self.office, self.law, self.mark, self.clock = locks or pool, addresses, office, law, mark, clock
        self.outbox, self.sender, self.texts = Outbox(pool), Sender(), Texts(words, base)
        self.at_work: set[asyncio.Future[Any]] = set()

    @activity.defn(name=NOTIFY)
    async def notify(self, telling: Telling) -> list[str]:
        """Send the open ones of these keys; returns the keys sent now. Raises SendingFailed after all were tried."""
        return await self.whole(self._notified(telling.keys))

    async def whole(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end even if the caller is told to stop: what a server has taken must be written down."""
        task = asyncio.ensure_future(work)
        self.at_work.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Future[Any]) -> None:
        self.at_work.discard(task)
        if not task.cancelled():
            task.exception()  # seen here, for the caller may have gone

    async def rest(self, seconds: float) -> None:
        """Wait for what is in hand, at most so long; then start nothing more."""
        if self.at_work:
            await asyncio.wait(self.at_work, timeout=seconds)
        self.sender.close()

    async def _notified(self, keys: Sequence[str]) -> list[str]:
        rows = await self.outbox.open(keys)
        if not rows:
            return []
        sent = await self.show(rows)
        left = [row["key"] for row in rows if row["key"] not in sent]
        if not left:
            return sorted(sent)
        people = await self.outbox.people(left)
        done = await asyncio.gather(*(self.reach(office, person, theirs, wait=True) for (office, person), theirs in people.items()), return_exceptions=True)
        sent += await self.outbox.settle(left, self.clock())
        await self._escalated(left)
        broken = next((one for one in done if isinstance(one, BaseException)), None)
        if broken is not None:
            raise broken
        failed, pause = await self.outbox.still_open(left, self.clock())
        if failed:
            local = activity.in_activity() and activity.info().is_local  # two quick tries there; the pauses are the regular one's
            raise SendingFailed(", ".join(failed), type="SendingFailed", next_retry_delay=None if local else max(pause, timedelta(seconds=1)), category=ApplicationErrorCategory.BENIGN)
        return sorted(sent)

    async def show(self, rows: Iterable[Any]) -> list[str]:
        """Write the inbox rows of these; returns what is thereby sent."""
        people = [self._shown(row, who) for row in rows for who in dict.fromkeys(row["to"])]
        return await self.outbox.show(people, self.clock()) if people else []

    def _shown(self, row: Mapping[str, Any], who: str) -> Shown:
        """A leader's waits for the one message at opening time, unless it is urgent."""
        now, outside = self.clock(), bool(self.addresses(row["office"], who))
        law = self.law(row["office"]) if outside else None
        waits = law is not None and gathered(law, who) and not urgent(law, row["form"], row["data"], row["next_due_day"], now)
        after = opening(law, now) if waits and law is not None else None
        return Shown(row["key"], who, outside, after is not None or self._waits(row), after)

    def _waits(self, row: Mapping[str, Any]) -> bool:
        """Whether even a demanded notice waits for the end of the office's quiet time; the courier sends it then."""
        office = self.office(row["office"])
        return bool(row["demanded"]) and holds_demanded(office) and self.is_quiet(office)

    def is_quiet(self, office: Mapping[str, Any]) -> bool:
        """Whether an office is in its quiet time now; a span that cannot be read holds nothing back (`huiyin office check` names it)."""
        try:
            return quiet_until(office, self.clock()) is not None
        except ValueError:
            return False

    async def reach(self, office: str, person: str, keys: Sequence[str], *, wait: bool) -> None:
        """One person's notices to each of their addresses that has not got them."""
        urls = self.addresses(office, person)
        failed: dict[str, str] = {}
        for n, url in enumerate(urls, 1):
            left, tried = list(keys), list(keys)
            while left and tried:
                error, tried = await self._hand(person, left, url, wait=wait)
                failed |= {key: f"{url.partition(':')[0]} {n}/{len(urls)}: {error}" for key in tried if error}
                left = [key for key in left if key not in tried]
        await self.outbox.finish(person, keys, [digest_of(url) for url in urls], failed, self.clock())

    async def _hand(self, person: str, keys: Sequence[str], url: str, *, wait: bool) -> tuple[str, list[str]]:
        """One message to one address under the lock of its rows, written down as soon as it is taken: (what went wrong, keys).

        What a clause demands goes alone; what waited goes together.
        """
        address = digest_of(url)
        async with self.sender.gate(url), self.locks.acquire() as db, db.transaction():
            rows = await self.outbox.take(db, person, keys, address, wait=wait)
            rows = next(([row] for row in rows if row["demanded"] and not row["held"]), rows)
            taken = [row["key"] for row in rows]
            if not rows:
                return "", []
            try:
                error = await self.sender.send(url, *self.texts.of(rows))
            except jinja2.TemplateError as wrong:
                error = f"template: {type(wrong).__name__}"
            if not error:
                await self.outbox.took(db, person, taken, address)
            return error, taken

    async def _escalated(self, keys: Sequence[str]) -> None:
        """Escalate for a case's own notices; with the engine away the next try, or the courier, does it."""
        try:
            await self.escalate(keys=keys)
        except RPCError as wrong:
            log.warning("the engine does not take a mark now: %s", wrong.status.name)

    async def escalate(self, *, office: str = "", keys: Sequence[str] = ()) -> None:
        """Tell the case of what has failed for long, once per notice, and of its end; a case that has ended is told at the door."""
        for row in await self.outbox.failing(self.clock(), office=office, keys=keys):
            fields = {"since": row["since"].astimezone(ZONE).replace(microsecond=0).isoformat(), "tries": row["tries"]}
            if await self._told(row, "mark_unsent", fields):
                await self.outbox.marked(row["key"], self.clock())
        for row in await self.outbox.recovered(office=office, keys=keys):
            if await self._told(row, "mark_sent", {}):
                await self.outbox.cleared(row["key"], self.clock())

    async def _told(self, row: Any, act: str, fields: dict[str, Any]) -> bool:
        if self.mark is None:
            return False
        fields = {"notice": row["key"], **fields}
        if row["case_id"] is None or not await self.mark(row["case_id"], act, fields):  # a ledger's notice has no case to tell
            admins = holders(self.office(row["office"]), "admin") if act == "mark_unsent" else []
            await self.outbox.at_the_door(row["key"], row["case_id"] or row["ledger"], act, fields, admins, self.clock())
        return True
