"""What people wait for at a hundred thousand cases: each list, search, look-up, board and case through the API, and whether any plan reads a whole table."""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx

from activities.connections import Link, as_it_is
from activities.migrate import migrate
from api import sessions
from api.app import PLANS, application
from api.keyring import Keyring
from api.settings import Settings
from bench.lifecycle import Wrong, quantile
from bench.many import bench_law, fill, today
from bench.report import Table
from bench.stand import OFFICE
from engine.testing import database, scratch

CASES, TIMES, WARM = 100_000, 30, 3
GOAL, NEAR, SHARE = 100.0, 200.0, 0.95  # milliseconds of a load; of candidates; how many loads keep to it
WHOLE = frozenset({"cases", "events", "inbox", "outbox", "outcomes", "register", "register_words"})  # never read from end to end
SELECT = re.compile(r"^\s*(select|with)\b", re.IGNORECASE)
Ask = Callable[[httpx.AsyncClient, random.Random], Awaitable[httpx.Response]]


class Asked:
    """Every query that was sent, by its text, with arguments to explain it by."""

    def __init__(self) -> None:
        self.queries: dict[str, tuple[Any, ...]] = {}

    async def watch(self, connection: asyncpg.Connection) -> None:
        """Remember what a connection sends."""
        connection.add_query_logger(self.note)

    def note(self, record: Any) -> None:
        """See asyncpg's query loggers."""
        if SELECT.match(record.query) and record.exception is None:
            self.queries.setdefault(record.query, tuple(record.args or ()))

    async def whole(self, url: str) -> list[str]:
        """The queries whose plan reads a table from end to end."""
        found, db = [], await asyncpg.connect(url, server_settings=PLANS)
        try:
            for query, args in list(self.queries.items()):
                plan = json.loads(await db.fetchval(f"explain (format json) {query}", *args))
                tables = {str(node["Relation Name"]) for node in _nodes(plan[0]["Plan"]) if node["Node Type"] == "Seq Scan"}
                found += [f"{', '.join(sorted(tables & WHOLE))}: {' '.join(query.split())}"] if tables & WHOLE else []
        finally:
            await db.close()
        return found


def _nodes(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", ()) for node in _nodes(child))]


@asynccontextmanager
async def shelf(count: int) -> AsyncIterator[tuple[httpx.AsyncClient, Any, Asked, str, list[tuple[str, str]]]]:
    """An API on a record of so many cases: a client, its parts, the queries seen, the record's address, telephones that are known."""
    with scratch() as folder:
        async with database() as postgres:
            url = postgres.url()
            await migrate(url)
            keys = Keyring.load(folder / "keys")
            phones = await fill(url, keys, bench_law(), count, today())
            settings, asked = Settings("127.0.0.1:1", "bench", url, folder / "keys", folder / "files", 0), Asked()
            app = application(settings, {OFFICE: bench_law()})
            async with app.router.lifespan_context(app), asyncpg.create_pool(url, min_size=2, max_size=10, init=asked.watch, reset=as_it_is, connection_class=Link, server_settings=PLANS) as pool:
                app.state.parts.pool = pool
                async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
                    yield http, app.state.parts, asked, url, phones


def asks(parts: Any, phones: list[tuple[str, str]], count: int) -> dict[str, Ask]:
    """What is measured: by name, one request, another each time."""
    signed = {person: {"Authorization": f"Bearer {parts.tokens.issue(person, OFFICE)}"} for person in ("wang", "sun", "chen", "lu", "shen", "zhou")}

    def get(path: str, *persons: str, **choices: list[str]) -> Ask:
        async def ask(http: httpx.AsyncClient, chance: random.Random) -> httpx.Response:
            filled = path.format(**{name: chance.choice(values) for name, values in choices.items()}, n=f"{chance.randrange(count):06d}")
            return await http.get(f"/api/v1/{filled}", headers=signed[chance.choice(persons or ("wang", "chen", "lu", "shen"))])

        return ask

    async def deep(http: httpx.AsyncClient, chance: random.Random) -> httpx.Response:
        person, path = chance.choice(("wang", "lu")), "/api/v1/complaints?order=newest&limit=50"
        first = (await http.get(path, headers=signed[person])).json()
        return await http.get(f"{path}&cursor={first['next']}", headers=signed[person])

    async def candidates(http: httpx.AsyncClient, chance: random.Random) -> httpx.Response:
        body = {
            "draft": f"bench-{chance.getrandbits(60):x}", "identity": {"telephone": chance.choice(phones)[0], "name": "示例·投诉人7"}, "persons": ["zhou"],
            "facts": {"ground": chance.choice(("g7", "g8", "g9"))}, "text": "窗口态度粗暴",
        }  # fmt: skip
        return await http.post("/api/v1/candidates", json=body, headers=signed["wang"])

    months = [(today() + timedelta(days=days)).date().isoformat()[:7] for days in (-30, 0, 30)]
    return {
        "register 登记簿": get("complaints?order={order}", order=["newest", "oldest", "due", "longest", "closed"]),
        "register, next page 下一页": deep,
        "one filter 单项筛选": get("complaints?{f}", f=["channel=telephone", "grade=general", "phase=handling", "overdue=true", "late=true", "unit=u07", "clerk=me", "deadline=soon&order=due", "outcome=answered", "waiting_on=me"]),
        "several filters 多项筛选": get(
            "complaints?{a}&{b}", a=["channel=telephone", "channel=web", "source=self"], b=["open=true&order=due", "late=true", "received_from=2025-01-01&received_to=2025-06-30", "fact.ground=g8", "respondent_unit=u11", "satisfaction=dissatisfied"]
        ),
        "register of a unit 单位": get("complaints?open=true&order=due", "sun", "zhou"),
        "search 全文检索": get("complaints?q={q}&limit=20", q=["公积金", "营业执照", "无人叫号", "医保报销 补正", "自助服务区", "370号", "态度粗暴"]),
        "search of a unit 单位检索": get("complaints?q={q}&limit=20", "sun", q=["3号窗口", "发票代开"]),
        "tasks 待办": get("tasks", "wang", "sun", "chen"),
        "inbox 通知": get("inbox", "wang", "sun", "lu"),
        "board 看板": get("board", "chen", "lu", "wang"),
        "calendar of deadlines 期限日历": get("deadlines?month={month}", "chen", "lu", month=months),
        "case 案件": get("complaints/bench-{n}"),
        "timeline 时间线": get("complaints/bench-{n}/timeline"),
        "candidates 重复件": candidates,
    }  # fmt: skip


async def pages(parts: Any, count: int) -> dict[str, Ask]:
    """The same as people see it: whole pages, rendered, each for whom it is."""
    cookies = {person: await sessions.begin(parts.pool, OFFICE, person) for person in ("wang", "sun", "chen", "lu", "shen")}

    def get(path: str, *persons: str) -> Ask:
        async def ask(http: httpx.AsyncClient, chance: random.Random) -> httpx.Response:
            headers = {"Cookie": f"{sessions.COOKIE}={cookies[chance.choice(persons)]}", "Accept": "text/html"}
            return await http.get(path.format(n=f"{chance.randrange(count):06d}"), headers=headers)

        return ask

    return {
        "page: tasks 待办页": get("/home", "wang", "sun", "chen"), "page: register 登记簿页": get("/register", "wang", "lu"), "page: register, filtered 筛选页": get("/register?phase=handling&channel=telephone", "wang", "lu"),
        "page: case 案件页": get("/cases/bench-{n}", "wang", "lu", "shen"), "page: an act 办理页": get("/cases/bench-{n}/acts/note", "wang"), "page: approvals 审批页": get("/approvals", "chen"),
        "page: unit 承办页": get("/unit", "sun"), "page: board 看板页": get("/board", "wang", "lu"), "page: deadlines 日历页": get("/deadlines", "wang", "lu"), "page: inbox 通知页": get("/inbox", "wang", "sun"),
    }  # fmt: skip


async def measure(http: httpx.AsyncClient, wanted: dict[str, Ask], times: int) -> dict[str, list[float]]:
    """Seconds of every load, one after another as one person works. Wrong where one is answered otherwise than well."""
    chance, taken = random.Random(5), dict[str, list[float]]()
    for name, ask in wanted.items():
        for n in range(times + WARM):
            began = time.perf_counter()
            answer = await ask(http, chance)
            spent = time.perf_counter() - began
            if answer.status_code != 200:
                raise Wrong(f"{name}: {answer.status_code} {answer.text[:300]}")
            if n >= WARM:
                taken.setdefault(name, []).append(spent)
    return taken


def table(taken: dict[str, list[float]], whole: list[str], asked: int, count: int) -> Table:
    """The page's table."""
    loads = [spent for spents in taken.values() for spent in spents]
    within = sum(spent * 1000 < GOAL for spent in loads) / len(loads)
    rows = [["", "p50 ms", "p95 ms", "most ms", "under 100 ms"]]
    rows += [
        [name, f"{quantile(spent, 0.5):.0f}", f"{quantile(spent, 0.95):.0f}", f"{max(spent) * 1000:.0f}", f"{sum(one * 1000 < GOAL for one in spent) / len(spent):.0%}"]
        for name, spent in taken.items()
    ]
    lines = [
        f"{within:.1%} of {len(loads)} loads under {GOAL:.0f} ms, with {count:,} cases in the register of one office 各次读取在百毫秒内的比例",
        f"{asked} queries explained, {len(whole)} of them read a whole table 查询计划中的全表扫描",
    ]
    return Table(f"The register at {count:,} cases 登记簿", lines, rows)


async def main(count: int = CASES, times: int = TIMES) -> tuple[Table, list[str]]:
    """Fill, measure, explain; the table, and what is not as it should be."""
    began = time.monotonic()
    async with shelf(count) as (http, parts, asked, url, phones):
        print(f"  · {count} 件已入库 cases are there: {time.monotonic() - began:.0f} s", flush=True)
        taken = await measure(http, {**asks(parts, phones, count), **await pages(parts, count)}, times)
        whole = await asked.whole(url)
        return table(taken, whole, len(asked.queries), count), [*(f"a whole table is read 全表扫描: {one}" for one in whole), *missed(taken)]


def missed(found: Mapping[str, list[float]]) -> list[str]:
    """The goals that these loads miss."""
    loads = [spent for name, spents in found.items() for spent in spents if "candidates" not in name]
    share = sum(spent * 1000 < GOAL for spent in loads) / len(loads)
    near = quantile(found["candidates 重复件"], 0.95)
    return [*([f"{share:.1%} of loads under {GOAL:.0f} ms"] if share < SHARE else []), *([f"candidates: p95 {near:.0f} ms"] if near > NEAR else [])]


if __name__ == "__main__":
    found, wrong = asyncio.run(main(*map(int, sys.argv[1:3])))
    found.show()
    if wrong:
        sys.exit("未达目标 not as it should be:\n" + "\n".join(wrong))
