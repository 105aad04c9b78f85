"""The figures of a ledger as one reader may have them: whole, by subject, ranked where the book ranks; nothing to whom the office's cases are closed."""

from collections.abc import Iterable
from typing import Any

from domain.case import Case, Event, fold
from domain.law import Law
from domain.ledger_acts import live
from domain.ledger_entries import Entry, per_of
from domain.ledger_kpi import Figure, figure_of, ranking_of
from domain.ledger_watch import OFFICE
from domain.views import Reader

COUNTS = ("entered", "annulled")  # the kinds of event that say what counts


def counted(events: Iterable[Event]) -> list[Entry]:
    """Every entry that was ever made and not taken back, from the ledger's own record: its state forgets what no window needs."""
    ledger = Case.new("", "", "")
    ledger.sections = {"entries": {}, "annulled": {}}
    for n, event in enumerate(events, 1):
        patch = {name: value for name, value in event.data.get("patch", {}).items() if name in ledger.sections}
        fold(ledger, Event(n, event.kind, event.at, "", "", "", "", (), {"patch": patch}))
    return live(ledger)


def figures(entries: Iterable[Entry], law: Law, reader: Reader, period: str = "") -> list[dict[str, Any]]:
    """Every figure of the book over a period ('' = all there is). Nobody reads here what is counted of themselves; lists of cases are for those who look over them."""
    if reader.outside:
        return []
    kept = list(entries)
    return [_one(name, row, kept, law, reader, period) for name, row in law.table("kpi").items()]


def _one(name: str, row: dict[str, Any], entries: list[Entry], law: Law, reader: Reader, period: str) -> dict[str, Any]:
    by = str(row.get("by", ""))
    entries = [e for e in entries if by in ("", OFFICE) or per_of(e, by) != [reader.person]]  # else what is theirs would be the whole less the others
    whole = figure_of(name, entries, law, period)
    mine = {subject for e in entries if str(row.get("what", "")) in e["what"] for subject in per_of(e, by)} - {"", reader.person} if by not in ("", OFFICE) else set()
    parts = [{"subject": one, **_shown(figure_of(name, entries, law, period, one), reader)} for one in sorted(mine)]
    shown = {"kpi": name, "zh": row.get("zh", name), "en": row.get("en", ""), "by": by, "period": period, "clause": list(whole.clause), **_shown(whole, reader), "subjects": [one for one in parts if one["count"] or one["of"]]}
    if "rank" in row:
        order = ranking_of(name, entries, law, period)
        last = [one for one in order.last if one != reader.person]
        shown |= {"ranking": [{"subject": s, "value": v} for s, v in order.order if s != reader.person], "last": last, "left_out": list(order.left_out), "missing": whole.missing or order.missing}
    return shown


def _shown(one: Figure, reader: Reader) -> dict[str, Any]:
    shown = {"value": one.value, "raw": one.raw, "count": one.count, "of": one.of, "passes": one.passes, "missing": one.missing, "excluded": len(one.excluded)}
    return {**shown, "entries": list(one.counted)} if reader.looks_over else shown
