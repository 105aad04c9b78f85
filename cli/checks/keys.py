"""Keys that nobody reads: in a row, and in every table inside it; each with the key that was probably meant."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from cli.checks.base import Book, Found, words
from cli.rule_keys import keys_in, keys_of
from domain.acts import ACTS
from domain.law import NAMED, SINGLE


def unknown_keys(book: Book) -> Iterator[Found]:
    """A key that the core does not know, however deep."""
    for table in NAMED:
        for key, row in book.named(table):
            yield from _table(book, f"{table}.{key}", row, keys_of(table), row)
    for table in SINGLE:
        yield from _table(book, table, book.table(table), keys_of(table), book.table(table))


def _table(book: Book, path: str, row: Mapping[str, Any], known: Mapping[str, str], top: Mapping[str, Any]) -> Iterator[Found]:
    for word, value in row.items():
        if word not in known:
            yield _wrong(f"{path}.{word}", word, known)
        elif known[word]:
            yield from _inside(book, f"{path}.{word}", value, known[word], top)


def _inside(book: Book, path: str, value: Any, shape: str, top: Mapping[str, Any]) -> Iterator[Found]:
    name = shape.lstrip("[{")
    if name == "condition":
        return  # its keys are facts: the check of conditions looks at them
    if shape.startswith("[") and isinstance(value, list):
        parts = [(f"{path}[{n}]", one) for n, one in enumerate(value, 1)]
    elif shape.startswith("{") and isinstance(value, Mapping):
        parts = [(f"{path}.{key}", one) for key, one in value.items()]
    else:
        parts = [(path, value)]
    for where, one in parts:
        if isinstance(one, Mapping):
            known = _names(book, name, top)
            found = _table(book, where, one, keys_in(name) if known is None else known, top)
            yield from (one for one in found if name != "then" or one.entry.rpartition(".")[0] != where)  # which consequence there is, the check of effects says


def _names(book: Book, shape: str, top: Mapping[str, Any]) -> dict[str, str] | None:
    """The names of the book that a shape has for keys, None where its keys are fixed."""
    if shape == "facts":
        return dict.fromkeys(book.table("fact"), "")
    if shape != "fields":
        return None
    acts = [ACTS[act] for act in words(top.get("act", top.get("before"))) if act in ACTS]
    return dict.fromkeys((field for act in acts for field in act.fields), "")


def _wrong(path: str, word: str, known: Iterable[str]) -> Found:
    near = get_close_matches(word, list(known), 1, 0.6)
    zh, en = (f",应是“{near[0]}”吗", f": did you mean '{near[0]}'?") if near else (f";可用:{'、'.join(known)}", f"; there are: {', '.join(known)}")
    return Found(path, f"没有此栏“{word}”{zh}", f"no such key '{word}'{en}")
