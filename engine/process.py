"""A child process: named, logged, in a group of its own, dying with us, stopped in bounded time.

Start children from the main thread: the kernel ties the death signal to the thread that forked.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.account import Account
from engine.progress import Progress

LAUNCH = Path(__file__).with_name("launch.py")
LOG_KEEPS = 8 * 1024 * 1024
TICK = 0.02
PROBE_EVERY = 0.05

Probe = Callable[[], Awaitable[bool]]


class PartFailed(RuntimeError):
    """A part ended or did not become ready; the message carries the end of its log."""


@dataclass(frozen=True)
class Part:
    """What to run.

    `stops_by` is the polite signal, `patience` the seconds before SIGKILL, `dies_by` the signal it gets when we are killed.
    """

    name: str
    argv: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    cwd: Path | None = None
    stops_by: signal.Signals = signal.SIGTERM
    dies_by: signal.Signals = signal.SIGKILL
    patience: float = 3.0


class Child:
    """One run of a part."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.began = 0.0
        self.gone = False

    def start(self) -> None:
        """Fork and return at once. The log is appended to, and moved to `.1` when large."""
        part = self.part
        turn_log(part.log)
        command = launched(part.argv, part.account, dies_by=part.dies_by)
        with part.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **part.env},
                cwd=part.cwd,
                start_new_session=True,
            )
        self.began = time.monotonic()

    @property
    def pid(self) -> int:
        """Its process id; PartFailed when it was never started."""
        if self.process is None:
            raise PartFailed(f"{self.part.name} was never started")
        return self.process.pid

    @property
    def alive(self) -> bool:
        """True between start and end."""
        return self.process is not None and self.process.poll() is None

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return self.process.poll() if self.process else None

    async def ready(self, probe: Probe, *, seconds: float, progress: Progress, zh: str, en: str) -> None:
        """Wait until `probe` says True. PartFailed when the child ends first or the time is over."""
        wait = progress.wait(zh, en)
        while not await probe():
            if not self.alive:
                raise PartFailed(f"{self.part.name} ended with {self.returncode}\n{tail(self.part.log)}")
            if wait.elapsed > seconds:
                raise PartFailed(f"{self.part.name} not ready after {seconds:.0f} s\n{tail(self.part.log)}")
            wait.tick()
            await asyncio.sleep(PROBE_EVERY)
        wait.done()

    async def stop(self, *, patience: float | None = None) -> None:
        """Polite signal, then SIGKILL to the whole group after `patience` seconds. Harmless when already ended."""
        if self.process is None:
            return
        if self.alive:
            self.process.send_signal(self.part.stops_by)
            await self.ended(self.part.patience if patience is None else patience)
        self.kill()

    async def ended(self, seconds: float) -> bool:
        """True when the child ended within that time."""
        until = time.monotonic() + seconds
        while self.alive and time.monotonic() < until:
            await asyncio.sleep(TICK)
        return not self.alive

    def kill(self) -> None:
        """SIGKILL to the child and to what is left of its group; returns when the child is gone."""
        if self.process is None or self.gone:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.gone = True  # its number may soon be somebody else's


def launched(command: Sequence[str], account: Account | None, *, dies_by: signal.Signals = signal.SIGKILL) -> list[str]:
    """The command as it is really run: it dies with this process, under that account (None = ours)."""
    order = {
        "parent": os.getpid(),
        "death": int(dies_by),
        "uid": account.uid if account else None,
        "gid": account.gid if account else None,
        "caps": list(account.caps) if account else [],
    }
    return [sys.executable, "-I", "-S", str(LAUNCH), json.dumps(order), *command]


def turn_log(log: Path) -> None:
    """Make the log's folder; move a large log aside."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_KEEPS:
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, for error messages."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8000))
        text = file.read().decode("utf-8", "replace")
    return f"({log})\n" + "\n".join(text.splitlines()[-lines:])
