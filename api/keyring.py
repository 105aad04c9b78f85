"""The keys of an installation: made once in a folder of mode 0700, outside the database. Each has one use."""

import hashlib
import hmac
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRETS = ("codec", "workflow_id", "receipt", "receipt_index", "digest", "seal", "body", "actor", "system", "token")


@dataclass(frozen=True)
class Keyring:
    """Secrets by use (32 bytes each); 'actor', 'system' and 'token' are Ed25519 seeds."""

    secrets: dict[str, bytes]

    @staticmethod
    def load(folder: Path) -> "Keyring":
        """The keys of a folder; what is missing is made. Raises PermissionError where others may read it."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_mode & 0o077:
            raise PermissionError(f"{folder}: 密钥文件夹不得为他人可读 / others may read the keys; chmod 700")
        return Keyring({name: _kept(folder / name) for name in SECRETS})

    def mac(self, use: str, *parts: str) -> bytes:
        """HMAC-SHA-256 of parts under the key of one use; the parts cannot run into each other."""
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self.secrets[use], text.encode(), hashlib.sha256).digest()

    def signer(self, use: str) -> Ed25519PrivateKey:
        """The Ed25519 key of one use."""
        return Ed25519PrivateKey.from_private_bytes(self.secrets[use])

    def public(self, use: str) -> str:
        """Its public half, hex."""
        return self.signer(use).public_key().public_bytes_raw().hex()


def _kept(path: Path) -> bytes:
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(os.urandom(32))
        with suppress(FileExistsError):  # the first of two starters wins
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()
