"""The form of a book and of its clause list: tables, clauses, acts, codes, limits that exist."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.checks.base import Book, Found, Row, walk, words
from cli.ledger_check import check_ledger
from cli.rule_keys import keys_in
from domain.acts import ACTS
from domain.clocks import clause_of
from domain.codes import CODES
from domain.deadlines import LimitError, parse_limit
from domain.law import NAMED, SINGLE
from domain.story_ledger import LEDGER_ACTS

STATUSES = {"enforced": "", "human": "where", "later": "why", "void": "why"}
OPEN_LIMITS = ("fact", "vague", "param", "table", "first_of", "earliest_of", "entered")
ACTING = (("post", "may"), ("chain", "before"), ("gate", "act"), ("form", "needed_for"), ("recuse", "act"), ("duty", "blocks"), ("duty", "does"), ("recur", "blocks"), ("term", "act"))


def tables(book: Book) -> Iterator[Found]:
    """A table that no mechanism has."""
    for name in book.rows:
        if name not in NAMED and name not in SINGLE:
            yield Found(name, f"未知的表 '{name}'", f"unknown table '{name}'")
    for name in NAMED:
        yield from (Found(f"{name}.{key}", "应为一行 { … }", "should be a row { … }") for key, row in book.table(name).items() if not isinstance(row, Mapping))


def cited(book: Book) -> Iterator[Found]:
    """A row without a clause, or with one that the list does not have."""
    refs = {row.get("ref") for row in book.clauses}
    for path, row in walk({k: v for k, v in book.rows.items() if k != "clause"}):
        if path and "clause" in row:
            yield from (Found(path, f"条款不在清单:{one}", f"clause not in the list: {one}") for one in clause_of(row) if one not in refs)
    for table in NAMED:
        for key, row in book.named(table):
            if not row.get("clause") and not row.get("office") and not any(path and "clause" in part for path, part in walk(row)):
                yield Found(f"{table}.{key}", "没有写明条款", "needs a clause or office = true")


def listed(book: Book) -> Iterator[Found]:
    """A clause of the list without a sound status, its reason or its gist."""
    for row in book.clauses:
        ref, status = str(row.get("ref")), str(row.get("status", ""))
        if status not in STATUSES:
            yield Found(ref, f"状态须为 {'、'.join(STATUSES)} 之一", f"status must be one of {', '.join(STATUSES)}", "clauses")
        elif STATUSES[status] and not row.get(STATUSES[status]):
            yield Found(ref, f"{status} 须说明", f"{status} needs '{STATUSES[status]}'", "clauses")
        if not (row.get("zh") and row.get("en")):
            yield Found(ref, "须有中英文要旨", "needs zh and en", "clauses")


def acts(book: Book) -> Iterator[Found]:
    """An act or a code that does not exist."""
    known = {*ACTS, *LEDGER_ACTS, "*", "send_back"}
    for table, field in ACTING:
        for key, row in book.named(table):
            yield from (Found(f"{table}.{key}.{field}", f"没有此操作 '{act}'", f"no such act '{act}'") for act in words(row.get(field)) if act not in known)
    for n, row in enumerate(_rows(book.table("route")), 1):
        if row.get("do") not in (*ACTS, "answer"):
            yield Found(f"route.rows[{n}].do", f"没有此操作 '{row.get('do')}'", f"no such act '{row.get('do')}'")
    for table in ("gate", "admit", "measure", "recuse"):
        for key, row in book.named(table):
            if "code" in row and row["code"] not in CODES:
                yield Found(f"{table}.{key}.code", f"没有此代码 '{row['code']}'", f"no such code '{row['code']}'")


def _rows(table: Row) -> list[Row]:
    rows = table.get("rows")
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []


def limits(book: Book) -> Iterator[Found]:
    """A term without start, end or a limit that can be counted; a reminder or extension of a term that does not exist."""
    rows = [(f"term.{key}", row) for key, row in book.named("term")]
    rows += [(f"limits.{key}.rows[{n}]", {**table, **row}) for key, table in book.named("limits") for n, row in enumerate(_rows(table), 1)]
    for path, row in rows:
        if not row.get("from") or not row.get("until"):
            yield Found(path, "须有起止", "needs 'from' and 'until'")
        yield from _limit(f"{path}.limit", row.get("limit", {}))
    for table, field in (("duty", "within"), ("order", "due"), ("again", "within"), ("fact", "at_most")):
        for key, row in book.named(table):
            if field in row:
                yield from _limit(f"{table}.{key}.{field}", row[field])
    known = {*book.table("term"), *book.table("limits")}
    for table, field in (("urge", "before"), ("extend", "of")):
        for key, row in book.named(table):
            yield from (Found(f"{table}.{key}.{field}", f"没有此期限 '{name}'", f"no such term '{name}'") for name in words(row.get(field)) if name not in known)


def _limit(path: str, limit: Any) -> Iterator[Found]:
    if isinstance(limit, Mapping) and set(limit) <= keys_in("limit").keys() and not any(word in limit for word in OPEN_LIMITS):  # a strange key is the check of keys' to find
        try:
            parse_limit({k: v for k, v in limit.items() if k not in ("at_most", "from", "key", "clause")})
        except LimitError as wrong:
            yield Found(path, f"不是期限:{wrong}", f"no limit: {wrong}")


def across(book: Book) -> Iterator[Found]:
    """What the rows that look across cases lack."""
    for line in check_ledger(book.rows):
        entry, _, said = line.partition(": ")
        zh, _, en = said.partition(" / ")
        yield Found(entry, zh or said, en or said)
