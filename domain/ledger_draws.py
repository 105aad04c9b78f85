"""Draws by lot: from which population, how many, who is always in; the seed is kept, so anybody can draw the same again."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.case import Case
from domain.law import Law
from domain.ledger_entries import Entry, dated, figure, fits, per_of
from domain.ledger_periods import period_of
from domain.ledger_watch import words


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a draw gave: the population as it was, who was in by rule, who by lot, in this order."""

    population: tuple[str, ...]
    always: tuple[str, ...]
    drawn: tuple[str, ...]


def population(name: str, entries: Iterable[Entry], law: Law, at: datetime) -> list[str]:
    """Whom a draw is made among: units of some kinds, or the subjects (else the cases) of entries in the period of `at`."""
    row = law.row("draw", name)
    of = row.get("of")
    if isinstance(of, Mapping):
        kinds = words(of.get("unit_kind"))
        return sorted(uid for uid, unit in law.office.get("unit", {}).items() if not kinds or unit.get("kind") in kinds)
    unit = str((row.get("within") or {}).get("calendar", ""))
    here = period_of(unit, at.date()).label if unit else ""
    found: set[str] = set()
    for entry in entries:
        if set(words(of)) & set(entry["what"]) and fits(row, entry, law) and (not unit or period_of(unit, dated(entry, row).date()).label == here):
            found |= set(per_of(entry, str(row["per"]))) if "per" in row else {entry["case"] or entry["key"]}
    return sorted(found)


def drawn(name: str, ledger: Case, entries: Iterable[Entry], law: Law, at: datetime, seed: str) -> Drawn | None:
    """The draw that a seed gives; None where nobody has set the share."""
    row = law.row("draw", name)
    entries = list(entries)
    among = population(name, entries, law, at)
    earlier = [one for one in ledger.draws.values() if one["draw"] == name]
    since = str(earlier[-1]["at"]) if earlier else ""
    forced = {s for e in entries if set(words(row.get("always"))) & set(e["what"]) and e["at"] >= since for s in per_of(e, str(row.get("per", "unit")))}
    always = [one for one in among if one in forced]
    count = _count(row, law, len(among))
    if count is None:
        return None
    rest = sorted((one for one in among if one not in forced), key=lambda one: lot(seed, one))
    if row.get("coverage"):  # nobody a second time before everybody was drawn once
        times = {one: sum(one in past["drawn"] for past in earlier) for one in rest}
        rest.sort(key=lambda one: times[one])
    return Drawn(tuple(among), tuple(always), tuple([*always, *rest][: max(count, len(always))]))


def lot(seed: str, one: str) -> str:
    """The lot of one member under a seed; the lowest are drawn."""
    return hashlib.sha256(f"{seed}:{one}".encode()).hexdigest()


def _count(row: Mapping[str, Any], law: Law, size: int) -> int | None:
    fixed, share = figure(row.get("count"), law), figure(row.get("share"), law)
    if isinstance(fixed, int):
        return min(fixed, size)
    return math.ceil(round(share * size, 9)) if isinstance(share, (int, float)) else None
