"""An office of its own in the tests' installation, with its published rulebooks, and how a case of it is audited."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from api.app import application
from api.office import Parts
from api.offices import Offices
from api.settings import Settings
from api.versions import Versions
from cli import library
from cli.audit import Findings, histories_of, printed, replay
from domain.versions import confirmed, content, proposed
from domain.workdays import ZONE
from tests.api.conftest import Desk
from tests.api.test_api import filing
from tests.workflows import rig as rigs
from workflows.keyfile import codec_keys, rules_public

BOOK = "district-e-supervision"


def today(days: int = 0) -> str:
    return (datetime.now(ZONE) + timedelta(days=days)).date().isoformat()


@dataclass
class House:
    """An office of its own, under its own id, in the tests' installation."""

    office: str
    folder: Path
    settings: Settings
    desk: Desk

    @property
    def file(self) -> dict[str, Any]:
        return library.toml(self.folder / "office.toml")

    def offices(self, keys: Path | None = None) -> Offices:
        return Offices(self.folder, self.folder / "calendars", keys or self.settings.keys)

    def text(self, days: int = 10) -> str:
        book = copy.deepcopy(library.book(BOOK))
        book["term"]["case"]["limit"] = {"working_days": days}
        return content(book, library.clauses(BOOK), self.file)

    async def put_forward(self, text: str, first: str, last: str = "", by: str = "luo") -> str:
        history = await Versions(self.settings.keys).enter(
            self.desk.pool, self.office, {"by": by, "reason": "修订"}, lambda known, who: proposed(known, who, BOOK, text, first, last), text
        )
        assert history.pending is not None
        return history.pending.sha256

    async def publish(self, text: str, first: str, last: str = "") -> None:
        digest = await self.put_forward(text, first, last)
        await Versions(self.settings.keys).enter(self.desk.pool, self.office, {"by": "li", "reason": "核对无误"}, lambda known, who: confirmed(known, who, digest))

    @asynccontextmanager
    async def open(self, **settings: Any) -> AsyncIterator["Counter"]:
        """An API process of its own."""
        used = replace(self.settings, **settings)
        app = application(used, self.offices(used.keys))
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
            yield Counter(http, app.state.parts, self.office)


@dataclass
class Counter:
    """Where people come."""

    http: httpx.AsyncClient
    parts: Parts
    office: str

    def as_(self, person: str, office: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.parts.tokens.issue(person, office or self.office)}", "Prefer": "wait=20"}

    async def file(self, received: str = "", key: str = "", wait: int = 20) -> httpx.Response:
        body = filing(office=self.office, **({"received_at": received} if received else {}))
        return await self.http.post("/api/v1/complaints", json=body, headers={**self.as_("wang"), "Idempotency-Key": key or uuid4().hex, "Prefer": f"wait={wait}"})

    async def act(self, case: str, person: str, act: str, **fields: Any) -> httpx.Response:
        return await self.http.post(f"/api/v1/complaints/{case}/acts/{act}", json={"fields": fields}, headers={**self.as_(person), "Idempotency-Key": uuid4().hex})

    async def shown(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"/api/v1/complaints/{case}", headers=self.as_("wang"))).json()
        return found

    async def post(self, path: str, person: str, **body: str) -> httpx.Response:
        return await self.http.post(f"/api/v1/offices/{self.office}/versions/{path}", json=body, headers=self.as_(person))

    async def versions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.http.get(f"/api/v1/offices/{self.office}/versions", headers=self.as_("wang"))).json()["items"]
        return items


def case_clock(shown: dict[str, Any]) -> dict[str, Any]:
    return next(clock for clock in shown["clocks"] if clock["key"].startswith("case"))


def house_of(desk: Desk, engine: str, database: str, home: Path, folder: Path) -> House:
    """A house under an id that no other test has."""
    office = f"o{uuid4().hex[:12]}"
    source = (library.OFFICES / "district.toml").read_text(encoding="utf-8")
    (folder / "office.toml").write_text(source.replace('id = "district"', f'id = "{office}"'), encoding="utf-8")
    return House(office, folder, Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0), desk)


async def settled(house: House, case: str) -> Findings:
    """The audit of a case once the last step's task has come into history; sound."""
    for _ in range(100):
        found = await audit(house, case, house.desk.pool)
        if found.sound:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(printed(case, found))


async def audit(house: House, case: str, pool: Any) -> Findings:
    return await replay(case, await histories_of(house.desk.parts.gateway.client, case), pool, codec_keys(house.settings.keys), rules=rules_public(house.settings.keys))
