"""The keys by which the API signs acts: which one signs now, which came before it, since when. Beside `actor`, the first, lie `actor.ID` and the list `actor.changes`."""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.workdays import ZONE
from workflows.keptfile import put, stamp
from workflows.keyfile import ACTOR, actor_key

FILE = "actor.changes"


@dataclass(frozen=True)
class Change:
    """One key of the list: its id, its public half (hex), from when it signs, and why."""

    id: str
    public: str
    at: str
    reason: str


@dataclass(frozen=True)
class Actor:
    """Who signs now, and the keys that signed before; `since` is '' while the first key signs."""

    id: str
    key: Ed25519PrivateKey
    public: str
    since: str
    reason: str
    before: tuple[Change, ...]

    @property
    def named(self) -> dict[str, str]:
        """The keys as a case is told of them in the end: this one, and no earlier one any more."""
        return {**{one.id: "" for one in self.before}, self.id: self.public}


class ActorKeys:
    """The list of a key folder, read again when it changes: who signs asks each time, so that all processes change over at once."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stamp = folder, (-1, -1)
        self.known: Actor | None = None

    def now(self) -> Actor:
        """The key that signs now. Raises FileNotFoundError where none was ever made, ValueError where the list or its key cannot be read."""
        found = stamp(self.folder / FILE)
        if self.known is None or found != self.stamp:
            self.known, self.stamp = self._read(), found
        return self.known

    def ever(self) -> dict[str, str]:
        """Every public half by id ('' where it is not known), {} before the first."""
        try:
            now = self.now()
        except FileNotFoundError:
            return {}
        return {**{one.id: one.public for one in now.before}, now.id: now.public}

    def change(self, reason: str, lost: Iterable[str] = ()) -> Actor:
        """Make a new key; from now on it signs. Its id is of its own content, so no two keys ever have one id. `lost` = keys that cases know and this folder does not."""
        with self._alone():
            before = self._rows()
            key = Ed25519PrivateKey.generate()
            public = key.public_key().public_bytes_raw().hex()
            fresh = Change(f"api-{public[:12]}", public, datetime.now(ZONE).replace(microsecond=0).isoformat(), reason)
            _keep(self.folder / f"actor.{fresh.id}", key.private_bytes_raw())
            rows = [*before, *(Change(one, "", fresh.at, "lost") for one in sorted(lost)), fresh]
            put(self.folder / FILE, "".join(json.dumps(vars(one), ensure_ascii=False) + "\n" for one in rows))
            return self.now()

    def private(self, name: str) -> Path:
        """Where the private half of a key lies; an empty file says that it was destroyed."""
        return self.folder / ("actor" if name == ACTOR else f"actor.{name}")

    def held(self, name: str) -> Ed25519PrivateKey | None:
        """The private half of a key, None where it is here no longer."""
        path = self.private(name)
        raw = path.read_bytes() if path.is_file() else b""
        return Ed25519PrivateKey.from_private_bytes(raw) if raw else None

    def _rows(self) -> list[Change]:
        """The list, the first key alone while there is none. Its last row signs, whether or not its private half is here."""
        try:
            rows = [Change(**json.loads(line)) for line in (self.folder / FILE).read_text(encoding="utf-8").splitlines()]
        except FileNotFoundError:
            rows = [Change(ACTOR, _public(actor_key(self.folder)), "", "")]
        except TypeError as wrong:
            raise ValueError(f"{self.folder / FILE}: {wrong}") from None
        return rows or [Change("", "", "", "")]

    def _read(self) -> Actor:
        rows = self._rows()
        now = rows[-1]
        key = self.held(now.id)
        if key is None or _public(key) != now.public:
            raise ValueError(f"{self.folder / FILE}: 所列的密钥不在文件夹中,请从备份恢复;确已丢失的,运行 huiyin keys rotate  the key that it names is not in the folder: restore it; where it is lost, `huiyin keys rotate`")
        return Actor(now.id, key, now.public, now.at, now.reason, tuple(rows[:-1]))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two who change the key at the same time do so one after the other."""
        with os.fdopen(os.open(self.folder / ".actor-lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _public(key: Ed25519PrivateKey) -> str:
    return key.public_key().public_bytes_raw().hex()


def _keep(path: Path, raw: bytes) -> None:
    """Write a key so that it outlives the host's power: what it signs must stay verifiable by the next start."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
