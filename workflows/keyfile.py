"""The keys that a worker reads from the key folder of an installation. Payloads: `codec` is key k1; `codec.ID` are further keys; `codec.writes` names the one in use.

To change keys: put 32 random bytes into `codec.k2` for every party, restart them, then write `k2` into `codec.writes`.
"""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflows.converter import CodecKeys

FIRST, SIZE = "k1", 32
ACTOR = "api-1"  # the id under which every case knows the installation's actor key


def codec_keys(folder: Path) -> CodecKeys:
    """All keys of a folder; `codec` is made when it is missing (mode 0600). Raises ValueError where the named key is not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _made(folder / "codec")
    further = {path.suffix[1:]: path for path in sorted(folder.glob("codec.*")) if path.suffix[1:] != "writes" and not path.suffix[1:].isdigit()}
    keys = {name: path.read_bytes() for name, path in {FIRST: folder / "codec", **further}.items()}
    wrong = [name for name, key in keys.items() if len(key) != SIZE]
    if wrong:
        raise ValueError(f"codec keys {wrong}: 每把密钥应为 32 字节 / a key has 32 bytes")
    named = folder / "codec.writes"
    writes = named.read_text().strip() if named.exists() else FIRST
    if writes not in keys:
        raise ValueError(f"codec.writes: 没有密钥 {writes} / no such key")
    return CodecKeys(keys, writes)


def actor_key(folder: Path) -> Ed25519PrivateKey:
    """The key that signs acts; the API makes it with its first start. Raises FileNotFoundError where it never ran."""
    return Ed25519PrivateKey.from_private_bytes((folder / "actor").read_bytes())


def system_key(folder: Path) -> Ed25519PrivateKey:
    """The key by which workers sign the system's own acts, in the same folder; made when it is missing (mode 0600)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _made(folder / "system")
    return Ed25519PrivateKey.from_private_bytes((folder / "system").read_bytes())


def rules_key(folder: Path) -> Ed25519PrivateKey:
    """The key that signs which text of a rulebook is in force; made when it is missing (mode 0600)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _made(folder / "rules")
    return Ed25519PrivateKey.from_private_bytes((folder / "rules").read_bytes())


def rules_public(folder: Path) -> Ed25519PublicKey | None:
    """What proves a signature of that key; None where it is not there, for nothing is made by looking."""
    path = folder / "rules"
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes()).public_key() if path.exists() else None


def _made(path: Path) -> None:
    if path.exists():
        return
    fresh = path.with_name(f".making-{token_hex(8)}")  # a process number is 1 in every container
    fresh.touch(mode=0o600)
    fresh.write_bytes(os.urandom(SIZE))
    with suppress(FileExistsError):  # the first of two starters wins
        os.link(fresh, path)
    fresh.unlink()
