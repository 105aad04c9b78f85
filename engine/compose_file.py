"""docker-compose.yml as data: read, its `${NAME:-default}` filled in, its services in one shape. For `make compose-check` (needs pyyaml)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent
FILE = PROJECT / "docker-compose.yml"
VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)(?::?-([^}]*))?\})")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DONE = "service_completed_successfully"


def load(path: Path = FILE, variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file with its variables filled in (defaults where a name is not given)."""
    found: dict[str, Any] = filled(yaml.safe_load(path.read_text("utf-8")), variables or {})
    return found


def filled(value: Any, variables: Mapping[str, str]) -> Any:
    """Every text of the value with `${NAME}` and `${NAME:-default}` replaced; `$$` is a plain `$`."""
    if isinstance(value, dict):
        return {key: filled(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, variables) for one in value]
    if not isinstance(value, str):
        return value
    return VARIABLE.sub(lambda found: "$" if found[1] else variables.get(found[2]) or found[3] or "", value)


def seconds(text: str) -> float:
    """A duration of the Specification (1m30s) in seconds."""
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[smh])", text))


@dataclass(frozen=True)
class Mount:
    """One line under `volumes`: a folder or file of ours, or a named volume, at a path of the container."""

    source: str
    target: str
    read_only: bool

    @property
    def named(self) -> bool:
        """True for a named volume."""
        return not self.source.startswith((".", "/", "~"))


@dataclass(frozen=True)
class Service:
    """One service, in the one shape that the rules and the plain processes read."""

    name: str
    raw: Mapping[str, Any]
    jobs: frozenset[str]

    @property
    def image(self) -> str:
        return str(self.raw.get("image", ""))

    @property
    def tag(self) -> str:
        return self.image.rpartition(":")[2] if ":" in self.image.rpartition("/")[2] else ""

    @property
    def is_job(self) -> bool:
        """True when others wait for its end."""
        return self.name in self.jobs

    @property
    def argv(self) -> list[str]:
        """Entrypoint and command as one line."""
        return [*words(self.raw.get("entrypoint")), *words(self.raw.get("command"))]

    @property
    def health(self) -> list[str]:
        """The command of the health check, empty where there is none."""
        test = words(self.raw.get("healthcheck", {}).get("test"))
        return test[1:] if test[:1] == ["CMD"] else test

    @cached_property
    def environment(self) -> dict[str, str]:
        given = self.raw.get("environment", {})
        pairs = given.items() if isinstance(given, dict) else (line.partition("=")[::2] for line in given)
        return {str(key): "" if value is None else str(value) for key, value in pairs}

    @property
    def secrets(self) -> list[str]:
        return [one if isinstance(one, str) else str(one["source"]) for one in self.raw.get("secrets", [])]

    @property
    def mounts(self) -> list[Mount]:
        return [mount(one) for one in self.raw.get("volumes", [])]

    @property
    def needs(self) -> dict[str, str]:
        """Service waited for → its condition."""
        given = self.raw.get("depends_on", {})
        return dict.fromkeys(given, "service_started") if isinstance(given, list) else {one: row["condition"] for one, row in given.items()}

    @property
    def published(self) -> list[str]:
        return [str(one) for one in self.raw.get("ports", [])]

    @property
    def replicas(self) -> int:
        return int(self.raw.get("deploy", {}).get("replicas", 1))

    @property
    def grace(self) -> float:
        return seconds(str(self.raw.get("stop_grace_period", "10s")))


def words(value: Any) -> list[str]:
    """A command in list form; a text is split at spaces."""
    return value.split() if isinstance(value, str) else [str(one) for one in value or []]


def mount(line: str | Mapping[str, Any]) -> Mount:
    """A mount in short or long form."""
    if not isinstance(line, str):
        return Mount(str(line.get("source", "")), str(line["target"]), bool(line.get("read_only", False)))
    source, _, rest = line.partition(":")
    target, _, mode = rest.partition(":")
    return Mount(source, target, "ro" in mode.split(","))


def services(compose: Mapping[str, Any]) -> dict[str, Service]:
    """All services by name; a job is what somebody waits for to complete."""
    rows: Mapping[str, Any] = compose.get("services", {})
    waited = {name for row in rows.values() if isinstance(row.get("depends_on"), dict) for name, need in row["depends_on"].items() if need.get("condition") == DONE}
    return {name: Service(name, row, frozenset(waited)) for name, row in rows.items()}
