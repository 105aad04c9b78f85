"""A published year, who is who in an office, or who may sign is sent to the cases it concerns: 20 a second, resumable, once in effect however often it is sent."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import asyncpg
from temporalio import activity

from activities.types import KEY_MARGIN, REVISE, Page, Publication, Told
from domain.core import Command
from domain.law import bare
from domain.workdays import ZONE

RATE, PAGE = 20, 100
ENDED = "ended"

# A case is asked for while it has not answered; so a page that was sent twice, or sent and not yet read, does no harm.
UNTOLD = """
select case_id from cases c
where phase <> 'archived' and case_id > $2 and (provisional or ($3 and next_due_day is not null and received_at < $4))
  and not exists (select 1 from outcomes o where o.case_id = c.case_id and o.command_id = $1 || c.case_id)
order by case_id"""

# Who was filed under just these people, and was never told of others, has nothing to hear.
UNTOLD_PEOPLE = """
with same as materialized (
    select sha256 from law where sha256 in (select distinct law_sha256 from cases where office = $3 and phase <> 'archived')
    and (select jsonb_object_agg(key, coalesce(text::jsonb -> 'office' -> key, value)) = $4::jsonb from jsonb_each('{"person": {}, "unit": {}, "substitute": []}'))
)
select case_id from cases c
where phase <> 'archived' and office = $3 and case_id > $2
  and not exists (select 1 from outcomes o where o.case_id = c.case_id and o.command_id = $1 || c.case_id)
  and (law_sha256 is null or law_sha256 not in (select sha256 from same) or exists (select 1 from outcomes o where o.case_id = c.case_id and starts_with(o.command_id, 'people:')))
order by case_id"""

# Who was filed well after a key had begun to sign was filed under it; a letter's own date says nothing of that.
UNTOLD_KEYS = """
select c.case_id from cases c join events e on e.case_id = c.case_id and e.seq = 1
where c.phase <> 'archived' and c.case_id > $2 and coalesce((e.data ->> 'entered_at')::timestamptz, e.at) <= $3
  and not exists (select 1 from outcomes o where o.case_id = c.case_id and o.command_id = $1 || c.case_id)
order by c.case_id"""

Send = Callable[[str, Command], Awaitable[str]]  # '' when sent, ENDED, or why it cannot be; an outage is raised
Pause = Callable[[float], Awaitable[None]]
Clock = Callable[[str], Awaitable[datetime]]  # the time of a case: stories have their own


async def real_time(case_id: str) -> datetime:
    """The time of a real case."""
    return datetime.now(ZONE)


def prefix(publication: Publication) -> str:
    """How the ids of a publication's commands begin; the case's own id follows."""
    if publication.keys:
        return f"keys:{publication.edition}:"
    return f"people:{publication.office}:{publication.edition}:" if publication.office else f"calendar:{publication.year['year']}:{publication.edition}:"


def untold(publication: Publication, after: str = "") -> tuple[Any, ...]:
    """The question for the cases behind `after` that are concerned and have not answered, with its arguments."""
    if publication.office:
        return UNTOLD_PEOPLE, prefix(publication), after, publication.office, json.dumps(bare(publication.people), ensure_ascii=False)
    if publication.keys:
        return UNTOLD_KEYS, prefix(publication), after, datetime.fromisoformat(publication.at) + KEY_MARGIN
    return UNTOLD, prefix(publication), after, publication.everyone, datetime.fromisoformat(publication.at)


class Calendars:
    """Reads who is concerned through a pool and hands each act to `send`."""

    def __init__(self, pool: asyncpg.Pool, send: Send, pause: Pause = asyncio.sleep, clock: Clock = real_time) -> None:
        self.pool, self.send, self.pause, self.clock = pool, send, pause, clock

    @activity.defn(name=REVISE)
    async def revise(self, page: Page) -> Told:
        """Send one page, from where an earlier attempt stood. Raises when the record or the engine does not answer."""
        told = next(iter(activity.info().heartbeat_details), None)
        done = Told(**told) if told else Told(last=page.after)
        question, *arguments = untold(page.publication, done.last)
        rows = await self.pool.fetch(f"{question} limit {PAGE}", *arguments)
        for row in rows:
            done = await self._one(page.publication, row["case_id"], done)
            activity.heartbeat(vars(done))
        return done if len(rows) == PAGE else replace(done, last="")

    async def _one(self, publication: Publication, case_id: str, done: Told) -> Told:
        await self.pause(1 / RATE)
        now = (await self.clock(case_id)).replace(microsecond=0)
        what = next((name for name in ("people", "keys") if getattr(publication, name)), "calendar")
        said = {"what": what, "value": publication.year if what == "calendar" else getattr(publication, what)}
        fields = {**said, **({"reason": publication.reason} if publication.reason else {})}
        wrong = await self.send(case_id, Command(prefix(publication) + case_id, "revise", fields, now, now, "system"))
        if not wrong:
            return replace(done, sent=done.sent + 1, last=case_id)
        if wrong == ENDED:
            return replace(done, ended=[*done.ended, case_id], last=case_id)
        return replace(done, failed={**done.failed, case_id: wrong}, last=case_id)
