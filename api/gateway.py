"""The only Temporal client of the API: starts cases and sends signed acts. It never waits for a worker."""

import hmac
import json
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.errors import Problem
from api.keyring import Keyring
from domain.core import Case, Command, Law, Refused, decide, instant, iso, law_value
from domain.workdays import ZONE
from workflows import attributes, contract, policies
from workflows.converter import write_once
from workflows.keyfile import ACTOR as KEY_ID

STORY_OFFSET: ContextVar[float] = ContextVar("STORY_OFFSET", default=0.0)  # seconds; set by api/demonstration.py only
RPC = timedelta(seconds=5)  # an engine that is away is said to be away within this
DOWN = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class Gateway:
    """Starts and signals under the installation's actor key."""

    def __init__(self, client: Client, keys: Keyring) -> None:
        self.client, self.keys = client, keys
        self.actor, self.trusted = keys.signer("actor"), {KEY_ID: keys.public("actor"), contract.SYSTEM_KEY: keys.public("system")}
        self.values: dict[int, tuple[Law, dict[str, Any]]] = {}  # a law holds tables, so its place in memory is its key; kept, so it stays there

    def law_value(self, law: Law) -> dict[str, Any]:
        """The law by value, made once for each law of this process."""
        known = self.values.get(id(law))
        if known is None:
            known = self.values[id(law)] = (law, law_value(law))
            write_once(known[1])
        return known[1]

    def case_id(self, office: str, caller: str, idempotency_key: str) -> str:
        """The id of a filing, the same on every retry."""
        return contract.workflow_id(self.keys.secrets["workflow_id"], office, caller, idempotency_key)

    def command_id(self, case_id: str, caller: str, key: str, body: Any) -> str:
        """The id of an act: bound to case, caller and key, so that nobody meets another's act by their key; after '~' the digest of its content."""
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        return f"{case_id}:{self.keys.mac('body', case_id, caller, key).hex()[:24]}~{self.keys.mac('body', case_id, text).hex()[:16]}"

    async def taken(self, case_id: str, body: str) -> datetime | None:
        """When this very filing was received, None where it was not. Raises Problem: idempotency_mismatch, engine_down."""
        known = await self._known(case_id)
        return None if known is None else self._same(known, self.keys.mac("body", case_id, body).hex())

    async def start(self, case_id: str, law: Law, filing: Command, body: str, offset: float, further: Sequence[Command] = ()) -> datetime:
        """Start a case (with acts that had happened by then); the instant at which this very filing was received first.

        Raises Problem: what the law refuses, idempotency_mismatch, engine_down.
        """
        digest = self.keys.mac("body", case_id, body).hex()
        message = contract.sign(case_id, filing, KEY_ID, self.actor)
        office, book = str(law.office["office"]["id"]), str(law.table("book").get("id", ""))
        start = contract.Start(case_id, office, book, self.law_value(law), self.trusted, [message, *(self.signed(case_id, one) for one in further)], offset)
        refusal = self._refusal(start, filing, message, law)
        if refusal is not None:
            known = await self._known(case_id)
            if known is None:
                raise refusal
            return self._same(known, digest)
        try:
            await self.client.start_workflow(
                contract.WORKFLOW, start, id=case_id, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT, rpc_timeout=RPC,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={"body": digest, "received_at": iso(filing.received_at)}, search_attributes=attributes.at_start(office, book), static_summary=book,
            )  # fmt: skip
        except WorkflowAlreadyStartedError:
            return self._same(await self._known(case_id) or {}, digest)
        except (RPCError, RuntimeError) as wrong:
            raise _problem(wrong) from None
        return filing.received_at

    def _refusal(self, start: contract.Start, filing: Command, message: dict[str, Any], law: Law) -> Problem | None:
        """What the case would answer to this filing, asked before it is started: nothing that must be refused is taken with a receipt."""
        judged = contract.parse("file", message, start.case_id, start.keys, filing.entered_at)
        answer = decide(Case.new(start.case_id, start.office, start.book), judged, law)
        if isinstance(answer, Refused):
            return Problem(answer.code, clause=answer.clause, detail=answer.detail, more={"who": list(answer.who)})
        return None

    async def _known(self, case_id: str) -> dict[str, Any] | None:
        """The memo of a case, None where the engine has none."""
        try:
            return dict(await (await self.client.get_workflow_handle(case_id).describe(rpc_timeout=RPC)).memo())
        except (RPCError, RuntimeError) as wrong:
            if isinstance(wrong, RPCError) and wrong.status == RPCStatusCode.NOT_FOUND:
                return None
            raise _problem(wrong) from None

    def _same(self, known: dict[str, Any], digest: str) -> datetime:
        if not hmac.compare_digest(str(known.get("body", "")), digest):
            raise Problem("idempotency_mismatch")
        return instant(str(known["received_at"]))

    def signed(self, case_id: str, command: Command) -> dict[str, Any]:
        """The act as the message that travels."""
        return contract.sign(case_id, command, KEY_ID, self.actor)

    async def send(self, case_id: str, command: Command) -> bool:
        """Send a signed act; False when the case has ended. Raises Problem malformed, engine_down."""
        message = self.signed(case_id, command)
        if not contract.shaped(command.act, message):
            raise Problem("malformed")
        try:
            await self.client.get_workflow_handle(case_id).signal(command.act, message, rpc_timeout=RPC)
        except (RPCError, RuntimeError) as wrong:
            if isinstance(wrong, RPCError) and wrong.status == RPCStatusCode.NOT_FOUND:
                return False
            raise _problem(wrong) from None
        return True

    async def reachable(self) -> bool:
        """Whether the engine answers now."""
        try:
            return await self.client.service_client.check_health(timeout=timedelta(seconds=2))
        except (RPCError, RuntimeError):
            return False


def wall() -> datetime:
    """The wall clock at +08:00; the one place where the API reads it."""
    return datetime.now(ZONE).replace(microsecond=0)


def now() -> datetime:
    """What time it is for the offices: the wall clock; in the demo, moved to the demo's day."""
    return wall() + timedelta(seconds=STORY_OFFSET.get())


def _problem(wrong: RPCError | RuntimeError) -> Problem:
    down = not isinstance(wrong, RPCError) or wrong.status in DOWN
    return Problem("engine_down", headers={"Retry-After": "5" if down else "30"})
