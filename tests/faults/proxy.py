"""A link to PostgreSQL that can be stopped at a statement: held before the server sees it, held before the client sees the answer, or cut there.

It reads the wire protocol just far enough to know which statement a client executes, so no stop point lives in the product.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, urlsplit

READY = b"Z\x00\x00\x00\x05"  # ReadyForQuery: what went before it is committed
SOCKET = ".s.PGSQL.5432"
CUTS = (OSError, EOFError, asyncio.IncompleteReadError)


@dataclass
class Stop:
    """Stands at the n-th execution of a statement whose text and arguments hold all the words."""

    words: tuple[str, ...]
    where: Literal["before", "after"] = "after"
    skip: int = 0
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)
    cut: bool = False

    def meets(self, where: str, text: bytes) -> bool:
        """Whether this execution is the one; counts those that are let by."""
        if self.where != where or self.reached.is_set() or not all(word.encode() in text for word in self.words):
            return False
        self.skip -= 1
        return self.skip < 0

    async def wait(self) -> bool:
        """Say that it is reached and stand still; False when the link is to be cut."""
        self.reached.set()
        await self.released.wait()
        return not self.cut

    def release(self, *, cut: bool = False) -> None:
        """Let the statement, or its answer, pass; or cut the link instead."""
        self.cut = cut
        self.released.set()


@dataclass
class Link:
    """The proxy: where it listens, where it leads, and the stops that stand."""

    folder: Path
    upstream: Callable[[], str]
    stops: list[Stop] = field(default_factory=list)
    seen: int = 0
    dead: bool = False

    def url(self, database: str) -> str:
        """Address for clients, with the user and database of another address."""
        parts = urlsplit(database)
        return f"postgresql://{parts.username or ''}@{parts.path}?host={self.folder}"

    @asynccontextmanager
    async def stop(self, *words: str, where: Literal["before", "after"] = "after", skip: int = 0) -> AsyncIterator[Stop]:
        """A stop for the length of the context; released at its end whatever happens."""
        one = Stop(words, where, skip)
        self.stops.append(one)
        try:
            yield one
        finally:
            self.stops.remove(one)
            one.released.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client."""
        if self.dead:
            writer.close()
            return
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(str(socket_of(self.upstream())))
        except OSError:
            writer.close()
            return
        talk = _Talk(self, reader, writer, up_reader, up_writer)
        await asyncio.gather(talk.forth(), talk.back())


class _Talk:
    """One client's link, both directions; the statement in hand is judged before it goes on."""

    def __init__(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, up_reader: asyncio.StreamReader, up_writer: asyncio.StreamWriter) -> None:
        self.link, self.reader, self.writer, self.up_reader, self.up_writer = link, reader, writer, up_reader, up_writer
        self.named: dict[bytes, bytes] = {}
        self.held: Stop | None = None

    async def forth(self) -> None:
        with suppress(*CUTS):
            size = await self.reader.readexactly(4)
            self.up_writer.write(size + await self.reader.readexactly(int.from_bytes(size) - 4))  # the start message has no kind
            while True:
                head = await self.reader.readexactly(5)
                body = await self.reader.readexactly(int.from_bytes(head[1:]) - 4)
                if not await self.judged(head[:1], body):
                    break
                self.up_writer.write(head + body)
                await self.up_writer.drain()
        self.close()

    async def judged(self, kind: bytes, body: bytes) -> bool:
        """Whether a message may go on."""
        if kind == b"P":
            name, text, *_ = body.split(b"\0", 2)
            self.named[name] = text
        if kind != b"B":
            return True
        _, name, *_ = body.split(b"\0", 2)
        text = self.named.get(name, b"") + b"\n" + body
        self.link.seen += 1
        before = next((one for one in self.link.stops if one.meets("before", text)), None)
        if before is not None and not await before.wait():
            return False
        self.held = next((one for one in self.link.stops if one.meets("after", text)), self.held)
        return True

    async def back(self) -> None:
        kept = b""
        with suppress(*CUTS):
            while data := await self.up_reader.read(65536):
                if self.held is not None:
                    kept += data
                    if READY not in kept:
                        continue
                    stop, data, kept = self.held, kept, b""
                    self.held = None
                    if not await stop.wait():
                        break
                self.writer.write(data)
                await self.writer.drain()
        self.close()

    def close(self) -> None:
        for one in (self.writer, self.up_writer):
            with suppress(*CUTS):
                one.close()


def socket_of(url: str) -> Path:
    """The socket that an address leads to."""
    query = parse_qs(urlsplit(url).query)
    return Path(query["host"][0]) / f".s.PGSQL.{query.get('port', ['5432'])[0]}"


@asynccontextmanager
async def linked(folder: Path, upstream: Callable[[], str]) -> AsyncIterator[Link]:
    """A proxy that listens on a socket in the folder and leads to whatever `upstream` names at the moment of a connection."""
    link = Link(folder, upstream)
    folder.mkdir(parents=True, exist_ok=True)
    server = await asyncio.start_unix_server(link.serve, str(folder / SOCKET), limit=1 << 24)
    try:
        yield link
    finally:
        link.dead = True
        server.close()
        for stop in link.stops:
            stop.release(cut=True)
