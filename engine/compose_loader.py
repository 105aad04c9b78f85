"""The reference loader of the Compose Specification (compose-go, which docker compose uses) reads the file too, where Go builds it or has built it."""

import json
import subprocess
from pathlib import Path
from typing import Any

from engine.build import LOADER, SOURCES, NotBuilt, build, cache_of
from engine.compose_file import load, services
from engine.process import launched
from engine.progress import Progress


def loader(progress: Progress, *, may_build: bool) -> Path | str:
    """Its binary, else why there is none."""
    kept = cache_of(SOURCES[LOADER][2]) / LOADER
    if kept.exists():
        return kept
    if not may_build:
        return "not in the cache"
    try:
        return build(LOADER, progress)
    except NotBuilt as why:
        return str(why).splitlines()[0]


def loader_faults(binary: Path, file: Path) -> list[str]:
    """What it says against the file; and where it reads a command, an environment or an image otherwise than we do."""
    command = launched([str(binary), "-format", "json", str(file.resolve())], None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=file.resolve().parent, env={"PATH": "/usr/bin:/bin"})
    if done.returncode:
        return [(done.stderr or done.stdout).strip()[-600:]]
    theirs: dict[str, Any] = json.loads(done.stdout)["services"]
    return [fault for name, ours in services(load(file)).items() for fault in differences(name, ours.argv, ours.environment, ours.image, theirs.get(name, {}))]


def differences(name: str, argv: list[str], environment: dict[str, str], image: str, theirs: dict[str, Any]) -> list[str]:
    """One service read by both."""
    read = [*(theirs.get("entrypoint") or []), *(theirs.get("command") or [])], theirs.get("environment") or {}, theirs.get("image", "")
    pairs = zip(("command", "environment", "image"), (argv, environment, image), read, strict=True)
    return [f"{name}.{what}: {mine!r} ≠ {other!r}" for what, mine, other in pairs if mine != other]
