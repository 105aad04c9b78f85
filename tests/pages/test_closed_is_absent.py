"""A case that is closed to somebody and one that does not exist answer alike: the same status, the same page, the same headers, as late."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from statistics import median
from typing import Any

import httpx
import pytest

from api import office
from domain.core import widest
from tests.pages.doors import filled, routes
from tests.pages.seeds import Seed, Seeded, seed
from tests.pages.test_nothing_shows import flat, somebody

pytestmark = [pytest.mark.engine, pytest.mark.database]
# Who asks for which case: another unit's chief, the head of a unit that must not know of the accusation, another office's clerk and auditor.
CLOSED = (("kaiyang", "fang", 0), ("community", "fan", 5), ("community", "hua", 7), ("district", "wang", 0), ("district", "shen", 5), ("kaiyang", "luo", 0))
TIMES = 5
CLOCK = re.compile(rb"\b\d\d:\d\d\b|content-length: \d+")  # the minute at the foot of a page; a packed page's length goes by the id that was asked for
NEAR = 24  # bytes by which it may
LONG = 0.1  # seconds that a case takes whose record is long


@pytest.fixture(scope="module")
async def seeded(desk: Any) -> AsyncIterator[Seeded]:
    yield await seed(desk)
    desk.parts.laws.offices.pop("community", None)


def absent(case: str) -> str:
    """An id of the same shape that no case has."""
    return case[:-8] + "".join("0123456789abcdef"[15 - int(one, 16)] for one in case[-8:])


async def ask(http: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    data = {"reason": "想看看", "key": "k", "version": "0"}
    if method == "GET":
        return await http.get(path)
    return await (http.post(path, json={"fields": {}, "reason": "想看看"}, headers={"Idempotency-Key": "k"}) if path.startswith("/api/") else http.post(path, data=data))


def doors(seeded: Seeded, one: Seed, app: Any) -> list[tuple[str, str]]:
    """Every address below a case, once for each template."""
    found = []
    for method in ("GET", "POST"):
        for template in routes(app, method):
            if "{case_id}" in template:
                found.append((method, filled(template.replace("{act}", "note"), seeded, [one])[0]))
    return found


@pytest.mark.parametrize(("office_", "person", "n"), CLOSED)
async def test_status_and_words_are_the_same(seeded: Seeded, office_: str, person: str, n: int) -> None:
    one = seeded.cases[n]
    look, _ = await seeded.allowed(office_, person)
    assert one.case not in look, "this person may not know of it"
    none = absent(one.case)
    asked = doors(seeded, one, seeded.desk.http._transport.app)  # type: ignore[attr-defined]
    assert len(asked) > 15
    async with somebody(seeded, office_, person) as http:

        async def both(method: str, path: str) -> tuple[str, tuple[int, bytes], tuple[int, bytes]]:
            closed, nothing = await ask(http, method, path), await ask(http, method, path.replace(one.case, none))
            assert abs(int(closed.headers["content-length"]) - int(nothing.headers["content-length"])) <= NEAR, path
            return f"{method} {path}", (closed.status_code, CLOCK.sub(b"", flat(closed))), (nothing.status_code, CLOCK.sub(b"", flat(nothing).replace(none.encode(), one.case.encode())))

        for where, closed, nothing in await asyncio.gather(*(both(*door) for door in asked)):
            assert closed == nothing, where
            assert closed[0] in (403, 404, 422), where


async def test_time_is_the_same(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = seeded.cases[5]
    none = absent(one.case)
    paths = [path for method, path in doors(seeded, one, seeded.desk.http._transport.app) if method == "GET"]  # type: ignore[attr-defined]

    def of_a_long_case(*given: Any) -> Any:
        time.sleep(LONG)
        return widest(*given)

    monkeypatch.setattr(office, "widest", of_a_long_case)
    async with somebody(seeded, "community", "fan") as http:
        for path in paths:
            closed, nothing = await _medians(http, path, path.replace(one.case, none), TIMES)
            assert _alike(closed, nothing), (path, closed, nothing)
        monkeypatch.setattr(office, "LEAST", 0.0)
        closed, nothing = await _medians(http, f"/cases/{one.case}", f"/cases/{none}", TIMES)
        assert not _alike(closed, nothing), ("without the common time one could tell them apart, and the comparison sees it", closed, nothing)


async def _medians(http: httpx.AsyncClient, first: str, second: str, times: int) -> tuple[float, float]:
    """The middle time of each, asked in turn so that a busy machine meets both."""
    taken: dict[str, list[float]] = {first: [], second: []}
    for _ in range(times):
        for path in taken:
            began = time.perf_counter()
            await http.get(path)
            taken[path].append(time.perf_counter() - began)
    return median(taken[first]), median(taken[second])


def _alike(one: float, other: float) -> bool:
    """Whether nobody could tell them apart by half of what it takes to fold the case."""
    return abs(one - other) < LONG / 2
