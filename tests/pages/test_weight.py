"""First pages come quickly over a thin line: small, packed where that gives nothing away, kept by the browser."""

from __future__ import annotations

import gzip
import re
from typing import Any

import httpx
import pytest

from api.packing import fit
from tests.api.test_api import filed
from tests.pages.conftest import SAME_SITE

pytestmark = [pytest.mark.engine, pytest.mark.database]
MOST = 60 * 1024
PART = re.compile(r'<(?:script|link)[^>]+(?:src|href)="(/static/[^"]+)"')


async def weight(http: httpx.AsyncClient, path: str) -> int:
    """Bytes of a page with all that it fetches, packed."""
    page = await http.get(path, headers=SAME_SITE)
    assert page.status_code == 200, path
    total = len(gzip.compress(page.content, 5))
    for part in sorted(set(PART.findall(page.text))):
        answer = await http.get(part)
        assert answer.status_code == 200, part
        assert "immutable" in answer.headers["cache-control"], part
        assert len(answer.content) < 1000 or answer.headers["content-encoding"] == "gzip", part
        total += len(gzip.compress(answer.content, 5))
    return total


async def test_first_pages_are_small(browser: Any, desk: Any) -> None:
    async with browser() as one:
        for path in ("/", "/sign-in", "/file", "/file/kaiyang", "/follow"):
            assert 1000 < await weight(one.http, path) < MOST, path
    case = (await filed(desk))["case"]
    async with browser("wang", "district") as one:
        for path in ("/home", "/desk", f"/cases/{case}", f"/cases/{case}/acts/accept"):
            assert 1000 < await weight(one.http, path) < MOST, path


async def test_pages_are_packed_for_our_own_pages_alone(browser: Any) -> None:
    async with browser() as one:
        for headers, packed in (({"Sec-Fetch-Site": "same-origin"}, True), ({"Sec-Fetch-Site": "none"}, True), ({}, True), ({"Sec-Fetch-Site": "cross-site"}, False), ({"Sec-Fetch-Site": "same-site"}, False)):
            answer = await one.http.get("/sign-in", headers={"Accept": "text/html", **headers})
            assert (answer.headers.get("content-encoding") == "gzip") is packed, headers
        guess = await one.http.get("/sign-in?next=/guess", headers={"Accept": "text/html", "Sec-Fetch-Site": "none"})
        assert "content-encoding" not in guess.headers
        assert "content-encoding" not in (await one.http.get("/api/v1/offices", headers={"Accept-Encoding": "gzip"})).headers


def test_a_stream_is_never_held_back() -> None:
    for path in ("/live", "/export/complaints.csv", "/api/v1/complaints"):
        assert not fit({"type": "http", "path": path, "headers": [(b"sec-fetch-site", b"same-origin")], "query_string": b""})
