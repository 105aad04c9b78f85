"""What a ledger has counted so far, kept beside its state and handed on with it. Derived: made anew whenever it does not fit the state at hand."""

from collections.abc import Iterable, Iterator

from domain.case import Case, Event
from domain.law import Law
from domain.ledger_counters import Count, group_of
from domain.ledger_entries import Entry


class Tally:
    """Every counter of a book, fed with the entries of one ledger in whatever order they come."""

    def __init__(self, ledger: Case, law: Law) -> None:
        """Count everything that the ledger holds."""
        self.law, self.version, self.head = law, ledger.version, ledger.chain_head
        self.counts = {name: Count(row, law) for name, row in law.table("counter").items() if "at" in row}
        self.groups: dict[str, dict[str, Entry]] = {}
        for key, entry in ledger.entries.items():
            self.groups.setdefault(group_of(entry), {})[key] = entry
        for name in self.groups:
            self._put(ledger, name)
        for one in ledger.fired.values():  # what was taken back before this tally was made is still to be looked at
            if not one["withdrawn"] and one["counter"] in self.counts:
                self.counts[one["counter"]].touch(one)

    def follow(self, ledger: Case, event: Event) -> None:
        """One more event, which the ledger has just folded."""
        self.version, self.head = ledger.version, ledger.chain_head
        patch = event.data.get("patch", {})
        changed: dict[str, None] = {}
        for key in (*patch.get("entries", ()), *patch.get("annulled", ())):
            entry = ledger.entries.get(key)
            if entry is not None:
                name = group_of(entry)
                self.groups.setdefault(name, {})[key] = entry
                changed[name] = None
        for name in changed:
            self._put(ledger, name)

    def _put(self, ledger: Case, name: str) -> None:
        live = [entry for key, entry in self.groups[name].items() if key not in ledger.annulled]
        for count in self.counts.values():
            count.put(name, live)

    def touched(self, said: Iterable[str] | None) -> Iterator[tuple[str, Count]]:
        """Counters with windows that were touched and not looked at since; after an entry only those that its words (`said`) touch."""
        for name, count in self.counts.items():
            if count.touched and (said is None or not count.names.isdisjoint(said)):
                yield name, count

    def superseded(self, ledger: Case, key: str) -> bool:
        """Whether a later entry of the same case stands in the place of this one."""
        entry = ledger.entries.get(key)
        return entry is not None and bool(entry["case"]) and any(e["at"] >= entry["at"] and e["key"] != key for e in self.groups[group_of(entry)].values())


def carried(ledger: Case) -> Tally | None:
    """The tally of this very state, None where there is none."""
    kept = ledger.memo
    return kept if isinstance(kept, Tally) and (kept.version, kept.head) == (ledger.version, ledger.chain_head) else None


def tally_of(ledger: Case, law: Law) -> Tally:
    """The tally of this very state under this law, made anew where the ledger carries another one."""
    kept = carried(ledger)
    if kept is None or kept.law is not law:
        ledger.memo = kept = Tally(ledger, law)
    return kept
