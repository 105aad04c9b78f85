"""Which Temporal server we run: one number for the binary, the schema tool and the containers."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

VERSION = "1.32.1"  # the newest patch of 1.32 that Go 1.26.8 builds; 1.32.2 asks for 1.26.10
UI_VERSION = "2.54.1"  # the web UI of that server, as image and as a Go module
LOADER_VERSION = "2.16.2"  # the reference loader of the Compose Specification, the one that docker compose itself uses
OLDEST = (1, 32, 0)  # time skipping for one case

CLI_SAYS = re.compile(r"\(Server (\d+)\.(\d+)\.(\d+)")
SERVER_SAYS = re.compile(r"version v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Engine:
    """A runnable server: the plain `server` binary, or the `temporal` command line with a server inside."""

    path: Path
    kind: Literal["server", "cli"]
    version: tuple[int, int, int]

    @property
    def number(self) -> str:
        """As written: 1.32.1."""
        return ".".join(map(str, self.version))

    def __str__(self) -> str:
        return str(self.path)


def identify(path: Path) -> Engine | None:
    """What the binary says of itself; None when it is none of ours or does not run within 20 s."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    if found := CLI_SAYS.search(said):
        return Engine(path, "cli", triple(found))
    if found := SERVER_SAYS.search(said):
        return Engine(path, "server", triple(found))
    return None


def triple(found: re.Match[str]) -> tuple[int, int, int]:
    """Major, minor, patch."""
    major, minor, patch = map(int, found.groups())
    return major, minor, patch
