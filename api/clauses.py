"""The clause lists of the books: what each clause says, in our words, for whoever points at a clause."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cli import library


@lru_cache(maxsize=64)
def gists_of(book: str) -> Mapping[str, Mapping[str, Any]]:
    """{clause: {zh, en, line}} of a book; {} for one that has no list here."""
    file = library.ROOT / "rulebooks" / "clauses" / f"{book}.toml"
    if not book or "/" in book or not file.is_file():
        return {}
    return {str(row["ref"]): {"zh": row.get("zh", ""), "en": row.get("en", ""), "line": row.get("line", "")} for row in library.toml(file).get("clause", ())}
