"""How a running case learns the key by which the API signs now: an act of the system, signed with a key that the case trusts already."""

from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client, WorkflowHandle

from activities.types import KEY_MARGIN
from domain.core import Case, Command, instant
from workflows import contract
from workflows.actorkeys import Actor, ActorKeys
from workflows.keyfile import system_key


def ahead_of(actor: Actor, to: str, at: datetime, *, act: str = "revise") -> Command:
    """What goes to a case (or ledger) before its next act, where nobody has told it yet. The key before stays good: an act signed with it may be under way."""
    return Command(f"key:{actor.id}:{to}", act, {"what": "keys", "value": {actor.id: actor.public}}, at, at, "system")


def knows(case: Case, actor: Actor) -> bool:
    """Whether a case has heard of the key, or was filed under it."""
    if not actor.since or actor.id in case.revisions.get("keys", {}):
        return True
    entered = case.attrs.get("entered_at") or case.attrs.get("received_at")
    return bool(entered) and instant(entered) > instant(actor.since) + KEY_MARGIN


async def trusted(client: Client, case_id: str, folder: Path) -> tuple[str, Ed25519PrivateKey]:
    """The key (and its id) with which a case is told: the system's; for a case from before there was one, the key that it was filed under."""
    handle, known = client.get_workflow_handle(case_id), dict[str, str]()
    async for event in handle.fetch_history_events(page_size=1):
        (start,) = await client.data_converter.decode(event.workflow_execution_started_event_attributes.input.payloads, [contract.Start])
        known = contract.keys_of(start, Case.load(start.case) if start.case else Case.new(case_id, start.office, start.book))
        break
    if contract.SYSTEM_KEY not in known and await _heard(client, handle):
        known[contract.SYSTEM_KEY] = ""
    if contract.SYSTEM_KEY not in known:
        keys = ActorKeys(folder)
        for name, public in known.items():
            if (key := keys.held(name)) and key.public_key().public_bytes_raw().hex() == public:
                return name, key
    return contract.SYSTEM_KEY, system_key(folder)


async def _heard(client: Client, handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether a case from before there was a system's key has been told of it since, in this run."""
    async for event in handle.fetch_history_events():
        signal = event.workflow_execution_signaled_event_attributes
        if signal.signal_name == "revise":
            (said,) = await client.data_converter.decode(signal.input.payloads)
            if isinstance(said, dict) and contract.names_keys("revise", said.get("fields", {})) and contract.SYSTEM_KEY in said["fields"].get("value", {}):
                return True
    return False


def usual(folder: Path) -> tuple[str, Ed25519PrivateKey]:
    """The key for acts of the system on any case: the first actor key while there is no other, for every case has it; else the system's."""
    now = ActorKeys(folder).now()
    return (now.id, now.key) if not now.since else (contract.SYSTEM_KEY, system_key(folder))
