"""The office files as they are now: an administrator who mends an address should not have to restart anything."""

import logging
import time
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from activities.notices import addresses_in
from domain.acts import ACTS
from domain.workdays import ZONE
from workflows.published import Published
from workflows.roster import Roster

log = logging.getLogger("huiyin.worker")
EVENTS = {act.event: (act.zh, act.en) for act in ACTS.values()}
EVERY = 1.0  # seconds between two looks at the folder
BOOKS = Path(__file__).resolve().parent.parent / "rulebooks"


class Offices:
    """A folder of office files, read again when one of them changes; a file that cannot be read leaves the last good one in force."""

    def __init__(self, folder: Path, books: Path = BOOKS, every: float = EVERY, keys: Path | None = None) -> None:
        self.folder, self.books, self.every = folder, books, every
        self.published = Published(keys) if keys else None
        self.roster = Roster(keys) if keys else None
        self._people: Any = None
        self._seen: dict[Path, int] = {}
        self._known: dict[Path, dict[str, Any]] = {}
        self._files: dict[str, dict[str, Any]] = {}
        self._again = 0.0
        self._missed: set[str] = set()
        self._names: dict[str, dict[str, Any]] = {}

    def all(self) -> dict[str, dict[str, Any]]:
        """Every office file by office id."""
        if time.monotonic() < self._again:
            return self._files
        self._again = time.monotonic() + self.every
        found = {path: path.stat().st_mtime_ns for path in sorted(self.folder.glob("*.toml"))}
        people = (self.roster.fresh(), datetime.now(ZONE).date()) if self.roster else None
        if found != self._seen or people != self._people:
            self._known = {path: kept for path in found if (kept := self._read(path)) is not None}
            self._seen, self._people = found, people
            self._files = {str(file.get("office", {}).get("id", path.stem)): self.roster.applied(file) if self.roster else file for path, file in self._known.items()}
        return self._files

    def _read(self, path: Path) -> dict[str, Any] | None:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            log.exception("%s 无法读取,沿用上次内容 / cannot be read, its last content stays in force", path.name)
            return self._known.get(path)

    def file(self, office: str) -> Mapping[str, Any]:
        """One office file, {} where there is none."""
        return self.all().get(office, {})

    def addresses(self, office: str, who: str) -> Sequence[str]:
        """The addresses of a person or unit."""
        if not self.file(office) and office not in self._missed:
            self._missed.add(office)
            log.warning("%s 不在机构文件夹中,其通知只到站内 / is not among the office files: its notices are shown in-app only", office)
        return addresses_in(self.file(office), who)

    def words(self, office: str, form: str) -> tuple[str, str, str]:
        """The book of an office, and what its published text (else the folder's) calls a notice in Chinese and English."""
        book, content = self._text(office)
        rows = [content.get(table, {}).get(form) for table in ("notice", "trigger", "recur")]
        row: Mapping[str, Any] = next(filter(None, rows), {})
        zh, en = EVENTS.get(form, (form, form.replace("_", " ")))  # told by the core itself, whatever the book says
        return book, str(row.get("zh", zh)), str(row.get("en", en))

    def _text(self, office: str) -> tuple[str, dict[str, Any]]:
        if self.published is not None:
            self.published.fresh()
            history = self.published.history(office)
            if not self.published.unsound(office) and (version := history.current(datetime.now(ZONE).date().isoformat())):
                return version.book, self.published.book(version)
        book = str(self.file(office).get("office", {}).get("rulebook", ""))
        return book, self._book(book)

    def _book(self, name: str) -> dict[str, Any]:
        if name not in self._names:
            path = self.books / f"{name}.toml"
            self._names[name] = tomllib.loads(path.read_text(encoding="utf-8")) if name and path.is_file() else {}
        return self._names[name]
