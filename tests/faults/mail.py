"""A real SMTP server on loopback that keeps what it takes, can stand still with a message in its hand, and can be down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP

from engine.ports import any_free


@dataclass(frozen=True)
class Mail:
    """One message as it arrived: its receiver's address and its text."""

    to: str
    text: str
    raw: bytes


@dataclass
class Sink:
    """The server. While `gate` is set a message is kept but not answered until the gate opens."""

    port: int
    mails: list[Mail] = field(default_factory=list)
    gate: asyncio.Event | None = None
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    server: asyncio.Server | None = None

    async def up(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: SMTP(self, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", self.port)

    async def down(self) -> None:
        """Take no more connections."""
        if self.server is not None:
            self.server.close()
            self.server = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """What aiosmtpd calls with a message."""
        body = message_from_bytes(envelope.content, policy=policy.default).get_body(("plain", "html"))
        text = body.get_content() if body else ""
        self.mails.extend(Mail(to, text, envelope.content) for to in envelope.rcpt_tos)
        if self.gate is not None:
            gate = self.gate
            self.taken.set()
            await gate.wait()
        return "250 OK"


def address(person: str) -> str:
    """The address of a member of staff in the tests' office file."""
    return f"{person}@huiyin.example"


def office_with_addresses(text: str, port: int) -> str:
    """An office file in which each person has an address on the sink."""
    head, mark, people = text.partition("\n[person]\n")
    rows, policy_mark, rest = people.partition("\n[policy")
    lines = []
    for line in rows.splitlines():
        person, equals, row = line.partition(" = { ")
        url = f"mailto://127.0.0.1:{port}/?from=office@huiyin.example&to={address(person)}&mode=insecure"
        lines.append(f'{person} = {{ notify = ["{url}"], {row}' if equals else line)
    return head + mark + "\n".join(lines) + policy_mark + rest


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """A running one."""
    one = Sink(any_free())
    await one.up()
    try:
        yield one
    finally:
        if one.gate is not None:
            one.gate.set()
        await one.down()
