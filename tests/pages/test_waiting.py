"""An act that is taken but not yet decided: the page says so, gives the number to ask for, and hears the outcome."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from tests.api.test_api import filed

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def asked(one: Any, path: str) -> dict[str, Any]:
    for _ in range(100):
        answer = (await one.http.get(path, headers={"Sec-Fetch-Site": "same-origin"})).json()
        if answer["state"] != "waiting":
            return dict(answer)
        await asyncio.sleep(0.1)
    raise AssertionError("never decided")


async def test_taken_now_and_decided_later(browser: Any, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.case.PATIENCE", 0.0)
    case = (await filed(desk))["case"]
    async with browser("wang", "district") as one:
        answer = await one.post(f"/cases/{case}/acts/note", {"f.text": "稍后才定", "key": "later-1"})
        assert "尚未作出决定" in answer.text
        number = re.search(r"pending/([0-9a-f~]+)", answer.text)
        assert number is not None
        assert (await asked(one, f"/cases/{case}/pending/{number[1]}"))["state"] == "done"
        again = await one.post(f"/cases/{case}/acts/note", {"f.text": "稍后才定", "key": "later-1"})  # pressed twice: one act
        assert again.status_code == 200
        shown = await one.get(f"/cases/{case}")
        assert shown.text.count("稍后才定") == 1


async def test_a_refusal_that_comes_later_is_told_with_its_remedy(browser: Any, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.case.PATIENCE", 0.0)
    case = (await filed(desk))["case"]
    async with browser("wang", "district") as one:
        answer = await one.post(f"/cases/{case}/acts/conclude", {"f.report": "x", "key": "later-2"}, follow=False)
        assert answer.status_code == 303, answer.text
        number = answer.headers["location"].partition("pending=")[2]
        told = await asked(one, f"/cases/{case}/pending/{number}")
        assert (told["state"], told["code"]) == ("refused", "wrong_phase")
        assert told["remedy"]
