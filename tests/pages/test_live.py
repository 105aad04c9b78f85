"""An open page hears of changes in cases that its reader sees, of no other, and of the end of its session."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from api.office import Parts
from api.pages.live import Look, Pulse, _seen
from api.pages.visitor import Visitor
from domain.core import reader_of
from tests.api.test_api import act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]


def visitor_of(desk: Any, person: str, office: str = "district") -> Visitor:
    from api.identity import Caller

    law = desk.parts.laws.offices[office]
    return Visitor(Caller(person, office), reader_of(person, law), law, "zh")


async def test_a_change_is_heard_once_by_who_sees_the_case(desk: Any) -> None:
    pulse = Pulse(desk.parts)
    place = pulse.join()
    try:
        await asyncio.sleep(1.5)
        case = (await filed(desk))["case"]
        looks = [await asyncio.wait_for(place.get(), 10)]
        while case not in looks[-1].cases:
            looks.append(await asyncio.wait_for(place.get(), 10))
        look = looks[-1]
        mine = await _seen(desk.parts, look, visitor_of(desk, "wang"))
        assert [one["case"] for one in mine if one["case"] == case] == [case]
        assert [one for one in await _seen(desk.parts, look, visitor_of(desk, "zhou")) if one["case"] == case] == []
        assert await _seen(desk.parts, Look({"kaiyang": [case]}, look.cases), visitor_of(desk, "wang")) == []
        assert (await act(desk, case, "wang", "note", text="x")).status_code == 200
        again = await asyncio.wait_for(place.get(), 10)
        assert again.cases[case].case.version > look.cases[case].case.version
    finally:
        pulse.leave(place)
    assert pulse.listeners == set()


async def test_a_stream_ends_with_its_session(browser: Any, desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.live.BEAT", 0.2)
    async with browser("wang") as one:
        cookie = one.http.cookies["huiyin"]
        heard: list[str] = []

        async def listen() -> None:
            scope_request = _request(desk, cookie)
            from api.pages.live import _stream

            async for text in _stream(scope_request, desk.parts, Pulse(desk.parts), visitor_of(desk, "wang", "kaiyang")):
                heard.append(text)

        task = asyncio.create_task(listen())
        await asyncio.sleep(0.6)
        await one.post("/sign-out")
        await asyncio.wait_for(task, 10)
        assert heard[0].startswith("retry:")
        assert any("beat" in text for text in heard)
        assert json.loads(heard[-1].split("data: ")[1]) == {}
        assert heard[-1].startswith("event: over")
        assert isinstance(desk.parts, Parts)


def _request(desk: Any, cookie: str) -> Any:
    from starlette.requests import Request

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "GET", "path": "/live", "query_string": b"", "headers": [(b"cookie", f"huiyin={cookie}".encode()), (b"host", b"huiyin")], "scheme": "http", "server": ("huiyin", 80), "app": desk.http._transport.app}, receive)
