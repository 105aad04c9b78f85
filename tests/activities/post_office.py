"""Real receivers on loopback for the tests of notices: an SMTP server that can be told to refuse, and a web hook."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP


@dataclass
class PostOffice:
    """What a mail server has accepted, and how it answers: at once, never in time, or with a refusal."""

    port: int = 0
    accepted: list[EmailMessage] = field(default_factory=list)
    tried: int = 0
    refuses: bool = False
    slow: float = 0.0
    hangs: asyncio.Event | None = None  # until it is set
    on_taken: Callable[[], None] | None = None

    def url(self, who: str = "li", **more: str) -> str:
        words = "".join(f"&{key}={value}" for key, value in more.items())
        return f"mailto://127.0.0.1:{self.port}?from=huiyin@example.org&to={who}@example.org&mode=insecure{words}"

    def subjects(self, who: str = "") -> list[str]:
        return [str(one["Subject"]) for one in self.accepted if who in str(one["To"])]

    def texts(self, who: str = "") -> list[str]:
        return [body.get_content() for one in self.accepted if who in str(one["To"]) and (body := one.get_body(("plain",)))]

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.tried += 1
        await asyncio.sleep(self.slow)
        if self.hangs:
            await self.hangs.wait()
        if self.refuses:
            return "451 not now"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.accepted.append(message)
        if self.on_taken:
            self.on_taken()
        return "250 taken"


@asynccontextmanager
async def post_office(port: int = 0) -> AsyncIterator[PostOffice]:
    """An SMTP server in this loop; its port is free again afterwards, so that it can be down and up."""
    office = PostOffice()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office, enable_SMTPUTF8=True), "127.0.0.1", port)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()


@asynccontextmanager
async def web_hook(got: list[bytes], status: str = "200 OK") -> AsyncIterator[int]:
    """A web hook on loopback; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        got.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
