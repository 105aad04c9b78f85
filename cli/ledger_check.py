"""What a careful reader would find wrong in the rows of a book that look across cases."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.deadlines import LimitError, parse_limit
from domain.ledger_periods import MONTHS, UNITS
from domain.ledger_watch import is_board, words

WINDOWS = {"calendar", "calendar_years", "calendar_months", "calendar_quarters", "rolling_years", "rolling_months", "rolling_days", "run_of_months", "param"}


def check_ledger(book: Mapping[str, Any]) -> list[str]:
    """Findings about counters, triggers on them, recurring duties, draws, figures, boards and keeping."""
    return [*_counters(book), *_triggers(book), *_recurs(book), *_figures(book), *_boards(book)]


def _rows(book: Mapping[str, Any], table: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((key, row) for key, row in (book.get(table) or {}).items() if isinstance(row, Mapping))


def _counters(book: Mapping[str, Any]) -> Iterator[str]:
    for key, row in _rows(book, "counter"):
        if not row.get("counts"):
            yield f"counter.{key}: 须写明计什么 / needs 'counts'"
        if ("at" in row) == ("quota" in row):
            yield f"counter.{key}: 须有 at 或 quota 之一 / needs either 'at' or 'quota'"
        wrong = set(row.get("within") or {}) - WINDOWS
        if wrong or (row.get("within") or {}).get("calendar", "year") not in MONTHS:
            yield f"counter.{key}.within: 没有这种期间 / no such window; 可用 / there are {sorted(WINDOWS)}"
        if "quota" in row and not any(word.startswith("calendar") for word in row.get("within") or {}):
            yield f"counter.{key}: 配额须按日历期间 / a quota needs a calendar window"


def _triggers(book: Mapping[str, Any]) -> Iterator[str]:
    known = {"counter": "counter", "quota": "counter", "missed": "recur"}
    for key, row in _rows(book, "trigger"):
        for on in words(row.get("on")):
            word, _, name = on.partition(":")
            if word in known and name not in (book.get(known[word]) or {}):
                yield f"trigger.{key}.on: 没有这一项 / no such row '{known[word]}.{name}'"
        proposed = words(row.get("then", {}).get("propose"))
        if any(on.split(":")[0] in known for on in words(row.get("on"))):
            yield from (f"trigger.{key}.then: 没有这种措施 / no such measure '{name}'" for name in proposed if name not in (book.get("measure") or {}))


def _recurs(book: Mapping[str, Any]) -> Iterator[str]:
    for key, row in _rows(book, "recur"):
        every = row.get("every")
        if not every or (isinstance(every, str) and every not in UNITS):
            yield f"recur.{key}.every: 没有这种周期 / no such rhythm '{every}'; 可用 / there are {', '.join(UNITS)}"
        if not row.get("by"):
            yield f"recur.{key}: 须写明由谁办 / needs 'by'"
        due = row.get("due") or {}
        if due and not set(due) & {"vague", "param", "fact"}:
            try:
                parse_limit(due)
            except LimitError as wrong:
                yield f"recur.{key}.due: {wrong}"


def _figures(book: Mapping[str, Any]) -> Iterator[str]:
    for key, row in _rows(book, "kpi"):
        if not row.get("what"):
            yield f"kpi.{key}: 须写明数据来源 / needs 'what': the entries it is computed from"
        if "rank" in row and not row.get("by"):
            yield f"kpi.{key}: 排名须写明按什么 / a ranking needs 'by'"
    for key, row in _rows(book, "draw"):
        if not row.get("of") or not ({"share", "count"} & set(row)):
            yield f"draw.{key}: 须写明范围和数量 / needs 'of' and 'share' or 'count'"


def _boards(book: Mapping[str, Any]) -> Iterator[str]:
    for key, row in _rows(book, "publish"):
        if is_board(row) and "until" not in row:
            yield f"publish.{key}: 榜须有截止 / a board needs 'until' (a figure or a parameter)"
