"""Every service of docker-compose.yml run as a plain process against a real PostgreSQL, in the order the file asks for; then one complaint through them all."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from engine import postgres
from engine.build import SOURCES, UI, NotBuilt, build, cache_of
from engine.cluster import binaries
from engine.compose_case import one_complaint
from engine.compose_file import Service
from engine.compose_process import HERE, Place
from engine.compose_told import Stopped, Told
from engine.configuration import PORT_NAMES
from engine.find import NoEngine, find, sql_tool
from engine.ports import free_ports
from engine.postgres import FORGETFUL, Cluster, Postgres
from engine.process import Child, PartFailed, tail
from engine.progress import Progress
from engine.schema import has_extensions
from engine.secret_files import make_secrets
from workflows.secretfile import secret, with_password

DATABASE, ENGINE = "postgres", "temporal"
WELL_WITHIN = 120.0


@dataclass
class Run:
    """One run: the place, the words, what runs now by instance."""

    place: Place
    told: Told
    progress: Progress
    children: dict[str, Child] = field(default_factory=dict)

    def service(self, name: str) -> Service:
        return self.place.services[name]

    async def job(self, name: str) -> None:
        """A job, twice: the second run must find nothing to do and say so without failing. Stopped."""
        service = self.service(name)
        for again in (False, True):
            code, said = await asyncio.to_thread(self.place.run, service, service.argv)
            if code:
                self.told.bad(f"{name}: 退出码 {code}", f"exit code {code}" + (" when run again" if again else ""), said[-1500:])
                raise Stopped
        last = said.splitlines()[-1].removeprefix("✓ ") if said else ""
        self.told.ok(f"{name}: {' '.join(service.argv)},可重复执行", f"ran twice ({last[:90]})")

    def question(self, service: Service, instance: str) -> list[str]:
        """The service's health check; where its program is not on this machine, ours puts the same question, and that is said."""
        asking, path = service.health, self.place.environment(service, instance)["PATH"].split(":")
        if any((Path(folder) / asking[0]).exists() for folder in path):
            return asking
        self.told.skip(f"{instance}: 本机没有 {asking[0]},改由 engine.healthcheck 问同一地址", f"no {asking[0]} here: engine.healthcheck asks the same address")
        return ["python", "-m", "engine.healthcheck", asking[-1]]

    async def start(self, name: str, instance: str = "") -> None:
        """A long-running service: started, then asked by its own health check until it is well. Stopped."""
        service, instance = self.service(name), instance or name
        child = self.children[instance] = Child(self.place.part(service, instance))
        child.start()
        asking = self.question(service, instance)

        async def well() -> bool:
            code, _ = await asyncio.to_thread(self.place.run, service, asking, instance)
            return code == 0

        try:
            await child.ready(well, seconds=WELL_WITHIN, progress=self.progress, zh=f"等待 {instance} 健康", en=f"{instance} to be healthy")
        except PartFailed as failure:
            self.told.bad(f"{instance}: 未就绪", "did not become healthy", f"{str(failure)[-1500:]}")
            raise Stopped from None
        self.told.ok(f"{instance}: {' '.join(service.argv)},健康检查通过", f"healthy ({' '.join(asking[:3])} …)")

    async def stop(self, instance: str) -> None:
        """Ask it to end as `docker stop` does: within its grace, without a kill."""
        child = self.children.pop(instance)
        if child.process:
            child.process.send_signal(child.part.stops_by)
        within = await child.ended(child.part.patience)
        child.kill()
        grace = f"{child.part.patience:.0f}"
        if within:
            self.told.ok(f"{instance}: 在 {grace} 秒内停止", f"stops within its grace of {grace} s")
        else:
            self.told.bad(f"{instance}: {grace} 秒内未停止", "had to be killed", tail(child.part.log))

    async def stop_all(self) -> None:
        """Whatever still runs, last started first, without a word."""
        for child in reversed(self.children.values()):
            await child.stop(patience=min(child.part.patience, 10.0))


async def run_services(services: Mapping[str, Service], folder: Path, told: Told, progress: Progress, *, build_ui: bool = True) -> None:
    """All of it; what fails or cannot run here is told. Nothing stays behind but the folder."""
    try:
        server, tool = find(progress), sql_tool(progress)
    except (NoEngine, NotBuilt) as missing:
        told.bad("没有可用的 Temporal 程序", "no Temporal binaries", str(missing))
        return
    if server.kind != "server":
        told.skip(f"未运行各服务:{server} 不能用配置文件", "services not run here: this binary takes no configuration file; set HUIYIN_ENGINE")
        return
    secrets = folder / "secrets"
    make_secrets(secrets, owner=None)
    place = Place(folder, services, secrets, (link_as(folder, server.path, "temporal-server"), link_as(folder, tool, "temporal-sql-tool"), binaries()))
    run = Run(place, told, progress)
    try:
        async with cluster(run) as database:
            await lifecycle(run, database, build_ui=build_ui)
    except Stopped:
        told.skip("其余各步未执行", "the steps after it were not run")
    except PartFailed as failure:
        told.bad("PostgreSQL 未启动", "did not start", str(failure)[-1500:])
    finally:
        place.end()
        await run.stop_all()


def link_as(folder: Path, binary: Path, name: str) -> Path:
    """A folder in which the binary has that name, for PATH."""
    tools = folder / "tools"
    tools.mkdir(exist_ok=True)
    if not (tools / name).exists():
        (tools / name).symlink_to(binary.resolve())
    return tools


@asynccontextmanager
async def cluster(run: Run) -> AsyncIterator[Postgres]:
    """The database of the file: its own settings and superuser; initdb and accounts are this machine's (the image's entrypoint does that there)."""
    service, folder = run.service(DATABASE), run.place.folder
    options = dict(word.split("=", 1) for word in service.argv if "=" in word)
    port = run.place.port(DATABASE, 5432)
    plan = Cluster(folder / "data", folder / "run", folder / "logs" / "postgres.log", port=port, settings={**options, **FORGETFUL})
    running = await postgres.start(plan, progress=run.progress, database=DATABASE)
    try:
        yield running
    finally:
        await running.stop(patience=10)


async def lifecycle(run: Run, database: Postgres, *, build_ui: bool) -> None:
    """In the order of `depends_on`."""
    told, place = run.told, run.place
    superuser = run.service(DATABASE).environment["POSTGRES_USER"]
    await make_superuser(database, superuser, secret(place.secrets / "postgres_password", "postgres_password"))
    url = with_password(f"postgresql://{superuser}@{HERE}:{database.cluster.port}/postgres", secret(place.secrets / "postgres_password", "postgres_password"))
    connection = await asyncpg.connect(url)
    version = (await connection.fetchval("show server_version")).split()[0]
    await connection.close()
    service = run.service(DATABASE)
    code, said = await asyncio.to_thread(place.run, service, service.health)
    (told.bad if code else told.ok)(f"postgres: PostgreSQL {version}({binaries()}),健康检查 {code}", f"answers with the file's settings; health check {said or 'passed'}")
    whole = await has_extensions(url)
    if not whole:
        beside_postgres(place)
        told.skip("这份 PostgreSQL 没有 btree_gin:引擎的检索库改用 SQLite,主库仍在 PostgreSQL", "this PostgreSQL has no btree_gin: the engine's visibility lies on SQLite here, its main store on PostgreSQL")
    await run.job("roles")
    await run.job("temporal-schema")
    place.port(ENGINE, 7233), place.port(ENGINE, 7243)
    inner = free_ports(name for name in PORT_NAMES if name != "frontend_grpc")
    fixed = {"frontend_grpc": place.port(ENGINE, 7233), "frontend_http": place.port(ENGINE, 7243)}
    place.further.setdefault(ENGINE, {}).update({f"{name.upper()}_PORT": str(port) for name, port in {**inner, **fixed}.items()})
    await run.start(ENGINE)
    told.ok("temporal: 密码由 passwordCommand 读文件取得" + (",检索库也在 PostgreSQL" if whole else ""), "its password came from the file by passwordCommand" + ("; visibility on PostgreSQL too" if whole else ""))
    await run.job("temporal-namespace")
    await run.job("migrate")
    workers = ["worker", *(f"worker.{n}" for n in range(2, run.service("worker").replicas + 1))]
    for instance in workers:
        await run.start("worker", instance)
    await run.start("api")
    await user_interface(run, build_ui=build_ui)
    await one_complaint(run, workers)
    for instance in ("api", *workers, "temporal-ui", ENGINE):
        if instance in run.children:
            await run.stop(instance)


async def make_superuser(database: Postgres, name: str, password: str) -> None:
    """What the image's entrypoint makes of POSTGRES_USER and POSTGRES_PASSWORD_FILE."""
    connection = await asyncpg.connect(database.url("postgres"))
    try:
        await connection.execute(await connection.fetchval("select format('create role %I superuser login password %L', $1::text, $2::text)", name, password))
    finally:
        await connection.close()


def beside_postgres(place: Place) -> None:
    """Visibility on a SQLite file, by the same configuration file's own variables; the schema job makes the main store only."""
    attributes = {"cache": "private", "setup": "true", "journal_mode": "wal", "synchronous": "2"}
    place.further["temporal-schema"] = {"STORES": "temporal"}
    place.further[ENGINE] = {
        "VISIBILITY_PLUGIN": "sqlite", "VISIBILITY_DATABASE": str(place.folder / "visibility.db"), "VISIBILITY_ATTRIBUTES": json.dumps(attributes),
        "VISIBILITY_CONNECTIONS": "1", "VISIBILITY_LIFETIME": "0s",
    }  # fmt: skip


async def user_interface(run: Run, *, build_ui: bool) -> None:
    """The web UI, where its binary is there or Go builds it (a minute, once)."""
    kept = cache_of(SOURCES[UI][2]) / UI
    if not kept.exists() and build_ui:
        try:
            kept = await asyncio.to_thread(build, UI, run.progress)
        except NotBuilt as why:
            run.told.skip("temporal-ui: 此处未运行,没有它的程序", f"not run here: no binary of it ({str(why).splitlines()[0]})")
            return
    if not kept.exists():
        run.told.skip("temporal-ui: 此处未运行,没有它的程序", "not run here: no binary of it in the cache")
        return
    binary = run.place.root("temporal-ui") / "home" / "ui-server" / "ui-server"
    binary.parent.mkdir(parents=True, exist_ok=True)
    binary.symlink_to(kept)
    await run.start("temporal-ui")


def use_distribution() -> str:
    """A PostgreSQL of the distribution found on PATH (or in Debian's folders) is taken before the wheel's: it has the extensions. Its folder, or empty."""
    places = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    chosen = next((str(place) for place in places if (place / "initdb").exists() and (place / "pg_isready").exists()), "")
    if chosen:
        os.environ.setdefault("HUIYIN_POSTGRES_BIN", chosen)
    return chosen
