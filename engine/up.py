"""Brings up one installation on one data folder: PostgreSQL, Temporal, the schema, worker and API."""

import asyncio
import contextlib
import os
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from engine import postgres, temporal
from engine.attributes import NAMESPACE
from engine.find import find
from engine.folder import Folder, Kind, held, home, open_folder
from engine.ports import any_free, is_free
from engine.postgres import Cluster, answers
from engine.process import Child, Part, PartFailed, Probe
from engine.progress import Progress
from engine.stores import File
from engine.supervisor import Service, Supervisor
from engine.temporal import Plan
from engine.versions import Engine
from workflows.secretfile import PASSWORD_FILE, database_url

DATABASE_SETTING, PORT_SETTING = "HUIYIN_DATABASE_URL", "HUIYIN_PORT"
USUAL_PORT = 8080
PROJECT = Path(__file__).resolve().parent.parent
WORKER_PATIENCE, ENGINE_PATIENCE, DATABASE_PATIENCE = 5.0, 1.5, 3.0  # under 10 s together


@dataclass(frozen=True)
class Options:
    """What to bring up. `story_clock` and `time_skipping` are for the demo and stories only."""

    kind: Kind = "real"
    worker: bool = True
    api: bool = True
    time_skipping: bool = False
    story_clock: bool = False
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Running:
    """Addresses of what runs. Filled in as the parts come up."""

    folder: Folder
    namespace: str = NAMESPACE
    database: str = ""
    engine: str = ""
    api: str = ""
    ports: dict[str, int] = field(default_factory=dict)
    supervisor: Supervisor | None = None

    @property
    def external(self) -> str:
        """The external database as it was given, without the password of its file; '' for our own, and always in the demo."""
        return os.environ.get(DATABASE_SETTING, "") if self.folder.kind == "real" else ""

    def _record(self) -> dict[str, str]:
        return {DATABASE_SETTING: self.external} if self.external else {DATABASE_SETTING: self.database, PASSWORD_FILE: ""}

    def environment(self, *, story_clock: bool = False) -> dict[str, str]:
        """The settings that worker, API and commands read."""
        return {
            "HUIYIN_HOME": str(self.folder.path),
            "HUIYIN_KEYS": str(self.folder.keys),
            "HUIYIN_FILES": str(self.folder.files),
            "HUIYIN_NAMESPACE": self.namespace,
            "HUIYIN_ENGINE_ADDRESS": self.engine,
            **self._record(),
            "HUIYIN_PORT": str(self.ports.get("api", 0)),
            "HUIYIN_STORY_CLOCK": "1" if story_clock else "",
        }


async def up(path: Path | None = None, options: Options | None = None, *, progress: Progress | None = None) -> int:
    """Bring all up on `path` (HUIYIN_HOME), print the addresses, wait for Ctrl-C or SIGTERM, stop within 10 s.

    Gives the exit code; WrongFolder, NoEngine, PartFailed are the caller's to show.
    """
    options, progress = options or Options(), progress or Progress()
    stop = asyncio.Event()
    async with parts(path or home(), options, progress=progress, stop=stop) as running:
        if running is not None:
            print(addresses(running), flush=True)
            await stop.wait()
        progress.say("正在停止", "stopping")
    return 0


@asynccontextmanager
async def parts(
    path: Path, options: Options, *, progress: Progress, stop: asyncio.Event | None = None
) -> AsyncIterator[Running | None]:
    """All parts for the length of the context; None when `stop` was set (by a signal) while they came up."""
    folder = open_folder(path, options.kind)
    with held(folder):
        engine = find(progress)
        stop = stop or asyncio.Event()
        with signals(stop):
            supervisor = Supervisor(progress)
            running = Running(folder, supervisor=supervisor)
            try:
                coming = asyncio.create_task(bring_up(supervisor, running, engine, options))
                waiting = asyncio.create_task(stop.wait())
                await asyncio.wait((coming, waiting), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if stop.is_set():
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                else:
                    await coming
                yield None if stop.is_set() else running
            finally:
                await supervisor.stop()


@contextlib.contextmanager
def signals(stop: asyncio.Event) -> Any:
    """SIGTERM, Ctrl-C and a closed terminal set `stop`."""
    loop = asyncio.get_running_loop()
    names = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    for name in names:
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in names:
            loop.remove_signal_handler(name)


async def bring_up(supervisor: Supervisor, running: Running, engine: Engine, options: Options) -> None:
    """Database and engine, then the schema, then worker and API; each step is ready before the next begins."""
    from activities.migrate import migrate

    known = running.folder.remembered()
    progress = supervisor.progress
    engine_service = Service("Temporal", engine_starter(running, engine, options, known, progress), ENGINE_PATIENCE, "engine")
    await together(database(supervisor, running), supervisor.add(engine_service))
    await migrate(running.database)
    running.ports["api"] = api_port(known)
    running.api = f"http://127.0.0.1:{running.ports['api']}" if options.api else ""
    remember(running)
    env = {**running.environment(story_clock=options.story_clock), **options.env}
    ours = {"worker": (options.worker, worker_polls(running)), "api": (options.api, lambda: listens(running.api))}
    await together(*(supervisor.add(module(name, running, env, probe, progress)) for name, (wanted, probe) in ours.items() if wanted))


async def together(*steps: Coroutine[Any, Any, None]) -> None:
    """All at once; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def database(supervisor: Supervisor, running: Running) -> None:
    """The one of HUIYIN_DATABASE_URL, else our own; the demo never touches a real one."""
    progress, folder = supervisor.progress, running.folder
    if running.external:
        url = database_url()
        wait = progress.wait("等待外部数据库", "waiting for the external database")
        while not await answers(url):
            if wait.elapsed > 30:
                raise PartFailed(f"{DATABASE_SETTING}: 30 秒内无应答 no answer within 30 s")
            wait.tick()
            await asyncio.sleep(0.3)
        running.database = url
        return
    cluster = Cluster(folder.cluster, folder.sockets, folder.logs / "postgres.log")

    async def start() -> Child:
        server = await postgres.start(cluster, progress=progress)
        running.database = server.url()
        return server.child

    await supervisor.add(Service("PostgreSQL", start, DATABASE_PATIENCE, "database"))


def engine_starter(running: Running, engine: Engine, options: Options, known: Mapping[str, Any], progress: Progress) -> Any:
    """How to start the engine: the first time on free ports, afterwards always on the same."""
    folder = running.folder
    plan = Plan(
        folder.engine,
        File(folder.engine / "temporal.db"),
        folder.logs / "temporal.log",
        time_skipping=options.time_skipping,
        ports=known.get("ports", {}),
    )

    async def start() -> Child:
        server = await temporal.start(engine, replace(plan, ports=running.ports or plan.ports), progress=progress)
        if running.engine and server.address != running.engine:
            server.child.kill()
            raise PartFailed(f"{running.engine} 被别的进程占用 is taken by another process")
        running.engine, running.namespace = server.address, plan.namespace
        running.ports.update(server.ports)
        return server.child

    return start


def module(name: str, running: Running, env: Mapping[str, str], probe: Probe, progress: Progress) -> Service:
    """One of our own modules as a child, `python -m NAME`."""
    part = Part(
        name=name,
        argv=[sys.executable, "-m", name],
        log=running.folder.logs / f"{name}.log",
        env=env,
        cwd=PROJECT,
        patience=WORKER_PATIENCE,
    )

    async def start() -> Child:
        child = Child(part)
        child.start()
        try:
            await child.ready(probe, seconds=60, progress=progress, zh=f"启动 {name}", en=f"the {name}")
        except BaseException:
            child.kill()
            raise
        return child

    return Service(name, start, WORKER_PATIENCE, "ours")


def api_port(known: Mapping[str, Any]) -> int:
    """HUIYIN_PORT, else the last one, else 8080, else any. PartFailed when the wished one is taken."""
    if wish := os.environ.get(PORT_SETTING):
        if not is_free(int(wish)):
            raise PartFailed(f"{PORT_SETTING}: 端口 {wish} 已被占用 is taken")
        return int(wish)
    last = known.get("ports", {}).get("api", 0)
    return next((port for port in (last, USUAL_PORT) if port and is_free(port)), 0) or any_free(known.get("ports", {}).values())


def worker_polls(running: Running) -> Probe:
    """A probe: True when somebody polls the queue of cases. It keeps its one connection."""
    from workflows.policies import TASK_QUEUE

    clients: list[Client] = []

    async def probe() -> bool:
        request = DescribeTaskQueueRequest(
            namespace=running.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            if not clients:
                clients.append(await Client.connect(running.engine, namespace=running.namespace))
            return bool((await clients[0].workflow_service.describe_task_queue(request)).pollers)
        except (RPCError, RuntimeError):
            return False

    return probe


async def listens(base: str) -> bool:
    """True when the API answers its health question."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(f"{base}/api/v1/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    return await asyncio.to_thread(ask)


def remember(running: Running) -> None:
    """Ports and addresses for the next start and for other commands; an external database's address is not written."""
    running.folder.remember(
        {
            "ports": running.ports,
            "engine": running.engine,
            "namespace": running.namespace,
            "api": running.api,
            "database": "" if running.external else running.database,
        }
    )


def known_environment(folder: Folder) -> dict[str, str]:
    """Settings of the installation that runs (or last ran) on the folder, for other commands. Set ones win."""
    known = folder.remembered()
    running = Running(folder, known.get("namespace", NAMESPACE), known.get("database", ""), known.get("engine", ""), ports=known.get("ports", {}))
    return {name: os.environ.get(name) or value for name, value in running.environment().items()}


def addresses(running: Running) -> str:
    """What is shown when all is up."""
    lines = [
        "回音已启动  Huiyin is up" + ("  【演示 DEMO】" if running.folder.kind == "demo" else ""),
        f"  引擎 Temporal      {running.engine}  namespace {running.namespace}",
        f"  数据目录 data      {running.folder.path}",
        f"  日志 logs          {running.folder.logs}",
        "  Ctrl-C 停止 stops",
    ]
    return "\n".join(lines[:1] + ([f"  接口 API           {running.api}/api/v1"] if running.api else []) + lines[1:])
