"""The data folder (HUIYIN_HOME): one installation's database, engine, keys and logs. One `up` at a time holds it."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workflows.place import home

__all__ = ["Folder", "Kind", "WrongFolder", "cache_home", "demo_home", "held", "home", "kind_of", "open_folder", "write"]

Kind = Literal["real", "demo"]
MARKER = "huiyin.json"
KIND_ZH = {"real": "正式数据", "demo": "演示数据"}


class WrongFolder(RuntimeError):
    """The folder is of the other kind, or somebody else works in it. The message is bilingual."""


@dataclass(frozen=True)
class Folder:
    """Paths inside a data folder. Made by `open_folder`."""

    path: Path
    kind: Kind

    @property
    def logs(self) -> Path:
        """One file a part."""
        return self.path / "logs"

    @property
    def keys(self) -> Path:
        """Key files, mode 0700."""
        return self.path / "keys"

    @property
    def files(self) -> Path:
        """Sealed attachments."""
        return self.path / "files"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data."""
        return self.path / "postgres"

    @property
    def engine(self) -> Path:
        """Temporal's configuration and SQLite file."""
        return self.path / "engine"

    @property
    def sockets(self) -> Path:
        """PostgreSQL's socket."""
        return self.path / "run"

    @property
    def state_file(self) -> Path:
        """What the next start wants to know of this one."""
        return self.path / "ports.json"

    def remembered(self) -> dict[str, Any]:
        """What the last run wrote down: ports, addresses. Empty when there was none or the file is cut."""
        try:
            value = json.loads(self.state_file.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def remember(self, values: Mapping[str, Any]) -> None:
        """Adds to what is remembered, atomically."""
        write(self.state_file, json.dumps({**self.remembered(), **values}, ensure_ascii=False, indent=1))


def demo_home() -> Path:
    """The demo's own folder inside the home; it never shares anything with the real one."""
    return home() / "demo"


def cache_home() -> Path:
    """Where binaries of earlier runs stay: XDG_CACHE_HOME or ~/.cache, then /huiyin."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huiyin"


def write(path: Path, text: str) -> None:
    """Whole file or nothing."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, "utf-8")
    part.replace(path)


def kind_of(path: Path) -> Kind | None:
    """The kind that the marker names; None where there is no marker."""
    marker = path / MARKER
    if not marker.exists():
        return None
    kind = json.loads(marker.read_text("utf-8")).get("kind")
    return "demo" if kind == "demo" else "real"


def open_folder(path: Path, kind: Kind) -> Folder:
    """Make or open the folder. WrongFolder when it is marked as the other kind."""
    path = path.expanduser().resolve()
    path.mkdir(parents=True, exist_ok=True)
    known = kind_of(path)
    if known is not None and known != kind:
        raise WrongFolder(
            f"{path} 里是{KIND_ZH[known]}，不能当作{KIND_ZH[kind]}使用；请换一个 HUIYIN_HOME。\n"
            f"{path} holds {known} data and is not used for {kind} data: choose another HUIYIN_HOME."
        )
    folder = Folder(path, kind)
    path.chmod(0o700)
    for inside in (folder.logs, folder.keys, folder.files, folder.engine):
        inside.mkdir(exist_ok=True)
        inside.chmod(0o700)
    if known is None:
        write(path / MARKER, json.dumps({"kind": kind, "format": 1}))
    return folder


def demo_folder(path: Path) -> Folder:
    """The demo's folder, made or opened. WrongFolder when it is real, or holds anything without a demo's mark."""
    path = path.expanduser().resolve()
    if kind_of(path) is None and path.exists() and any(path.iterdir()):
        raise WrongFolder(
            f"{path} 不是空的，也没有演示标记；演示不会清除它。请移走，或换一个 HUIYIN_HOME。\n"
            f"{path} is not empty and not marked as a demo; it is left alone. Move it away, or choose another HUIYIN_HOME."
        )
    return open_folder(path, "demo")


def wipe(folder: Folder) -> None:
    """Empty a demo's folder for a new run; hold it first. Never another's."""
    if folder.kind != "demo":
        raise WrongFolder(f"{folder.path}: 正式数据从不清除 real data is never wiped")
    for inside in folder.path.iterdir():
        if inside.is_dir() and not inside.is_symlink():
            shutil.rmtree(inside)
        elif inside.name not in (MARKER, "lock"):
            inside.unlink()


@contextmanager
def held(folder: Folder) -> Iterator[None]:
    """Hold the folder for this process; the kernel lets go when the process ends in whatever way."""
    with (folder.path / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "?"
            raise WrongFolder(
                f"{folder.path} 正被另一个进程使用（进程号 {holder}）；请先停止它。\n"
                f"{folder.path} is in use by another process (pid {holder}): stop it first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
