"""The headers of every route, as a table: what a browser is told of each kind of answer."""

from __future__ import annotations

from typing import Any

import pytest

from api.headers import TABLE, headers_of
from api.pages.site import ROUTERS
from tests.pages.conftest import SAME_SITE

pytestmark = [pytest.mark.engine, pytest.mark.database]
ALWAYS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-resource-policy": "same-origin"}
EXPECTED = {
    "/": {"cache-control": "no-store", "cross-origin-opener-policy": "same-origin"},
    "/api/": {"cache-control": "no-store", "content-security-policy": "default-src 'none'; frame-ancestors 'none'"},
    "/static/": {"cache-control": "public, max-age=31536000, immutable"},
}


def routes(app: Any) -> list[str]:
    of_pages = {route.path for router in ROUTERS for route in router.routes if "GET" in route.methods}
    of_api = {path for path, known in app.openapi()["paths"].items() if "get" in known}
    return sorted({*of_pages, *of_api, "/api/v1/docs", "/api/v1/openapi.json"})


async def test_every_route_carries_the_headers_of_its_kind(desk: Any) -> None:
    app = desk.http._transport.app
    paths = [*routes(app), "/static/huiyin.css", "/nowhere", "/api/v1/nowhere"]
    assert len(paths) > 25
    for path in paths:
        asked = path.replace("{", "").replace("}", "")
        answer = await desk.http.get(asked, headers=SAME_SITE, follow_redirects=False)
        kind = next(beginning for beginning in ("/static/", "/api/", "/") if path.startswith(beginning))
        wanted = ALWAYS | EXPECTED[kind]
        if path.startswith("/api/v1/docs"):
            wanted.pop("content-security-policy", None)
        got = {name: answer.headers.get(name) for name in wanted}
        assert got == wanted, path


def test_pages_run_no_inline_script_and_no_inline_style() -> None:
    policy = dict(headers_of("/home"))[b"content-security-policy"].decode()
    assert "'unsafe" not in policy
    assert "default-src 'none'" in policy
    assert [beginning for beginning, headers in TABLE if b"'unsafe" in dict(headers)[b"content-security-policy"]] == ["/api/v1/docs"]
