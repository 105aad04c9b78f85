"""Acts of the system from a worker: signed with the installation's key and sent to a case as any other act."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.calendars import ENDED
from domain.core import Command
from workflows import contract

UNFIT = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION})  # trying again would not help


class Sender:
    """Sends through one client; the key is read when the first act needs it."""

    def __init__(self, client: Client, key_id: str, key: Callable[[], Ed25519PrivateKey]) -> None:
        self.client, self.key_id, self.key = client, key_id, key

    async def __call__(self, case_id: str, command: Command) -> str:
        """'' when the engine has it, ENDED when the case is over, a status when it can never be sent; raises RPCError in an outage."""
        message = contract.sign(case_id, command, self.key_id, self.key())
        try:
            await self.client.get_workflow_handle(case_id).signal(command.act, message)
        except RPCError as wrong:
            if wrong.status == RPCStatusCode.NOT_FOUND:
                return ENDED
            if wrong.status in UNFIT:
                return wrong.status.name
            raise
        return ""
