"""One line of `doctor`: what was looked at, how it stands, what to do."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """`about` is a stable key; the remedies are empty when all is well."""

    level: Level
    about: str
    zh: str
    en: str
    remedy_zh: str = ""
    remedy_en: str = ""


def ok(about: str, zh: str, en: str) -> Finding:
    """All well."""
    return Finding("ok", about, zh, en)


def warn(about: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "") -> Finding:
    """It works, yet somebody should look."""
    return Finding("warn", about, zh, en, remedy_zh, remedy_en)


def fail(about: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "") -> Finding:
    """Not fit for real cases."""
    return Finding("fail", about, zh, en, remedy_zh, remedy_en)
