"""The only Temporal client of the API: starts cases and sends signed acts. It never waits for a worker."""

import hmac
import json
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.errors import Problem
from api.keyring import Keyring
from domain.core import Case, Command, Law, Refused, decide, instant, iso, law_value
from domain.workdays import ZONE
from workflows import attributes, contract, keychange, policies
from workflows.actorkeys import Actor, ActorKeys
from workflows.converter import write_once

STORY_OFFSET: ContextVar[float] = ContextVar("STORY_OFFSET", default=0.0)  # seconds; set by api/demonstration.py only
RPC = timedelta(seconds=5)  # an engine that is away is said to be away within this
DOWN = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class Gateway:
    """Starts and signals under the actor key that signs now; who has not heard of it is told first."""

    def __init__(self, client: Client, keys: Keyring) -> None:
        self.client, self.keys, self.actors = client, keys, ActorKeys(keys.folder)
        self.actors.now()  # a process that cannot sign does not start
        self.told: set[tuple[str, str]] = set()  # key and case (or ledger) that this process has told of it
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
        signer = self.actors.now()
        message = contract.sign(case_id, filing, signer.id, signer.key)
        trusted = {signer.id: signer.public, contract.SYSTEM_KEY: self.keys.public("system")}
        office, book = str(law.office["office"]["id"]), str(law.table("book").get("id", ""))
        start = contract.Start(case_id, office, book, self.law_value(law), trusted, [message, *(contract.sign(case_id, one, signer.id, signer.key) for one in further)], offset)
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
        if signer.since:
            self.told.add((signer.id, case_id))
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
        signer = self.actors.now()
        return contract.sign(case_id, command, signer.id, signer.key)

    async def send(self, case: Case | str, command: Command) -> str:
        """Send a signed act to a case or, by its id, to a ledger; '' when it has ended, else the id under which it would be kept if its signature were not good.

        Raises Problem malformed, engine_down.
        """
        case_id, signer = (case, self.actors.now()) if isinstance(case, str) else (case.id, self.actors.now())
        message = contract.sign(case_id, command, signer.id, signer.key)
        if not contract.shaped(command.act, message):
            raise Problem("malformed")
        handle = self.client.get_workflow_handle(case_id)
        try:
            if (signer.id, case_id) not in self.told and not (keychange.knows(case, signer) if isinstance(case, Case) else not signer.since):
                await self._tell(handle, signer, command.entered_at, ledger=isinstance(case, str))
            await handle.signal(command.act, message, rpc_timeout=RPC)
        except (RPCError, RuntimeError) as wrong:
            if isinstance(wrong, RPCError) and wrong.status == RPCStatusCode.NOT_FOUND:
                return ""
            raise _problem(wrong) from None
        return contract.refused_as(message)

    async def _tell(self, handle: WorkflowHandle[Any, Any], signer: Actor, at: datetime, *, ledger: bool) -> None:
        """The new key before the act that it signs: the engine keeps their order."""
        key_id, key = (contract.SYSTEM_KEY, self.keys.signer("system")) if ledger else await keychange.trusted(self.client, handle.id, self.keys.folder)
        first = keychange.ahead_of(signer, handle.id, at, act=contract.KEYS if ledger else "revise")
        await handle.signal(first.act, contract.sign(handle.id, first, key_id, key), rpc_timeout=RPC)
        self.told.add((signer.id, handle.id))

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
