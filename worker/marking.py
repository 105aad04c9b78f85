"""The system's own acts on cases, signed with the workers' key: what became of notices, cases that others open. A case that has ended says so by its absence."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.types import OtherCase
from domain.core import Command
from domain.workdays import ZONE
from workflows import attributes, contract, policies


class Marker:
    """Sends signed acts of the system; `story_clock` workers look up each case's own time first; `others` = who else signs for cases now."""

    def __init__(self, client: Client, key: Ed25519PrivateKey, *, story_clock: bool = False, others: Callable[[], Mapping[str, str]] = dict) -> None:
        self.client, self.key, self.story_clock, self.others = client, key, story_clock, others

    async def __call__(self, case_id: str, act: str, fields: Mapping[str, Any]) -> bool:
        """Send one act about a notice, its id the notice's key and the act; False when the case has ended. Raises RPCError while the engine is away."""
        return await self.act(case_id, f"{fields['notice']}:{act}", act, fields)

    async def act(self, case_id: str, command_id: str, act: str, fields: Mapping[str, Any]) -> bool:
        """Send one act of the system under an id; False when the case has ended."""
        try:
            at = (await self.now(case_id)).replace(microsecond=0)
            command = Command(command_id, act, dict(fields), at, at, "system")
            await self.client.get_workflow_handle(case_id).signal(act, contract.sign(case_id, command, contract.SYSTEM_KEY, self.key))
        except RPCError as wrong:
            if wrong.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    async def open(self, opening: OtherCase) -> None:
        """Start a case that another one opens, its filing signed by the system; one that is there already stays as it is."""
        command = Command.load(opening.filing)
        message = contract.sign(opening.case, command, contract.SYSTEM_KEY, self.key)
        offset = (command.entered_at - datetime.now(ZONE)).total_seconds() if self.story_clock else 0.0  # its story goes on where the first case stands
        keys = {**opening.keys, **self.others(), contract.SYSTEM_KEY: self.key.public_key().public_bytes_raw().hex()}
        start = contract.Start(opening.case, opening.office, opening.book, opening.law, keys, [message], offset)
        with suppress(WorkflowAlreadyStartedError):
            await self.client.start_workflow(
                contract.WORKFLOW, start, id=opening.case, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                search_attributes=attributes.at_start(opening.office, opening.book), static_summary=opening.book,
            )  # fmt: skip

    async def now(self, case_id: str) -> datetime:
        """The time of a case."""
        return await self._story_time(case_id) if self.story_clock else datetime.now(ZONE)

    async def _story_time(self, case_id: str) -> datetime:
        """A story case's now: the engine's, time skipped included, and the offset that its start says; real cases have neither."""
        handle = self.client.get_workflow_handle(case_id)
        shown = (await handle.describe()).raw_description.workflow_extended_info
        now = shown.time_skipping_info.current_time.ToDatetime(tzinfo=UTC).astimezone(ZONE) if shown.time_skipping_info.HasField("current_time") else datetime.now(ZONE)
        async for event in handle.fetch_history_events(page_size=1):
            (start,) = await self.client.data_converter.decode(event.workflow_execution_started_event_attributes.input.payloads, [contract.Start])
            return now + timedelta(seconds=start.clock_offset)
        return now
