"""The core alone, on one core: stories a second, how long a book takes to load, and what an entry costs a ledger at the end of a full year.

All by the processor's clock of this process, under a worker's settings of the collector: other work on the machine makes it wait, and does not count.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.lifecycle import Wrong
from bench.stand import BOOK, OFFICE
from cli import library
from domain import ledger, stories
from domain.law import Law, bind
from domain.workdays import ZONE
from worker.__main__ import spare_the_collector

YEAR, PART = 10_000, 1_000  # entries that a busy office's cases make in a year; how many the two ends are measured over


@dataclass(frozen=True)
class Told:
    """Stories told: how many, how many a second with their expectations checked, and of the core alone."""

    count: int
    checked: float
    bare: float


def told(seconds: float) -> Told:
    """Every story of every book at least once, and again until the seconds are over."""
    ready = [(story, library.law(story["rulebook"], story["office"])) for _, story in library.stories()]
    bare: list[tuple[Mapping[str, Any], Law]] = [({**story, "expect": []}, law) for story, law in ready]
    spare_the_collector()
    rates = []
    count = 0
    for some, least in ((ready, seconds), (bare, seconds / 2)):
        done, began = 0, time.process_time()
        while (spent := time.process_time() - began) < least or done < len(some):
            story, law = some[done % len(some)]
            if stories.run(story, law).failures:
                raise Wrong(f"{story['story']}: not as expected")
            done += 1
        rates.append(done / spent)
        count += done
    return Told(count, *rates)


def loaded() -> dict[str, float]:
    """Milliseconds from a book's file to law under its sample office, by book; the calendars are there already."""
    years, found = list(library.calendars()), {}
    for name in library.books():
        office = library.office(library.office_for(name))
        began = time.process_time()
        bind(library.toml(library.BOOKS / f"{name}.toml"), office, years)
        found[name] = (time.process_time() - began) * 1000
    return found


def year_of_entries(count: int = YEAR) -> tuple[float, float]:
    """Milliseconds an entry costs a ledger at the beginning of a year and at its end; all complain of the same five people."""
    law = library.law(BOOK, OFFICE)
    people = list(law.office["person"])[:5]
    book, now, spent = ledger.new(OFFICE, BOOK), datetime(2025, 1, 2, 9, tzinfo=ZONE), list[float]()
    for number in range(0, count, 20):
        now += timedelta(days=364) * 20 / count
        some = [_entry(n, what, people[n % len(people)], now) for n in range(number, number + 20, 2) for what in ("accepted", "concluded")]
        began = time.process_time()
        book, _ = ledger.take(book, [ledger.entry_command(one, now) for one in some], now, law)
        spent.append((time.process_time() - began) / len(some) * 1000)
    if len(book.entries) != count:
        raise Wrong(f"the ledger has {len(book.entries)} of {count} entries")
    ends = max(1, PART // 20)
    return sum(spent[:ends]) / len(spent[:ends]), sum(spent[-ends:]) / len(spent[-ends:])


def _entry(number: int, what: str, person: str, at: datetime) -> dict[str, Any]:
    case, facts = f"c{number}", {"found": "true", "scope": "window", "ground": "g8"}
    subjects = {"person": [person], "unit": ["tax"], "window": [person], "ground": ["g8"]}
    return {"key": f"{case}@{what}", "what": [what], "case": case, "at": at.isoformat(), "subjects": subjects, "facts": facts, "marks": {"filed": at.isoformat()}}
