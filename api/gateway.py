"""The only Temporal client of the API: starts cases and sends signed acts. It never waits for a worker."""

import hmac
from datetime import datetime
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.errors import Problem
from api.keyring import Keyring
from domain.core import Command, Law, law_value
from domain.workdays import ZONE
from workflows import attributes, contract, policies

KEY_ID = "api-1"
DOWN = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class Gateway:
    """Starts and signals under the installation's actor key."""

    def __init__(self, client: Client, keys: Keyring) -> None:
        self.client, self.keys = client, keys

    def case_id(self, office: str, caller: str, idempotency_key: str) -> str:
        """The id of a filing, the same on every retry."""
        return contract.workflow_id(self.keys.secrets["workflow_id"], office, caller, idempotency_key)

    async def start(self, case_id: str, law: Law, book: str, filing: Command, body: bytes, offset: float) -> bool:
        """Start a case; False when this very filing was accepted before. Raises Problem idempotency_mismatch, engine_down."""
        digest = self.keys.mac("body", case_id, body.hex()).hex()
        message = contract.sign(case_id, filing, KEY_ID, self.keys.signer("actor"))
        office = str(law.office["office"]["id"])
        start = contract.Start(case_id, office, book, law_value(law), {KEY_ID: self.keys.public("actor"), contract.SYSTEM_KEY: self.keys.public("system")}, [message], offset)
        try:
            await self.client.start_workflow(
                contract.WORKFLOW, start, id=case_id, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={"body": digest}, search_attributes=attributes.at_start(office, book), static_summary=book,
            )  # fmt: skip
        except WorkflowAlreadyStartedError:
            await self._same(case_id, digest)
            return False
        except RPCError as wrong:
            raise _problem(wrong) from None
        return True

    async def _same(self, case_id: str, digest: str) -> None:
        try:
            known = await (await self.client.get_workflow_handle(case_id).describe()).memo()
        except RPCError as wrong:
            raise _problem(wrong) from None
        if not hmac.compare_digest(str(known.get("body", "")), digest):
            raise Problem("idempotency_mismatch")

    def signed(self, case_id: str, command: Command) -> dict[str, Any]:
        """The act as the message that travels."""
        return contract.sign(case_id, command, KEY_ID, self.keys.signer("actor"))

    async def send(self, case_id: str, command: Command) -> bool:
        """Send a signed act; False when the case has ended. Raises Problem engine_down."""
        try:
            await self.client.get_workflow_handle(case_id).signal(command.act, self.signed(case_id, command))
        except RPCError as wrong:
            if wrong.status == RPCStatusCode.NOT_FOUND:
                return False
            raise _problem(wrong) from None
        return True

    async def reachable(self) -> bool:
        """Whether the engine answers now."""
        try:
            return await self.client.service_client.check_health()
        except RPCError:
            return False


def now(offset: float = 0.0) -> datetime:
    """The wall clock at +08:00; the one place where the API reads it."""
    from datetime import timedelta

    return datetime.now(ZONE).replace(microsecond=0) + timedelta(seconds=offset)


def _problem(wrong: RPCError) -> Problem:
    return Problem("engine_down", headers={"Retry-After": "5"}) if wrong.status in DOWN else Problem("engine_down", detail=str(wrong.status), headers={"Retry-After": "30"})


def command(case_id: str, key: str, act: str, fields: dict[str, Any], at: datetime, actor: str, **more: str) -> Command:
    """An act as a command; its id is bound to the case, so a key serves one case only."""
    return Command(f"{case_id}:{key}", act, fields, at, now(), actor, **more)
