"""What the API is told from outside: addresses, folders, limits. Read once, at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.place import Place


@dataclass(frozen=True)
class Settings:
    """Where the parts are; `story_clock` lets stories give their own instants, `story_offset` (seconds) is the demo's clock: never in production."""

    engine: str
    namespace: str
    database: str
    keys: Path
    files: Path
    port: int
    story_clock: bool = False
    story_offset: float = 0.0
    templates: Path | None = None  # where an office puts its own Word templates; None: nowhere

    @staticmethod
    def from_environment(env: Mapping[str, str] = os.environ) -> "Settings":
        """HUIYIN_HOME and its relatives; raises ValueError without a database."""
        here = Place.of(env).with_database()
        port = int(env.get("HUIYIN_PORT") or "8080")
        return Settings(here.engine, here.namespace, here.database, here.keys, here.files, port, here.story_clock, float(env.get("HUIYIN_STORY_OFFSET") or 0), here.templates)
