"""With the record stopped, without workers, with the engine killed: what still works, what is said, and that nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.migrate import migrate
from activities.notices import Notices, addresses_of
from activities.records import Records
from api.app import application
from api.keyring import Keyring
from api.office import Parts
from api.settings import Settings
from cli import library
from engine import postgres
from engine.find import look
from engine.postgres import FORGETFUL, Cluster
from engine.progress import Progress
from engine.testing import database as a_database
from engine.testing import engine as an_engine
from engine.testing import scratch
from tests.api.test_api import filing
from tests.api.test_filing import PDF
from workflows import policies
from workflows.converter import CodecKeys
from workflows.plugin import plugin

pytestmark = [pytest.mark.engine, pytest.mark.database]
QUIET = Progress(quiet=True)


@dataclass
class Office:
    """An API of its own, and what stands behind it."""

    http: httpx.AsyncClient
    parts: Parts

    def as_(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.parts.tokens.issue(person, 'district')}", "Prefer": "wait=20"}

    async def file(self, key: str, wait: int = 20, files: tuple[bytes, ...] = ()) -> Any:
        headers = {**self.as_("wang"), "Idempotency-Key": key, "Prefer": f"wait={wait}"}
        if not files:
            return await self.http.post("/api/v1/complaints", json=filing(), headers=headers)
        import json

        parts = [("filing", (None, json.dumps(filing()).encode())), *(("files", ("x", one)) for one in files)]
        return await self.http.post("/api/v1/complaints", files=parts, headers=headers)


@asynccontextmanager
async def office(address: str, namespace: str, url: str, home: Path) -> AsyncIterator[Office]:
    settings = Settings(address, namespace, url, home / "keys", home / "files", 0)
    app = application(settings, {"district": library.law("district-e-supervision", "district")})
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
        yield Office(http, app.state.parts)


@asynccontextmanager
async def worker(address: str, namespace: str, url: str, home: Path) -> AsyncIterator[None]:
    codec = CodecKeys({"k1": Keyring.load(home / "keys").secrets["codec"]}, "k1")
    client = await Client.connect(address, namespace=namespace, plugins=[plugin(codec)])
    async with asyncpg.create_pool(url, min_size=0, max_size=4, timeout=2, command_timeout=5) as pool:
        records, notices = Records(pool), Notices(pool, addresses_of({}))
        async with Worker(client, task_queue=policies.TASK_QUEUE, activities=[records.record, notices.notify], sticky_queue_schedule_to_start_timeout=policies.STICKY):
            yield


async def until_recorded(one: Office, key: str, files: tuple[bytes, ...] = ()) -> Any:
    for _ in range(20):
        answer = await one.file(key, wait=10, files=files)
        if answer.status_code == 201:
            return answer
    raise AssertionError(f"never recorded: {answer.text}")


async def test_filing_with_the_record_stopped_and_started_again(tmp_path: Path) -> None:
    """The API itself starts while the record is away."""
    if look() is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE")
    with scratch() as folder:
        cluster = Cluster(folder / "data", folder / "run", folder / "postgres.log", settings=FORGETFUL)
        running = await postgres.start(cluster, progress=QUIET, template=True)
        url = running.url()
        await migrate(url)
        await running.stop()
        async with an_engine(time_skipping=False) as engine:
            where = (engine.address, engine.namespace, url, tmp_path)
            async with office(*where) as one, worker(*where):
                keys = [uuid4().hex for _ in range(2)]
                first = await one.file(keys[0], wait=1)
                with_file = await one.file(keys[1], wait=1, files=(PDF,))
                for answer in (first, with_file):
                    assert answer.status_code == 202, answer.text
                    assert answer.json()["why"] == "record_down"
                    assert len(answer.json()["receipt"].replace(" ", "")) == 20
                again = await one.file(keys[0], wait=0)
                assert (again.status_code, again.json()["receipt"]) == (202, first.json()["receipt"])
                ready = await one.http.get("/api/v1/ready")
                assert (ready.status_code, ready.json(), ready.headers["retry-after"]) == (503, {"engine": True, "record": False}, "5")
                case = first.json()["case"]
                for path in (f"complaints/{case}", "complaints", "tasks", "inbox", f"complaints/{case}/timeline"):
                    down = await one.http.get(f"/api/v1/{path}", headers=one.as_("wang"))
                    assert (down.status_code, down.json()["code"]) == (503, "record_down"), path
                    assert "retry-after" in down.headers
                acting = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {}}, headers={**one.as_("wang"), "Idempotency-Key": "a"})
                assert (acting.status_code, acting.json()["code"]) == (503, "record_down")
                follow = await one.http.get("/api/v1/follow", headers={"X-Receipt-Code": first.json()["receipt"]})
                assert (follow.status_code, follow.json()["code"]) == (503, "record_down")

                running = await postgres.start(cluster, progress=QUIET)
                try:
                    for key, earlier, files in ((keys[0], first, ()), (keys[1], with_file, (PDF,))):
                        recorded = await until_recorded(one, key, files)
                        assert recorded.json()["receipt"] == earlier.json()["receipt"]
                        assert recorded.json()["received_at"] == earlier.json()["received_at"]
                    shown = await one.http.get(f"/api/v1/complaints/{with_file.json()['case']}", headers=one.as_("wang"))
                    assert len(shown.json()["attachments"]) == 1
                    good = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {}}, headers={**one.as_("wang"), "Idempotency-Key": "a"})
                    assert good.status_code == 200, good.text
                    async with asyncpg.create_pool(url, min_size=1, max_size=1) as pool:
                        assert await pool.fetchval("select count(*) from events where kind = 'filed'") == 2
                        assert await pool.fetchval("select count(*) from law") == 1, "a regular activity carries the law too"
                        assert await pool.fetchval("select count(*) from cases where law_sha256 is null") == 0
                finally:
                    await running.stop()


async def test_without_a_worker_things_are_taken_and_later_done(tmp_path: Path) -> None:
    if look() is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE")
    async with a_database() as running, an_engine(time_skipping=False) as engine:
        await migrate(running.url())
        where = (engine.address, engine.namespace, running.url(), tmp_path)
        async with office(*where) as one:
            key = uuid4().hex
            async with worker(*where):
                case = (await until_recorded(one, key)).json()["case"]
            waiting_key = uuid4().hex
            taken = await one.file(waiting_key, wait=0)
            assert (taken.status_code, taken.json()["why"]) == (202, "pending")
            headers = {**one.as_("wang"), "Idempotency-Key": "accept", "Prefer": "wait=0"}
            act = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {}}, headers=headers)
            assert act.status_code == 202
            place = act.json()["look"]
            assert (await one.http.get(place, headers=one.as_("wang"))).status_code == 202
            other = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {"facts": {}}}, headers=headers)
            assert other.status_code == 202, "nobody can know yet; the case will take one of them"
            async with worker(*where):
                recorded = await until_recorded(one, waiting_key)
                assert recorded.json()["receipt"] == taken.json()["receipt"]
                done = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {}}, headers={**headers, "Prefer": "wait=30"})
                assert done.status_code == 200, done.text
                found = await one.http.get(place, headers=one.as_("wang"))
                assert (found.status_code, found.json()["events"]) == (200, done.json()["events"])
                mismatch = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {"facts": {}}}, headers=headers)
                assert (mismatch.status_code, mismatch.json()["code"]) == (422, "idempotency_mismatch")
            async with asyncpg.create_pool(running.url(), min_size=1, max_size=1) as pool:
                assert await pool.fetchval("select count(*) from outcomes where case_id = $1", case) == 2, "one filing, one acceptance: one key is one act"


async def test_the_engine_killed_is_said_and_reading_goes_on(tmp_path: Path) -> None:
    if look() is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE")
    async with a_database() as running:
        await migrate(running.url())
        async with an_engine(time_skipping=False) as engine:
            where = (engine.address, engine.namespace, running.url(), tmp_path)
            async with office(*where) as one:
                async with worker(*where):
                    case = (await until_recorded(one, uuid4().hex)).json()["case"]
                engine.server.child.kill()
                down = await one.file(uuid4().hex)
                assert (down.status_code, down.json()["code"]) == (503, "engine_down")
                assert int(down.headers["retry-after"]) > 0
                act = await one.http.post(f"/api/v1/complaints/{case}/acts/accept", json={"fields": {}}, headers={**one.as_("wang"), "Idempotency-Key": "a"})
                assert (act.status_code, act.json()["code"]) == (503, "engine_down")
                shown = await one.http.get(f"/api/v1/complaints/{case}", headers=one.as_("wang"))
                assert shown.status_code == 200, "reading needs no engine"
                assert (await one.http.get("/api/v1/ready")).json() == {"engine": False, "record": True}


async def test_the_api_starts_with_nothing_behind_it(tmp_path: Path) -> None:
    async with office("127.0.0.1:1", "default", "postgresql://nobody@127.0.0.1:1/none", tmp_path) as one:
        assert (await one.http.get("/api/v1/health")).status_code == 200
        assert (await one.http.get("/api/v1/ready")).json() == {"engine": False, "record": False}
        answer = await one.file(uuid4().hex)
        assert (answer.status_code, answer.json()["code"]) == (503, "engine_down")
        assert (await one.http.get("/api/v1/due", params={"office": "district", "start": "2026-09-30"})).status_code == 200
