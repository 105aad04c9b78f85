"""A file beside the record, for when the record is away: put in its place whole or not at all, read again when it changes."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex


@dataclass(frozen=True)
class Signed:
    """One entry as it is stored: its text and the signature over it (hex)."""

    body: str
    signature: str


def stamp(path: Path) -> tuple[int, int]:
    """A value that changes when the file does; (0, 0) where there is none."""
    with suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime_ns, found.st_ino
    return 0, 0


def put(path: Path, text: str) -> None:
    """Put the text in the file's place, whole or not at all, for its owner's eyes."""
    part = path.with_name(f".{path.name}-{os.getpid()}-{token_hex(4)}")
    part.touch(mode=0o600)
    part.write_text(text, encoding="utf-8")
    part.replace(path)
