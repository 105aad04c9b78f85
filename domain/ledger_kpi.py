"""Figures: rates, means and times over entries, with what was left out and why; a ranking runs only when its formula is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.case import instant
from domain.clocks import clause_of
from domain.law import Law
from domain.ledger_entries import Entry, dated, figure, fits, per_of
from domain.ledger_periods import written

TESTS = {"at_least": lambda a, b: a >= b, "at_most": lambda a, b: a <= b, "over": lambda a, b: a > b, "below": lambda a, b: a < b}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure and its list: `value` after the exclusions, `raw` before them; None where nothing was counted or the formula is missing."""

    kpi: str
    period: str
    subject: str
    value: float | None
    raw: float | None
    count: float
    of: float
    passes: bool | None
    missing: str
    counted: tuple[str, ...]
    among: tuple[str, ...]
    excluded: tuple[tuple[str, int], ...]
    clause: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Who stands where, from the best; the last ones; who had too few to be ranked; or which parameter is missing."""

    order: tuple[tuple[str, float], ...]
    last: tuple[str, ...]
    left_out: tuple[str, ...]
    missing: str


def figure_of(name: str, entries: Iterable[Entry], law: Law, period: str = "", subject: str = "") -> Figure:
    """One figure of the book over a period ('' = all there is) and, where it is kept by unit or person, one subject."""
    row = law.row("kpi", name)
    missing = _missing(row, law)
    chosen = [e for e in entries if str(row.get("what", "")) in e["what"] and _inside(e, row, period) and fits(row, e, law)]
    if subject:
        chosen = [e for e in chosen if subject in per_of(e, str(row.get("by", "")))]
    kept, excluded = [], []
    for entry in chosen:
        reason = next((n for n, bar in enumerate(row.get("excludes", ())) if fits(bar, entry, law)), None)
        if reason is None:
            kept.append(entry)
        else:
            excluded.append((entry["key"], reason))
    value, count, of, lists = _value(row, kept, law)
    raw, *_ = _value(row, chosen, law)
    target = {word: figure(wanted, law) for word, wanted in (row.get("target") or {}).items()}
    passes = None if value is None or missing or not target else all(isinstance(w, (int, float)) and TESTS[word](value, w) for word, w in target.items())
    return Figure(name, period, subject, None if missing else value, None if missing else raw, count, of, passes, missing, *lists, tuple(excluded), clause_of(row))


def ranking_of(name: str, entries: Iterable[Entry], law: Law, period: str = "") -> Ranking:
    """The order of all subjects by a figure; ties at the edge of the last ones are in, unless the book says otherwise."""
    row = law.row("kpi", name)
    rank = row.get("rank") or {}
    entries = list(entries)
    least = figure(rank.get("at_least", 0), law)
    wanted = figure(rank.get("last", 0), law)
    missing = _missing(row, law) or _unset(rank.get("at_least"), law) or _unset(rank.get("last"), law) or _unset(rank.get("ties"), law)
    if missing:
        return Ranking((), (), (), missing)
    subjects = sorted({s for e in entries if str(row.get("what", "")) in e["what"] for s in per_of(e, str(row.get("by", "")))})
    figures = [figure_of(name, entries, law, period, s) for s in subjects]
    left_out = tuple(f.subject for f in figures if f.value is None or (f.of or f.count) < least)
    lower = rank.get("best") == "lowest"
    known = [(f.subject, f.value) for f in figures if f.value is not None and f.subject not in left_out]
    order = sorted(known, key=lambda one: (one[1] if lower else -one[1], one[0]))
    count = min(int(wanted or 0), len(order))
    if not count:
        return Ranking(tuple(order), (), left_out, "")
    edge = order[-count][1]
    tied = figure(rank.get("ties", "all"), law) != "none"
    last = [s for s, v in order if (v >= edge if lower else v <= edge)] if tied else [s for s, _ in order[-count:]]
    return Ranking(tuple(order), tuple(last), left_out, "")


def _inside(entry: Entry, row: Mapping[str, Any], period: str) -> bool:
    if not period:
        return True
    span = written(period)
    return span.first <= dated(entry, row).date() <= span.last


def _missing(row: Mapping[str, Any], law: Law) -> str:
    found = _unset(row.get("formula"), law)
    return found or next((name for wanted in (row.get("target") or {}).values() if (name := _unset(wanted, law))), "")


def _unset(value: Any, law: Law) -> str:
    """The parameter that a figure hangs on and nobody has set."""
    if isinstance(value, Mapping) and "param" in value and figure(value, law) in (None, ""):
        return str(value["param"])
    return ""


def _value(row: Mapping[str, Any], entries: list[Entry], law: Law) -> tuple[float | None, float, float, tuple[tuple[str, ...], tuple[str, ...]]]:
    count, counted = _part(row.get("count") or {}, entries, law)
    keys = tuple(e["key"] for e in counted)
    if "mean" in row or "duration" in row:
        values = [v for e in counted if (v := _measured(row, e)) is not None]
        return (sum(values) / len(values) if values else None), len(values), len(counted), (keys, keys)
    if "of" not in row:
        return count, count, 0, (keys, ())
    of, among = _part(row["of"], entries, law)
    return (count / of if of else None), count, of, (keys, tuple(e["key"] for e in among))


def _part(part: Mapping[str, Any], entries: list[Entry], law: Law) -> tuple[float, list[Entry]]:
    chosen = [e for e in entries if fits(part, e, law)]
    if "sum" not in part:
        return len(chosen), chosen
    return sum(v for e in chosen if isinstance(v := e["facts"].get(str(part["sum"])), (int, float)) and not isinstance(v, bool)), chosen


def _measured(row: Mapping[str, Any], entry: Entry) -> float | None:
    """A number of the entry, or the hours between two marks of its case."""
    if "mean" in row:
        value = entry["facts"].get(str(row["mean"]))
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    marks = {**entry["marks"], "": entry["at"]}
    ends = [marks.get(str(row["duration"].get(word, ""))) for word in ("from", "until")]
    if not all(ends):
        return None
    return (instant(str(ends[1])) - instant(str(ends[0]))).total_seconds() / 3600
