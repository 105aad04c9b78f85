"""A run meets an engine that is away and an API that ends, and goes on; nothing of the people of a register is in clear anywhere afterwards."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from activities.migrate import migrate
from domain.core import bind
from engine.find import look
from engine.testing import database as a_database
from engine.testing import engine as an_engine
from tests.api.test_old_registers import closed, day, row, sent, table
from tests.api.test_outages import Office, office, worker
from tests.faults.search import executions, files, hits, tables

pytestmark = [pytest.mark.engine, pytest.mark.database]
NAME, PHONE, HOME, SAID, OUTCOME = "司徒映雪", "13612345987", "晚霞里九号院", "深夜在仓库门外听见", "当面道歉并退回押金"


async def settled(one: Office, name: str) -> dict[str, Any]:
    for _ in range(600):
        shown: dict[str, Any] = (await one.http.get(f"/api/v1/imports/{name}", headers=one.as_("wang"))).json()
        if shown["state"] not in ("checking", "running"):
            return shown
        await asyncio.sleep(0.1)
    raise AssertionError(shown)


async def test_a_run_outlives_engine_and_api_and_leaves_nobody_in_clear(tmp_path: Path) -> None:
    if look() is None:
        pytest.skip("no engine on this machine")
    mark = uuid4().hex[:6]
    who = {"投诉人": NAME, "联系电话": PHONE, "投诉内容": f"{SAID},住{HOME}", "经手": HOME}
    rows = [closed(f"{mark}-1", 办理结果=OUTCOME, 被投诉人=NAME, **who), closed(f"{mark}-2", **who), sent(f"{mark}-3", **who), row(f"{mark}-4", 收到时间=day(4), **who), row(f"{mark}-5", 收到时间="改天", **who)]
    async with a_database() as db, an_engine(namespace="huiyin-register") as engine:
        url = db.url()
        await migrate(url)
        async with office("127.0.0.1:1", "huiyin-register", url, tmp_path) as away:
            parts = [("reason", (None, "旧册转入".encode())), ("files", ("x.csv", table(rows)))]
            made = (await away.http.post("/api/v1/imports", files=parts, headers=away.as_("wang"))).json()
            assert made["rows"] == {"total": 5, "record": 2, "case": 2, "refused": 1}, "a dry run needs no engine"
            await away.http.post(f"/api/v1/imports/{made['id']}/run", json={}, headers=away.as_("wang"))
            stopped = await settled(away, made["id"])
            assert (stopped["state"], stopped["error"]["code"]) == ("failed", "engine_down")
            assert stopped["error"]["remedy"]
            assert (stopped["done"]["record"], stopped["done"]["case"]) == (2, 0)
        async with office(engine.address, "huiyin-register", url, tmp_path) as one, worker(engine.address, "huiyin-register", url, tmp_path):
            await one.http.post(f"/api/v1/imports/{made['id']}/run", json={"report": made["report"]}, headers=one.as_("wang"))
            done = await settled(one, made["id"])
            assert (done["state"], done["done"]) == ("done", {"record": 2, "case": 2, "known": 0, "refused": 1, "left": 0})
            pool, client = one.parts.pool, one.parts.gateway.client
            assert await pool.fetchval("select count(*) from cases where row ->> 'old_no' like $1", f"{mark}%") == 2
            for _ in range(100):  # the engine's list is a little behind
                kept = await executions(client)
                if len({name for name, _ in kept if name.startswith("engine's list")}) >= 2:
                    break
                await asyncio.sleep(0.1)
            said = [(answer, (await one.http.get(answer, headers=one.as_(person))).content) for answer in (f"/api/v1/imports/{made['id']}", "/api/v1/imports", "/api/v1/old-records", "/api/v1/complaints") for person in ("wang", "li", "zhou", "liu", "shen")]
            said += [(answer, (await one.http.get(answer, headers=one.as_(person))).content) for answer in ("/api/v1/old-records.csv", "/api/v1/complaints.csv", f"/api/v1/imports/{made['id']}/report.xlsx") for person in ("zhou", "liu", "shen")]
            places = [*await tables(pool), *kept, *files(tmp_path / "files")]
            assert len(places) > 50
            assert not hits((NAME, PHONE, HOME, SAID, OUTCOME), places)
            assert not hits((PHONE, HOME, SAID), said)
            assert not hits((NAME, OUTCOME), [(where, content) for where, content in said if "old-records" not in where])
            opened = await pool.fetchval("select id from old_records where number = $1", f"{mark}-1")
            identity = await one.http.post(f"/api/v1/old-records/{opened}/identity", json={"reason": "核对"}, headers=one.as_("wang"))
            assert identity.json()["identity"] == {"name": NAME, "telephone": PHONE}
            assert (await one.http.get(f"/api/v1/old-records/{opened}", headers=one.as_("wang"))).json()["outcome"] == OUTCOME


async def test_a_record_kept_under_an_earlier_law_is_shown_by_it(tmp_path: Path) -> None:
    async with a_database() as db:
        await migrate(db.url())
        async with office("127.0.0.1:1", "nowhere", db.url(), tmp_path) as one:
            parts = [("reason", (None, "旧册转入".encode())), ("files", ("x.csv", table([closed("law-1")])))]
            made = (await one.http.post("/api/v1/imports", files=parts, headers=one.as_("wang"))).json()
            await one.http.post(f"/api/v1/imports/{made['id']}/run", json={}, headers=one.as_("wang"))
            assert (await settled(one, made["id"]))["state"] == "done"
            law = one.parts.laws.offices["district"]
            book = {**law.book, "secret": {**law.table("secret"), "all": {"hide": ["existence"], "from": ["clerk"]}}}
            one.parts.laws.offices["district"] = bind(book, law.office, list(law.calendars))  # type: ignore[index]
            found = (await one.http.get("/api/v1/old-records", headers=one.as_("wang"))).json()
            assert (found["total"], [item["number"] for item in found["items"]]) == (1, ["law-1"])
            async with asyncpg.create_pool(db.url()) as pool:
                with pytest.raises(asyncpg.RaiseError, match="append-only"):
                    await pool.execute("update old_records set number = 'x'")
