"""The page that describes the API comes whole from this host: an office's network reaches no other."""

import re

import pytest

from tests.api.conftest import Desk

pytestmark = pytest.mark.engine


async def test_the_page_asks_no_other_host(desk: Desk) -> None:
    page = await desk.http.get("/api/v1/docs")
    assert page.status_code == 200
    asked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(asked) >= 2, "script and style"
    for address in asked:
        assert address.startswith("/api/v1/"), address
        assert (await desk.http.get(address)).status_code == 200, address
    assert "https://" not in page.text
