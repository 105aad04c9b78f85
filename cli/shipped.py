"""Which rulebooks ever came with the system, by the hash of their rules: an audit years later still knows a text that an upgrade has replaced."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli import library
from domain.core import bind
from domain.law import bare, law_text, text_hash

FOLDER = "shipped"  # beside the books: a file for each, a hash a line, only ever added to


def rules_hash(book: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a book without its words: what decides."""
    return text_hash(law_text(bare(book)))


def known(name: str) -> set[str]:
    """Every hash under which a book was shipped; empty for a book that never was."""
    path = _path(name)
    return set(path.read_text(encoding="utf-8").split()) if path.exists() else set()


def is_shipped(law: Mapping[str, Any]) -> bool:
    """Whether a law by value is a shipped book, with nothing added but what an office may set."""
    book, office = law["book"], law["office"]
    name = str(book.get("book", {}).get("id", ""))
    if name in library.books() and rules_hash(library.book(name)) in known(name) and _plain(bind(library.book(name), office, []).book) == _plain(book):
        return True
    return rules_hash(_unbound(book, office)) in known(name)


def added() -> list[Path]:
    """Note the hash of every book as it is now; the files that grew."""
    grown = []
    for name in library.books():
        listed, now = known(name), rules_hash(library.book(name))
        if now not in listed:
            path = _path(name)
            path.parent.mkdir(exist_ok=True)
            path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + now + "\n", encoding="utf-8")
            grown.append(path)
    return grown


def _path(name: str) -> Path:
    return library.BOOKS / FOLDER / f"{name}.txt"


def _plain(book: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(bare(book)))


def _unbound(book: Mapping[str, Any], office: Mapping[str, Any]) -> dict[str, Any]:
    """A bound book without what its office has merged into it: policy rows, and the values of parameters."""
    raw: dict[str, Any] = dict(book)
    for mechanism, rows in (office.get("policy") or {}).items():
        raw[mechanism] = {key: row for key, row in raw.get(mechanism, {}).items() if key not in rows}
        if not raw[mechanism]:
            del raw[mechanism]
    if "param" in raw:
        raw["param"] = {key: {word: value for word, value in row.items() if word != "value"} for key, row in raw["param"].items()}
    return raw
