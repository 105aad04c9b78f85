"""The law that binds new cases of each office, bound anew when a year's calendar is added: nobody restarts an API for it."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli import library
from domain.core import Law
from domain.workdays import CalendarError

log = logging.getLogger("huiyin.api")


class Offices(Mapping[str, Law]):
    """Offices by id, from a folder of office files and one of added calendars; raises LibraryError at the start only."""

    def __init__(self, offices: Path, calendars: Path) -> None:
        self.offices, self.calendars = offices, calendars
        self.seen, self.known = self._stamp(), self._bound()

    def __getitem__(self, office: str) -> Law:
        """The law of an office, as the calendars are now."""
        return self._current()[office]

    def __iter__(self) -> Iterator[str]:
        """Ids of the offices."""
        return iter(self._current())

    def __len__(self) -> int:
        """How many offices."""
        return len(self._current())

    def _current(self) -> dict[str, Law]:
        stamp = self._stamp()
        if stamp != self.seen:
            self.seen = stamp
            try:
                self.known = self._bound()
            except (library.LibraryError, CalendarError):  # filing goes on under the calendar before; `huiyin doctor` names the file
                log.exception("the calendars in %s cannot be read; the ones before stay in force", self.calendars)
        return self.known

    def _stamp(self) -> tuple[tuple[str, int], ...]:
        return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(self.calendars.glob("*.toml")))

    def _bound(self) -> dict[str, Law]:
        found = {}
        for path in sorted(self.offices.glob("*.toml")):
            core = library.office(str(path)).get("office", {})
            found[str(core["id"])] = library.law_in_force(str(core["rulebook"]), str(path), self.calendars)
        return found
