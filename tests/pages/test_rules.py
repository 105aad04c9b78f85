"""The rulebook's page: what a proposal changes, the second person's yes, and the text itself."""

import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from api.versions import Versions
from cli import library
from domain.versions import content, proposed, withdrawn
from domain.workdays import ZONE
from tests.pages.conftest import Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]
BOOK = "kaiyang-one-window"


def text(working_days: int) -> str:
    book = copy.deepcopy(library.book(BOOK))
    book["kind"]["complaint" if "complaint" in book["kind"] else next(iter(book["kind"]))]["zh"] = f"投诉{working_days}"
    return content(book, library.clauses(BOOK), library.office("kaiyang"))


async def put_forward(one: Browser, full: str, first: str, by: str) -> str:
    who = {"by": by, "reason": "会议通过"}
    history = await Versions(one.desk.parts.keys.folder).enter(one.desk.pool, "kaiyang", who, lambda known, at: proposed(known, at, BOOK, full, first, ""), full)
    assert history.pending is not None
    return history.pending.sha256


@pytest.fixture
async def leader(browser: Any) -> AsyncIterator[Browser]:
    async with browser("lu") as one:
        yield one
        versions = Versions(one.desk.parts.keys.folder)
        if versions.history("kaiyang").pending:
            await versions.enter(one.desk.pool, "kaiyang", {"by": "luo", "reason": "收尾"}, withdrawn)


def today() -> str:
    return datetime.now(ZONE).date().isoformat()


@asynccontextmanager
async def as_clerk(browser: Any) -> AsyncIterator[Browser]:
    async with browser("wang") as one:
        yield one


async def test_a_leader_reads_what_changes_and_confirms_it(leader: Browser, browser: Any) -> None:
    empty = await leader.get("/rules")
    assert "还没有公布过" in empty.text
    assert 'href="/rules"' in (await leader.get("/home")).text, "a leader finds it in the menu"
    first = await put_forward(leader, text(1), "2022-05-09", "luo")
    shown = await leader.get("/rules")
    assert "这是首个版本" in shown.text
    full = await leader.get(f"/rules/{first}")
    assert first in full.text
    assert "投诉1" in full.text
    assert library.clauses(BOOK)[0]["zh"] in full.text
    assert all(word in full.text for word in library.office("kaiyang")["vague"]), "what the office decided is part of what is signed"
    assert f"<code>{first[:16]}" not in shown.text, "the hash stands at the end of the text, so that it is read"
    wrong = await leader.post("/rules/confirm", {"sha256": first[::-1], "reason": "已通读"})
    assert (wrong.status_code, "内容校验值与待确认的版本不符" in wrong.text, 'value="已通读"' in wrong.text) == (409, True, True), "what was typed stays"
    good = await leader.post("/rules/confirm", {"sha256": first[:16], "reason": "已通读"})
    assert (good.status_code, "施行中" in good.text, "待确认的提案" in good.text) == (200, True, False)

    await put_forward(leader, text(2), today(), "lu")
    own = await leader.get("/rules")
    assert ("须由另一位负责人确认" in own.text, "/rules/confirm" in own.text) == (True, False)
    assert "投诉1 → 投诉2" in own.text, "the change stands there in words"
    refused = await leader.post("/rules/confirm", {"sha256": "0" * 64, "reason": "已通读"})
    assert (refused.status_code, "须由提出人以外的人确认" in refused.text) == (403, True)
    async with as_clerk(browser) as clerk:
        seen = await clerk.get("/rules")
        assert ("由中心负责人或领导确认" in seen.text, '<form method="post" action="/rules' in seen.text) == (True, False)
        assert (await clerk.post("/rules/withdraw", {"reason": "不要"})).status_code == 403
        assert 'href="/rules"' not in (await clerk.get("/home")).text
    gone = await leader.post("/rules/withdraw", {"reason": "文字有误"})
    assert (gone.status_code, "已撤回" in gone.text, "文字有误" in gone.text) == (200, True, True)
    assert (await leader.get("/rules/" + "0" * 64)).status_code == 404


async def test_the_page_speaks_english_too(leader: Browser) -> None:
    await leader.post("/language", {"lang": "en"})
    shown = await leader.get("/rules")
    assert "Versions" in shown.text
    assert "The day of receipt decides the version" in shown.text
