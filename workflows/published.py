"""The published versions of rulebooks, as a file in the key folder: whoever binds new cases reads it, so that filing needs no database. Every entry is verified."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.law import text_hash
from domain.versions import History, Version, bound, passed, taken
from workflows.keptfile import Signed, put, stamp
from workflows.keyfile import rules_key

FILE = "published"
log = logging.getLogger("huiyin.rules")


@dataclass(frozen=True)
class Shelf:
    """Everything known of all offices: the entries in their order, and the published texts by hash."""

    entries: dict[str, list[Signed]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


def sign(key: Ed25519PrivateKey, body: str) -> Signed:
    """An entry with its signature."""
    return Signed(body, key.sign(b"huiyin rulebook\n" + body.encode()).hex())


def is_signed(one: Signed, public: Ed25519PublicKey) -> bool:
    """Whether an entry carries this key's signature."""
    try:
        public.verify(bytes.fromhex(one.signature), b"huiyin rulebook\n" + one.body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def verified(office: str, entries: Sequence[Signed], public: Ed25519PublicKey) -> History:
    """The history that the entries tell; what is not signed, or does not follow, counts for nothing and is counted as unproved."""
    history = History(office)
    for one in entries:
        try:
            history = taken(history, one.body) if is_signed(one, public) else passed(history, one.body)
        except (ValueError, KeyError, TypeError):
            history = passed(history, one.body)
    return history


def read(folder: Path) -> Shelf:
    """What the file of a key folder says; empty where there is none. Raises ValueError where it is none of ours."""
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Shelf()
    value = json.loads(text)
    try:
        return Shelf({office: [Signed(**one) for one in rows] for office, rows in value["entries"].items()}, dict(value["texts"]))
    except (KeyError, TypeError, AttributeError) as wrong:
        raise ValueError(f"{folder / FILE}: {wrong}") from None


def write(folder: Path, shelf: Shelf) -> None:
    """Put it in the file's place, whole or not at all."""
    value = {"entries": {office: [vars(one) for one in rows] for office, rows in sorted(shelf.entries.items())}, "texts": shelf.texts}
    put(folder / FILE, json.dumps(value, ensure_ascii=False))


class Published:
    """The versions in force by the file, read again when it changes; what cannot be read leaves the last that could."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stamp = folder, (-1, -1)
        self.shelf, self.histories = Shelf(), dict[str, History]()
        self.books: dict[str, dict[str, Any]] = {}
        self.broken, self.lost = False, frozenset[str]()

    def fresh(self) -> tuple[int, int]:
        """Read what changed; a value that changes with it."""
        now = stamp(self.folder / FILE)
        if now != self.stamp:
            self.stamp = now
            try:
                self.take(read(self.folder))
                self.broken = False
            except (ValueError, OSError):
                log.exception("%s cannot be read; what was in force stays in force", self.folder / FILE)
                self.broken = not self.histories
        return self.stamp

    def take(self, shelf: Shelf) -> None:
        """Verify and know this."""
        if shelf.entries:
            public = rules_key(self.folder).public_key()
            self.histories = {office: verified(office, rows, public) for office, rows in shelf.entries.items()}
        else:
            self.histories = {}
        self.shelf = shelf
        sound = {digest for digest, text in shelf.texts.items() if text_hash(text) == digest}
        self.lost = frozenset(office for office, one in self.histories.items() if not {version.sha256 for version in one.versions} <= sound)

    def history(self, office: str) -> History:
        """What is proved of an office's versions."""
        return self.histories.get(office) or History(office)

    def unsound(self, office: str) -> bool:
        """Versions are spoken of and none is proved: nothing may be filed until somebody has looked."""
        history = self.history(office)
        return self.broken or office in self.lost or (bool(history.unproved) and not history.versions)

    def book(self, version: Version) -> dict[str, Any]:
        """The book of a version with its words, parsed once."""
        if version.sha256 not in self.books:
            self.books[version.sha256] = json.loads(self.shelf.texts[version.sha256])["book"]
        return self.books[version.sha256]

    def law(self, version: Version, office: Mapping[str, Any], calendars: list[dict[str, Any]]) -> Any:
        """The law of a version, for the people and calendars of today."""
        return bound(self.shelf.texts[version.sha256], version, office, calendars)
