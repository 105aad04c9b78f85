"""Filing over HTTP against a bare `start_workflow` on the same server: accepted (202), and recorded with its number (201)."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from api.identity import Tokens
from bench.lifecycle import AT_ONCE, TEXT, Wrong, filing_fields
from bench.stand import OFFICE, Stand
from engine.process import Child

IDLE = "bench-nobody"  # a queue that no worker asks


class Line:
    """One kept-alive connection to the API; as little of a client as can be, for what is measured is the server."""

    def __init__(self, port: int, token: str) -> None:
        self.port, self.token = port, token

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def post(self, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request."""
        lines = {"Host": "huiyin", "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
        self.writer.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next(int(line.split(":")[1]) for line in answer.split("\r\n") if line.startswith("content-length"))
        return int(answer.split(" ", 2)[1]), json.loads(await self.reader.readexactly(length))

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


async def rate(one: Callable[[int], Awaitable[None]], count: int) -> float:
    """How many a second, AT_ONCE lanes side by side."""
    left = list(range(count))

    async def lane(number: int) -> None:
        while left:
            left.pop()
            await one(number)

    began = time.perf_counter()
    await asyncio.gather(*(lane(number) for number in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


async def bare(here: Stand, count: int) -> float:
    """Bare starts a second: no law, no signature, no encryption, no worker."""

    async def one(_: int) -> None:
        await here.plain.start_workflow("Nobody", {"text": TEXT}, id=f"bare-{uuid4().hex}", task_queue=IDLE)

    return await rate(one, count)


async def filed(here: Stand, port: int, count: int, *, recorded: bool) -> tuple[float, list[str]]:
    """Filings a second by HTTP, and the ids of the cases. Wrong when one is answered otherwise than asked."""
    token = Tokens(here.gateway.keys, here.folder / "keys" / "revoked").issue("wang", OFFICE)
    lines = [Line(port, token) for _ in range(AT_ONCE)]
    await asyncio.gather(*(line.open() for line in lines))
    body = json.dumps(filing(here), ensure_ascii=False).encode()
    ids: list[str] = []
    wanted, wait = (201, "wait=30") if recorded else (202, "wait=0")

    async def one(number: int) -> None:
        status, answer = await lines[number].post("/api/v1/complaints", body, Idempotency_Key=uuid4().hex, Prefer=wait)
        if status != wanted:
            raise Wrong(f"filing: {status} instead of {wanted}: {answer}")
        ids.append(answer["case"])

    try:
        return await rate(one, count), ids
    finally:
        for line in lines:
            line.close()


def filing(here: Stand) -> dict[str, Any]:
    """The body of a filing: what the clerk types."""
    fields = filing_fields(here, "")
    kept = ("channel", "recording", "respondents", "facts", "anonymous", "has_contact")
    return {"office": OFFICE, "text": TEXT, "identity": {"name": "示例·投诉人", "telephone": "13800000000"}, **{name: fields[name] for name in kept}}


async def registered(here: Stand, ids: list[str], worker: Child, *, patience: float = 300) -> int:
    """How many of the cases the record shows with a number, once they are all there or `patience` is over."""
    question = "select count(*) from cases where case_id = any($1) and version > 0"
    until = time.monotonic() + patience
    while (found := int(await here.pool.fetchval(question, ids))) < len(ids) and worker.alive and time.monotonic() < until:  # noqa: ASYNC110 - it waits for a database
        await asyncio.sleep(0.2)
    return found
