"""What both sides stand on: one PostgreSQL (fsync on) with the engine's tables and the record, one server on it, a worker process each."""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from temporalio.client import Client

from activities.connections import Link, as_it_is
from activities.migrate import migrate
from api.gateway import Gateway
from api.keyring import Keyring
from cli import library
from engine.ports import any_free
from engine.process import Child, Part
from engine.progress import Progress
from engine.testing import database, scratch, sql_engine
from workflows import policies
from workflows.keyfile import codec_keys
from workflows.plugin import plugin

ROOT = Path(__file__).resolve().parent.parent
QUIET = Progress(quiet=True)
OFFICE, BOOK = "kaiyang", "kaiyang-one-window"


@dataclass
class Stand:
    """Addresses, clients and keys of one run."""

    address: str
    namespace: str
    url: str
    folder: Path
    pool: asyncpg.Pool
    gateway: Gateway
    plain: Client

    def environment(self) -> dict[str, str]:
        """For our own processes."""
        return {
            "HUIYIN_ENGINE_ADDRESS": self.address, "HUIYIN_NAMESPACE": self.namespace, "HUIYIN_DATABASE_URL": self.url,
            "HUIYIN_KEYS": str(self.folder / "keys"), "HUIYIN_FILES": str(self.folder / "files"), "HUIYIN_OFFICES": str(self.folder / "offices"), "HUIYIN_HOME": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(self.folder / "pycache"),  # as an installation has it
        }  # fmt: skip


@asynccontextmanager
async def stand(env: Mapping[str, str] | None = None) -> AsyncIterator[Stand]:
    """Start all but the workers. `env` is for PostgreSQL alone: a slower disk."""
    with scratch() as folder:
        (folder / "offices").mkdir()
        shutil.copy(library.OFFICES / f"{OFFICE}.toml", folder / "offices")  # an installation has its own office, not every sample
        async with database(durable=True, env=env or {}) as postgres, sql_engine(postgres.url("postgres")) as engine:
            url = postgres.url()
            await migrate(url)
            client = await Client.connect(engine.address, namespace=engine.namespace, plugins=[plugin(codec_keys(folder / "keys"))])
            async with asyncpg.create_pool(url, min_size=2, max_size=8, reset=as_it_is, connection_class=Link) as pool:
                await pool.execute("create table bench_acts (case_id text, seq int, kind text, actor text, primary key (case_id, seq))")
                gateway = Gateway(client, Keyring.load(folder / "keys"))
                plain = await Client.connect(engine.address, namespace=engine.namespace)
                yield Stand(engine.address, engine.namespace, url, folder, pool, gateway, plain)


@contextmanager
def process(here: Stand, name: str, *argv: str, env: Mapping[str, str] | None = None) -> Iterator[Child]:
    """`python -m ARGV` as a child with our environment, killed at the end."""
    child = Child(Part(name, [sys.executable, "-m", *argv], here.folder / f"{name}.log", env={**here.environment(), **(env or {})}, cwd=ROOT))
    child.start()
    try:
        yield child
    finally:
        child.kill()


@asynccontextmanager
async def workers(here: Stand, *, textbook: bool = True, tuned: bool = False) -> AsyncIterator[dict[str, Child]]:
    """One worker process for us, and one for the textbook (`tuned` = under our worker's settings), both polling."""
    from bench.textbook import QUEUE

    with process(here, "worker", "worker") as ours:
        found = {"ours": ours}
        await polls(here, ours, policies.TASK_QUEUE)
        if not textbook:
            yield found
            return
        with process(here, "textbook", "bench.textbook", here.address, here.namespace, here.url, *(["ours"] if tuned else [])) as theirs:
            await polls(here, theirs, QUEUE)
            yield found | {"textbook": theirs}


async def polls(here: Stand, child: Child, queue: str) -> None:
    """Wait until the worker asks the server for work."""
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    request = DescribeTaskQueueRequest(
        namespace=here.namespace, task_queue=TaskQueue(name=queue), task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    )

    async def polled() -> bool:
        return bool((await here.plain.workflow_service.describe_task_queue(request)).pollers)

    await child.ready(polled, seconds=120, progress=QUIET, zh=queue, en=queue)


@asynccontextmanager
async def served(here: Stand) -> AsyncIterator[int]:
    """The API as a process; its port."""
    from engine.up import listens

    port = any_free()
    with process(here, "api", "api", env={"HUIYIN_PORT": str(port)}) as child:

        async def answers() -> bool:
            return await listens(f"http://127.0.0.1:{port}")

        await child.ready(answers, seconds=120, progress=QUIET, zh="API", en="API")
        yield port


def cpu_ms(child: Child) -> float:
    """User and system time that a process has used so far, in milliseconds; 0 where there is no /proc."""
    try:
        fields = Path(f"/proc/{child.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")

