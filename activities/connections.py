"""Connections to the record that are given back clean: what a request leaves on one, cut off at any moment, never reaches the next."""

from typing import Any

import asyncpg


class Link(asyncpg.Connection):  # type: ignore[misc]
    """Knows whether its last statement went through to its end."""

    cut = False

    async def _do_execute(self, *args: Any, **more: Any) -> Any:
        # The driver parses a new statement without ending that exchange: who is cancelled before it is run leaves the server in a transaction that no state of the driver shows.
        self.cut = True
        result = await super()._do_execute(*args, **more)
        self.cut = False
        return result


async def as_it_is(connection: Link) -> None:
    """Give a connection back without asking the server to forget a session: ours keep none, and it costs a round trip each time.

    A transaction that a cancelled request has left open ends here, or the next to get this connection could begin none.
    """
    if connection.cut or connection.is_in_transaction():
        await connection.execute("rollback")
        connection.cut = False
