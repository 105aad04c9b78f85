"""Starts and ends that can never come, reminders that never ring: what a book says about when."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from cli.checks.base import Book, Found, Row, walk, words
from cli.checks.events import able, possible
from domain.deadlines import LimitError, before, due, parse_limit
from domain.parts import PART_MARKS, PARTS
from domain.workdays import ZONE, Calendar

OF_PART: dict[str, dict[str, str]] = {
    "assignment": {"sent_at": "transfer assign joint submit", "received_at": "sign_in", "reported_at": "conclude answer_on_the_spot", "returned_at": "hand_back", "handed_at": "hand_over", "told_at": "tell_leader"},
    "order": {"issued_at": "order", "complied_at": "comply", "confirmed_at": "confirm"},
    "item": {"held_at": "hold_item file", "returned_at": "return_item"},
}  # fmt: skip


def _terms(book: Book) -> Iterator[tuple[str, Row]]:
    yield from ((f"term.{key}", row) for key, row in book.named("term"))
    for key, table in book.named("limits"):
        for n, row in enumerate(table.get("rows", ()), 1):
            yield f"limits.{key}.rows[{n}]", {**{k: v for k, v in table.items() if k != "rows"}, **row}


def endless(book: Book) -> Iterator[Found]:
    """A term whose end nothing can bring about."""
    for path, row in _terms(book):
        until = row.get("until")
        if until and row.get("per") != "step" and not _can_come(book, until, row):
            yield Found(path, f"终点永远不会到来:没有任何操作或行产生 {_said(until)}", f"its end can never come: nothing brings about {_said(until)}")
    for key, row in book.named("secret"):
        if row.get("until") and not possible(book, str(row["until"])):
            yield Found(f"secret.{key}.until", f"保密永无终止:“{row['until']}”不会发生", f"the secret never ends: '{row['until']}' cannot happen")
    for key, row in book.named("first"):
        if row.get("keeps_until") and not possible(book, str(row["keeps_until"])):
            yield Found(f"first.{key}.keeps_until", f"首问责任永无终止:“{row['keeps_until']}”不会发生", f"the duty never ends: '{row['keeps_until']}' cannot happen")


def startless(book: Book) -> Iterator[Found]:
    """A term, duty, trigger, notice, reminder whose event can never come."""
    for path, row in _terms(book):
        start = row.get("from")
        if start and row.get("per") != "step" and not _can_come(book, start, row):
            yield Found(path, f"起点永远不会到来:没有任何操作或行产生 {_said(start)}", f"its start can never come: nothing brings about {_said(start)}")
    for table, field in EVENTS:
        for key, row in book.named(table):
            wrong = [name for name in words(row.get(field)) if not possible(book, name)]
            if wrong and (field != "on" or len(wrong) == len(words(row[field])) or table == "trigger"):
                yield Found(f"{table}.{key}.{field}", f"永远不会发生:“{'、'.join(wrong)}”", f"can never happen: '{', '.join(wrong)}'")
    for key, row in book.named("chain"):
        if not words(row.get("before")) and not words(row.get("on")):
            yield Found(f"chain.{key}", "既没有 before 也没有 on,永远不会开始", "has neither 'before' (an act) nor 'on' (an event): it never begins")
    for path, row in walk(book.rows):
        for word, name in _other_moments(row):
            if not possible(book, name) and name not in book.table("fact"):
                yield Found(f"{path}.{word}", f"永远不会发生:“{name}”", f"can never happen: '{name}'")


EVENTS = (("duty", "on"), ("duty", "until"), ("trigger", "on"), ("notice", "on"), ("chain", "on"), ("urge", "on"), ("again", "from"), ("recur", "on"), ("recur", "until"))


def _other_moments(row: Row) -> Iterator[tuple[str, str]]:
    for word in ("in_all", "at_most"):
        if isinstance(row.get(word), dict) and row[word].get("from"):
            yield f"{word}.from", str(row[word]["from"])
    if isinstance(row.get("after"), str):
        yield "after", row["after"]
    if isinstance(row.get("ends_after"), str):
        yield "ends_after", row["ends_after"]
    if isinstance(row.get("runs"), dict):
        yield from ((f"runs.{word}", str(row["runs"].get(word))) for word in ("away", "back"))
    for word in ("when", "unless"):
        if isinstance(row.get(word), dict):
            yield from ((word, str(name).removeprefix("event.")) for name in row[word] if str(name).startswith("event."))


def _can_come(book: Book, moment: Any, row: Row) -> bool:
    if isinstance(moment, dict):
        if "since" in moment:
            return _can_come(book, moment["since"], row)
        ends = (_can_come(book, one, row) for one in (moment.get("all") or moment.get("any") or ()))
        return all(ends) if "all" in moment else any(ends)
    return _part(book, str(moment), row) if row.get("per") in PARTS else possible(book, str(moment))


def _part(book: Book, name: str, row: Row) -> bool:
    """Whether a mark of an assignment, an order or an item can be set."""
    acts = OF_PART[str(row["per"])].get(PART_MARKS.get(name, name), "")
    deemed = PART_MARKS.get(name) == "received_at" and book.table("assign").get("receive") == "deemed"
    return deemed or any(able(book, act) for act in acts.split())


def _said(moment: Any) -> str:
    return " / ".join(words(moment))


STARTS = [datetime(2025, 9, 1, 10, tzinfo=ZONE) + timedelta(days=3 * n) for n in range(60)]


def reminders(book: Book) -> Iterator[Found]:
    """A reminder that lies before the start of its term, or after its end; a cap below the term it caps."""
    terms = dict(book.named("term")) | {key: row for key, table in book.named("limits") for row in table.get("rows", ())}
    for key, row in book.named("urge"):
        for name in words(row.get("before")):
            for limit in _concrete(book, terms.get(name, {}).get("limit")) if "at" in row else ():
                if not any(_rings(limit, row["at"], start) for start in STARTS):
                    yield Found(f"urge.{key}.at", f"提醒不在期限之内:term.{name} 起算之前或届满之后", f"the reminder lies before the start of term.{name}, or after its end")
                    break
    for key, row in book.named("extend"):
        cap = {k: v for k, v in (row.get("in_all") or {}).items() if k != "from"}
        for name in words(row.get("of")):
            known = _concrete(book, terms.get(name, {}).get("limit")) if cap else []
            if known and terms[name].get("from") == row["in_all"].get("from", "") and all(_longer(limit, cap) for limit in known):
                yield Found(f"extend.{key}.in_all", f"总计不长于 term.{name} 本身,延期无从说起", f"is no longer than term.{name} itself: there is nothing to extend")


def _concrete(book: Book, limit: Any) -> list[Row]:
    """The limits in figures that a limit may come to, under the offices known."""
    if not isinstance(limit, dict):
        return []
    if "first_of" in limit or "earliest_of" in limit:
        return [one for choice in [*limit.get("first_of", ()), *limit.get("earliest_of", ())] for one in _concrete(book, choice)]
    if "vague" in limit:
        return [office["vague"][limit["vague"]] for office in book.offices if limit["vague"] in (office.get("vague") or {})]
    if "param" in limit:
        row = book.table("param").get(limit["param"], {})
        return [one for one in (row.get("default"), *(office.get("param", {}).get(limit["param"]) for office in book.offices)) if isinstance(one, dict)]
    figure = {k: v for k, v in limit.items() if k not in ("at_most", "clause")}
    return [figure] if _sound(figure) else []


def _sound(limit: Row) -> bool:
    try:
        return bool(parse_limit(limit))
    except LimitError:
        return False


def _rings(limit: Row, at: Row, start: datetime) -> bool:
    (unit, count), *_ = at.items()
    try:
        end = due(parse_limit(limit), start, Calendar())
        ring = before(end, int(count), unit.removesuffix("s"), Calendar())
    except (LimitError, ValueError, TypeError):
        return False
    return ring is not None and ring <= end.due_at


def _longer(limit: Row, cap: Row) -> bool:
    try:
        return all(due(parse_limit(limit), start, Calendar()).overdue_at >= due(parse_limit(cap), start, Calendar()).overdue_at for start in STARTS)
    except LimitError:
        return False
