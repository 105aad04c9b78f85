"""Keeps the words of old records: read once, since nothing in them changes, each level under its key."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from api import queries_old, words
from api.grams import grams, key_of, numbers
from api.keyring import Destroyed, Keyring
from api.laws import Laws
from api.old_lines import laws_of
from domain.core import Law
from domain.old_records import words_of

AT_ONCE, AT_MOST = 100, 1000  # records between two breaths of the process; and before one answer
OVERLAP = timedelta(seconds=30)


class OldIndex:
    """How far one process has read; what two processes read is written once."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self.since = datetime(2000, 1, 1, tzinfo=UTC)
        self.turn = asyncio.Lock()

    async def fresh(self, pool: asyncpg.Pool, laws: Laws) -> int:
        """Read what was brought in; 1 where more is left than one answer waits for."""
        async with self.turn:
            rows = await queries_old.unread(pool, self.since, AT_MOST + 1)
            for n in range(0, min(len(rows), AT_MOST), AT_ONCE):
                some = rows[n : min(n + AT_ONCE, AT_MOST)]
                bound = await laws_of(pool, laws, some)
                await queries_old.write_words(pool, await asyncio.to_thread(self._read, some, bound))
            if len(rows) <= AT_MOST:
                self.since = max(self.since, await queries_old.now(pool) - OVERLAP)
            return int(len(rows) > AT_MOST)

    def _read(self, rows: list[asyncpg.Record], bound: dict[str, Law]) -> list[tuple[Any, ...]]:
        return [row_of(self.keys, row, bound[row["law"]]) for row in rows]


def row_of(keys: Keyring, row: asyncpg.Record, law: Law) -> tuple[Any, ...]:
    """A record as the index keeps it: (id, office, received_at, tokens, guards, closed)."""
    read = words_of(row["number"], json.loads(row["about"]), row["units"], row["outcome"], json.loads(row["row"]), law)
    year, tokens = int(str(row["sealed"]).split(".")[1].rpartition(":")[2]), set[int]()
    for level, texts in read.levels.items():
        try:
            pieces = {piece for text in texts for piece in grams(str(words.opened(keys, text)))} if texts else set()
            if pieces:
                tokens.update(numbers(key_of(keys, row["office"], level, year), pieces))
        except Destroyed:
            continue
    guards = sorted({name for rule in read.closed for name in rule.get("from", ())} | ({"*"} if any("only_to" in rule for rule in read.closed) else set()))
    return row["id"], row["office"], row["received_at"], sorted(tokens), guards, json.dumps(read.closed, ensure_ascii=False)
