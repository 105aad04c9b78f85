"""What `huiyin doctor` says about the key that signs acts: which one, who has not heard of it, and whether the folder is older than the record."""

from typing import Any

import asyncpg

from activities.calendars import untold
from activities.types import Publication
from engine.findings import Finding, fail, ok, warn
from workflows.actorkeys import ActorKeys
from workflows.place import Place

ITEM = "keys"
TOLD = "select distinct split_part(command_id, ':', 2) as id from outcomes where starts_with(command_id, 'keys:') and code = 'accepted'"
AGAIN = "huiyin keys tell"


async def unknown(db: Any, keys: ActorKeys) -> set[str]:
    """Keys of which cases were told and which are not in the folder: it was restored from a backup older than they are."""
    return {row["id"] for row in await db.fetch(TOLD)} - set(keys.ever())


async def actor_key(here: Place) -> list[Finding]:
    """The findings; changes nothing, never raises on what is broken."""
    keys = ActorKeys(here.keys)
    try:
        now = keys.now()
    except FileNotFoundError:
        return []  # the API has not been started yet, or there are no keys at all, and that is said already
    except ValueError as wrong:
        return [fail(ITEM, f"行为签名密钥读不懂:{wrong}", "the list of actor keys cannot be read", "从备份恢复;确已丢失的,运行 huiyin keys rotate", "restore the key folder from its backup; where the key is lost, `huiyin keys rotate`")]
    wish = Publication({}, now.id, now.since, keys={now.id: now.public})
    try:
        db = await asyncpg.connect(here.database or "-", timeout=5)
        try:
            newer = await unknown(db, keys)
            question, *arguments = untold(wish) if now.since else ("select 1 where false",)
            silent = len(await db.fetch(question, *arguments))
        finally:
            await db.close()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []  # said already
    if newer:
        return [fail(ITEM, f"密钥文件夹比记录库旧:案件已改认 {', '.join(sorted(newer))}", "the key folder is older than the record: cases know a key that is not here, and refuse acts",
                     "恢复较新的密钥备份;没有的,运行 huiyin keys rotate", "restore a newer backup of the keys; where there is none, `huiyin keys rotate`")]  # fmt: skip
    if silent:
        return [warn(ITEM, f"{silent} 件尚不知道新的行为签名密钥 {now.id}", f"{silent} cases have not heard of the actor key that signs now", AGAIN, f"`{AGAIN}`")]
    left = [one.id for one in now.before if keys.held(one.id)]
    if left:
        return [warn(ITEM, f"旧的行为签名密钥尚未销毁:{', '.join(left)}", "the private half of an old actor key is still here", AGAIN, f"`{AGAIN}` destroys it")]
    return [ok(ITEM, f"行为签名密钥 {now.id}" + (f",自 {now.since[:10]}" if now.since else ""), "the actor key that signs now; every case knows it")]
