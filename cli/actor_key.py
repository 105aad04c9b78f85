"""`huiyin keys rotate|tell`: a new key signs acts from now on, running cases learn it, and what signed before is good for nothing any more."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.types import Publication
from cli.calendar_add import Report, followed, reported
from cli.doctor_keys import unknown
from cli.keys import overwrite
from engine.progress import Progress
from workflows import contract, policies
from workflows.actorkeys import Actor, ActorKeys
from workflows.converter import CodecKeys
from workflows.keyfile import system_key
from workflows.plugin import plugin
from workflows.revision import KEYS_ID, REVISION, Course

if TYPE_CHECKING:
    from api.settings import Settings

SETTLE = 10.0  # seconds for acts that are under way with the key of before: an API waits 5 s for the engine


def listed(keys: ActorKeys) -> list[str]:
    """A line for each key that signs or has signed acts."""
    try:
        now = keys.now()
    except FileNotFoundError:
        return ["行为签名密钥 actor key: 还没有 none yet"]
    old = [f"{one.id}  {one.at or '-'}  " + ("已停用,私钥未销毁 no longer signs, its private half is still here" if keys.held(one.id) else "已停用并销毁 destroyed") for one in now.before]
    return [f"行为签名密钥 actor key: {now.id}  {now.since or '-'}  在用 signs now", *(f"  {one}" for one in old)]


def rotate(settings: "Settings", keys: CodecKeys, reason: str, progress: Progress, *, settle: float = SETTLE) -> int:
    """Make a key, let what is under way arrive, tell the cases; the exit code. Raises what the database or the engine raise when they are away."""
    known = ActorKeys(settings.keys)
    now = known.change(reason, asyncio.run(_lost(settings, known)))
    print(f"✓ {now.id}: 从现在起签名,收件与办理不中断 signs from now on, nothing stands still", flush=True)
    return told(settings, keys, now, progress, settle=settle)


def told(settings: "Settings", keys: CodecKeys, now: Actor, progress: Progress, *, settle: float = 0.0) -> int:
    """Tell every case that was filed before, report, and destroy what signed before when all have heard; the exit code."""
    again = "再运行 run again: huiyin keys tell"
    try:
        report = asyncio.run(_told(settings, keys, now, progress, settle))
    except KeyboardInterrupt:
        print(f"新密钥已在用;案件仍在后台告知  the new key signs; the cases are still being told. 看报告 for the report {again}")
        return 130
    except Exception:
        print(f"新密钥已在用;案件尚未全部告知,下一个行为到来时各自会得知  the new key signs; not all cases are told, each will be before its next act. 恢复后 when it is up again {again}")
        raise
    print("\n".join(report.lines(unmoved="已知新密钥 knows the new key", refused="不认 refused it")), flush=True)
    if not report.whole:
        print(f"! 旧密钥暂留 the old key is kept. {again}")
        return 1
    for name in destroyed(ActorKeys(settings.keys)):
        print(f"✓ {name}: 私钥已销毁 its private half is destroyed")
    print("→ 请重新备份密钥文件夹 back up the key folder anew: 旧备份中没有新密钥 an older backup lacks the new key", flush=True)
    return 0


def destroyed(keys: ActorKeys) -> list[str]:
    """Overwrite the private half of every key that signs no longer; gives their ids."""
    gone = [one.id for one in keys.now().before if keys.held(one.id)]
    for name in gone:
        overwrite(keys.private(name))
    return gone


async def _lost(settings: "Settings", known: ActorKeys) -> set[str]:
    try:
        db = await asyncpg.connect(settings.database, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return set()  # who must change a key at once need not wait for the record; `huiyin doctor` asks again
    try:
        return await unknown(db, known)
    finally:
        await db.close()


async def _told(settings: "Settings", keys: CodecKeys, now: Actor, progress: Progress, settle: float) -> Report:
    async with asyncpg.create_pool(settings.database, min_size=1, max_size=2, timeout=5) as pool:
        client = await Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(keys)])
        handle, wish = await told_by(client, now, system_key(settings.keys).public_key().public_bytes_raw().hex(), settle)
        tally = await followed(handle, pool, wish, progress)
        return await reported(pool, wish, tally)


async def told_by(client: Client, now: Actor, system: str, settle: float = 0.0) -> tuple[Any, Publication]:
    """Hand the keys to their workflow; it goes on alone, 20 cases a second."""
    await asyncio.sleep(settle)
    value = {**now.named, contract.SYSTEM_KEY: system}  # for cases from before there was a system's key
    wish = Publication({}, now.id, now.since, now.reason, ask=uuid4().hex, keys=value)
    handle: Any = await client.start_workflow(
        REVISION, Course(0), id=KEYS_ID, task_queue=policies.TASK_QUEUE, start_signal="publish", start_signal_args=[wish], id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, task_timeout=policies.TASK_TIMEOUT, static_summary="行为签名密钥 actor key",
    )  # fmt: skip
    return handle, wish
