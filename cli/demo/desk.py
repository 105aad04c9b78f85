"""A person at the API: the demo files and acts over HTTP as everybody does."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from api.identity import Tokens


class NotWalked(Exception):
    """A path did not go as it should; the message says what was expected and what came."""


@dataclass(frozen=True)
class Desk:
    """Calls the API of the demo with tokens of its own people."""

    base: str
    tokens: Tokens
    patience: float = 120.0  # seconds until something that was taken must be recorded

    async def call(self, office: str, person: str, path: str, body: Any = None, *, key: str = "", wait: int = 20) -> tuple[int, dict[str, Any]]:
        """One request as that person: a GET, or a POST of `body`; status and answer."""
        headers = {"Authorization": f"Bearer {self.tokens.issue(person, office)}", "Idempotency-Key": key or uuid4().hex, "Prefer": f"wait={wait}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.base}/api/v1{path}", data, {**headers, "Content-Type": "application/json"})  # noqa: S310 - our own loopback address
        return await asyncio.to_thread(_answer, request)

    async def decided(self, office: str, person: str, path: str, body: Any, *, wait: int = 20) -> tuple[int, dict[str, Any]]:
        """A POST as a careful program sends it: taken and not yet recorded (202), or nobody there just now (503), it is sent again under the same key, which makes nothing twice."""
        key, until = uuid4().hex, time.monotonic() + self.patience
        while True:
            status, answer = await self.call(office, person, path, body, key=key, wait=wait)
            if status not in (202, 503) or time.monotonic() > until:
                return status, answer
            await asyncio.sleep(0.5)

    async def file(self, office: str, person: str, /, **filing: Any) -> str:
        """File a complaint; the id of its case. Raises NotWalked on any answer but 201."""
        status, answer = await self.decided(office, person, "/complaints", {"office": office, **filing})
        if status != 201:
            raise NotWalked(f"file: {status} {answer}")
        return str(answer["case"])

    async def act(self, office: str, case: str, person: str, act: str, /, **fields: Any) -> dict[str, Any]:
        """Do an act; its answer. Raises NotWalked on any answer but 200."""
        status, answer = await self.decided(office, person, f"/complaints/{case}/acts/{act}", {"fields": fields})
        if status != 200:
            raise NotWalked(f"{act} {person}: {status} {answer}")
        return answer

    async def items(self, office: str, person: str) -> tuple[list[dict[str, Any]], int]:
        """All rows of the office's list as that person sees it, and the total that the list gives."""
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            status, page = await self.call(office, person, f"/complaints?limit=200{cursor}")
            if status != 200:
                raise NotWalked(f"list: {status} {page}")
            items += page["items"]
            if not page["next"]:
                return items, int(page["total"])
            cursor = "&cursor=" + quote(page["next"])

    async def item(self, office: str, person: str, case: str) -> dict[str, Any]:
        """The row that the office's list shows of a case, as that person sees it."""
        found = next((item for item in (await self.items(office, person))[0] if item["id"] == case), None)
        if found is None:
            raise NotWalked(f"{case} 不在列表中 is not in the list")
        return found


def _answer(request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - see above
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        text = refused.read()
        return refused.code, json.loads(text) if text.startswith(b"{") else {"text": text.decode(errors="replace")[:300]}
