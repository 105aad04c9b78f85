"""Finds a Temporal server of at least 1.32, in the design's order; builds one when there is none.

`python -m engine.find` prints its path (and builds it); with `--keep`, copies it into the cache of later runs.
"""

import os
import shutil
import sys
from pathlib import Path

from engine.build import SERVER, SQL_TOOL, NotBuilt, build, cache_of, keep
from engine.download import download
from engine.folder import cache_home
from engine.progress import Progress
from engine.versions import OLDEST, VERSION, Engine, identify

SETTING = "HUIYIN_ENGINE"


class NoEngine(RuntimeError):
    """No engine by any way; the message lists the ways, and why each failed. Bilingual."""


def find(progress: Progress | None = None) -> Engine:
    """The engine: setting, PATH, cache, the SDK's download, `go install`. Blocks, for minutes when it builds."""
    tried: list[str] = []
    if found := look(tried):
        return found
    progress = progress or Progress()
    fetched = download(progress)
    if isinstance(fetched, Engine):
        return fetched
    tried.append(f"SDK 下载 the SDK's download: {fetched}")
    try:
        built = identify(build(SERVER, progress))
    except NotBuilt as reason:
        tried.append(f"go install: {reason}")
    else:
        if built:
            return built
        tried.append("go install: 编译出的程序不能运行 what was built does not run")
    raise NoEngine(message(tried))


def look(tried: list[str] | None = None) -> Engine | None:
    """The ways that cost nothing: setting, PATH, cache. A setting that does not fit raises NoEngine."""
    tried = [] if tried is None else tried
    if wish := os.environ.get(SETTING):
        found = fitting(Path(wish).expanduser(), tried)
        if found is None:
            raise NoEngine(message(tried))
        return found
    for path in (*on_path(), *cached()):
        if found := fitting(path, tried):
            return found
    return None


def fitting(path: Path, tried: list[str]) -> Engine | None:
    """The engine at that path, when it is new enough; else a line in `tried`."""
    found = identify(path)
    if found is None:
        tried.append(f"{path}: 不是能运行的 Temporal not a Temporal that runs here")
    elif found.version < OLDEST:
        tried.append(f"{path}: 版本 {found.number} 过旧 is too old")
        found = None
    return found


def on_path() -> list[Path]:
    """Candidates on PATH, the plain server first."""
    return [Path(place) for name in ("temporal-server", "temporal") if (place := shutil.which(name))]


def cached() -> list[Path]:
    """Binaries of earlier runs: our version first, then the others."""
    others = sorted((cache_home() / "engine").glob("[0-9]*"), reverse=True)
    folders = [cache_of(), *(folder for folder in others if folder != cache_of())]
    return [path for folder in folders for name in (SERVER, "temporal") if (path := folder / name).exists()]


def sql_tool(progress: Progress | None = None) -> Path:
    """Temporal's schema tool for PostgreSQL, of our version: PATH, cache, `go install`."""
    if place := shutil.which(SQL_TOOL):
        return Path(place)
    return build(SQL_TOOL, progress or Progress())


def message(tried: list[str]) -> str:
    """All ways to give an engine, and what was tried."""
    oldest = ".".join(map(str, OLDEST))
    return "\n".join(
        (
            f"找不到 Temporal 服务器（需要 {oldest} 或更新）。可以：",
            f"  1. 设置 {SETTING}=/路径/temporal-server",
            "  2. 把 temporal-server（或自带足够新服务器的 temporal）放进 PATH",
            f"  3. 安装 Go，由本程序编译（go.temporal.io/server/cmd/server@v{VERSION}，约 6 分钟，只需一次；可设 GOPROXY）",
            f"  4. 把已有的程序放到 {cache_of() / SERVER}",
            f"No Temporal server of {oldest} or newer. Ways to give one:",
            f"  1. set {SETTING}=/path/to/temporal-server",
            "  2. put temporal-server (or a temporal whose server is new enough) on PATH",
            f"  3. install Go: it is then built from go.temporal.io/server/cmd/server@v{VERSION}, 6 minutes, once (GOPROXY)",
            f"  4. put a binary at {cache_of() / SERVER}",
            "试过的 tried:",
            *(f"  - {line}" for line in tried),
        )
    )


def main(arguments: list[str]) -> None:
    """Print path and version, after keeping a copy where asked."""
    found = find()
    kept = cached()
    if "--keep" in arguments and found.path not in kept:
        name = SERVER if found.kind == "server" else "temporal"
        found = Engine(keep(found.path, name, found.number), found.kind, found.version)
    print(f"{found}  {found.number}")


if __name__ == "__main__":
    main(sys.argv[1:])
