"""A whole installation of real processes on durable stores, its links in our hands: parts are killed by id and started again by the supervisor."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from api.identity import Tokens
from api.keyring import Keyring
from cli import library
from engine.find import find
from engine.folder import held, open_folder
from engine.process import Child
from engine.supervisor import Supervisor
from engine.testing import QUIET, scratch
from engine.up import Options, Running, bring_up
from tests.faults.mail import Sink, office_with_addresses, sink
from tests.faults.proxy import Link, linked
from workflows.converter import CodecKeys
from workflows.keyfile import codec_keys
from workflows.plugin import plugin

OFFICE = "district"
PARTS = {"worker": "worker", "api": "api", "engine": "Temporal", "database": "PostgreSQL"}
PATIENCE = 120.0  # for one answer, on a machine that others use too
GONE = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass
class Site:
    """One installation, and what its users hold."""

    supervisor: Supervisor
    running: Running
    link: Link
    mail: Sink
    http: httpx.AsyncClient
    client: Client
    skipper: TimeSkipper
    codec: CodecKeys
    tokens: Tokens
    pool: asyncpg.Pool
    told: list[httpx.Response] = field(default_factory=list)

    def child(self, part: str) -> Child:
        """The process of a part as it runs now."""
        return next(child for service, child in self.supervisor.running if service.name == PARTS[part])

    async def kill(self, part: str) -> int:
        """SIGKILL to exactly one part; its process id, once the process is gone."""
        pid = self.child(part).pid
        os.kill(pid, signal.SIGKILL)
        while _lives(pid):
            await asyncio.sleep(0.005)
        return pid

    async def back(self, part: str, gone: int) -> None:
        """Wait until the supervisor has started a killed part again."""
        until = time.monotonic() + PATIENCE
        while not self.child(part).alive or self.child(part).pid == gone:
            assert time.monotonic() < until, f"{part} was not started again"
            await asyncio.sleep(0.05)

    def as_(self, person: str) -> dict[str, str]:
        """Headers of somebody who has signed in."""
        return {"Authorization": f"Bearer {self.tokens.issue(person, OFFICE)}"}

    async def ask(self, method: str, path: str, key: str, person: str = "", **more: Any) -> httpx.Response:
        """What a careful client does: the same key again until the case has answered; every answer is kept in `told`."""
        headers = {**(self.as_(person) if person else {}), "Idempotency-Key": key, "Prefer": "wait=10", **more.pop("headers", {})}
        until = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **more)
            except httpx.TransportError:
                answer = None
            if answer is not None:
                self.told.append(answer)
                if answer.status_code < 500 and answer.status_code != 202:
                    return answer
            assert time.monotonic() < until, f"{path}: no answer, last {answer.text if answer else 'connection lost'}"
            await asyncio.sleep(0.2)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """A running installation of the sample district, on a folder of its own."""
    with scratch() as place:
        async with sink() as mail:
            offices = place / "offices"
            offices.mkdir()
            text = (Path(library.OFFICES) / f"{OFFICE}.toml").read_text(encoding="utf-8")
            (offices / f"{OFFICE}.toml").write_text(office_with_addresses(text, mail.port), encoding="utf-8")
            folder = open_folder(place / "home", "demo")  # a folder that may skip time is never a real one
            running, supervisor = Running(folder), Supervisor(QUIET, longest=0.5)
            async with linked(place / "link", lambda: running.database) as link:
                more = {"HUIYIN_DATABASE_URL": link.url("postgresql://huiyin@/huiyin"), "HUIYIN_OFFICES": str(offices)}
                options = Options(kind="demo", time_skipping=True, story_clock=True, env=more)
                with held(folder):
                    try:
                        await bring_up(supervisor, running, find(QUIET), options)
                        async with _clients(supervisor, running, link, mail) as one:
                            yield one
                    finally:
                        await supervisor.stop()


@asynccontextmanager
async def _clients(supervisor: Supervisor, running: Running, link: Link, mail: Sink) -> AsyncIterator[Site]:
    keys = running.folder.keys
    codec, tokens = codec_keys(keys), Tokens(Keyring.load(keys), keys / "revoked")
    client = await Client.connect(running.engine, namespace=running.namespace, plugins=[plugin(codec, story_clock=True)])
    skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
    async with asyncpg.create_pool(running.database, min_size=0, max_size=4) as pool, httpx.AsyncClient(base_url=running.api, timeout=40) as http:
        yield Site(supervisor, running, link, mail, http, client, skipper, codec, tokens, pool)
