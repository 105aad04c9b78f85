"""What the API is told from outside: addresses, folders, limits. Read once, at start."""

import os
from dataclasses import dataclass
from pathlib import Path


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

    @staticmethod
    def from_environment() -> "Settings":
        """HUIYIN_HOME and its relatives; every value has a safe default but the addresses."""
        home = Path(os.environ.get("HUIYIN_HOME", Path.home() / ".local" / "share" / "huiyin"))
        return Settings(
            os.environ.get("HUIYIN_ENGINE_ADDRESS", "127.0.0.1:7233"), os.environ.get("HUIYIN_NAMESPACE", "default"),
            os.environ.get("HUIYIN_DATABASE_URL", ""), Path(os.environ.get("HUIYIN_KEYS", home / "keys")),
            Path(os.environ.get("HUIYIN_FILES", home / "files")), int(os.environ.get("HUIYIN_PORT", "8080")),
            os.environ.get("HUIYIN_STORY_CLOCK", "") == "1", float(os.environ.get("HUIYIN_STORY_OFFSET") or 0),
        )  # fmt: skip
