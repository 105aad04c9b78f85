"""What the API is told from outside: addresses, folders, limits. Read once, at start."""

import os
from dataclasses import dataclass
from pathlib import Path

from workflows.secretfile import database_url


@dataclass(frozen=True)
class Settings:
    """Where the parts are; `story_clock` lets stories give their own instants and is never on in production."""

    engine: str
    namespace: str
    database: str
    keys: Path
    files: Path
    port: int
    story_clock: bool = False

    @staticmethod
    def from_environment() -> "Settings":
        """HUIYIN_HOME and its relatives; every value has a safe default but the addresses."""
        home = Path(os.environ.get("HUIYIN_HOME", Path.home() / ".local" / "share" / "huiyin"))
        return Settings(
            os.environ.get("HUIYIN_ENGINE_ADDRESS", "127.0.0.1:7233"), os.environ.get("HUIYIN_NAMESPACE", "default"),
            database_url(), Path(os.environ.get("HUIYIN_KEYS", home / "keys")),
            Path(os.environ.get("HUIYIN_FILES", home / "files")), int(os.environ.get("HUIYIN_PORT", "8080")),
            os.environ.get("HUIYIN_STORY_CLOCK", "") == "1",
        )  # fmt: skip
