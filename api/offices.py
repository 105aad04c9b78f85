"""The law that binds new cases of each office, bound anew when a version is published or begins, a calendar is added, an office file or its people change: nobody restarts an API for it."""

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cli import library
from domain.asking import Refusal
from domain.core import Law, bind
from domain.versions import Version, content
from domain.workdays import ZONE, CalendarError
from workflows.keptfile import stamp
from workflows.published import Published
from workflows.roster import Roster

log = logging.getLogger("huiyin.api")
LOOK = 1.0  # seconds between two looks at the office files
BROKEN = (library.LibraryError, CalendarError, KeyError, TypeError, AttributeError, ValueError, OSError)  # an office file that is being written may be anything


class Offices(Mapping[str, Law]):
    """Offices by id, from a folder of office files, one of added calendars and, with a key folder, the published rulebooks; raises LibraryError at the start only."""

    def __init__(self, offices: Path, calendars: Path, keys: Path | None = None) -> None:
        self.offices, self.calendars = offices, calendars
        self.published = Published(keys) if keys else None
        self.roster = Roster(keys) if keys else None
        self.paths: dict[str, Path] = {}
        self.files: dict[str, dict[str, Any]] = {}  # with the changes of their people
        self.written: dict[str, dict[str, Any]] = {}  # as they stand in the folder
        self.years: list[dict[str, Any]] = []
        self.bound: dict[tuple[str, int], Law] = {}
        self.looked, self.stamps, self.added = -LOOK, dict[Path, int](), ((0, 0), tuple[tuple[str, int], ...]())
        self.seen = self._stamp()
        self.known = self._read()

    def __getitem__(self, office: str) -> Law:
        """The law of an office today."""
        return self._current()[office]

    def __iter__(self) -> Iterator[str]:
        """Ids of the offices."""
        return iter(self._current())

    def __len__(self) -> int:
        """How many offices."""
        return len(self._current())

    def on(self, office: str, received: date) -> Law:
        """The law of what an office received on a day. Raises Refusal: no_version_in_force, versions_unsound."""
        self._current()
        if self.published is None:
            return self.known[office]
        if self.published.unsound(office):
            raise Refusal("versions_unsound", None, {"office": office})
        version = self.published.history(office).binding(received.isoformat(), _today())
        return self._law(office, version)

    def every(self) -> list[Law]:
        """Every law under which something is or was filed by this process, today's first."""
        return [*self._current().values(), *self.bound.values()]

    def draft(self, office: str) -> tuple[str, str]:
        """Book and text of an office as the files are now: what would be published. Raises LibraryError."""
        file = library.toml(self.paths[office])
        book = str(file["office"]["rulebook"])
        return book, drafted(book, file)

    def _law(self, office: str, version: Version | None) -> Law:
        key = (office, version.number if version else 0)
        if key not in self.bound:
            file = self.files[office]
            if version is None:
                self.bound[key] = bind(library.book(str(file["office"]["rulebook"])), file, self.years)
            elif self.published is not None:
                self.bound[key] = self.published.law(version, file, self.years)
        return self.bound[key]

    def _current(self) -> dict[str, Law]:
        seen = self._stamp()
        if seen != self.seen:
            self.seen = seen
            try:
                self.known = self._read()
            except BROKEN:  # filing goes on as before; `huiyin doctor` and `office check` name the file
                log.exception("an office file or calendar in %s, %s cannot be read; what was in force stays in force", self.offices, self.calendars)
        return self.known

    def _stamp(self) -> tuple[Any, ...]:
        """What changes when anything does that a law is made of. Asked by every request: files are looked at once a second, an added calendar shows at once."""
        folder, again = stamp(self.calendars), time.monotonic() - self.looked >= LOOK
        if again or folder != self.added[0]:
            self.added = folder, tuple((path.name, path.stat().st_mtime_ns) for path in sorted(self.calendars.glob("*.toml")))
        if again:
            self.looked = time.monotonic()
            self.stamps = {path: path.stat().st_mtime_ns for path in sorted(self.offices.glob("*.toml"))}
        return (self.added[1], tuple(self.stamps.items()), *((self.published.fresh(), _today()) if self.published else ()), self.roster.fresh() if self.roster else None)

    def _read(self) -> dict[str, Law]:
        before = self.years, self.bound, self.paths, self.files, self.written
        try:
            read = [(path, library.toml(path)) for path in self.stamps]
            self.years, self.bound = list(library.published(self.calendars)), {}
            self.paths = {str(file["office"]["id"]): path for path, file in read}
            self.written = {str(file["office"]["id"]): file for _, file in read}
            self.files = {office: self.roster.applied(file) if self.roster else file for office, file in self.written.items()}
            return {office: self._law(office, self._today(office)) for office in self.files}
        except BROKEN:
            self.years, self.bound, self.paths, self.files, self.written = before
            raise

    def _today(self, office: str) -> Version | None:
        if self.published is None or self.published.unsound(office):
            return None
        return self.published.history(office).current(_today())


def drafted(book: str, office: Mapping[str, Any]) -> str:
    """The text of a book and an office's terms as the files are now, read afresh."""
    return content(library.toml(library.BOOKS / f"{book}.toml"), library.clauses(book), office)


def _today() -> str:
    return datetime.now(ZONE).date().isoformat()
