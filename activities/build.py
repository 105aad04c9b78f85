"""Which code this is: the version, and a hash over all that decides and writes history."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def build_id() -> str:
    """`0.1.0+<12 hex digits over domain/ and workflows/>`: equal code, equal id, with or without a repository around it."""
    digest = hashlib.sha256()
    for path in sorted(path for room in ("domain", "workflows") for path in (ROOT / room).rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()}:{len(content)}:".encode() + content)
    return f"{version('huiyin')}+{digest.hexdigest()[:12]}"
