"""The ledger's side of a story: entries from its cases, ledger acts, counts that come back to a case, and the hand-written expectations."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from domain import ledger as books
from domain.case import Case, Command, Event, instant
from domain.law import Law
from domain.ledger_acts import LEDGER_RULES, live
from domain.ledger_counters import count_now
from domain.ledger_entries import Entry
from domain.ledger_kpi import figure_of, ranking_of
from domain.ledger_recur import occurrences
from domain.ledger_watch import across

LEDGER_ACTS = frozenset(LEDGER_RULES)


class Shelf:
    """One office's ledger while a story is told; it keeps every entry, as the record does."""

    def __init__(self, law: Law, office: str, book: str) -> None:
        self.law, self.on = law, law.once("across", lambda one: across(one.book))
        self.ledger = books.new(office, book)
        self.events: list[Event] = []

    def take(self, commands: list[Command], now: datetime) -> list[Event]:
        """What the ledger makes of entries and acts, and of the time up to now."""
        if not self.on:
            return []
        self.ledger, events = books.take(self.ledger, commands, now, self.law)
        self.events += events
        return events

    def entries(self) -> list[Entry]:
        """Every entry that counts."""
        return live(self.ledger)


def sends(events: list[Event]) -> list[dict[str, Any]]:
    """What the ledger tells cases."""
    return [event.data["send"] for event in events if "send" in event.data]


def counted_command(send: Mapping[str, Any], at: datetime) -> Command:
    """A reached count as an act of the system in the case that completed it."""
    return Command(str(send["id"]), str(send["act"]), dict(send["fields"]), at, at, "system")


def undelivered(send: Mapping[str, Any], at: datetime) -> Command:
    """The case has ended: back to the ledger, which proposes instead."""
    return Command(f"{send['id']}:undelivered", "undelivered", {"fired": send["fields"]["fired"]}, at, at, "system")


def _clause(wanted: Any, got: Any) -> bool:
    return all(one in got for one in ([wanted] if isinstance(wanted, str) else wanted))


def _agrees(key: str, wanted: Any, got: Any) -> bool:
    if key == "clause":
        return _clause(wanted, got)
    if key in ("to", "who", "entries", "barred", "excluded", "drawn") and isinstance(wanted, list):
        return sorted(wanted) == sorted(got)
    if key in ("value", "raw") and isinstance(wanted, (int, float)) and isinstance(got, (int, float)):
        return abs(wanted - got) < 0.00005
    if key == "at":
        return bool(instant(str(wanted).split(" ", 1)[-1] if str(wanted)[:3].isalpha() else str(wanted)) == instant(str(got)).replace(second=0))
    return bool(wanted == got)


def _found(wanted: Mapping[str, Any], rows: list[dict[str, Any]]) -> bool:
    return any(all(_agrees(key, value, row.get(key)) for key, value in wanted.items()) for row in rows)


def fires(shelf: Shelf, _now: datetime, _wanted: Any) -> list[dict[str, Any]]:
    """Firings that stand, oldest first."""
    clauses = {name: row.get("clause", ()) for name, row in shelf.law.table("counter").items()}
    return [{**one, "clause": [clauses[one["counter"]]] if isinstance(clauses[one["counter"]], str) else list(clauses[one["counter"]])} for one in shelf.ledger.fired.values() if not one["withdrawn"]]


def counts(shelf: Shelf, now: datetime, wanted: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How far the counters asked for stand."""
    asked = {(str(one["counter"]), str(one.get("subject", ""))) for one in wanted}
    return [{"counter": c, "subject": s, "is": count_now(shelf.law.row("counter", c), shelf.entries(), shelf.law, s, now)} for c, s in sorted(asked)]


def proposals(shelf: Shelf, _now: datetime, _wanted: Any) -> list[dict[str, Any]]:
    """What was proposed, its kind as a key of its own."""
    kinds = {"propose": "measure"}
    return [{**one, kinds.get(one["kind"], one["kind"]): one["what"], "counter": one["fired"].split(":")[0]} for one in shelf.ledger.proposals.values()]


def duties(shelf: Shelf, now: datetime, _wanted: Any) -> list[dict[str, Any]]:
    """Every recurring duty whose period has begun, with its state."""
    if not shelf.ledger.about:
        return []
    first = instant(shelf.ledger.about["opened_at"]).date()
    return [
        {"recur": o.recur, "period": o.period.label, "unit": o.unit, "due": o.due.due_day.isoformat(), "who": list(o.who), "to": list(o.to), "state": o.state, "clause": list(o.clause)}
        for o in occurrences(shelf.ledger, shelf.law, first, now.date())
    ]


def boards(shelf: Shelf, _now: datetime, _wanted: Any) -> list[dict[str, Any]]:
    """What stands, or stood, on the boards."""
    return [{**one, "shown": not one["down"]} for one in shelf.ledger.boards.values()]


def draws(shelf: Shelf, _now: datetime, _wanted: Any) -> list[dict[str, Any]]:
    """The draws made."""
    return [{**one, "size": len(one["drawn"])} for one in shelf.ledger.draws.values()]


def kpis(shelf: Shelf, _now: datetime, wanted: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The figures asked for."""
    rows = []
    for one in wanted:
        name, period, subject = str(one["kpi"]), str(one.get("period", "")), str(one.get("subject", ""))
        got = figure_of(name, shelf.entries(), shelf.law, period, subject)
        row: dict[str, Any] = {
            "kpi": name, "period": period, "subject": subject, "value": got.value, "raw": got.raw, "count": got.count, "of": got.of,
            "passes": got.passes, "missing": got.missing, "excluded": len(got.excluded), "clause": list(got.clause),
        }  # fmt: skip
        if "rank" in shelf.law.row("kpi", name):
            order = ranking_of(name, shelf.entries(), shelf.law, period)
            row |= {"barred": list(order.last), "ranking": [s for s, _ in order.order], "left_out": list(order.left_out), "missing": got.missing or order.missing}
        rows.append(row)
    return rows


TABLES: dict[str, Callable[[Shelf, datetime, Any], list[dict[str, Any]]]] = {
    "fires": fires, "counts": counts, "proposals": proposals, "duties": duties, "boards": boards, "draws": draws, "kpi": kpis,
}  # fmt: skip
ABSENT = {"no_fires": ("fires", "counter"), "no_duties": ("duties", "recur"), "no_proposals": ("proposals", "what"), "no_boards": ("boards", "board")}


def check(shelf: Shelf, cases: Mapping[str, Case], now: datetime, key: str, wanted: Any, hold: Callable[..., None]) -> None:
    """One expectation about the ledger."""
    if key in TABLES:
        for one in wanted:
            plain = {k: v for k, v in one.items() if k not in ("includes", "excludes", "opens")}
            rows = TABLES[key](shelf, now, wanted)
            hold(f"{key} {dict(one)}", True, _found(plain, rows) and _drawn(one, rows), f"; there are: {rows}")
    elif key in ABSENT:
        table, name = ABSENT[key]
        for one in wanted:
            asked = {name: one} if isinstance(one, str) else one
            rows = [r for r in TABLES[table](shelf, now, []) if table != "duties" or r["state"] in ("open", "missed")]
            hold(f"{key} {one}", False, _found(asked, rows), f"; there are: {rows}")
    elif key == "retention":
        for one in wanted:
            got = _kept(shelf, cases[str(one.get("of", ""))], str(one.get("of", "")))
            for name, value in one.items():
                if name != "of":
                    hold(f"retention {name}", value, got[name])
    else:
        names = {e.kind for e in shelf.events} | {f"{e.kind}:{e.subject}" for e in shelf.events if e.subject}
        for one in wanted:
            hold(f"{key} {one}", key == "ledger", one in names, f"; happened: {sorted(names)}")


def _drawn(one: Mapping[str, Any], rows: list[dict[str, Any]]) -> bool:
    mine = [set(row.get("drawn", ())) for row in rows if row.get("draw") == one.get("draw")]
    return ("includes" not in one or any(set(one["includes"]) <= d for d in mine)) and ("excludes" not in one or any(not set(one["excludes"]) & d for d in mine))


def _kept(shelf: Shelf, case: Case, of: str) -> dict[str, Any]:
    mark = case.marks.get(str((shelf.law.table("archive").get("keep") or {}).get("from", "archived")))
    hold = shelf.ledger.holds.get(case.id, {})
    gone = shelf.ledger.disposals.get(case.id, {})
    state = "disposed" if gone.get("done") else "proposed" if gone else "kept"
    return {"of": of, "keep_until": books.retention(mark.first, shelf.law) if mark else "", "hold": bool(hold) and not hold.get("lifted"), "state": state}


EXPECTED = frozenset({*TABLES, *ABSENT, "retention", "ledger", "no_ledger"})


def trace(shelf: Shelf, now: datetime) -> list[tuple[str, Any]]:
    """Everything of the ledger that a rule could change: its events, duties, counts, figures."""
    if not shelf.on:
        return []
    lines: list[tuple[str, Any]] = [(f"ledger {e.kind}:{e.subject}", {k: v for k, v in e.dump().items() if k not in ("clause", "seq")}) for e in shelf.events]
    lines += [("ledger duty", {k: v for k, v in row.items() if k != "clause"}) for row in duties(shelf, now, ())]
    subjects = {name: sorted({s for e in shelf.entries() for s in e["subjects"].get(str(row.get("per", "")), ())}) or [""] for name, row in shelf.law.table("counter").items()}
    lines += [(f"ledger count {name}", row) for name, mine in subjects.items() for row in counts(shelf, now, [{"counter": name, "subject": s} for s in mine])]
    for name, row in shelf.law.table("kpi").items():
        for subject in ["", *sorted({s for e in shelf.entries() for s in e["subjects"].get(str(row.get("by", "")), ())})]:
            lines.append((f"ledger kpi {name}", {k: v for k, v in kpis(shelf, now, [{"kpi": name, "subject": subject}])[0].items() if k != "clause"}))
    return lines
