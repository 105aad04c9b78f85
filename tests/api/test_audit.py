"""Who changes the record by SQL is found and named: the history decided otherwise, and the chain breaks."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowHistory

from cli.audit import histories_of, printed, replay
from tests.api.conftest import Desk
from tests.api.test_api import act, filed
from workflows.converter import CodecKeys

pytestmark = [pytest.mark.engine, pytest.mark.database]

# What is done by SQL to case $1, and what the audit must then say.
TAMPERED: dict[str, tuple[str, list[str]]] = {
    "approver in the body": (
        "update events set body = replace(body, '\"actor\":\"li\"', '\"actor\":\"zhao\"') where case_id = $1 and kind = 'approved'",
        ["approved", "actor (历史 history li, 记录 record zhao)", "hash chain broken at event"],
    ),
    "approver in the column": ("update events set actor = 'zhao' where case_id = $1 and kind = 'approved'", ["approved", "column actor (历史 history li, 记录 record zhao)"]),
    "approver everywhere, chain mended": (
        """do $$ declare e record; head text := repeat('0', 64); begin
        update events set actor = 'zhao', body = replace(body, '"actor":"li"', '"actor":"zhao"') where case_id = '{case}';
        for e in select * from events where case_id = '{case}' order by seq loop
            head := encode(sha256(convert_to(head || e.body, 'UTF8')), 'hex');
            update events set hash = head where case_id = e.case_id and seq = e.seq;
        end loop;
        update cases set chain_head = head, "row" = jsonb_set("row", '{{chain_head}}', to_jsonb(head)) where case_id = '{case}';
        end $$""",
        ["approved", "actor (历史 history li, 记录 record zhao)", "chain head differs", "list row differs: chain_head"],
    ),
    "recorded data": ("update events set data = jsonb_set(data, '{fields,opinion}', '\"不同意\"') where case_id = $1 and kind = 'approved'", ["approved", "column data.fields.opinion"]),
    "text of the body": ("update events set body = body || ' ' where case_id = $1 and seq = 2", ["event 2", "differs from history: text", "hash chain broken at event 2"]),
    "no JSON": ("update events set body = 'x' where case_id = $1 and seq = 2", ["event 2", "hash chain broken at event 2"]),
    "instant": ("update events set at = at - interval '1 day' where case_id = $1 and seq = 1", ["event 1 filed", "column at"]),
    "inserted event": (
        "insert into events select case_id, seq + 1, 'noted', at, 'wang', '', body, data, hash from events where case_id = $1 order by seq desc limit 1",
        ["noted: 历史中没有 is not in history"],
    ),
    "deleted event": ("delete from events where case_id = $1 and seq = (select max(seq) from events where case_id = $1)", ["missing in the record", "chain head differs"]),
    "projection": ("update cases set grade = 'none' where case_id = $1", ["list row differs: column grade"]),
    "waiting_on": ("update cases set waiting_on = '{zhao}' where case_id = $1", ["list row differs: column waiting_on"]),
    "row": ("update cases set \"row\" = jsonb_set(\"row\", '{overdue}', 'true') where case_id = $1", ["list row differs: overdue"]),
    "outcome": ("update outcomes set code = 'not_approver' where case_id = $1 and command_id = (select command_id from events where case_id = $1 and kind = 'approved')", ["outcome", "code (历史 history accepted, 记录 record not_approver)"]),
    "deleted outcome": ("delete from outcomes where case_id = $1 and first_seq = 1", ["outcome", "missing in the record"]),
    "deleted notice": ("with gone as (delete from inbox where case_id = $1) delete from outbox where case_id = $1 and demanded", ["notice", "missing in the outbox"]),
    "receiver of a notice": ("update outbox set \"to\" = '{zhou}' where case_id = $1 and demanded", ["notice", "differs: to"]),
    "notice unsent": ("update outbox set sent_at = null where case_id = $1 and demanded", ["history proves it was sent"]),
    "invented notice": (
        "insert into outbox (key, case_id, \"to\", form, demanded, data, office) select case_id || ':1:invented', case_id, '{zhou}', 'invented', false, '{}', office from cases where case_id = $1",
        ["invented: 规则没有要求 is not called for"],
    ),
    "register number": ("update cases set register_no = 'X-1' where case_id = $1", ["register number differs", "X-1"]),
    "number series": ("update register_numbers set last = 0 where office = (select office from cases where case_id = $1)", ["number series", "less than this case's"]),
    "chain head": ("update cases set chain_head = repeat('f', 64) where case_id = $1", ["chain head differs"]),
    "late act of an open case": ("insert into door_log (case_id, command_id, act, actor, code, body) values ($1, 'x', 'note', 'wang', 'archived', '{}')", ["late act note", "the case is not archived"]),
}
TRIGGERS = ("events", "outcomes")


@pytest.fixture(scope="session")
async def handled(desk: Desk) -> tuple[str, list[Any], CodecKeys]:
    """A case at the unit, with its number, a rejected and a good approval, and a demanded notice; its history and the keys."""
    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    await act(desk, case, "zhao", "approve", decision="agree", opinion="同意")
    assert (await act(desk, case, "li", "approve", decision="agree", opinion="转办")).status_code == 200
    assert (await act(desk, case, "li", "transfer", unit="land", excerpt="请核实")).status_code == 200
    keys = CodecKeys({"k1": desk.parts.keys.secrets["codec"]}, "k1")
    for _ in range(200):  # the last step's task may still be on its way into history
        histories = await histories_of(desk.parts.gateway.client, case)
        text = printed(case, await replay(case, histories, desk.pool, keys))
        if "NOT sound" not in text and "1 个的发出由历史证明" in text:
            return case, histories, keys
        await asyncio.sleep(0.1)
    raise AssertionError(text)


async def test_replay_is_sound_and_says_what_it_checked(desk: Desk, handled: tuple[str, list[Any], CodecKeys]) -> None:
    case, histories, keys = handled
    found = await replay(case, histories, desk.pool, keys)
    text = printed(case, found)
    assert found.sound, text
    for subject in ("replays", "linked", "value by value", "hash chain", "list row equals", "outcomes", "notices are those", "register number", "signatures", "no act was received later", "no jumps", "after the end"):
        assert subject in text, subject
    assert "1 个的发出由历史证明" in text


@pytest.mark.parametrize("name", TAMPERED)
async def test_what_was_changed_by_sql_is_found_and_named(desk: Desk, handled: tuple[str, list[Any], CodecKeys], name: str) -> None:
    case, histories, keys = handled
    statement, said = TAMPERED[name]
    async with desk.pool.acquire() as db:
        change = db.transaction()
        await change.start()
        try:
            for table in TRIGGERS:
                await db.execute(f"alter table {table} disable trigger {table}_only_new")
            if "{case}" in statement:
                await db.execute(statement.format(case=case))
            else:
                assert (await db.execute(statement, case)).split()[-1] != "0", "the statement changed nothing"
            found = await replay(case, histories, db, keys)
        finally:
            await change.rollback()
    text = printed(case, found)
    assert not found.sound, text
    assert [one for one in said if one not in text] == [], text
    assert (await replay(case, histories, desk.pool, keys)).sound


async def test_an_act_that_says_it_was_received_after_the_engine_had_it(desk: Desk, handled: tuple[str, list[Any], CodecKeys]) -> None:
    case, histories, keys = handled
    events = [type(event).FromString(event.SerializeToString()) for event in histories[0].events]
    signals = [event for event in events if event.HasField("workflow_execution_signaled_event_attributes")]
    signals[1].event_time.seconds -= 240  # two clocks may stand apart by minutes
    assert (await replay(case, [WorkflowHistory(case, events)], desk.pool, keys)).sound
    signals[1].event_time.seconds -= 240
    found = await replay(case, [WorkflowHistory(case, events)], desk.pool, keys)
    assert [text for holds, text in found.lines if not holds and "act register" in text and "after the engine had it" in text], printed(case, found)


async def test_a_history_whose_end_was_cut_off(desk: Desk, handled: tuple[str, list[Any], CodecKeys]) -> None:
    case, histories, keys = handled
    events = list(histories[0].events)
    last = max(n for n, event in enumerate(events) if event.HasField("workflow_execution_signaled_event_attributes"))
    found = await replay(case, [WorkflowHistory(case, events[:last])], desk.pool, keys)
    text = printed(case, found)
    assert not found.sound
    assert "transferred: 历史中没有 is not in history" in text
