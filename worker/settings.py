"""What a worker is told from outside. Read once, at start."""

import os
from dataclasses import dataclass
from pathlib import Path


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

    @staticmethod
    def from_environment() -> "Settings":
        """The same variables as the API's; raises ValueError without a database."""
        home = Path(os.environ.get("HUIYIN_HOME", Path.home() / ".local" / "share" / "huiyin"))
        database = os.environ.get("HUIYIN_DATABASE_URL", "")
        if not database:
            raise ValueError("请设置 HUIYIN_DATABASE_URL / set HUIYIN_DATABASE_URL (postgresql://...)")
        return Settings(
            os.environ.get("HUIYIN_ENGINE_ADDRESS", "127.0.0.1:7233"), os.environ.get("HUIYIN_NAMESPACE", "default"), database,
            Path(os.environ.get("HUIYIN_KEYS", home / "keys")),
            Path(os.environ.get("HUIYIN_OFFICES", Path(__file__).resolve().parent.parent / "examples" / "offices")),
            Path(os.environ.get("HUIYIN_FILES", home / "files")),
            os.environ.get("HUIYIN_METRICS", ""), os.environ.get("HUIYIN_STORY_CLOCK", "") == "1",
        )  # fmt: skip
