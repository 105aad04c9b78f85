"""SIGKILL of worker, API, engine and PostgreSQL at each of eight moments of a case's life; then it goes on, and every invariant holds.

The moments are reached exactly, without a hook in the product: a stopped process, a held statement, a held mail.
"""

import asyncio
import hashlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest

from activities.files import Folder
from activities.histories import key_of, runs_of, unpacked
from cli.audit_source import Place, audited
from cli.audit_watch import watched
from tests.faults.site import PARTS, PATIENCE, Site
from tests.faults.walk import Walk

pytestmark = [pytest.mark.engine, pytest.mark.database, pytest.mark.faults]
Moment = Callable[[Walk], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def asleep(site: Site, part: str) -> AsyncIterator[None]:
    """A part that stands still (SIGSTOP); woken at the end if it still lives."""
    pid = site.child(part).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def acting(walk: Walk) -> AsyncIterator[None]:
    """The next act on its way meanwhile; answered at the end."""
    act = asyncio.create_task(walk.next())
    try:
        yield
    finally:
        await act


@asynccontextmanager
async def stored(walk: Walk) -> AsyncIterator[None]:
    """The signal is in the engine; no worker has taken it."""
    await walk.to("approve")
    async with acting(walk), asleep(walk.site, "worker"):
        while not any(event.workflow_execution_signaled_event_attributes.signal_name == "approve" for event in (await walk.history()).events):
            await asyncio.sleep(0.02)
        yield


@asynccontextmanager
async def decided(walk: Walk) -> AsyncIterator[None]:
    """The case has decided; its batch has not reached the database."""
    await walk.to("transfer")
    async with acting(walk), walk.site.link.stop("record_step", walk.case, '"kind": "transferred"', where="before") as stop:
        await asyncio.wait_for(stop.reached.wait(), PATIENCE)
        yield


@asynccontextmanager
async def committed(walk: Walk) -> AsyncIterator[None]:
    """The batch, with its register number, is committed; the worker does not know, so history does not."""
    await walk.to("register")
    async with acting(walk), walk.site.link.stop("record_step", walk.case, '"kind": "registered"') as stop:
        await asyncio.wait_for(stop.reached.wait(), PATIENCE)
        yield


@asynccontextmanager
async def unanswered(walk: Walk) -> AsyncIterator[None]:
    """Record and history have it; the API, which waits for it, stands still."""
    await walk.to("conclude")
    before = len((await walk.history()).events)
    async with acting(walk):
        async with walk.site.link.stop("from outcomes", f"{walk.case}:", where="before") as stop:
            await asyncio.wait_for(stop.reached.wait(), PATIENCE)
            sleeping = asleep(walk.site, "api")
            await sleeping.__aenter__()
        try:
            while not any(event.HasField("marker_recorded_event_attributes") for event in (await walk.history()).events[before:]):
                await asyncio.sleep(0.02)
            yield
        finally:
            await sleeping.__aexit__(None, None, None)


@asynccontextmanager
async def sent(walk: Walk) -> AsyncIterator[None]:
    """The mail server has the notice in its hand; the outbox does not say so."""
    mail = walk.site.mail
    await walk.to("transfer")
    mail.gate = asyncio.Event()
    mail.taken.clear()
    try:
        await walk.next()
        await asyncio.wait_for(mail.taken.wait(), PATIENCE)
        yield
    finally:
        mail.gate.set()
        mail.gate = None


@asynccontextmanager
async def fired(walk: Walk) -> AsyncIterator[None]:
    """The timer has fired; what it rings is not recorded."""
    await walk.to("conclude")
    async with walk.site.link.stop("record_step", walk.case, "rung", where="before") as stop:
        ringing = asyncio.create_task(walk.ring())
        try:
            await asyncio.wait_for(stop.reached.wait(), PATIENCE)
            assert any(event.HasField("timer_fired_event_attributes") for event in (await walk.history()).events)
            yield
        finally:
            stop.release()
            await ringing


@asynccontextmanager
async def closing(walk: Walk) -> AsyncIterator[None]:
    """The last act is committed; the case has not ended in the engine."""
    await walk.to("archive")
    async with acting(walk), walk.site.link.stop("record_step", walk.case, '"kind": "archived"') as stop:
        await asyncio.wait_for(stop.reached.wait(), PATIENCE)
        yield


@asynccontextmanager
async def exported(walk: Walk) -> AsyncIterator[None]:
    """The history of the ended case is in its file; the record does not say so."""
    await walk.to("archive")
    async with walk.site.link.stop("insert into archives", walk.case, where="before") as stop:
        await walk.next()
        await asyncio.wait_for(stop.reached.wait(), PATIENCE)
        assert (walk.site.running.folder.files / key_of(walk.case)).is_file()
        yield


MOMENTS: dict[str, Moment] = {
    "signal-stored": stored, "decided": decided, "committed-not-in-history": committed, "recorded-unanswered": unanswered, "notice-sent-unrecorded": sent,
    "alarm-fired": fired, "closing": closing, "export": exported,
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_at_any_moment_nothing_is_lost(place: Site, moment: str, part: str) -> None:
    walk = await Walk(place, f"{moment}-{part}").file()
    async with MOMENTS[moment](walk):
        gone = await place.kill(part)
    await place.back(part, gone)
    await walk.finish()
    if moment == "export":
        await kept_whole(walk)
    if moment in ("committed-not-in-history", "closing") and part == "worker":  # an engine that comes back in time still takes the answer
        seen = await watched([await walk.history()], place.codec)
        assert any(answer.stored for _, answer in seen.batches), "the second attempt adopted what the first had committed"


async def kept_whole(walk: Walk) -> None:
    """The file says what the engine says, and the case can be audited from it alone."""
    site = walk.site
    until = time.monotonic() + PATIENCE
    while (row := await site.pool.fetchrow("select file, sha256, whole from archives where case_id = $1", walk.case)) is None:
        assert time.monotonic() < until, "the history was never kept"
        await asyncio.sleep(0.2)
    assert row["whole"]
    data = (site.running.folder.files / row["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert runs_of(unpacked(walk.case, data)) == runs_of([await walk.history()])
    audit = await audited(Place(site.pool, Folder(site.running.folder.files), site.codec), walk.case)
    assert audit.sound, audit.lines
