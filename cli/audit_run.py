"""The bodies of `huiyin audit`: one case or all, from the settings of this installation; exit codes 0 sound, 1 differs, 2 could not check."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import asyncpg
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from activities.files import Folder
from activities.histories import ending, fetched, packed
from activities.types import Checked, Checking
from api.settings import Settings
from cli.audit import DIFFERS, SOUND, UNCHECKED, Unchecked, printed
from cli.audit_source import Place, audited, case_named
from worker.standing import DAILY
from workflows.actorkeys import ActorKeys
from workflows.archive import ARCHIVE_CHECK
from workflows.contract import WORKFLOW
from workflows.keyfile import codec_keys, rules_public
from workflows.plugin import plugin
from workflows.policies import TASK_QUEUE

PAGE, SECONDS = 500, 5
OPEN = (
    "select t.case_id, t.office, t.what, t.opened_at, coalesce(q.last_error, '') as last_error from office_tasks t left join archive_queue q using (case_id) "
    "where t.key like 'archive:%' and t.closed_at is null order by t.opened_at, t.key"
)
Say = Callable[[str], None]


@asynccontextmanager
async def place(settings: Settings) -> AsyncIterator[Place]:
    """The record, the file store, the keys, and the engine where it answers. Raises Unchecked."""
    if not settings.database:
        raise Unchecked("请设置 HUIYIN_DATABASE_URL set HUIYIN_DATABASE_URL (postgresql://...)")
    try:
        keys = codec_keys(settings.keys)
        pool = await asyncpg.create_pool(settings.database, min_size=1, max_size=2, timeout=SECONDS)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as wrong:
        raise Unchecked(f"记录库或密钥不可用 the record or the keys cannot be used ({type(wrong).__name__}): {wrong}") from None
    try:
        yield Place(pool, Folder(settings.files), keys, await engine(settings), ActorKeys(settings.keys).ever(), rules_public(settings.keys))
    finally:
        await pool.close()


async def engine(settings: Settings) -> Client | None:
    """A client, or None where nothing answers within some seconds."""
    try:
        return await asyncio.wait_for(Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(codec_keys(settings.keys))]), SECONDS)
    except (RPCError, RuntimeError, TimeoutError):
        return None


async def one(settings: Settings, name: str, file: Path | None, say: Say) -> int:
    """Audit one case, named by id or register number; the exit code."""
    try:
        async with place(settings) as here:
            case_id = await case_named(here.pool, name)
            found = await audited(here, case_id, file)
    except Unchecked as why:
        say(f"? 未能核对 could not check: {why}")
        return UNCHECKED
    say(printed(case_id, found))
    return SOUND if found.sound else DIFFERS


async def every(settings: Settings, say: Say) -> int:
    """Audit every case of the record and of the engine: a line each, what differs in full, a summary; the exit code."""
    counts = dict.fromkeys((SOUND, DIFFERS, UNCHECKED), 0)
    try:
        async with place(settings) as here:
            if here.client is None:
                say("! 引擎无应答,只核对已留存的 the engine does not answer: only kept histories can be checked")
            async for case_id in _ids(here):
                code, text = await _judged(here, case_id)
                counts[code] += 1
                say(text)
    except Unchecked as why:
        say(f"? 未能核对 could not check: {why}")
        return UNCHECKED
    say(f"共 {sum(counts.values())} 件 cases: 一致 sound {counts[SOUND]}, 不符 differ {counts[DIFFERS]}, 未能核对 could not be checked {counts[UNCHECKED]}")
    return DIFFERS if counts[DIFFERS] else UNCHECKED if counts[UNCHECKED] else SOUND


async def _judged(here: Place, case_id: str) -> tuple[int, str]:
    try:
        found = await audited(here, case_id)
    except Unchecked as why:
        return UNCHECKED, f"? {case_id}: {why}"
    if found.sound:
        return SOUND, f"✓ {case_id}: {found.lines[0][1]}; {len(found.lines)} 项 checks"
    return DIFFERS, "\n".join([f"✗ {case_id}:", *(f"    ✗ {text}" for holds, text in found.lines if not holds)])


async def _ids(here: Place) -> AsyncIterator[str]:
    """By keyset from the record; then what the engine has and the record has not."""
    after = ""
    while rows := await here.pool.fetch("select case_id from cases where case_id > $1 order by case_id limit $2", after, PAGE):
        for row in rows:
            yield row["case_id"]
        after = rows[-1]["case_id"]
    if here.client is None:
        return
    seen: set[str] = set()
    async for run in here.client.list_workflows(f"WorkflowType = '{WORKFLOW}'"):
        if run.id not in seen and not await here.pool.fetchval("select 1 from cases where case_id = $1", run.id):
            yield run.id
        seen.add(run.id)


async def check(settings: Settings, say: Say) -> int:
    """Let a worker look at every kept file now, as the schedule does each morning; what is not whole, and why; the exit code."""
    client = await engine(settings)
    if client is None:
        say(f"? 引擎无应答 the engine does not answer: {settings.engine}")
        return UNCHECKED
    by_hand = f"{DAILY}-by-hand-{uuid4().hex[:8]}"
    try:
        found = await client.execute_workflow(ARCHIVE_CHECK, Checking(), id=by_hand, task_queue=TASK_QUEUE, result_type=Checked, execution_timeout=timedelta(hours=12))
        async with place(settings) as here:
            rows = await here.pool.fetch(OPEN)
    except (Unchecked, RPCError, WorkflowFailureError) as wrong:
        say(f"? 未能核对 could not check: {wrong}")
        return UNCHECKED
    for row in rows:
        say(f"✗ {row['case_id']} ({row['office']}): {row['what']}, 自 since {row['opened_at']:%Y-%m-%d %H:%M}" + (f"; {row['last_error']}" if row["last_error"] else ""))
    say(f"共 {found.looked} 件已归档 ended cases looked at: 历史不全 not whole {found.wrong}, 新任务 tasks opened {found.opened}, 已了结 closed {found.closed}")
    return DIFFERS if found.wrong else SOUND


async def export(settings: Settings, name: str, file: Path, say: Say) -> int:
    """Keep the engine's history of a case in a file, as the keeper would; the exit code."""
    client = await engine(settings)
    if client is None:
        say(f"? 引擎无应答 the engine does not answer: {settings.engine}")
        return UNCHECKED
    try:
        case_id = await _named(settings, name)
        histories = await fetched(client, case_id)
    except RPCError as wrong:
        say(f"? {name}: 引擎没有此件 the engine has no such case ({wrong.status.name})")
        return UNCHECKED
    Folder(file.resolve().parent).put(file.name, packed(case_id, histories))
    say(f"✓ {len(histories)} 个运行 runs, {file.stat().st_size} 字节 bytes" + ("" if ending(histories) else "; 在办,之后的事件不在其中 still open: what comes later is not in it"))
    return SOUND


async def _named(settings: Settings, name: str) -> str:
    """The id of a name; without a record the name is the id."""
    try:
        async with place(settings) as here:
            return await case_named(here.pool, name)
    except Unchecked:
        return name


def leave(code: int) -> NoReturn:
    """Leave with this code and no other: a process that used the SDK may abort while Python tears down."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
