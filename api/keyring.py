"""The keys of an installation: made once in a folder of mode 0700, outside the database. Each has one use."""

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workflows.actorkeys import FILE as CHANGES
from workflows.actorkeys import ActorKeys

SEALS = "seals"  # a folder of one random key for each office and filing year, so that one can be destroyed alone
SECRETS = ("codec", "workflow_id", "receipt", "receipt_index", "digest", "body", "system", "token")


class Destroyed(ValueError):
    """The key of an office and year is gone: what it sealed stays closed for ever."""


@dataclass(frozen=True)
class Keyring:
    """Secrets by use (32 bytes each); 'system' and 'token' are Ed25519 seeds. The keys that sign acts are a list of their own, which may grow while this process runs."""

    secrets: dict[str, bytes]
    folder: Path

    @staticmethod
    def load(folder: Path) -> "Keyring":
        """The keys of a folder; what is missing is made. Raises PermissionError where others may read it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_mode & 0o077:
            raise PermissionError(f"{folder}: 密钥文件夹不得为他人可读 / others may read the keys; chmod 700")
        if not (folder / CHANGES).exists():
            _kept(folder / "actor")
        return Keyring({name: _kept(folder / name) for name in SECRETS}, folder)

    def mac(self, use: str, *parts: str) -> bytes:
        """HMAC-SHA-256 of parts under the key of one use; the parts cannot run into each other."""
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self.secrets[use], text.encode(), hashlib.sha256).digest()

    def sealing(self, office: str, year: int) -> bytes:
        """The key that seals what an office files in a year; made with its first use. Raises Destroyed."""
        (self.folder / SEALS).mkdir(exist_ok=True, mode=0o700)
        return _whole(_kept(self.seal_file(f"{office}:{year}")))

    def unsealing(self, label: str) -> bytes:
        """The key of 'office:year', never made anew. Raises Destroyed where it is gone."""
        try:
            return _whole(self.seal_file(label).read_bytes())
        except FileNotFoundError:
            raise Destroyed(label) from None

    def seal_file(self, label: str) -> Path:
        """Where the key of 'office:year' lies; an empty file says that it was destroyed."""
        return self.folder / SEALS / quote(label, safe=":")

    def signer(self, use: str) -> Ed25519PrivateKey:
        """The Ed25519 key of one use; of 'actor', the one that signs now."""
        return ActorKeys(self.folder).now().key if use == "actor" else Ed25519PrivateKey.from_private_bytes(self.secrets[use])

    def public(self, use: str) -> str:
        """Its public half, hex."""
        return self.signer(use).public_key().public_bytes_raw().hex()


def _whole(key: bytes) -> bytes:
    if not key:
        raise Destroyed("this key was destroyed")
    return key


def _kept(path: Path) -> bytes:
    if not path.exists():
        fresh = path.with_name(f".making-{path.name}-{token_hex(8)}")  # a process number is 1 in every container
        fresh.touch(mode=0o600)
        fresh.write_bytes(os.urandom(32))
        with suppress(FileExistsError):  # the first of two starters wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
