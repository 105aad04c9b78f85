"""Running cases hear of changed people: the revision workflow of the office is started as soon as what they were told is no longer what is valid."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import asyncpg
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.types import Publication
from api import queries
from api.laws import Laws
from domain.core import text_hash
from domain.roster import people_of
from domain.workdays import ZONE
from workflows import policies
from workflows.revision import REVISION, Course, Tally, people_id
from workflows.roster import Roster

EVERY = 1.0  # seconds between two looks
LOG = logging.getLogger("huiyin.api")


@dataclass(frozen=True)
class State:
    """Who is who in an office now, and which changes of its people that rests on."""

    office: str
    value: dict[str, Any]
    people: str
    changes: str
    reason: str

    @staticmethod
    def of(office: str, file: Mapping[str, Any], roster: Roster) -> "State":
        """Of an office with its changes applied."""
        today = datetime.now(ZONE).date().isoformat()
        due = [one for one in roster.of(office) if one["from"] <= today]
        value = people_of(file)
        return State(office, value, _digest(value), _digest([one["seq"] for one in due]) if due else "", due[-1]["reason"] if due else "")


async def tell(client: Client, pool: asyncpg.Pool, state: State, *, again: bool = False) -> tuple[WorkflowHandle[Any, Tally], Publication] | None:
    """Start (or wake) the office's revision where something is new, or in any case with `again`. Raises what engine and record raise when they are away.

    The same state is the same edition, however often it is told: a case hears each edition once.
    """
    last = await pool.fetchrow("select edition, people, changes from people_told where office = $1 order by edition desc limit 1", state.office)
    if not again and (last["changes"] if last else "") == state.changes:
        return None
    fresh = last is None or (last["people"], last["changes"]) != (state.people, state.changes)
    edition = (last["edition"] if last else 0) + (1 if fresh else 0)
    wish = Publication({}, str(edition), datetime.now(ZONE).replace(microsecond=0).isoformat(), state.reason, ask=uuid4().hex, office=state.office, people=state.value)
    handle: WorkflowHandle[Any, Tally] = await client.start_workflow(
        REVISION, Course(0), id=people_id(state.office), task_queue=policies.TASK_QUEUE, start_signal="publish", start_signal_args=[wish], result_type=Tally,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, task_timeout=policies.TASK_TIMEOUT,
    )  # fmt: skip
    if fresh:
        await pool.execute("insert into people_told (office, edition, people, changes) values ($1, $2, $3, $4) on conflict do nothing", state.office, edition, state.people, state.changes)
    return handle, wish


async def keep_told(client: Client, pool: asyncpg.Pool, laws: Laws, roster: Roster) -> None:
    """For ever: what the page has changed, and what begins with a new day, goes to the running cases; an engine or a record that is away is asked again."""
    known: dict[str, str] = {}
    while True:
        for office, law in laws.offices.items():
            state = State.of(office, law.office, roster)
            if state.changes == known.get(office, ""):
                continue
            try:
                await tell(client, pool, state)
                known[office] = state.changes
            except (*queries.DOWN, asyncpg.UndefinedTableError, RPCError, RuntimeError) as wrong:
                LOG.info("%s: running cases hear of changed people later: %s", office, type(wrong).__name__)
        await asyncio.sleep(EVERY)


def _digest(value: Any) -> str:
    return text_hash(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
