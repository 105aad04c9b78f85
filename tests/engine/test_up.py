"""The whole installation by one call, on a folder of its own: killed with all its parts, started again, stopped."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from engine.ports import any_free
from engine.testing import scratch

PROJECT = Path(__file__).parents[2]
UP = """
import asyncio, sys
from pathlib import Path
from engine.up import Options, up
sys.exit(asyncio.run(up(Path(sys.argv[1]), Options(api=sys.argv[2] == "api"))))
"""


class Run:
    """One `up`, until its addresses are printed; what it says goes to a file."""

    def __init__(self, home: Path, port: int, *, api: bool) -> None:
        self.said, began = home.with_suffix(".said"), time.monotonic()
        env = {key: value for key, value in os.environ.items() if not key.startswith("HUIYIN_") or key == "HUIYIN_ENGINE"}
        with self.said.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-c", UP, str(home), "api" if api else "-"], stdout=out, stderr=out, cwd=PROJECT, env={**env, "HUIYIN_PORT": str(port)})
        self.parts: list[int] = []
        self.began = began

    async def ready(self, seconds: float = 90) -> float:
        """Seconds until it was up."""
        while "Ctrl-C" not in self.said.read_text():
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() - self.began < seconds, self.said.read_text()
            await asyncio.sleep(0.05)
        self.parts = children(self.process.pid)
        return time.monotonic() - self.began

    async def ended(self, seconds: float) -> bool:
        """True when it and all its parts are gone in that time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.process.poll() is not None and not any(alive(pid) for pid in self.parts):
                return True
            await asyncio.sleep(0.05)
        return False

    def end(self) -> None:
        for pid in (self.process.pid, *self.parts):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def children(pid: int) -> list[int]:
    """Processes that this one started, from any of its threads."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for task in tasks for word in task.read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def health(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=5) as answer:
        return int(answer.status)


@pytest.mark.engine
@pytest.mark.database
async def test_up_survives_the_kill_of_everything_and_stops_when_told() -> None:
    with scratch() as place:
        home, port = place / "home", any_free()
        first = Run(home, port, api=False)  # the API's start is measured once, below
        second: Run | None = None
        try:
            await first.ready()
            assert len(first.parts) == 3, "database, engine, worker"
            for pid in (first.process.pid, *first.parts):
                os.kill(pid, signal.SIGKILL)
            assert await first.ended(10)
            second = Run(home, port, api=True)
            await second.ready()  # 8 s on 2 free cores; bounded loosely, other tests share the machine
            assert len(second.parts) == 4, "database, engine, worker, API"
            assert await asyncio.to_thread(health, port) == 200
            second.process.send_signal(signal.SIGTERM)
            assert await second.ended(10), "stops within 10 s"
            assert second.process.returncode == 0
        finally:
            first.end()
            if second:
                second.end()
