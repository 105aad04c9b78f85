"""What of a book looks across cases: which events, facts, marks and subjects its ledger must hear of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CONDITIONS = ("when", "any", "unless")
OFFICE, COMMON = "office", ("person", "unit", "window")


@dataclass(frozen=True, slots=True)
class Watch:
    """Names of events that are entries, the facts and marks that go along, and by what they are counted."""

    names: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()


def words(value: Any) -> list[str]:
    """One word or a list of them, as a list."""
    return [value] if isinstance(value, str) else list(value or ())


def and_words(row: Mapping[str, Any]) -> list[str]:
    """The events of a counter's second limb; `some_late = "x"` is short for the lapse of term or order x."""
    limb = row.get("and") or {}
    return words(limb.get("counts")) + ([f"overdue:{limb['some_late']}"] if "some_late" in limb else [])


def is_board(row: Mapping[str, Any]) -> bool:
    """Whether something published stands somewhere for a time."""
    return bool(row.get("board")) or "until" in row


def watch_of(book: Mapping[str, Any]) -> Watch:
    """Everything that the rows of a book across cases ask for."""
    counters, kpis, draws = (_rows(book, name) for name in ("counter", "kpi", "draw"))
    boards = {name: row for name, row in (book.get("publish") or {}).items() if isinstance(row, Mapping) and is_board(row)}
    names = {name for row in counters for name in (*words(row.get("counts")), *words(row.get("less")), *and_words(row))}
    names |= {str(row["what"]) for row in kpis if "what" in row}
    names |= {name for row in draws for key in ("of", "always") for name in words(row.get(key)) if isinstance(row.get(key), (str, list))}
    names |= {f"published:{name}" for name in boards}
    names |= {name for row in boards.values() for name in words(row.get("on"))}
    if not names:
        return Watch()
    asking = [*counters, *kpis, *draws, *boards.values(), *_rows(book, "trigger"), *_rows(book, "measure")]
    facts = {name for row in asking for name in _asked(row)}
    facts |= {str(row[key]) for row in (*counters, *kpis) for key in ("sums", "mean") if key in row}
    facts |= {str(part["sum"]) for row in kpis for part in (row.get("count"), row.get("of")) if isinstance(part, Mapping) and "sum" in part}
    marks = {str(row["dated"]) for row in (*counters, *kpis) if "dated" in row}
    marks |= {str(name) for row in kpis for name in (row.get("duration") or {}).values()}
    subjects = {str(row["per"]) for row in counters if "per" in row} | {str(row["by"]) for row in kpis if "by" in row} | {str(row["per"]) for row in draws if "per" in row}
    return Watch(frozenset(names), tuple(sorted(facts)), tuple(sorted(marks)), tuple(sorted({*subjects, *COMMON} - {OFFICE})))


def across(book: Mapping[str, Any]) -> bool:
    """Whether a book needs a ledger at all."""
    keep = (book.get("archive") or {}).get("keep")
    standing = any("on" not in row for row in _rows(book, "recur"))  # one with `on` lives in each case
    return standing or any(book.get(name) for name in ("counter", "kpi", "draw")) or bool(watch_of(book).names) or keep is not None


def _rows(book: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    return [row for row in (book.get(table) or {}).values() if isinstance(row, Mapping)]


def _asked(value: Any) -> Iterator[str]:
    """Names in conditions, at any depth of a row."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key in CONDITIONS:
                for table in part if isinstance(part, list) else [part]:
                    yield from (str(name) for name in table if not str(name).startswith("param."))
            else:
                yield from _asked(part)
    elif isinstance(value, list):
        for part in value:
            yield from _asked(part)
