"""Acts of the system from a worker: signed with a key that the case trusts and sent to it as any other act."""

from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.calendars import ENDED
from domain.core import Command
from workflows import contract, keychange

UNFIT = frozenset({RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.FAILED_PRECONDITION})  # trying again would not help


class Sender:
    """Sends through one client, with the keys of a folder as they are when an act needs them."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client, self.folder = client, folder

    async def __call__(self, case_id: str, command: Command) -> str:
        """'' when the engine has it, ENDED when the case is over, a status when it can never be sent; raises RPCError in an outage."""
        try:
            known = await keychange.trusted(self.client, case_id, self.folder) if contract.names_keys(command.act, command.fields) else keychange.usual(self.folder)
            message = contract.sign(case_id, command, *known)
            await self.client.get_workflow_handle(case_id).signal(command.act, message)
        except RPCError as wrong:
            if wrong.status == RPCStatusCode.NOT_FOUND:
                return ENDED
            if wrong.status in UNFIT:
                return wrong.status.name
            raise
        return ""
