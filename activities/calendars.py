"""A published year is sent to the cases it concerns: 20 a second, resumable, once in effect however often it is sent."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import asyncpg
from temporalio import activity

from activities.types import REVISE, Page, Publication, Told
from domain.core import Command
from domain.workdays import ZONE

RATE, PAGE = 20, 100
ENDED = "ended"

# A case is asked for while it has not answered; so a page that was sent twice, or sent and not yet read, does no harm.
UNTOLD = """
select case_id from cases c
where phase <> 'archived' and case_id > $2 and (provisional or ($3 and next_due_day is not null and received_at < $4))
  and not exists (select 1 from outcomes o where o.case_id = c.case_id and o.command_id = $1 || c.case_id)
order by case_id"""

Send = Callable[[str, Command], Awaitable[str]]  # '' when sent, ENDED, or why it cannot be; an outage is raised
Pause = Callable[[float], Awaitable[None]]


def prefix(publication: Publication) -> str:
    """How the ids of a publication's commands begin; the case's own id follows."""
    return f"calendar:{publication.year['year']}:{publication.edition}:"


def arguments(publication: Publication, after: str = "") -> tuple[str, str, bool, datetime]:
    """What UNTOLD asks for."""
    return prefix(publication), after, publication.everyone, datetime.fromisoformat(publication.at)


class Calendars:
    """Reads who is concerned through a pool and hands each act to `send`."""

    def __init__(self, pool: asyncpg.Pool, send: Send, pause: Pause = asyncio.sleep) -> None:
        self.pool, self.send, self.pause = pool, send, pause

    @activity.defn(name=REVISE)
    async def revise(self, page: Page) -> Told:
        """Send one page, from where an earlier attempt stood. Raises when the record or the engine does not answer."""
        told = next(iter(activity.info().heartbeat_details), None)
        done = Told(**told) if told else Told(last=page.after)
        rows = await self.pool.fetch(f"{UNTOLD} limit {PAGE}", *arguments(page.publication, done.last))
        for row in rows:
            done = await self._one(page.publication, row["case_id"], done)
            activity.heartbeat(vars(done))
        return done if len(rows) == PAGE else replace(done, last="")

    async def _one(self, publication: Publication, case_id: str, done: Told) -> Told:
        await self.pause(1 / RATE)
        now = datetime.now(ZONE).replace(microsecond=0)
        fields = {"what": "calendar", "value": publication.year, **({"reason": publication.reason} if publication.reason else {})}
        wrong = await self.send(case_id, Command(prefix(publication) + case_id, "revise", fields, now, now, "system"))
        if not wrong:
            return replace(done, sent=done.sent + 1, last=case_id)
        if wrong == ENDED:
            return replace(done, ended=[*done.ended, case_id], last=case_id)
        return replace(done, failed={**done.failed, case_id: wrong}, last=case_id)
