"""Bad messages are refusals on the record, never lost, never fatal; a good act afterwards still works."""

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.converter import DataConverter, _data_converter

from cli import library
from domain import stories
from domain.core import Event
from tests.workflows.rig import KEYS, NAMESPACE, Rig
from workflows import contract
from workflows.converter import CodecKeys, data_converter

pytestmark = pytest.mark.engine
BOOK, OFFICE, STORY = "district-e-supervision", "district", "district-whole-transfer"


async def begun(rig: Rig, name: str, acts: int) -> tuple[Any, list[Any], contract.Start]:
    """A case of the whole-transfer story with its first acts done."""
    story = {**next(one for _, one in library.stories(BOOK) if one["story"] == STORY), "story": name}
    commands = stories.commands(story)
    start = rig.start_of(name, library.law(BOOK, OFFICE), BOOK, commands[:1], commands[0].received_at, f"{OFFICE}/{name}")
    handle = await rig.open(start)
    await rig.answer(name, commands[0].id)
    for command in commands[1:acts]:
        await rig.pass_to(handle, command.received_at, start.clock_offset)
        await rig.send(handle, command)
        await rig.answer(name, command.id)
    return handle, commands, start


async def refusals(rig: Rig, name: str) -> list[tuple[str, str]]:
    """Code and act of every refusal on the record."""
    events = [Event.load(json.loads(body)) for body in await rig.bodies(name)]
    return [(event.data["code"], event.data["act"]) for event in events if event.kind == "refused"]


def elsewhere() -> list[Payload]:
    """Payloads that say they lie in a store outside: the SDK fails the task for them, again and again."""
    return [
        Payload(metadata={"encoding": _data_converter._REFERENCE_ENCODING}, data=b"0"),
        Payload(metadata={"encoding": b"json/plain", _data_converter._REFERENCE_MARKER_KEY: b"true"}, data=b"1"),
        Payload(metadata={"encoding": b"json/protobuf", "messageType": _data_converter._REFERENCE_MESSAGE_TYPE}, data=b"2"),
    ]


async def test_noise_is_refused_and_a_good_approve_still_works(rig: Rig) -> None:
    name = "noise"
    handle, commands, start = await begun(rig, name, 3)
    approve = commands[3]
    await rig.pass_to(handle, approve.received_at, start.clock_offset)
    good = contract.sign(name, approve, "test", rig.key)

    async def through(converter: DataConverter, act: str, *args: Any) -> None:
        client = await Client.connect(rig.address, namespace=NAMESPACE, data_converter=converter)
        await client.get_workflow_handle(name).signal(act, args=list(args))

    wrong_key = data_converter(CodecKeys({"k1": b"9" * 32}, "k1"))
    unknown_key = data_converter(CodecKeys({"k9": b"9" * 32}, "k9"))
    old_key = data_converter(replace(KEYS, writes="k0"))
    await through(wrong_key, "approve", good)
    await through(unknown_key, "approve", good)
    await through(DataConverter.default, "approve", good)  # no codec at all
    await through(DataConverter.default, "approve", os.urandom(1 << 20))  # 1 MiB of noise
    for lie in elsewhere():
        await through(DataConverter.default, "approve", RawValue(lie))
    mine = rig.client
    noise = mine.get_workflow_handle(name)
    await noise.signal("approve")  # no argument
    await noise.signal("approve", args=[1, 2])
    await noise.signal("approve", [1, "二"])
    await noise.signal("approve", {**good, "fields": {"decision": "agree\x00"}})
    await noise.signal("approve", {**good, "fields": {"decision": "return"}})  # changed after it was signed
    await noise.signal("approve", {**good, "actor": "wang"})
    await noise.signal("transfer", good)  # signed for another act
    await noise.signal("approve", contract.sign("another-case", approve, "test", rig.key))
    stranger, _ = contract.key_pair()
    await noise.signal("approve", contract.sign(name, approve, "test", stranger))
    unknown = replace(approve, id="noise:unknown", act="abracadabra")
    await rig.send(handle, unknown)
    await rig.answer(name, unknown.id)
    await through(old_key, "approve", good)  # a key that only reads now
    outcome = await rig.answer(name, approve.id)

    assert outcome["code"] == "accepted"
    codes = [code for code, _ in await refusals(rig, name)]
    assert codes.count("undecryptable") == 4 + len(elsewhere())
    assert codes.count("malformed") == 4, codes  # no argument and two arguments are the same nothing
    assert codes.count("unsigned_act") == 4
    assert codes.count("unknown_act") == 1
    description = await handle.describe()
    assert description.status is not None and description.status.name == "RUNNING"
    state = await handle.query(contract.QUERY_STATE)
    assert state["version"] == len(await rig.bodies(name))
    assert any(clock["state"] == "open" for clock in await handle.query(contract.QUERY_TIMELINE))


async def test_the_same_command_twice_is_one_act(rig: Rig) -> None:
    name = "twice"
    handle, commands, start = await begun(rig, name, 3)
    await rig.pass_to(handle, commands[3].received_at, start.clock_offset)
    for _ in range(3):
        await rig.send(handle, commands[3])
    await rig.answer(name, commands[3].id)
    await rig.send(handle, commands[3])
    late = replace(commands[3], id="twice:again", act="note", fields={"text": "之后"})
    await rig.send(handle, late)
    await rig.answer(name, late.id)
    ids = [json.loads(body)["command_id"] for body in await rig.bodies(name)]
    assert ids.count(commands[3].id) == 1


async def test_demanded_notices_are_sent_once(rig: Rig) -> None:
    name = "told"
    handle, _, _ = await begun(rig, name, 13)
    await handle.result()
    rows = await rig.pool.fetch("select * from outbox where case_id = $1", name)
    demanded = [row for row in rows if row["demanded"]]
    assert demanded
    assert all(row["sent_at"] is not None and row["tries"] == 1 for row in demanded)
    inbox = await rig.pool.fetch("select person, key from inbox where case_id = $1", name)
    assert sorted((row["person"], row["key"]) for row in inbox) == sorted((to, row["key"]) for row in demanded for to in row["to"])
    history = await handle.fetch_history()
    kinds = [event.WhichOneof("attributes") for event in history.events]
    assert "workflow_execution_completed_event_attributes" in kinds
