"""The pages on a real engine, a real database and a real worker, as a browser without scripts sees them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api import accounts
from tests.api.conftest import Desk, database, desk, engine, home

__all__ = ["Browser", "browser", "database", "desk", "engine", "home"]
PASSWORD = "sample password 1"
SAME_SITE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@dataclass
class Browser:
    """A person at a browser: cookies kept, redirects followed, forms posted from our own pages."""

    http: httpx.AsyncClient
    desk: Desk

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path, headers=SAME_SITE, follow_redirects=True)

    async def post(self, path: str, data: dict[str, Any] | None = None, *, follow: bool = True) -> httpx.Response:
        return await self.http.post(path, data=data or {}, headers=SAME_SITE, follow_redirects=follow)

    async def form(self, path: str, fields: dict[str, str], *files: bytes, follow: bool = True) -> httpx.Response:
        """A form with files, as a browser sends it: one that was not chosen comes as a part without a name."""
        parts = [f'form-data; name="{name}"\r\n\r\n'.encode() + value.encode() for name, value in fields.items()]
        parts += [f'form-data; name="files"; filename="{n}.pdf"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + raw for n, raw in enumerate(files)]
        parts += [] if files else [b'form-data; name="files"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n']
        body = b"".join(b"--cut\r\nContent-Disposition: " + one + b"\r\n" for one in parts) + b"--cut--\r\n"
        return await self.http.post(path, content=body, headers={**SAME_SITE, "Content-Type": "multipart/form-data; boundary=cut"}, follow_redirects=follow)

    async def sign_in(self, person: str, office: str = "kaiyang", *, password: str = PASSWORD, onward: str = "") -> httpx.Response:
        return await self.post("/sign-in", {"office": office, "person": person, "password": password, "next": onward})


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Any]:
    """Makes a browser for a person who has an account; `browser()` is nobody's."""

    @asynccontextmanager
    async def made(person: str = "", office: str = "kaiyang") -> AsyncIterator[Browser]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(desk.http._transport.app), base_url="http://huiyin") as http:
            one = Browser(http, desk)
            if person:
                await accounts.give(desk.pool, office, person, PASSWORD, by="test", must_change=False)
                await accounts.able(desk.pool, office, person, able=True, by="test")  # another test may have closed it
                assert (await one.sign_in(person, office)).status_code == 200
            yield one

    yield made
