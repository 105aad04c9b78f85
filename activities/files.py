"""Files of an installation by key: a folder here; what another store needs is `put`, `get` and `set_aside`."""

import os
from pathlib import Path, PurePosixPath
from typing import Protocol


class Files(Protocol):
    """Whole files by key (`histories/ab/case-….json`); every method may run twice."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes under the key, whole or not at all, on disk when it returns."""

    def get(self, key: str) -> bytes:
        """The bytes of a key; raises FileNotFoundError."""

    def set_aside(self, key: str, mark: str) -> None:
        """Move what is under the key to another name, for whoever wants to know what happened to it."""


class Folder:
    """Files in a folder: directories 0700, files 0600, written beside and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """Where a key lies; raises ValueError for one that would leave the folder."""
        parts = PurePosixPath(key).parts
        if not parts or parts[0] == "/" or any(part in ("..", ".") for part in parts):
            raise ValueError(f"not a key of a file: {key!r}")
        return self.root.joinpath(*parts)

    def put(self, key: str, data: bytes) -> None:
        """See Files."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        for left in path.parent.glob(f".{path.name}.*.part"):  # of writers that were killed
            left.unlink(missing_ok=True)
        _synced(path.parent)

    def get(self, key: str) -> bytes:
        """See Files."""
        return self.path(key).read_bytes()

    def set_aside(self, key: str, mark: str) -> None:
        """See Files."""
        path = self.path(key)
        if path.exists():
            path.replace(path.with_name(f"{path.name}.{mark}"))


def _synced(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
