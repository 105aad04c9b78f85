"""A Temporal server as our child: configured, started, made ready, stopped."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.attributes import ATTRIBUTES, NAMESPACE
from engine.configuration import EMBEDDED, FRONTEND, PORT_NAMES, TIME_SKIPPING, write_configuration
from engine.membership import forget_members
from engine.namespaces import prepare, reachable
from engine.ports import free_ports
from engine.process import Child, Part, PartFailed
from engine.progress import Progress
from engine.stores import File, Memory, Store
from engine.versions import Engine

STARTS = 3  # a port may be taken between our look and the server's


@dataclass(frozen=True)
class Plan:
    """How to run it. `folder` takes configuration; `ports` are those of the last run; `faults` and `narrowed` are for tests."""

    folder: Path
    store: Store
    log: Path
    namespace: str = NAMESPACE
    time_skipping: bool = False
    faults: float = 0.0
    seed: int = 1
    log_level: str = "warn"
    ports: Mapping[str, int] = field(default_factory=dict)
    narrowed: Mapping[str, Any] = field(default_factory=dict)


class Temporal:
    """A running server."""

    def __init__(self, plan: Plan, ports: dict[str, int], child: Child) -> None:
        self.plan, self.ports, self.child = plan, ports, child

    @property
    def address(self) -> str:
        """Of the frontend, for clients."""
        return f"127.0.0.1:{self.ports[FRONTEND]}"

    async def answers(self) -> bool:
        """True when the frontend answers."""
        return await reachable(self.address)

    async def stop(self, *, patience: float = 2.0) -> None:
        """SIGTERM, then SIGKILL: its store survives both."""
        await self.child.stop(patience=patience)


async def start(engine: Engine, plan: Plan, *, progress: Progress, seconds: float = 60) -> Temporal:
    """Start the server, make namespace and attributes; back when a case can be started and told. PartFailed with the end of its log."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    ports: Mapping[str, int] = plan.ports
    for attempt in range(1, STARTS + 1):
        await forget_members(plan.store)
        temporal = make(engine, plan, free_ports(PORT_NAMES, ports))
        temporal.child.start()
        try:
            await temporal.child.ready(temporal.answers, seconds=seconds, progress=progress, zh="启动引擎", en="Temporal")
            await prepare(temporal.address, plan.namespace)
        except PartFailed as failure:
            temporal.child.kill()
            if attempt == STARTS or "address already in use" not in str(failure):
                raise
            ports = {}
        except BaseException:
            temporal.child.kill()
            raise
        else:
            return temporal
    raise PartFailed("unreachable")


def make(engine: Engine, plan: Plan, ports: dict[str, int]) -> Temporal:
    """Written configuration and a child that is not started yet."""
    part = Part(
        name="temporal",
        argv=server_command(engine, plan, ports) if engine.kind == "server" else cli_command(engine, plan, ports),
        log=plan.log,
        cwd=plan.folder,
        stops_by=signal.SIGTERM,
        patience=2.0,
    )
    return Temporal(plan, ports, Child(part))


def server_command(engine: Engine, plan: Plan, ports: Mapping[str, int]) -> list[str]:
    """The plain server's command line, after writing its configuration."""
    main = write_configuration(
        plan.folder,
        plan.store,
        ports,
        time_skipping=plan.time_skipping,
        faults=plan.faults,
        seed=plan.seed,
        log_level=plan.log_level,
        narrowed=plan.narrowed,
    )
    return [str(engine.path), "--config-file", str(main), "--allow-no-auth", "start"]


CLI_TYPES = {1: "Text", 2: "Keyword", 3: "Int", 4: "Double", 5: "Bool", 6: "Datetime", 7: "KeywordList"}


def cli_command(engine: Engine, plan: Plan, ports: Mapping[str, int]) -> list[str]:
    """The command line's own server: SQLite only, no faults."""
    if plan.faults or plan.narrowed or not isinstance(plan.store, Memory | File):
        raise PartFailed("the temporal command line runs SQLite only, injects no faults and knows no settings of one namespace: build the server")
    dynamic = EMBEDDED | (TIME_SKIPPING if plan.time_skipping else {})
    command = [str(engine.path), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", plan.log_level]
    command += ["--port", str(ports[FRONTEND]), "--namespace", plan.namespace]
    for key, value in dynamic.items():
        command += ["--dynamic-config-value", f'{key}="{value}"' if isinstance(value, str) else f"{key}={str(value).lower()}"]
    for name, kind in ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={CLI_TYPES[kind]}"]
    if isinstance(plan.store, File):
        command += ["--db-filename", str(plan.store.path)]
    return command
