"""The complainant's pages with the record away, and with the engine away: what is said, and that no word is lost."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import application
from api.settings import Settings
from cli import library
from tests.pages.conftest import SAME_SITE, Browser
from tests.workflows import rig as rigs

pytestmark = [pytest.mark.engine, pytest.mark.database]
NOWHERE = "127.0.0.1:1"
TYPED = {"go": "check", "text": "库停了也要能投诉", "mode": "real", "i.name": "示例·停机时", "i.telephone": "13911110000", "r1.unit": "tax", "fact.matter": "发票"}


@asynccontextmanager
async def office(desk: Any, home: Path, engine: str, database: str) -> AsyncIterator[Browser]:
    """Pages of their own, under the keys of the desk, with one of its parts away."""
    settings = Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0, story_clock=True)
    app = application(settings, {"kaiyang": library.law("kaiyang-one-window", "kaiyang")})
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
        yield Browser(http, desk)


def hidden(page: str, name: str) -> str:
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1])  # type: ignore[index]


async def sent(one: Browser) -> tuple[Any, str]:
    checked = await one.post("/file/kaiyang", TYPED)
    assert "谁会看到什么" in checked.text, checked.text
    key = hidden(checked.text, "key")
    return await one.form("/file/kaiyang/send", {"typed": hidden(checked.text, "typed"), "key": key}), key


async def test_with_the_record_away_it_is_taken_and_said(desk: Any, home: Path, engine: str, browser: Any) -> None:
    async with office(desk, home, engine, f"postgresql://nobody@{NOWHERE}/none") as one:
        answer, _ = await sent(one)
        assert answer.status_code == 202
        assert "记录库暂时不可用" in answer.text
        code = re.search(r'id="code">([\d ]+)<', answer.text)[1]  # type: ignore[index]
        away = await one.post("/follow", {"code": code})
        assert away.status_code == 503
        assert "记录库暂时不能读取" in away.text
    async with browser() as other:  # the record is back: the code that was given then shows the case
        for _ in range(20):
            desk.parts.tries.known.clear()
            shown = await other.post("/follow", {"code": code})
            if shown.status_code == 200:
                break
        assert "已收到您的投诉" in shown.text


async def test_with_the_engine_away_the_words_stay_and_the_key_too(desk: Any, home: Path, database: str) -> None:
    async with office(desk, home, NOWHERE, database) as one:
        answer, key = await sent(one)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert "系统暂时不能收件" in answer.text
        assert "库停了也要能投诉" in answer.text
        assert hidden(answer.text, "key") == key
        assert (await one.http.get("/file", headers=SAME_SITE)).status_code == 200
