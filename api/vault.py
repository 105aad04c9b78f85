"""Files of complaints, sealed piece by piece under the key of office and filing year; never whole in memory while they come in.

Layout of a file: mark, label, salt, then pieces of 1 MiB each under its number, with 'more' or 'last' authenticated, so none can be cut,
doubled or swapped. Its name is the SHA-256 of what was sealed.
"""

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from api.errors import Problem
from api.keyring import Keyring
from api.kinds import KINDS, Judge

FILES, BYTES = 10, 20 * 1024 * 1024
PIECE, MARK, SALT, TAG = 1024 * 1024, b"HYF1", 16, 16


@dataclass(frozen=True)
class Kept:
    """A file that was taken: its SHA-256, kind and size."""

    sha: str
    kind: str
    size: int

    def dump(self) -> dict[str, str | int]:
        """As it stands in the case."""
        return {"sha": self.sha, "kind": self.kind, "bytes": self.size}


class Vault:
    """The folder of sealed files of an installation."""

    def __init__(self, folder: Path, keys: Keyring) -> None:
        self.folder, self.keys = folder, keys

    def writer(self, office: str, year: int) -> "Writer":
        """A place for one more file."""
        return Writer(self, office, year)

    def path(self, office: str, year: int, sha: str) -> Path:
        """Where a file lies; the office by digest, because an id may hold any character."""
        return self.folder / hashlib.sha256(office.encode()).hexdigest()[:16] / str(year) / sha

    def read(self, office: str, year: int, sha: str) -> bytes:
        """The file as it came; raises FileNotFoundError, or ValueError where it is not what was sealed."""
        raw = self.path(office, year, sha).read_bytes()
        end = len(MARK) + 1 + raw[len(MARK)]
        label, salt, body = raw[len(MARK) + 1 : end], raw[end : end + SALT], raw[end + SALT :]
        cipher, size = self.cipher(label, salt), PIECE + TAG
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        try:
            content = b"".join(cipher.decrypt(_nonce(n), one, label + _place(last=n == len(pieces) - 1)) for n, one in enumerate(pieces))
        except InvalidTag:
            raise ValueError("the file was changed") from None
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), sha):
            raise ValueError("the file is another one")
        return content

    def cipher(self, label: bytes, salt: bytes) -> AESGCM:
        """The cipher of one file: its own key, so that the counter alone is a nonce."""
        return _cipher(self.keys.unsealing(label.decode()), salt)


class Writer:
    """One file on its way in."""

    def __init__(self, vault: Vault, office: str, year: int) -> None:
        self.vault, self.office, self.year = vault, office, year
        self.label, salt = f"{office}:{year}".encode(), os.urandom(SALT)
        self.cipher, self.judge, self.hash = _cipher(vault.keys.sealing(office, year), salt), Judge(), hashlib.sha256()
        self.waiting, self.count = bytearray(), 0
        vault.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.part = vault.folder / f".incoming-{uuid4().hex}"
        self.file = os.fdopen(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self.file.write(MARK + bytes([len(self.label)]) + self.label + salt)

    def write(self, piece: bytes) -> None:
        """The next piece; raises Problem too_large beyond 20 MB."""
        self.judge.see(piece)
        if self.judge.size > BYTES:
            raise Problem("too_large", detail={"bytes": BYTES})
        self.hash.update(piece)
        self.waiting += piece
        while len(self.waiting) > PIECE:
            self._seal(bytes(self.waiting[:PIECE]), last=False)
            del self.waiting[:PIECE]

    def close(self) -> Kept:
        """Keep it under its hash; raises Problem file_refused for a kind that is not taken."""
        kind = self.judge.kind()
        if kind not in KINDS:
            raise Problem("file_refused", detail={"kind": self.judge.guess(), "allowed": sorted(KINDS)})
        self._seal(bytes(self.waiting), last=True)
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        kept = Kept(self.hash.hexdigest(), kind, self.judge.size)
        path = self.vault.path(self.office, self.year, kept.sha)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.part.replace(path)
        return kept

    def discard(self) -> None:
        """Leave nothing behind."""
        self.file.close()
        with suppress(FileNotFoundError):
            self.part.unlink()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self.file.write(self.cipher.encrypt(_nonce(self.count), piece, self.label + _place(last=last)))
        self.count += 1


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hmac.new(key, salt, hashlib.sha256).digest())


def _nonce(n: int) -> bytes:
    return n.to_bytes(12)


def _place(*, last: bool) -> bytes:
    return b"|last" if last else b"|more"
