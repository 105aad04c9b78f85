"""Counters: which entries count for whom, kept by subject and window, so that an entry touches only its own. Order of arrival never matters."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from domain.law import Law
from domain.ledger_entries import Entry, dated, figure, fits, per_of
from domain.ledger_periods import months_on
from domain.ledger_watch import and_words, words
from domain.ledger_windows import Hit, Limb, One, ends, label_of, period, rolled, rolling, runs, unit, window

ALL = ""  # the one window of a counter whose windows hang together


def counted(row: Mapping[str, Any], entries: Iterable[Entry], law: Law) -> dict[str, list[Entry]]:
    """By subject, the entries that count: conditions hold, not taken back, and of each case only what it says last."""
    names, less = set(words(row.get("counts"))), set(words(row.get("less")))
    last: dict[str, Entry] = {}
    back: dict[str, str] = {}
    for entry in sorted(entries, key=lambda e: (e["at"], e["key"])):
        if less & set(entry["what"]):
            back[entry["case"]] = entry["at"]
        if names & set(entry["what"]):
            last[entry["key"] if row.get("each") or not entry["case"] else entry["case"]] = entry
    found: dict[str, list[Entry]] = {}
    for entry in last.values():
        if fits(row, entry, law) and not (entry["case"] and back.get(entry["case"], "") >= entry["at"]):
            for subject in per_of(entry, str(row.get("per", ""))):
                found.setdefault(subject, []).append(entry)
    return found


class Count:
    """One counter's entries by subject and window. What the entries of a case say together is put in, and replaced, as one group."""

    def __init__(self, row: Mapping[str, Any], law: Law) -> None:
        """Nothing counted yet."""
        self.row, self.law, self.within = row, law, window(row, law)
        self.also = set(and_words(row))
        self.names = {*words(row.get("counts")), *words(row.get("less")), *self.also}
        raw = row.get("within") or {}
        self.apart = not self.also and not ({"run_of_months"} & set(self.within)) and rolling(self.within, law) is None and (not raw or bool(unit(raw)))
        self.groups: dict[str, list[tuple[str, str, One, bool]]] = {}
        self.ones: dict[str, dict[str, list[One]]] = {}
        self.limbs: dict[str, dict[str, list[One]]] = {}
        self.touched: set[tuple[str, str]] = set()

    def put(self, group: str, entries: Iterable[Entry]) -> None:
        """The entries of one case (or one that stands alone) that were not taken back; whatever was there of it before is replaced."""
        mine = [e for e in entries if not self.names.isdisjoint(e["what"])]
        before = self.groups.pop(group, ())
        for subject, label, one, limb in before:
            rows = (self.limbs if limb else self.ones)[subject][label]
            del rows[bisect_left(rows, one.order, key=_order)]
        after = list(self._of(mine))
        for subject, label, one, limb in after:
            insort((self.limbs if limb else self.ones).setdefault(subject, {}).setdefault(label, []), one, key=_order)
        if after:
            self.groups[group] = after
        self.touched.update((subject, label if self.apart else ALL) for subject, label, *_ in (*before, *after))

    def _of(self, entries: list[Entry]) -> Iterator[tuple[str, str, One, bool]]:
        for subject, some in counted(self.row, entries, self.law).items():
            for entry in some:
                one = self._one(entry, _amount(self.row, entry))
                yield subject, self._label(one), one, False
        if self.also:
            part = {"when": self.row["and"]["when"]} if "when" in self.row["and"] else {}
            for entry in entries:
                if self.also & set(entry["what"]) and fits(part, entry, self.law):
                    for subject in dict.fromkeys(per_of(entry, str(self.row.get("per", "")))):
                        yield subject, ALL, self._one(entry, 1), True

    def _one(self, entry: Entry, amount: float) -> One:
        return One(dated(entry, self.row), entry["key"], entry["case"], amount)

    def _label(self, one: One) -> str:
        """The bucket of an entry: its calendar period, its month in a run, or the only one."""
        if "run_of_months" in self.within:
            return one.at.date().replace(day=1).isoformat()
        return ALL if rolling(self.within, self.law) else label_of(unit(self.within), one.at.date())

    def touch(self, fired: Mapping[str, Any]) -> None:
        """The window of a firing is to be looked at."""
        self.touched.add(self._window_of(fired))

    def look(self) -> set[tuple[str, str]]:
        """The windows that were touched since the last look."""
        seen, self.touched = self.touched, set()
        return seen

    def concerns(self, fired: Mapping[str, Any], touched: set[tuple[str, str]]) -> bool:
        """Whether a firing belongs to a window that was touched."""
        return self._window_of(fired) in touched

    def _window_of(self, fired: Mapping[str, Any]) -> tuple[str, str]:
        return fired["subject"], fired["label"] if self.apart else ALL

    def hits(self, touched: Iterable[tuple[str, str]]) -> list[Hit]:
        """Every reaching of the figure in these windows, once per window: in a calendar period, each time a rolling window fills anew, each run of months."""
        least = figure(self.row.get("at"), self.law)
        if not isinstance(least, (int, float)) or isinstance(least, bool):
            return []
        found = [hit for subject, label in touched for hit in self._hits(subject, label, least)]
        return sorted(found, key=lambda hit: (hit.at, hit.subject))

    def _hits(self, subject: str, label: str, least: float) -> Iterable[Hit]:
        buckets = self.ones.get(subject, {})
        limb: Limb | None = (int(self.row["and"].get("at", 1)), self.limbs.get(subject, {}).get(ALL, [])) if self.also else None
        if "run_of_months" in self.within:
            months = {rows[0].at.date().replace(day=1): rows for rows in buckets.values() if rows}
            return runs(months, subject, int(figure(self.within["run_of_months"], self.law) or least), int(self.row.get("each_month", 1)))
        if span := rolling(self.within, self.law):
            return rolled(buckets.get(ALL, []), limb, subject, least, span)
        word = unit(self.within)
        asked = [label] if self.apart else list(buckets)
        return [hit for one in asked for hit in period(buckets.get(one, []), limb, subject, least, one, word)]


def hits(row: Mapping[str, Any], entries: Iterable[Entry], law: Law) -> list[Hit]:
    """Every reaching of a counter's figure by these entries."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(group_of(entry), []).append(entry)
    count = Count(row, law)
    for name, mine in groups.items():
        count.put(name, mine)
    return count.hits(count.touched)


def group_of(entry: Entry) -> str:
    """What an entry is judged together with: its case's other ones; one without a case stands alone."""
    return f"case:{entry['case']}" if entry["case"] else entry["key"]


def count_now(row: Mapping[str, Any], entries: Iterable[Entry], law: Law, subject: str, now: datetime) -> float:
    """How far a counter stands for one subject: in the period of `now`, in the window that ends now, or the run that reaches this month."""
    mine = [e for e in counted(row, entries, law).get(subject, ()) if dated(e, row) <= now]
    within, here = window(row, law), now.date()
    if "run_of_months" in within:
        months = {dated(e, row).date().replace(day=1) for e in mine}
        month = here.replace(day=1)
        month = month if month in months else months_on(month, -1)
        length = 0
        while month in months:
            length, month = length + 1, months_on(month, -1)
        return length
    if span := rolling(within, law):
        return sum(_amount(row, e) for e in mine if ends(dated(e, row).date(), span) >= here)
    label = label_of(unit(within), here)
    return sum(_amount(row, e) for e in mine if label_of(unit(within), dated(e, row).date()) == label)


def _amount(row: Mapping[str, Any], entry: Entry) -> float:
    if "sums" not in row:
        return 1
    value = entry["facts"].get(str(row["sums"]))
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0


def _order(one: One) -> tuple[datetime, str]:
    return one.order
