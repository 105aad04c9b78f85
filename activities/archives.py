"""Keeps the history of every ended case in the file store, and checks that it is there. The only writer of the archive tables."""

import asyncio
import hashlib
import json
import time
from contextlib import suppress
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from activities.build import build_id
from activities.files import Files
from activities.histories import begins, ending, fetched, key_of, link_of, linked, packed, runs_of
from activities.office_tasks import close_task, open_task
from activities.types import CHECK_ARCHIVES, KEEP_ARCHIVES, Checked, Checking
from domain.core import value_hash

TURN, PAUSE, AT_ONCE, PAGE = 3600.0, 1.0, 50, 500
MISSING, DAMAGED, CUT = "archive_missing", "archive_damaged", "archive_cut"
ADMIN = "admin"
LINKS = "WorkflowType = 'Complaint' AND ExecutionStatus = 'ContinuedAsNew'"


class Archives:
    """One pool, one client, one file store; every method may run twice, and be killed anywhere."""

    def __init__(self, pool: asyncpg.Pool, client: Client, files: Files) -> None:
        self.pool, self.client, self.files = pool, client, files

    @activity.defn(name=KEEP_ARCHIVES)
    async def keep(self) -> int:
        """Keep what ends, for an hour or until the worker drains; returns how many were kept."""
        kept, until = 0, time.monotonic() + TURN
        await self.keep_links()
        while time.monotonic() < until and not activity.is_worker_shutdown():
            activity.heartbeat(kept)
            rows = await self.pool.fetch("select case_id from archive_queue where next_try <= now() order by next_try limit $1", AT_ONCE)
            for row in rows:
                if activity.is_worker_shutdown():
                    break
                kept += await self.keep_one(row["case_id"])
                activity.heartbeat(kept)
            if not rows:
                with suppress(TimeoutError):
                    await asyncio.wait_for(activity.wait_for_worker_shutdown(), PAUSE)
        return kept

    async def keep_one(self, case_id: str) -> bool:
        """Keep one case, or say in its row of the queue why not yet; only the record's own failures are raised."""
        try:
            histories = await fetched(self.client, case_id)
            if ending(histories) in ("", "continued_as_new"):
                return await self._later(case_id, "the run is still open")
            return await self._kept(case_id, histories)
        except RPCError as wrong:
            gone = wrong.status == RPCStatusCode.NOT_FOUND
            return await self._later(case_id, "the engine has no run of this case" if gone else f"the engine: {wrong.status.name}")
        except Exception as wrong:  # noqa: BLE001 - one case must not keep all others waiting; where it is the record's failure, this raises it again
            return await self._later(case_id, f"{type(wrong).__name__}: {wrong}")

    async def keep_links(self) -> int:
        """Keep each run that continued as a new one: the engine lets go of it while its case still lives."""
        kept = 0
        with suppress(RPCError, OSError):  # the next turn tries again
            async for run in self.client.list_workflows(LINKS):
                key = link_of(run.id, run.run_id)
                if not await asyncio.to_thread(_there, self.files, key):
                    history = await self.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
                    await asyncio.to_thread(self.files.put, key, packed(run.id, [history]))
                    kept += 1
                activity.heartbeat(kept)
        return kept

    async def _kept(self, case_id: str, found: list[WorkflowHistory]) -> bool:
        histories = await asyncio.to_thread(linked, self.files, case_id, found)
        data, runs = packed(case_id, histories), runs_of(histories)
        digest = hashlib.sha256(data).hexdigest()
        known = await self.pool.fetchrow("select file, sha256 from archives where case_id = $1", case_id)
        key = known["file"] if known else key_of(case_id)
        if known and known["sha256"] != digest:
            return await self._later(case_id, "the engine's history is not the one that was kept")
        await asyncio.to_thread(self._written, key, data, digest)
        law = await self._law(histories[0])
        async with self.pool.acquire() as db, db.transaction():
            await db.execute(
                "insert into archives (case_id, office, file, sha256, size, runs, events, whole, build, law_sha256) "
                "select case_id, office, $2, $3, $4, $5::jsonb, $6, $7, $8, $9 from cases where case_id = $1 on conflict (case_id) do nothing",
                case_id, key, digest, len(data), json.dumps(runs), sum(run["events"] for run in runs), begins(histories), build_id(), law,
            )  # fmt: skip
            await db.execute("delete from archive_queue where case_id = $1", case_id)
            if not known and begins(histories):
                await close_task(db, task_key(case_id))
        return True

    def _written(self, key: str, data: bytes, digest: str) -> None:
        """On disk and read back; a file of other bytes is set aside, not lost."""
        with suppress(FileNotFoundError):
            there = hashlib.sha256(self.files.get(key)).hexdigest()
            if there == digest:
                return
            self.files.set_aside(key, f"damaged-{there[:12]}")
        self.files.put(key, data)
        if hashlib.sha256(self.files.get(key)).hexdigest() != digest:
            raise OSError(5, "what was read back is not what was written")

    async def _law(self, first: WorkflowHistory) -> str:
        """SHA-256 of the law in the start input, '' where this worker has no key for it."""
        try:
            (start,) = await self.client.data_converter.decode(first.events[0].workflow_execution_started_event_attributes.input.payloads)
            return value_hash(start["law"])
        except (KeyError, TypeError, ValueError, RuntimeError):
            return ""

    async def _later(self, case_id: str, why: str) -> bool:
        await self.pool.execute(
            "update archive_queue set tries = tries + 1, last_error = $2, "
            "next_try = now() + least(interval '1 hour', interval '3 seconds' * power(2, least(tries, 12))) where case_id = $1",
            case_id, why[:200],
        )  # fmt: skip
        return False

    @activity.defn(name=CHECK_ARCHIVES)
    async def check(self, wish: Checking) -> Checked:
        """Look at every case that ended longer ago than `older_than`: a task where its file is not whole, none where it is."""
        looked = opened = closed = wrong = 0
        after = ""
        while True:
            rows = await self.pool.fetch(
                "select e.case_id, c.office, a.file, a.sha256, a.whole from events e join cases c using (case_id) left join archives a using (case_id) "
                "where e.kind = 'archived' and e.case_id > $1 and e.recorded_at <= now() - make_interval(secs => $2) order by e.case_id limit $3",
                after, wish.older_than, PAGE,
            )  # fmt: skip
            if not rows:
                return Checked(looked, wrong, opened, closed)
            for row in rows:
                what = await asyncio.to_thread(self._state, row)
                changed = await self._told(row, what)
                looked, wrong = looked + 1, wrong + bool(what)
                opened, closed = opened + (changed and bool(what)), closed + (changed and not what)
                activity.heartbeat(looked)
            after = rows[-1]["case_id"]

    def _state(self, row: Any) -> str:
        if row["file"] is None:
            return MISSING
        try:
            if hashlib.sha256(self.files.get(row["file"])).hexdigest() != row["sha256"]:
                return DAMAGED
        except OSError:
            return DAMAGED
        return "" if row["whole"] else CUT

    async def _told(self, row: Any, what: str) -> bool:
        async with self.pool.acquire() as db, db.transaction():
            if not what:
                return await close_task(db, task_key(row["case_id"]))
            # The keeper tries at once: the engine may still have the run.
            await db.execute("insert into archive_queue (case_id, next_try) values ($1, now()) on conflict (case_id) do update set next_try = now()", row["case_id"])
            return await open_task(db, task_key(row["case_id"]), row["office"], ADMIN, what, row["case_id"])


def task_key(case_id: str) -> str:
    """One task a case, however often it is looked at."""
    return f"archive:{case_id}"


def _there(files: Files, key: str) -> bool:
    with suppress(FileNotFoundError):
        return bool(files.get(key))
    return False
