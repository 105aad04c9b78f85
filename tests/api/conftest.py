"""The API on a real engine, a real database and a real worker of its own."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.ledgers import Ledgers
from activities.migrate import migrate
from activities.notices import Notices, addresses_of
from activities.records import Records
from api.app import application
from api.keyring import Keyring
from api.office import Parts
from api.settings import Settings
from cli import library
from tests.workflows import rig as rigs
from tests.workflows.conftest import database as _database
from tests.workflows.conftest import engine as _engine
from worker.ledgers import Feeder, actors
from worker.marking import Marker
from workflows import policies
from workflows.converter import CodecKeys
from workflows.keyfile import system_key
from workflows.plugin import plugin

database, engine = _database, _engine


@dataclass
class Desk:
    """What the tests hold: a client of the API, the parts behind it."""

    http: httpx.AsyncClient
    parts: Parts
    pool: asyncpg.Pool
    worker: Worker
    feeder: Feeder

    def as_(self, person: str, office: str = "district") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.parts.tokens.issue(person, office)}"}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
async def desk(engine: str, database: str, home: Path) -> AsyncIterator[Desk]:
    await migrate(database)
    settings = Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0, story_clock=True)
    laws = {name: library.law(library.office(name)["office"]["rulebook"], name) for name in ("district", "kaiyang")}
    app = application(settings, laws)
    codec = CodecKeys({"k1": Keyring.load(settings.keys).secrets["codec"]}, "k1")
    client = await Client.connect(engine, namespace=rigs.NAMESPACE, plugins=[plugin(codec, story_clock=True)])
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool, app.router.lifespan_context(app):
        records, notices = Records(pool), Notices(pool, addresses_of({}))
        signer = system_key(settings.keys)
        ledgers = Ledgers(pool, Marker(client, signer, story_clock=True).act)
        worker = Worker(client, task_queue=policies.TASK_QUEUE, activities=[records.record, notices.notify, ledgers.load, ledgers.record, ledgers.tell], sticky_queue_schedule_to_start_timeout=policies.STICKY)
        async with worker, httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
            yield Desk(http, app.state.parts, pool, worker, Feeder(client, ledgers, signer, lambda: actors(settings.keys)))
