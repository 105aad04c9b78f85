"""`make compose-check`: docker-compose.yml against the Compose Specification's schema and our rules, then every service really run, without a daemon.

`--rules` only reads; `--wheel` takes the embedded PostgreSQL even where a distribution's is there; `--as-is` builds neither web UI nor loader.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from engine.compose_file import FILE, load
from engine.compose_loader import loader, loader_faults
from engine.compose_rules import Compose, rule_faults, schema_faults
from engine.compose_run import run_services, use_distribution
from engine.compose_told import Told
from engine.progress import Progress
from engine.testing import scratch
from engine.versions import LOADER_VERSION


def main(arguments: list[str]) -> int:
    """0 when nothing failed. What could not be run here is a dash and says why."""
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("--rules", "--wheel", "--as-is"):
        options.add_argument(name, action="store_true")
    options.add_argument("--file", type=Path, default=FILE)
    chosen = options.parse_args(arguments)
    told = Told()
    compose = Compose(load(chosen.file), chosen.file.resolve().parent)
    read(compose, told)
    read_by_reference(chosen.file, told, may_build=not chosen.as_is and not chosen.rules)
    if not chosen.rules and not told.count["✗"]:
        if not chosen.wheel:
            use_distribution()
        with scratch() as folder:
            asyncio.run(bounded(compose, folder, told, build_ui=not chosen.as_is))
    print(f"{told.count['✓']} 项通过 passed, {told.count['–']} 项此处未做 not done here, {told.count['✗']} 项不符 failed", flush=True)
    return 1 if told.count["✗"] else 0


def read(compose: Compose, told: Told) -> None:
    """What needs only the file."""
    faults = schema_faults(compose)
    if faults:
        told.bad("不符合 Compose 规范的架构", "not what the Compose Specification's schema allows", "\n".join(faults))
    else:
        told.ok(f"符合 Compose 规范的架构({len(compose.services)} 个服务)", "valid under the Compose Specification's own schema (as shipped by check-jsonschema)")
    for zh, en, found in rule_faults(compose):
        if found:
            told.bad(zh, en, "\n".join(found))
        else:
            told.ok(zh, en)


def read_by_reference(file: Path, told: Told, *, may_build: bool) -> None:
    """What docker compose's own loader says of it."""
    binary = loader(Progress(), may_build=may_build)
    if isinstance(binary, str):
        told.skip(f"参考加载器 compose-go {LOADER_VERSION}:此处未运行({binary})", "the Specification's reference loader was not run here")
    elif faults := loader_faults(binary, file):
        told.bad(f"参考加载器 compose-go {LOADER_VERSION} 不接受或读法不同", "the Specification's reference loader refuses it, or reads it otherwise", "\n".join(faults))
    else:
        told.ok(f"参考加载器 compose-go {LOADER_VERSION} 读法相同", "docker compose's own loader takes it, and reads each command and environment as we do")


async def bounded(compose: Compose, folder: Path, told: Told, *, build_ui: bool) -> None:
    """Run the services; SIGTERM and Ctrl-C end them all the same way as the end does."""
    work = asyncio.ensure_future(run_services(compose.services, folder, told, Progress(), build_ui=build_ui))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, work.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    if work.cancelled():
        told.bad("被中断", "interrupted")


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a process that used the SDK may abort while Python tears down
