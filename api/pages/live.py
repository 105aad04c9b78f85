"""Live pages: one look a second at what the record has changed, for all open pages of this process; each hears only of cases that its reader sees."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from api import queries, sessions
from api.office import Parts, parts
from api.pages.visitor import Visitor, visitor
from api.queries_live import changed_since
from domain.core import widest

router = APIRouter(include_in_schema=False)
EVERY, BEAT = 1.0, 10.0  # seconds between looks; between signs of life
OVERLAP = timedelta(seconds=5)  # a change becomes visible when it commits, which may be after a later one


@dataclass
class Look:
    """What one look found: the cases of each office that changed, folded once for all who listen."""

    changed: dict[str, list[str]]
    cases: dict[str, queries.Found]


@dataclass
class Pulse:
    """Looks while somebody listens; a process has one."""

    here: Parts
    listeners: set[asyncio.Queue[Look | None]] = field(default_factory=set)
    known: dict[str, int] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def join(self) -> asyncio.Queue[Look | None]:
        """A place for one more page; the first starts the looking."""
        place: asyncio.Queue[Look | None] = asyncio.Queue(maxsize=20)
        self.listeners.add(place)
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._look())
        return place

    def leave(self, place: asyncio.Queue[Look | None]) -> None:
        """A page was closed; after the last one the looking stops."""
        self.listeners.discard(place)
        if not self.listeners and self.task is not None:
            self.task.cancel()

    async def _look(self) -> None:
        since: datetime | None = None
        while True:
            try:
                at, rows = await changed_since(self.here.pool, since)
                fresh = [row for row in rows if self.known.get(row["case_id"]) != row["version"]] if since is not None else []
                if since is None:
                    self.known.clear()
                self.known |= {row["case_id"]: row["version"] for row in rows}
                since = at - OVERLAP
                if fresh:
                    self._tell(Look(_by_office(fresh), await queries.cases_of(self.here.pool, [row["case_id"] for row in fresh])))
            except queries.DOWN:
                self._tell(None)
            await asyncio.sleep(EVERY)

    def _tell(self, look: Look | None) -> None:
        for place in self.listeners:
            if not place.full():
                place.put_nowait(look)


def _by_office(rows: list[asyncpg.Record]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["office"], []).append(row["case_id"])
    return found


@router.get("/live")
async def live(request: Request) -> StreamingResponse:
    """Server-sent events of one open page: `case` {id, version, mine}, `lost` while the record is away, `over` when the session has ended."""
    who = await visitor(request)
    here = parts(request)
    pulse: Pulse | None = getattr(request.app.state, "pulse", None)
    if pulse is None:
        pulse = request.app.state.pulse = Pulse(here)
    return StreamingResponse(_stream(request, here, pulse, who), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(request: Request, here: Parts, pulse: Pulse, who: Visitor) -> AsyncIterator[str]:
    place = pulse.join()
    yield "retry: 3000\n\n"
    try:
        while not await request.is_disconnected():
            try:
                look = await asyncio.wait_for(place.get(), BEAT)
            except TimeoutError:
                if await _over(here, request):
                    yield _event("over", {})
                    return
                yield _event("beat", {})
                continue
            if look is None:
                yield _event("lost", {})
                continue
            for shown in await _seen(here, look, who):
                yield _event("case", shown)
    finally:
        pulse.leave(place)


async def _over(here: Parts, request: Request) -> bool:
    try:
        session = await sessions.of(here.pool, request)
    except queries.DOWN:
        return False
    return session is None or session.over


async def _seen(here: Parts, look: Look, who: Visitor) -> list[dict[str, Any]]:
    """The changed cases that this reader's view holds: their version, and whether something in them waits for the reader."""
    found = [look.cases[case] for case in look.changed.get(who.office, ()) if case in look.cases]
    if not found:
        return []
    laws = await here.laws.of(here.pool, found)
    names = who.reader.names | set(who.reader.stands_for)
    told = []
    for one in found:
        met = widest(one.case, who.reader, laws[one.case.id], who.law)
        if met is not None:
            shown = met[1]
            told.append({"case": one.case.id, "version": one.case.version, "mine": any(not names.isdisjoint(task["who"]) for task in shown.get("tasks", ()))})
    return told


def _event(name: str, body: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(body)}\n\n"
