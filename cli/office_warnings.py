"""What is no mistake in an office file and will still hold a case up one day: somebody decides alone, and may be complained of."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.chains import SAYS_YES
from domain.clocks import clause_of
from domain.people import holders

Row = Mapping[str, Any]


def warnings(book: Row, office: Row, today: date) -> list[str]:
    """A line for each person who decides something alone, with nobody who stands in: the day they are complained of, the case waits until a substitute is named."""
    alone: dict[str, list[str]] = {}
    for posts, what in _decisions(book):
        held = {one for post in posts for one in holders(office, post)}
        if len(held) == 1 and all(post in (book.get("post") or {}) for post in posts):
            alone.setdefault(held.pop(), []).append(what)
    return [_line(person, list(dict.fromkeys(alone[person])), _may_name(book, office, person)) for person in sorted(alone) if not _stood_in_for(office, person, today)]


def _line(person: str, decides: list[str], named: list[str]) -> str:
    zh, en = (f"可由 {'、'.join(named)} 指定", f"by {', '.join(named)}") if named else ("无人可以指定", "and nobody may name one")
    return (
        f"person {person}: 一人决定 {'、'.join(decides)};投诉到本人时,须等指定替代人({zh})。改法:该岗位另任一人,或在 substitute 中定替代人"
        f" / decides this alone: a case about them waits until a substitute is named ({en}). Remedy: a second holder of the post, or a standing substitute"
    )


def _decisions(book: Row) -> Iterator[tuple[list[str], str]]:
    """Whoever decides something about people or the way of a case, and the row (with its clauses) that says so."""
    for table, word in (("measure", "by"), ("order", "by"), ("recuse", "decided_by")):
        yield from ((posts, _said(table, key, row)) for key, row in _rows(book, table) if (posts := _words(row.get(word))))
    proposed: set[str] = set()
    for key, row in _rows(book, "trigger"):
        then = row.get("then") or {}
        proposed |= {*_words(then.get("propose"))}
        if "propose" in then and (posts := _words(then.get("to", row.get("to")))):
            yield posts, _said("trigger", key, row)
    yield from ((posts, _said("kind", key, row)) for key, row in _rows(book, "kind") if key in proposed and (posts := [one for one in _words(row.get("opened_by")) if one != "trigger"]))
    for key, row in _rows(book, "chain"):
        yield from (([post], _said("chain", key, row)) for one in row.get("rows", ()) for step in one.get("steps", ()) for post, does in step.items() if does in SAYS_YES)


def _rows(book: Row, table: str) -> Iterator[tuple[str, Row]]:
    return ((key, row) for key, row in (book.get(table) or {}).items() if isinstance(row, Mapping))


def _said(table: str, key: str, row: Row) -> str:
    return f"{row.get('zh') or f'{table}.{key}'}" + (f"〔{'、'.join(clause_of(row))}〕" if clause_of(row) else "")


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return _words(value.get("is"))
    return [word for one in value for word in _words(one)] if isinstance(value, (list, tuple)) else []


def _stood_in_for(office: Row, person: str, today: date) -> bool:
    rows = [row for row in office.get("substitute") or () if isinstance(row, Mapping)]
    return any(row.get("for") == person and str(row.get("until", "9")) >= today.isoformat() for row in rows)


def _may_name(book: Row, office: Row, person: str) -> list[str]:
    """Who may name a substitute in the case itself: anybody whose post has that act, but not the person it is about."""
    posts = [key for key, row in _rows(book, "post") if "substitute" in row.get("may", ())]
    return [one for one in dict.fromkeys(who for post in posts for who in holders(office, post)) if one != person]
