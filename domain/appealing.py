"""申诉、复核: an appeal in the way and the time that the book gives; which ways there are is told by `domain/ways` (vocabulary: again)."""

from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.clocks import clause_of
from domain.deadlines import Due
from domain.limits import deadline, resolve


def appeal(ask: Ask) -> Draft:
    """In the way that was chosen, else the first that is open; a way with a kind of its own is heard as a case of its own, linked to this one."""
    if not ask.law.table("again"):
        return Draft("appealed").put("attrs", appealed=True)
    rows = inner(ask)
    chosen = ask.text("way")
    if chosen and chosen not in rows:
        row = dict(ask.fitting("again")).get(chosen, {})
        if "by" in row and not ask.named(row["by"]):
            raise Refusal("wrong_person", row, chosen, ask.who(row["by"]))
        raise Refusal("value_undefined", row, {"way": chosen, "listed": sorted(rows)})
    if not rows:  # the text sends people elsewhere, or has no appeal in such a case
        raise Refusal("route_closed", next((row for _, row in ask.fitting("again")), None), {"listed": []})
    way = chosen or _first_open(ask, rows)
    row = rows[way]
    end(ask, way, row)
    draft = Draft("appealed", way, clause_of(row), marks=[f"opens:{row['kind']}"] if "kind" in row else []).put("attrs", appealed=True)
    draft.more["open"] = {name: row[name] for name in ("kind", "to") if name in row} | {"relation": row.get("relation", "appeal_of")}
    return draft


def inner(ask: Ask) -> dict[str, dict[str, Any]]:
    """The rows of the book by which this person may be heard here in this case; a row with `where` is heard elsewhere."""
    return {key: row for key, row in ask.fitting("again") if "where" not in row and ("by" not in row or ask.named(row["by"]))}


def end(ask: Ask, way: str, row: dict[str, Any]) -> Due | None:
    """The end of a way, None where its text has none; raises Refusal where it cannot be taken, or not any more."""
    mark = ask.case.marks.get(str(row.get("from", "fed_back")))
    if mark is None:
        raise Refusal("not_done_before", row, [row.get("from", "fed_back")])
    last = deadline(resolve(row["within"], ask), mark.last, ask.law) if "within" in row else None
    if last is not None and ask.command.received_at >= last.overdue_at:
        raise Refusal("outside_window", row, last.due_day.isoformat())
    earlier = ask.case.marks.get(f"appealed:{way}")
    if earlier is not None and earlier.count >= int(row.get("times", earlier.count + 1)):
        raise Refusal("twice", row, way)
    return last


def _first_open(ask: Ask, rows: dict[str, dict[str, Any]]) -> str:
    for way, row in rows.items():
        try:
            end(ask, way, row)
        except Refusal:
            continue
        return way
    return next(iter(rows))
