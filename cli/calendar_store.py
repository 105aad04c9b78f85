"""The calendars of an installation: a folder with one file a year in force, replaced ones beside it, and a log of who added what."""

import getpass
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import library
from domain.workdays import ZONE, Year, parse_year

LOG = "log.jsonl"


@dataclass(frozen=True)
class Added:
    """What `add` did: the edition in force, and whether it is new, a replacement, or was in force before."""

    year: Year
    edition: str
    at: str
    reason: str
    fresh: bool
    replaced: bool


def in_force(folder: Path, number: int) -> Year | None:
    """The year as it binds new cases now, of the folder or of the project; None where not published."""
    return next((parse_year(one) for one in library.published(folder) if one["year"] == number), None)


def add(folder: Path, year: Year, text: str, reason: str = "") -> Added:
    """Put a year in force (atomically); what it replaces is kept under its edition's name. The same content changes nothing."""
    entries = [one for one in log(folder) if one["year"] == year.year]
    last = entries[-1] if entries else None
    known = in_force(folder, year.year)
    if known is not None and _content(known) == _content(year):
        edition = str(last["edition"]) if last else _edition("", year)
        return Added(year, edition, _text(last, "at") or _now(), _text(last, "reason"), False, bool(last and last["replaced"]))
    added = Added(year, _edition(str(last["edition"]) if last else "", year), _now(), reason, True, known is not None)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{year.year}.toml"
    if path.exists():
        (folder / f"{year.year}.{last['edition'] if last else 'before'}.replaced").write_bytes(path.read_bytes())
    part = folder / f".{year.year}.part"
    part.write_text(text, encoding="utf-8")
    entry = {"year": year.year, "number": year.number, "issued_on": year.issued_on.isoformat(), "edition": added.edition, "at": added.at, "replaced": added.replaced, "reason": reason}
    with (folder / LOG).open("a", encoding="utf-8") as file:  # before the file: an edition is never in force without its line
        file.write(json.dumps({**entry, "by": getpass.getuser()}, ensure_ascii=False) + "\n")
    part.replace(path)
    return added


def log(folder: Path) -> list[dict[str, Any]]:
    """What was added, oldest first."""
    try:
        return [json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        return []


def _text(entry: dict[str, Any] | None, name: str) -> str:
    return str(entry[name]) if entry else ""


def _now() -> str:
    return datetime.now(ZONE).replace(microsecond=0).isoformat()


def _content(year: Year) -> str:
    return json.dumps(year.dump(), ensure_ascii=False, sort_keys=True)


def _edition(before: str, year: Year) -> str:
    """Chained, so that going back to an earlier content is an edition of its own."""
    return hashlib.sha256((before + _content(year)).encode()).hexdigest()[:16]
