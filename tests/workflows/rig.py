"""A real Temporal server in memory with time skipping, a real PostgreSQL, and one worker: what the tests of cases stand on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from temporalio.client import Client
from temporalio.worker import Worker

from activities.ledgers import Ledgers
from activities.notices import Notices, addresses_of
from activities.other_cases import OtherCases
from activities.records import Records
from cli.telling import Teller
from engine import testing
from engine.namespaces import prepare
from engine.versions import Engine
from worker.marking import Marker
from workflows import contract, policies
from workflows.converter import CodecKeys
from workflows.plugin import plugin

__all__ = ["KEYS", "NAMESPACE", "SHORT", "Rig", "engine", "prepare", "rig"]

KEYS = CodecKeys({"k1": b"1" * 32, "k0": b"0" * 32}, "k1")
NAMESPACE = "huiyin-test"
SHORT = "huiyin-short"  # a namespace whose runs are told to continue as new after 30 events
NARROWED = {
    "limit.historyCount.suggestContinueAsNew": [{"value": 30, "constraints": {"namespace": SHORT}}],
    # Else the deletion of an ended run waits up to 30 s, for a checkpoint of its queue.
    "history.transferProcessorEnsureCloseBeforeDelete": [{"value": False}],
    "history.visibilityProcessorEnsureCloseBeforeDelete": [{"value": False}],
}


@asynccontextmanager
async def engine(found: Engine | None = None) -> AsyncIterator[str]:
    """A running engine in memory with our namespace and attributes; yields its address."""
    async with testing.engine(namespace=NAMESPACE, found=found, narrowed=NARROWED) as running:
        yield running.address


@dataclass
class Rig(Teller):
    """One test office: engine, record, keys, and the ways to move a case."""

    address: str
    notices: Notices
    ledgers: Ledgers
    system_key: Any


@asynccontextmanager
async def rig(address: str, url: str, *, offices: dict[str, Any] | None = None, namespace: str = NAMESPACE, **worker: Any) -> AsyncIterator[Rig]:
    """Clients and a worker on a running engine and a migrated database."""
    (key, public), (system_key, system) = contract.key_pair(), contract.key_pair()
    client = await Client.connect(address, namespace=namespace, plugins=[plugin(KEYS, story_clock=True)])
    async with asyncpg.create_pool(url, min_size=2, max_size=8) as pool:
        known, mark = offices or {}, Marker(client, system_key, story_clock=True)
        records, ledgers, notices = Records(pool), Ledgers(pool, mark.act), Notices(pool, addresses_of(known), office=lambda name: known.get(name, {}), mark=mark)
        async with Worker(
            client, task_queue=policies.TASK_QUEUE, activities=[records.record, notices.notify, OtherCases(mark.open).open, ledgers.load, ledgers.record, ledgers.tell],
            sticky_queue_schedule_to_start_timeout=policies.STICKY, **worker,
        ):  # fmt: skip
            yield Rig(client, pool, "test", key, public, address, notices, ledgers, system_key, further={contract.SYSTEM_KEY: system})
