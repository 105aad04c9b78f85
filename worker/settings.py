"""What a worker is told from outside. Read once, at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.place import Place


@dataclass(frozen=True)
class Settings:
    """Addresses and folders; `story_clock` lets stories bring their own time and is never on in production."""

    engine: str
    namespace: str
    database: str
    keys: Path
    offices: Path
    files: Path
    metrics: str = ""
    story_clock: bool = False
    calendars: Path = Path("calendars")

    @staticmethod
    def from_environment(env: Mapping[str, str] = os.environ) -> "Settings":
        """The same variables as the API's; raises ValueError without a database."""
        here = Place.of(env).with_database()
        return Settings(here.engine, here.namespace, here.database, here.keys, here.offices, here.files, env.get("HUIYIN_METRICS", ""), here.story_clock, here.calendars)
