"""The acts as they reached the engine: each became one event, signed by who it names, received when it says; and what came after the end."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter

from cli.audit_record import Story
from cli.audit_watch import Seen
from domain.core import Case, Command
from domain.workdays import ZONE
from workflows import contract
from workflows.converter import UNOPENED, CodecKeys, data_converter

AHEAD = timedelta(minutes=5)  # how far two clocks may stand apart: the same figure as for an act's own instants
FLAWS = ("malformed:", "undecryptable:", "unsigned_act:")


@dataclass(frozen=True)
class Message:
    """One act on its way in, and when the engine had it (on the case's own clock)."""

    command: Command
    digest: str
    at: datetime


async def compare(found: Any, pool: asyncpg.Pool, story: Story, seen: Seen, histories: Sequence[WorkflowHistory], keys: CodecKeys, actors: Mapping[str, str]) -> None:
    """Messages, signatures, instants, the closing result, the door log."""
    converter = data_converter(keys)
    inbound = await messages(story, histories, converter)
    _answered(found, story, inbound, live=histories[-1].events[-1].WhichOneof("attributes") != "workflow_execution_completed_event_attributes")
    _signed(found, story, inbound)
    _received(found, inbound)
    _skipped(found, story, histories)
    await _result(found, story, histories, converter)
    await _door(found, pool, story, actors)


async def messages(story: Story, histories: Sequence[WorkflowHistory], converter: DataConverter) -> list[Message]:
    """Every act of the start input and every signal, judged by the keys that the case had by then, revoked ones too: whether one still held is the workflow's question, replayed before."""
    known = contract.keys_of(story.start, Case.load(story.start.case) if story.start.case else Case.new(story.case.id, story.case.office, story.case.book))
    offset, found = timedelta(seconds=story.start.clock_offset), list[Message]()
    for history in histories:
        for event in history.events:
            at = event.event_time.ToDatetime(tzinfo=UTC).astimezone(ZONE) + offset
            if event.HasField("workflow_execution_started_event_attributes"):
                attributes = event.workflow_execution_started_event_attributes
                if attributes.continued_execution_run_id:
                    continue
                start = await _value(converter, list(attributes.input.payloads)[:1])
                inbox = [(str(one.get("act", "")), one) for one in start[0].get("inbox", ())] if start else []
            elif event.HasField("workflow_execution_signaled_event_attributes"):
                signal = event.workflow_execution_signaled_event_attributes
                opened = await converter.payload_codec.decode(list(signal.input.payloads)) if converter.payload_codec else []
                if len(opened) == 1 and opened[0].metadata.get("encoding") == UNOPENED:
                    command = contract.flawed("undecryptable", signal.signal_name, opened[0].data.decode(errors="replace"), at)
                    found.append(Message(command, "", at))
                    continue
                inbox = [(signal.signal_name, _plain(converter, opened))]
            else:
                continue
            for name, raw in inbox:
                command = contract.parse(name, raw, story.case.id, known, at)
                found.append(Message(command, contract.digest_of(raw), at))
                if not command.flaw and command.actor == "system" and contract.names_keys(name, command.fields):
                    known |= _held(command.fields.get("value"))
    return found


def _keys(story: Story) -> dict[str, str]:
    """Every key that the case ever had, revoked ones too."""
    known = _held(story.start.keys)
    for event in story.events:
        known |= _held(event.data.get("patch", {}).get("revisions", {}).get("keys"))
    return known


def _held(value: Any) -> dict[str, str]:
    return {name: one for name, one in value.items() if isinstance(one, str) and one} if isinstance(value, dict) else {}


async def _value(converter: DataConverter, payloads: list[Payload]) -> list[Any]:
    try:
        return list(await converter.decode(payloads))
    except Exception:  # noqa: BLE001 - a converter may raise anything on a payload of others
        return []


def _plain(converter: DataConverter, opened: Sequence[Payload]) -> Any:
    try:
        return converter.payload_converter.from_payload(opened[0]) if len(opened) == 1 else None
    except Exception:  # noqa: BLE001 - the same
        return None


def _answered(found: Any, story: Story, inbound: Sequence[Message], *, live: bool) -> None:
    ids = {event.command_id for event in story.events if event.command_id} | set(story.case.commands)
    lost = [one for one in inbound if one.command.id not in ids and f"unsigned_act:{one.digest[:32]}" not in ids]
    if live and lost == list(inbound)[len(inbound) - len(lost) :]:
        lost = []  # still in hand
    names = [f"行为 act {one.command.act} {one.command.id}: 已到引擎而没有事件 reached the engine and became no event" for one in lost]
    found.settle(names, f"{len(inbound)} 件到达引擎的行为各有其事件 acts that reached the engine each have their event")


def _signed(found: Any, story: Story, inbound: Sequence[Message]) -> None:
    signed = {one.command.id: one.command for one in inbound if not one.command.flaw}
    carried = {str(one.get("id")) for one in story.start.carried}  # signed in a run that is not there any more
    wrong, held = [], 0
    for event in story.events:
        if not event.command_id or event.command_id.startswith(FLAWS) or event.command_id in carried:
            continue
        command = signed.get(event.command_id)
        if command is None:
            wrong.append(f"事件 event {event.seq} {event.kind}: 没有有效签名的行为 no validly signed act stands behind it")
        elif event.actor != command.actor or (event.entered_by or event.actor) != (command.entered_by or command.actor):
            wrong.append(f"事件 event {event.seq} {event.kind}: 签名者是 the signer is {command.actor}, 事件写的是 the event says {event.actor}")
        else:
            held += 1
    refused = sum(event.command_id.startswith(FLAWS) for event in story.events)
    found.settle(wrong, f"{held} 个行为的签名有效,签名者与事件相同 signatures of acts verify, and the signer is whom the event names; {refused} 件不合格的报文作拒绝 unfit messages stand as refusals" + (f"; {len(carried)} 件的签名在更早的运行中 were signed in an earlier run" if carried else ""))


def _received(found: Any, inbound: Sequence[Message]) -> None:
    signed = [one for one in inbound if not one.command.flaw]
    ahead = [one for one in signed if one.command.received_at - one.at > AHEAD]
    names = [f"行为 act {one.command.act} {one.command.id}: 收件时刻晚于到达引擎 received {one.command.received_at - one.at} after the engine had it" for one in ahead]
    earlier = [one.at - one.command.received_at for one in signed if one.at - one.command.received_at > AHEAD]
    note = f"; {len(earlier)} 件早于到达五分钟以上 more than five minutes before it, 最多 at most {max(earlier)}" if earlier else ""
    found.settle(names, f"{len(signed)} 个行为的收件时刻不晚于到达引擎 no act was received later than the engine had it (±5 min){note}")


def _skipped(found: Any, story: Story, histories: Sequence[WorkflowHistory]) -> None:
    skips = sum("time_skipping" in str(event.WhichOneof("attributes")) for history in histories for event in history.events)
    if story.start.clock_offset:
        found.say(True, f"故事时钟 story clock: 此件不是真实办件 not a real case; {skips} 次时间跳跃 jumps in time")
    else:
        found.say(not skips, "真实时间 real time, 没有跳跃 no jumps" if not skips else f"引擎跳过了时间 the engine skipped time: {skips}")


async def _result(found: Any, story: Story, histories: Sequence[WorkflowHistory], converter: DataConverter) -> None:
    last = histories[-1].events[-1]
    if not last.HasField("workflow_execution_completed_event_attributes"):
        return
    said = await _value(converter, list(last.workflow_execution_completed_event_attributes.result.payloads))
    ours = {"version": story.case.version, "chain_head": story.case.chain_head}
    found.say(said == [ours], "结束时所报的版本与链头相同 the version and head that the case ended with are these" if said == [ours] else "结束时所报的版本或链头不符 the case ended with another version or head")


async def _door(found: Any, pool: asyncpg.Pool, story: Story, actors: Mapping[str, str]) -> None:
    rows = await pool.fetch("select command_id, act, body, at from door_log where case_id = $1 and code = 'archived' order by id", story.case.id)
    ended = await pool.fetchval("select max(recorded_at) from events where case_id = $1 and kind = 'archived'", story.case.id)
    wrong = [f"归档后行为 late act {row['act']} {row['command_id']}: 此件并未归档 the case is not archived" for row in rows if not story.case.archived]
    wrong += [f"归档后行为 late act {row['act']} {row['command_id']}: 时间早于归档 stands before the end" for row in rows if story.case.archived and ended and row["at"] < ended]
    wrong += [f"归档后行为 late act {row['act']} {row['command_id']}: 却已在历史中 is in history all the same" for row in rows if row["command_id"] in story.case.commands]
    known, held = {**actors, **_keys(story)}, 0  # a key that began to sign after the end was never the case's
    for row in rows:
        body = json.loads(row["body"])
        if "signature" not in body:
            continue  # kept before whole messages were
        command = contract.parse(row["act"], body, story.case.id, known, row["at"])
        held += not command.flaw and command.id == row["command_id"]
        if command.flaw or command.id != row["command_id"]:
            wrong.append(f"归档后行为 late act {row['act']} {row['command_id']}: 内容与签名不符 its content is not what was signed")
    found.settle(wrong, f"归档后到来的行为 acts after the end: {len(rows)} 件留在门口日志 kept in the door log, {held} 件签名有效 signatures verify")
