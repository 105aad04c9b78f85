"""A published text in a key folder, put there as two people would have."""

from pathlib import Path

from domain.versions import History, body_text, confirmed, hashes, proposed, taken
from workflows.keyfile import rules_key
from workflows.published import Shelf, sign, write


def put_in_force(keys: Path, office: str, book: str, text: str, first: str = "2026-01-01") -> Shelf:
    """Write the file `published`; gives what stands in it."""
    history, entries, at = History(office), [], {"at": "2026-01-01T09:00:00+08:00", "reason": "公布"}
    for by in ("luo", "li"):
        entry = proposed(history, {**at, "by": by}, book, text, first, "") if by == "luo" else confirmed(history, {**at, "by": by}, hashes(text)["sha256"])
        entries.append(sign(rules_key(keys), body_text(entry)))
        history = taken(history, entries[-1].body)
    shelf = Shelf({office: entries}, {hashes(text)["sha256"]: text})
    write(keys, shelf)
    return shelf
