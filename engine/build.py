"""Builds the server from source by `go install` and keeps binaries in the cache folder. One builder at a time."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.folder import cache_home
from engine.process import launched, tail
from engine.progress import Progress, Wait
from engine.versions import LOADER_VERSION, UI_VERSION, VERSION

SERVER = "temporal-server"
SQL_TOOL = "temporal-sql-tool"
UI = "temporal-ui-server"
LOADER = "compose-loader"
SOURCES = {  # name in the cache: (package, name that Go gives it, version)
    SERVER: ("go.temporal.io/server/cmd/server", "server", VERSION),
    SQL_TOOL: ("go.temporal.io/server/cmd/tools/sql", "sql", VERSION),
    UI: ("github.com/temporalio/ui-server/v2/cmd/server", "server", UI_VERSION),
    LOADER: ("github.com/compose-spec/compose-go/v2/cmd", "cmd", LOADER_VERSION),
}
SLOW = {SERVER: "约 6 分钟", SQL_TOOL: "约 6 分钟"}
TOO_OLD = re.compile(r"requires go >= \S+ \(running go \S+;?[^)]*\)")


class NotBuilt(RuntimeError):
    """The build did not come to an end; the message says why."""


def cache_of(version: str = VERSION) -> Path:
    """The cache folder of one version."""
    return cache_home() / "engine" / version


def keep(binary: Path, name: str, version: str) -> Path:
    """Copy a binary into the cache, atomically; its new path."""
    folder = cache_of(version)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}"
    shutil.copyfile(binary, part)
    part.chmod(0o755)
    return part.replace(folder / name)


def build(name: str, progress: Progress) -> Path:
    """The tool of that name out of the cache, else built. Some 6 minutes on 2 cores the first time. NotBuilt."""
    kept = cache_of(SOURCES[name][2]) / name
    with building(progress):
        if not kept.exists():  # somebody else may have built it while we waited
            go_install(name, progress)
    return kept


@contextmanager
def building(progress: Progress) -> Iterator[None]:
    """Hold the cache's lock, saying so while somebody else does."""
    home = cache_home() / "engine"
    home.mkdir(parents=True, exist_ok=True)
    wait = progress.wait("等待另一个进程编译引擎", "another process is building the engine")
    with (home / "lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                wait.tick()
                time.sleep(0.2)
        yield


def go_install(name: str, progress: Progress) -> None:
    """Build into a folder beside the cache, then move into it. NotBuilt with the reason."""
    go = shutil.which("go")
    if go is None:
        raise NotBuilt("没有 Go  no Go on PATH")
    package, made, version = SOURCES[name]
    home = cache_home() / "engine"
    with tempfile.TemporaryDirectory(prefix=".building-", dir=home) as folder:
        log = Path(folder) / "log"
        command = [go, "install", "-v", "-buildvcs=false", "-ldflags=-s -w", f"{package}@v{version}"]
        wait = progress.wait(
            f"编译 {name} {version}（只需一次，{SLOW.get(name, '约 1 分钟')}）", f"building {name} {version} with Go, once, {'about 6 minutes' if name in SLOW else 'about a minute'}"
        )
        with log.open("wb") as out:
            process = subprocess.Popen(
                launched(command, None), stdout=out, stderr=out, env={**os.environ, "GOBIN": folder}, start_new_session=True
            )
            code = watch(process, log, wait)
        if code != 0 or not (Path(folder) / made).exists():
            raise NotBuilt(why(log))
        wait.done()
        keep(Path(folder) / made, name, version)


def watch(process: "subprocess.Popen[bytes]", log: Path, wait: Wait) -> int:
    """Tick until the build ends; its exit code. A stop of ours ends the build's whole group."""
    try:
        while process.poll() is None:
            wait.tick(last_line(log))
            time.sleep(0.2)
    except BaseException:
        os.killpg(process.pid, 9)
        process.wait()
        raise
    return process.returncode


def last_line(log: Path) -> str:
    """What Go compiles just now."""
    lines = tail(log, 1).splitlines()
    return lines[-1][-60:] if len(lines) > 1 else ""


def why(log: Path) -> str:
    """The reason in one line when Go itself is too old, else the end of the log."""
    text = tail(log, 30)
    old = TOO_OLD.search(text)
    return f"go install: {old.group(0)}" if old else f"go install:\n{text}"
