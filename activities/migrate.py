"""Schema of the record: numbered SQL files, applied forward only and once each."""

import hashlib
from pathlib import Path

import asyncpg

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 7_405_001  # any constant of our own: two starters take turns


class MigrationError(RuntimeError):
    """A file that was applied has since been changed; the remedy is a new file."""


async def migrate(url: str) -> list[str]:
    """Apply what is missing, in order, each in its own transaction; returns the names applied now."""
    db = await asyncpg.connect(url)
    try:
        await db.execute("select pg_advisory_lock($1)", LOCK)
        await db.execute("create table if not exists migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())")
        known = {row["name"]: row["sha256"] for row in await db.fetch("select name, sha256 from migrations")}
        return [path.name for path in sorted(FOLDER.glob("[0-9]*.sql")) if await _apply(db, path, known)]
    finally:
        await db.close()


async def _apply(db: asyncpg.Connection, path: Path, known: dict[str, str]) -> bool:
    text = path.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if path.name in known:
        if known[path.name] != digest:
            raise MigrationError(f"{path.name} was changed after it had been applied; put the change into a new file")
        return False
    async with db.transaction():
        await db.execute(text)
        await db.execute("insert into migrations (name, sha256) values ($1, $2)", path.name, digest)
    return True
