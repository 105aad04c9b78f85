"""Parts are started again when they die, and stopped in reverse order and in time. `sleep` and `sh` stand for parts."""

import asyncio
import io
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from engine.process import Child, Part, PartFailed
from engine.progress import Progress
from engine.supervisor import Service, Supervisor

QUIET = Progress(quiet=True)
DEAF = "trap '' TERM; echo up; while :; do sleep 1; done"


async def at_once() -> bool:
    return True


def live_groups() -> list[int]:
    """The process group of every live process."""
    groups = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = path.read_text().rpartition(")")[2].split()[:3]
            groups += [] if state == "Z" else [int(group)]
    return groups


def service(folder: Path, name: str, argv: list[str], patience: float = 1.0, stage: str = "") -> Service:
    async def start() -> Child:
        child = Child(Part(name, argv, folder / f"{name}.log"))
        child.start()
        return child

    return Service(name, start, patience, stage)


async def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    said = io.StringIO()
    supervisor = Supervisor(Progress(said))
    await supervisor.add(service(tmp_path, "part", ["/bin/sleep", "60"]))
    first = supervisor.running[0][1]
    os.kill(first.pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        while supervisor.running[0][1] is first:
            await asyncio.sleep(0.05)
    assert supervisor.running[0][1].alive
    assert "part" in said.getvalue()
    await supervisor.stop()


async def test_a_deaf_part_and_what_it_started_are_killed_after_their_patience(tmp_path: Path) -> None:
    supervisor = Supervisor(QUIET)
    for number in range(2):  # of one stage: stopped together
        await supervisor.add(service(tmp_path, f"deaf{number}", ["/bin/sh", "-c", DEAF], patience=3.0, stage="ours"))
    pids = [child.pid for _, child in supervisor.running]
    while not all((tmp_path / f"deaf{number}.log").read_text() for number in range(2)):
        await asyncio.sleep(0.02)
    began = time.monotonic()
    await supervisor.stop()
    assert 3.0 <= time.monotonic() - began < 6.0  # together, not one after the other
    for _ in range(250):  # what a part started is buried by init, a moment later
        if not (left := [group for group in live_groups() if group in pids]):
            break
        await asyncio.sleep(0.02)
    assert not left


async def test_a_part_that_ends_before_it_is_ready_shows_its_log(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    child = Child(Part("part", ["/bin/sh", "-c", "echo 为什么; exit 3"], tmp_path / "part.log"))
    child.start()
    with pytest.raises(PartFailed, match="(?s)ended with 3.*为什么"):
        await child.ready(never, seconds=5, progress=QUIET, zh="", en="")


async def test_progress_says_what_it_waits_for_and_how_long(tmp_path: Path) -> None:
    said = io.StringIO()
    wait = Progress(said).wait("编译引擎", "building the engine")
    wait.tick()
    assert said.getvalue() == "", "nothing in the first second"
    wait.next = wait.began
    wait.tick("go.temporal.io/server")
    wait.tick()
    assert said.getvalue().count("\n") == 1, "then a line about every ten seconds"
    assert "编译引擎 building the engine" in said.getvalue()
    wait.done()
    assert "✓" in said.getvalue()
