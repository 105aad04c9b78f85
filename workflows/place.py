"""Where an installation lies and answers: what worker, API and commands are told alike from outside."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows.secretfile import database_url

NAMESPACE = "huiyin"
DATABASE = "HUIYIN_DATABASE_URL"
NO_DATABASE = f"请设置 {DATABASE},或先运行 huiyin up / set {DATABASE} (postgresql://...), or run `huiyin up` first"
SAMPLES = Path(__file__).resolve().parent.parent / "examples" / "offices"


def home(env: Mapping[str, str] = os.environ) -> Path:
    """HUIYIN_HOME, else the user's data folder."""
    if wish := env.get("HUIYIN_HOME"):
        return Path(wish).expanduser().resolve()
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "huiyin"


@dataclass(frozen=True)
class Place:
    """Addresses and folders of one installation; `story_clock` lets stories bring their own time and is never on in production."""

    home: Path
    engine: str
    namespace: str
    database: str
    keys: Path
    offices: Path
    files: Path
    calendars: Path
    templates: Path
    story_clock: bool

    @staticmethod
    def of(env: Mapping[str, str] = os.environ) -> "Place":
        """What the variables say; all but the database has a default. An empty variable is one not set. ValueError for a password file that cannot be read."""
        root = home(env)
        return Place(
            root, env.get("HUIYIN_ENGINE_ADDRESS") or "127.0.0.1:7233", env.get("HUIYIN_NAMESPACE") or NAMESPACE, database_url(env),
            Path(env.get("HUIYIN_KEYS") or root / "keys"), Path(env.get("HUIYIN_OFFICES") or SAMPLES),
            Path(env.get("HUIYIN_FILES") or root / "files"), Path(env.get("HUIYIN_CALENDARS") or root / "calendars"), Path(env.get("HUIYIN_TEMPLATES") or root / "templates"),
            env.get("HUIYIN_STORY_CLOCK") == "1",
        )  # fmt: skip

    def with_database(self) -> "Place":
        """Itself; raises ValueError where nobody has said which database."""
        if not self.database:
            raise ValueError(NO_DATABASE)
        return self
