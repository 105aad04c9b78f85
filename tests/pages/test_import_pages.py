"""Old registers in the browser: file, dry run, words chosen, run, records; without scripts."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.test_old_registers import PHONE, SAID, SECRET, closed, day, row, table
from tests.pages.conftest import SAME_SITE, Browser

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def upload(one: Browser, content: bytes, reason: str = "旧册转入") -> httpx.Response:
    parts = [("reason", (None, reason.encode())), ("files", ("登记册.csv", content))]
    return await one.http.post("/imports", files=parts, headers=SAME_SITE, follow_redirects=True)


def form(page: str) -> dict[str, str]:
    """What the form of columns would send as it stands."""
    chosen = {}
    for name, body in re.findall(r'<select id="column-\d+" name="([^"]+)">(.*?)</select>', page, re.DOTALL):
        value = re.search(r'<option value="([^"]*)" selected', body)
        chosen[name] = value[1] if value else ""
    return {**chosen, "old_papers": "1", "how": "form"}


async def settled(one: Browser, page: httpx.Response) -> httpx.Response:
    for _ in range(100):
        if 'http-equiv="refresh"' not in page.text:
            return page
        page = await one.get(str(page.url.path))
    raise AssertionError(page.text)


async def test_a_clerk_brings_a_register_in(browser: Callable[..., Any]) -> None:
    mark = uuid4().hex[:6]
    async with browser("wang", "district") as one:
        assert "还没有" in (await one.get("/imports")).text or "以前的导入" in (await one.get("/imports")).text
        page = await settled(one, await upload(one, table([closed(f"{mark}-1"), row(f"{mark}-2", 收到时间=day(3), 投诉方式="微信")])))
        assert page.url.path.startswith("/imports/import-")
        assert "这个值没有对应" in page.text
        assert "微信" in page.text
        chosen = await one.post(f"{page.url.path}/mapping", {**form(page.text), "value.投诉方式.微信": "网络"})
        page = await settled(one, chosen)
        assert "没有发现问题" in page.text, page.text
        report = re.search(r'name="report" value="(\w+)"', page.text)
        assert report
        done = await settled(one, await one.post(f"{page.url.path}/run", {"report": report[1]}))
        assert "已完成" in done.text
        listed = await one.get(f"/old-records?number={mark}-1")
        address = re.search(r'href="(/old-records/old-\w+)"', listed.text)
        assert address
        assert SECRET not in listed.text
        searched = await one.get(f"/register?q={mark}-1")
        assert re.search(r'href="/old-records\?q=[^"]+">旧登记簿 · 1 件', searched.text), "the register's own search says what the old one has"
        older = await one.get(f"/old-records?q={mark}-1+属实")
        assert address[1] in older.text
        assert "旧登记簿 · 1 件" in older.text
        assert address[1] not in (await one.get(f"/old-records?q={mark}-1+{SECRET}")).text
        assert "至少两个字" in (await one.get("/old-records?q=属")).text
        closed_page = await one.get(address[1])
        assert not [word for word in (SECRET, PHONE, SAID) if word in closed_page.text]
        refused = await one.post(f"{address[1]}/identity", {"reason": ""})
        assert SECRET not in refused.text
        opened = await one.post(f"{address[1]}/identity", {"reason": "核对旧件"})
        assert all(word in opened.text for word in (SECRET, PHONE, SAID))
        stale = await one.post(f"{page.url.path}/run", {"report": "0" * 64})
        assert stale.status_code == 409
        assert "重新查看预演结果" in stale.text
        sheet = await one.get("/export/old-records.csv")
        assert sheet.headers["content-type"].startswith("text/csv")
        assert f"{mark}-1" in sheet.text
        assert (await one.get("/export/secrets.csv")).status_code == 404


async def test_what_is_wrong_is_said_on_the_page_and_nothing_typed_is_lost(browser: Callable[..., Any]) -> None:
    async with browser("wang", "district") as one:
        bad = await upload(one, b"PK\x03\x04 broken")
        assert (bad.status_code, "不接受这种文件" in bad.text) == (422, True)
        page = await settled(one, await upload(one, table([closed("typed-1")])))
        wrong = await one.post(f"{page.url.path}/mapping", {"how": "toml", "toml": "columns = nonsense"})
        assert wrong.status_code == 422
        assert "columns = nonsense" in wrong.text


async def test_others_find_no_import_and_no_words(browser: Callable[..., Any]) -> None:
    mark = uuid4().hex[:6]
    async with browser("wang", "district") as one:
        page = await settled(one, await upload(one, table([closed(f"{mark}-1")])))
        report = re.search(r'name="report" value="(\w+)"', page.text)
        assert report
        await settled(one, await one.post(f"{page.url.path}/run", {"report": report[1]}))
    for person, office in (("liu", "district"), ("zhou", "district"), ("gao", "district"), ("wang", "kaiyang")):
        async with browser(person, office) as one:
            got = [await one.get(path) for path in ("/imports", page.url.path, f"{page.url.path}/report.xlsx", f"/old-records?number={mark}-1", "/export/old-records.csv")]
            text = "".join(answer.text for answer in got)
            assert not [word for word in (SECRET, PHONE, SAID, "属实") if word in text], person
            assert [answer.status_code for answer in got][1:3] == ([404, 404] if office == "kaiyang" else [403, 403]), person
