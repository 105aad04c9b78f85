"""The changes of an office's people as a file in the key folder: whoever binds new cases reads it, so that filing needs no database. Every entry is verified."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.roster import applied
from domain.workdays import ZONE
from workflows.keptfile import Signed, put, stamp
from workflows.keyfile import rules_key

FILE = "people"
FOR = b"huiyin people\n"  # nobody's signature over a rulebook is one over people
log = logging.getLogger("huiyin.people")


def sign(folder: Path, change: Mapping[str, Any]) -> Signed:
    """A change with the installation's signature."""
    body = json.dumps(change, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Signed(body, rules_key(folder).sign(FOR + body.encode()).hex())


def verified(office: str, entries: list[Signed], public: Ed25519PublicKey) -> list[dict[str, Any]]:
    """The changes that are signed and stand where they say; any other counts for nothing, aloud."""
    found: list[dict[str, Any]] = []
    for place, one in enumerate(entries, 1):
        try:
            public.verify(bytes.fromhex(one.signature), FOR + one.body.encode())
            change = json.loads(one.body)
            if (change["office"], change["seq"]) != (office, place):
                raise ValueError("out of its place")
            found.append(change)
        except (InvalidSignature, ValueError, KeyError, TypeError):
            log.exception("%s: change %s of people is not what this installation has signed, and counts for nothing", office, place)
    return found


class Roster:
    """The changes of all offices by the file, read again when it changes; what cannot be read leaves the last that could."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stamp = folder, (-1, -1)
        self.entries: dict[str, list[Signed]] = {}
        self.changes: dict[str, list[dict[str, Any]]] = {}

    def fresh(self) -> tuple[int, int]:
        """Read what changed; a value that changes with it."""
        now = stamp(self.folder / FILE)
        if now != self.stamp:
            self.stamp = now
            try:
                self._read()
            except (ValueError, OSError, KeyError, TypeError, AttributeError):
                log.exception("%s cannot be read; the people known stay", self.folder / FILE)
        return self.stamp

    def of(self, office: str) -> list[dict[str, Any]]:
        """What is proved of an office's changes, the oldest first."""
        return self.changes.get(office, [])

    def applied(self, office: Mapping[str, Any]) -> dict[str, Any]:
        """An office file with its changes up to today."""
        return applied(office, self.of(str(office.get("office", {}).get("id", ""))), datetime.now(ZONE).date().isoformat())

    def write(self, entries: Mapping[str, list[Signed]]) -> None:
        """Put them in the file's place, whole or not at all, and know them."""
        put(self.folder / FILE, json.dumps({office: [vars(one) for one in rows] for office, rows in sorted(entries.items())}, ensure_ascii=False))
        self.fresh()

    def _read(self) -> None:
        try:
            text = (self.folder / FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            text = "{}"
        entries = {str(office): [Signed(**one) for one in rows] for office, rows in json.loads(text).items()}
        public = rules_key(self.folder).public_key() if entries else None
        self.changes = {office: verified(office, rows, public) for office, rows in entries.items()} if public else {}
        self.entries = entries
