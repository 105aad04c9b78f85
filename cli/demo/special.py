"""The paths that no story can walk: a caller found again, a calendar published, a worker killed, a name changed by SQL.

Each walks a case of its own on the demo's day, over the API, and tells what it saw; NotWalked says what was otherwise.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg

from cli.audit import Findings, histories_of, printed, replay
from cli.demo.desk import NotWalked
from cli.demo.stage import Stage
from domain.core import Command, iso

PATIENCE = 120.0
YEAR_2027 = {
    "year": 2027, "number": "演示", "issued_on": "2026-12-31",
    "off": [
        {"zh": "元旦", "en": "New Year", "first": "2027-01-01", "last": "2027-01-03", "make_up": []},
        {"zh": "演示假", "en": "sample holiday", "first": "2027-03-01", "last": "2027-03-03", "make_up": ["2027-03-06"]},
    ],
}  # fmt: skip


async def repeated(stage: Stage) -> tuple[str, list[str]]:
    """Two calls from one number: the second is linked to the first, which its digest finds."""
    told = stage.now() - timedelta(minutes=2)
    call: dict[str, Any] = {
        "channel": "telephone", "text": "来电反映3号窗口态度", "identity": {"name": "示例·再来电", "telephone": "13800138000"}, "real_name": True,
        "recording": {"told_at": iso(told), "started_at": iso(told + timedelta(seconds=20))}, "respondents": [{"person": "zhou", "unit": "tax", "window": "3"}],
        "facts": {"ground": "g8", "respondent_name": "示例·周窗口", "window_no": "3", "business_time": "当日上午", "matter": "发票代开", "reason": "态度粗暴"},
    }  # fmt: skip
    first = await stage.desk.file("kaiyang", "wang", **call)
    second = await stage.desk.file("kaiyang", "wang", **call)
    _, found = await stage.desk.call("kaiyang", "wang", "/lookups", {"kind": "telephone", "value": "+86 138 0013 8000", "reason": "来电核对是否重复"})
    earlier = [one["case"] for one in found["items"] if one["case"] != second]
    if earlier != [first]:
        raise NotWalked(f"look-up: {found}")
    await stage.desk.act("kaiyang", second, "wang", "link", relation="repeat_of", case=first)
    for case in (first, second):
        await stage.desk.act("kaiyang", case, "wang", "accept", forms={"telephone_register": {"record": "来电人称在3号窗口被呵斥。"}})
    numbers = [(await stage.desk.item("kaiyang", "wang", case))["register_no"] for case in (first, second)]
    return second, [f"按电话摘要找到前件 found by digest: {numbers[1]} → {numbers[0]}"]


async def provisional(stage: Stage) -> tuple[str, list[str]]:
    """A two-month case filed on the demo's day ends in a year that is not published; then it is."""
    slip = {"name": "sealed", "work_unit": {"not_given": "不愿说明"}, "occupation": "sealed", "address": "sealed", "problem": "补贴久拖不办", "demand": "尽快答复"}
    case = await stage.desk.file("community", "lin", channel="telephone", text="补贴久拖不办", identity={"name": "示例·来电人"}, respondents=[{"person": "bao", "unit": "labour"}], forms={"slip": slip})
    await stage.desk.act("community", case, "meng", "approve", decision="agree", opinion="请核实办理", reason="按问题性质", facts={"grade": "complex"})
    await stage.desk.act("community", case, "lin", "transfer", unit="labour", excerpt="反映补贴久拖")
    before = await _due(stage, case)
    now = stage.now().replace(microsecond=0)
    revise = Command(f"{case}:revise-2027", "revise", {"what": "calendar", "value": YEAR_2027}, now, now, "system")
    await stage.teller.send(stage.teller.client.get_workflow_handle(case), revise)
    await stage.teller.answer(case, revise.id)
    after = await _due(stage, case)
    if not before[1] or after[1] or before[0] == after[0]:
        raise NotWalked(f"{before} → {after}")
    return case, [f"暂定 provisional {before[0]} → 公布后 when published {after[0]}"]


async def _due(stage: Stage, case: str) -> tuple[str, bool]:
    state: list[dict[str, Any]] = await stage.teller.client.get_workflow_handle(case).query("timeline")
    day = next(clock["due_day"] for clock in state if clock["key"].startswith("complex") and clock["state"] == "open")
    return day, bool((await stage.desk.item("community", "lin", case))["provisional"])


async def killed(stage: Stage) -> tuple[str, list[str]]:
    """The leader's approval is decided and on its way into the record when the worker gets SIGKILL; the next worker adopts it."""
    case = await _awaiting_approval(stage)
    supervisor = stage.running.supervisor
    if supervisor is None:
        raise NotWalked("nobody watches over the worker")
    async with stage.teller.pool.acquire() as db, db.transaction():
        await db.execute("select 1 from cases where case_id = $1 for update", case)  # the record waits here, in the middle of the approval
        approval = asyncio.create_task(stage.desk.call("district", "li", f"/complaints/{case}/acts/approve", {"fields": {"decision": "agree", "opinion": "转办"}}))
        await _until(lambda: _blocked(stage.teller.pool, db.get_server_pid()), "the approval did not reach the record")
        worker = supervisor.child("worker")
        first = worker.pid
        worker.kill()
    await _until(lambda: _again(stage, first), "the worker was not started again")
    status, answer = await approval
    approved = await stage.teller.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'approved'", case)
    for _ in range(600):  # a 202 says where to look: the next worker may still be on its way
        if approved:
            break
        await asyncio.sleep(0.2)
        approved = await stage.teller.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'approved'", case)
    if approved != 1 or status not in (200, 202):
        raise NotWalked(f"{approved} approvals, {status} {answer}")
    await stage.desk.act("district", case, "li", "transfer", unit="land", excerpt="请核实处理")
    sound = await settled(stage, case)
    if not sound.sound:
        raise NotWalked(printed(case, sound))
    return case, [f"进程 worker {first} SIGKILL → {supervisor.child('worker').pid}; 审批记录 approvals: {approved}; 审计一致 audit sound"]


async def tampered(stage: Stage) -> tuple[str, list[str]]:
    """Somebody with the database's password puts another approver's name; the replay finds it, and is sound again when it is put back."""
    case = await _awaiting_approval(stage)
    await stage.desk.act("district", case, "li", "approve", decision="agree", opinion="转办")
    before = await settled(stage, case)
    row = await stage.teller.pool.fetchrow("select seq, actor, body from events where case_id = $1 and kind = 'approved'", case)
    forged = json.dumps({**json.loads(row["body"]), "actor": "zhao"}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    await _forge(stage.teller.pool, case, row["seq"], "zhao", forged)
    found = await audited(stage, case)
    await _forge(stage.teller.pool, case, row["seq"], row["actor"], row["body"])
    after = await audited(stage, case)
    caught = [text for holds, text in found.lines if not holds]
    if not before.sound or found.sound or not after.sound or not any("actor" in text for text in caught):
        raise NotWalked("\n".join((printed(case, before), printed(case, found), printed(case, after))))
    return case, ["改成 zhao 后 changed to zhao:", *(f"  ✗ {text}" for text in caught), "恢复后一致 restored: sound"]


async def audited(stage: Stage, case: str) -> Findings:
    """`huiyin audit replay`, on the demo's engine."""
    return await replay(case, await histories_of(stage.teller.client, case), stage.teller.pool, stage.codec)


async def settled(stage: Stage, case: str) -> Findings:
    """The audit when the engine has come to rest: an answer is given with the record, and history has it a moment later."""
    for _ in range(int(PATIENCE / 0.5)):
        found = await audited(stage, case)
        if found.sound:
            break
        await asyncio.sleep(0.5)
    return found


async def _awaiting_approval(stage: Stage) -> str:
    case = await stage.desk.file(
        "district", "wang", channel="telephone", text="窗口没有一次告知", identity={"name": "示例·来电人"}, facts={"ground": "y5"}, respondents=[{"person": "zhou", "unit": "land"}]
    )
    await stage.desk.act("district", case, "wang", "accept")
    await stage.desk.act("district", case, "wang", "register", forms={"register": {"content": "窗口没有一次告知应补的材料"}})
    return case


async def _forge(pool: asyncpg.Pool, case: str, seq: int, actor: str, body: str) -> None:
    async with pool.acquire() as db, db.transaction():
        await db.execute("alter table events disable trigger events_only_new")
        await db.execute("update events set actor = $3, body = $4 where case_id = $1 and seq = $2", case, seq, actor, body)
        await db.execute("alter table events enable trigger events_only_new")


async def _until(true: Callable[[], Awaitable[bool]], otherwise: str) -> None:
    for _ in range(int(PATIENCE / 0.01)):
        if await true():
            return
        await asyncio.sleep(0.01)
    raise NotWalked(otherwise)


async def _blocked(pool: asyncpg.Pool, by: int) -> bool:
    """Whether somebody waits for that connection's lock."""
    return bool(await pool.fetchval("select exists (select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid)))", by))


async def _again(stage: Stage, first: int) -> bool:
    supervisor = stage.running.supervisor
    worker = supervisor.child("worker") if supervisor else None
    return worker is not None and worker.alive and worker.pid != first


WALKS: dict[str, Callable[[Stage], Awaitable[tuple[str, list[str]]]]] = {"repeated": repeated, "provisional": provisional, "killed": killed, "tampered": tampered}
