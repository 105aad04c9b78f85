"""A service of docker-compose.yml as a plain process: its own command, environment and files; only hosts, ports and paths are this machine's.

Each instance gets a folder in which every mount and secret lies (linked) at the path it has in the container; a path that exists there is taken from there.
Nothing of our own environment reaches it, as in a container.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.compose_file import PROJECT, Service
from engine.ports import any_free
from engine.process import Part, launched

HERE = "127.0.0.1"
OWN = re.compile(r"\b(?:127\.0\.0\.1|0\.0\.0\.0|localhost):(\d+)\b")
PORT_OPTION = re.compile(r"^--port=(\d+)$")
JOB_PATIENCE = 180.0


@dataclass
class Place:
    """Where the processes of one run live. `tools` = folders with the commands, `further` = environment that this machine needs beside the file's."""

    folder: Path
    services: Mapping[str, Service]
    secrets: Path
    tools: Iterable[Path]
    further: dict[str, dict[str, str]] = field(default_factory=dict)
    ports: dict[tuple[str, int], int] = field(default_factory=dict)
    running: "set[subprocess.Popen[str]]" = field(default_factory=set)

    def port(self, instance: str, port: int) -> int:
        """This machine's port for a container's; the same on every question."""
        known = self.ports.get((instance, port))
        if known is None:
            known = self.ports[instance, port] = any_free(self.ports.values())
        return known

    def listening(self, service: Service, instance: str) -> set[int]:
        """The container ports that a service is known to listen on."""
        texts = [*service.environment.values(), *service.health, *service.argv]
        own = {int(found) for text in texts for found in OWN.findall(text)}
        published = {int(line.rpartition(":")[2]) for line in service.published}
        return own | published | {port for name, port in self.ports if name == instance}

    def translated(self, text: str, service: Service, instance: str) -> str:
        """One argument or value as it must read on this machine."""
        names = "|".join(sorted(map(re.escape, self.services), key=len, reverse=True))
        text = re.sub(rf"(?<![\w.-])({names}):(\d+)\b", lambda found: f"{HERE}:{self.port(found[1], int(found[2]))}", text)
        if not any(f"{HERE}:{port}" in text for port in self.ports.values()):
            text = OWN.sub(lambda found: f"{HERE}:{self.port(instance, int(found[1]))}", text)
        if text.isdigit() and int(text) in self.listening(service, instance):
            text = str(self.port(instance, int(text)))
        text = PORT_OPTION.sub(lambda found: f"--port={self.port(instance, int(found[1]))}", text)
        text = HERE if text == "0.0.0.0" else text  # noqa: S104 - the file's word, replaced
        inside = self.root(instance) / text.lstrip("/")
        return str(inside) if text.startswith("/") and len(text) > 1 and inside.exists() else text

    def root(self, instance: str) -> Path:
        """What stands for the container's root."""
        return self.folder / "roots" / instance

    def furnish(self, service: Service, instance: str) -> None:
        """Link its secrets and mounts to where it looks for them."""
        for name in service.secrets:
            link(self.root(instance) / "run" / "secrets" / name, self.secrets / name)
        for mount in service.mounts:
            source = self.folder / "volumes" / mount.source if mount.named else PROJECT / mount.source
            if mount.named and not source.exists():
                source.mkdir(parents=True, mode=0o700)
            link(self.root(instance) / mount.target.lstrip("/"), source.resolve())

    def environment(self, service: Service, instance: str) -> dict[str, str]:
        """The service's own environment, and what a container would have besides."""
        home = self.root(instance) / "home"
        home.mkdir(parents=True, exist_ok=True)
        own = {key: self.translated(value, service, instance) for key, value in service.environment.items()}
        path = ":".join([*map(str, self.tools), str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
        return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **own, **self.further.get(service.name, {})}

    def command(self, service: Service, instance: str, words: Iterable[str]) -> list[str]:
        """A command of that service's, in its environment and no other."""
        self.furnish(service, instance)
        settings = [f"{key}={value}" for key, value in self.environment(service, instance).items()]
        return [shutil.which("env") or "/usr/bin/env", "-i", *settings, *(self.translated(word, service, instance) for word in words)]

    def part(self, service: Service, instance: str) -> Part:
        """What runs for long."""
        return Part(
            name=instance, argv=self.command(service, instance, service.argv), log=self.folder / "logs" / f"{instance}.log", cwd=PROJECT, patience=service.grace,
        )  # fmt: skip

    def run(self, service: Service, words: Iterable[str], instance: str = "") -> tuple[int, str]:
        """Run to its end (at most three minutes): exit code and what it said."""
        command = launched(self.command(service, instance or service.name, words), None)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=PROJECT, stdin=subprocess.DEVNULL, start_new_session=True)
        self.running.add(process)
        try:
            said, _ = process.communicate(timeout=JOB_PATIENCE)
        except subprocess.TimeoutExpired:
            killed(process)
            return 124, f"{JOB_PATIENCE:.0f} 秒内未结束 did not end"
        finally:
            self.running.discard(process)
        return process.returncode, said.strip()

    def end(self) -> None:
        """Kill what `run` waits for in other threads, so that an interrupted run ends at once."""
        for process in list(self.running):
            killed(process)


def killed(process: "subprocess.Popen[str]") -> None:
    """SIGKILL to the process and its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def link(path: Path, target: Path) -> None:
    """A link at `path`, made once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_symlink():
        path.symlink_to(target)
