"""What a worker is told from outside. Read once, at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

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
    public: str = ""  # where people reach the pages, for the links of notices; '' = notices carry none

    @staticmethod
    def from_environment(env: Mapping[str, str] = os.environ) -> "Settings":
        """The same variables as the API's; raises ValueError without a database, or where the public address is none."""
        here = Place.of(env).with_database()
        return Settings(here.engine, here.namespace, here.database, here.keys, here.offices, here.files, env.get("HUIYIN_METRICS", ""), here.story_clock, here.calendars, _public(env.get("HUIYIN_PUBLIC_URL", "")))


def _public(text: str) -> str:
    """An address of pages as notices may carry it: http or https and a host, with nothing that is secret or would not survive a path behind it."""
    found = urlsplit(text)
    if text and (found.scheme not in ("http", "https") or not found.hostname or found.query or found.fragment or found.username or not text.isascii() or any(sign.isspace() for sign in text)):
        raise ValueError(f"HUIYIN_PUBLIC_URL: 应为网址,如 https://huiyin.example.gov.cn / should be an address of pages: {text!r}")
    return text.rstrip("/")
