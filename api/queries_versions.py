"""What the record has of published rulebooks: every entry in order, and the texts they speak of."""

from collections.abc import Collection

import asyncpg

from workflows.keptfile import Signed


async def entries(pool: asyncpg.Pool | asyncpg.Connection) -> dict[str, list[Signed]]:
    """All entries by office, in order."""
    found: dict[str, list[Signed]] = {}
    for row in await pool.fetch("select office, body, signature from rulebook_versions order by office, seq"):
        found.setdefault(row["office"], []).append(Signed(row["body"], row["signature"]))
    return found


async def texts(pool: asyncpg.Pool | asyncpg.Connection, hashes: Collection[str]) -> dict[str, str]:
    """Texts by hash."""
    return {row["sha256"]: row["text"] for row in await pool.fetch("select sha256, text from rulebook_texts where sha256 = any($1)", list(hashes))}
