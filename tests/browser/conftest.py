"""A real Chromium before a real server, with a real engine, a real database and a real worker; pictures of what it saw in build/screenshots."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from api import accounts
from cli.library import ROOT
from engine.browser import FLAGS, HOW, find
from tests.api.conftest import Desk, database, desk, engine, home

__all__ = ["People", "Person", "chromium", "database", "desk", "engine", "home", "people"]
PASSWORD = "sample password 1"
PICTURES = ROOT / "build" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass
class Person:
    """Somebody at a browser of their own; what the browser complained of is kept."""

    page: Page
    context: BrowserContext
    base: str
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 500, f"{path}: {answer.status}"

    async def press(self, words: str) -> None:
        """Press the button or follow the link with these words in the main part."""
        await self.page.locator("main").get_by_text(words, exact=True).first.click()

    async def fill(self, name: str, value: str) -> None:
        await self.page.locator(f'main [name="{name}"]').first.fill(value)

    async def choose(self, name: str, value: str) -> None:
        """A value of a list or of a row of buttons."""
        box = self.page.locator(f'main [name="{name}"]')
        if await box.first.evaluate("one => one.tagName") == "SELECT":
            await box.first.select_option(value)
        else:
            await self.page.locator(f'main [name="{name}"][value="{value}"]').check()

    async def text(self) -> str:
        """What the page says, once it is there to its end: a click waits for the first of it only."""
        await self.page.wait_for_load_state("domcontentloaded")
        return await self.page.locator("body").inner_text()

    async def look(self, name: str) -> None:
        """A picture; and the page is fit for everybody: axe finds nothing, nothing lies beyond the right edge, the browser complains of nothing."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=PICTURES / f"{re.sub(r'[^0-9a-z-]+', '-', name)}.png", full_page=True)
        found = await Axe().run(self.page, options={"runOnly": RULES})
        assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found.response["violations"]] == [], name
        assert not await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name}: wider than the window"
        assert self.complaints == [], name


@dataclass
class People:
    """Opens browsers for people; a person of the office is signed in."""

    chromium: Browser
    base: str
    desk: Desk
    open_: list[BrowserContext] = field(default_factory=list)

    async def __call__(self, person: str = "", office: str = "kaiyang", *, size: dict[str, int] | None = None, script: bool = True) -> Person:
        context = await self.chromium.new_context(viewport=size or WIDE, java_script_enabled=script, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
        self.open_.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        one = Person(page, context, self.base)
        page.on("console", lambda said: one.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda wrong: one.complaints.append(str(wrong)))
        page.on("request", lambda asked: one.complaints.append(f"outside: {asked.url}") if not asked.url.startswith((self.base, "data:")) else None)
        if person:
            await accounts.give(self.desk.pool, office, person, PASSWORD, by="test", must_change=False)
            await accounts.able(self.desk.pool, office, person, able=True, by="test")  # another test may have closed it
            await one.go("/sign-in")
            await page.select_option("#office", office)
            await page.fill("#person", person)
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            await page.wait_for_url(re.compile("/home"))
        return one


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = find()
    if program is None:
        pytest.skip(HOW)
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
        yield one
        await one.close()


@pytest.fixture(scope="session")
async def served(desk: Desk) -> AsyncIterator[str]:
    """The desk's application on a port, its parts already running."""
    app: Any = desk.http._transport.app  # type: ignore[attr-defined]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="warning", timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await asyncio.wait_for(task, 15)


@pytest.fixture
async def people(chromium: Browser, served: str, desk: Desk) -> AsyncIterator[People]:
    made = People(chromium, served, desk)
    yield made
    for context in made.open_:
        await context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.engine)
            item.add_marker(pytest.mark.database)
