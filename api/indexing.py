"""Keeps the API's own index of the register: what facts and words each case has by now. Brought up to date before it is asked, and every second beside that."""

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from api import queries, queries_index, words
from api.grams import grams, key_of, numbers
from api.keyring import Destroyed, Keyring
from api.laws import Laws
from api.old_index import OldIndex
from api.queries_search import CASES, OLD
from domain.core import Law
from domain.people import respondent_units
from domain.words import words_of

LOG = logging.getLogger("huiyin.api")
PAUSE = 1.0
COUNTED = 60.0  # seconds for which it is known which numbers stand in many cases
AT_ONCE, AT_MOST = 20, 100  # cases between two breaths of the process; and before one answer
OVERLAP = timedelta(seconds=30)  # a record's transaction lasts ten at most: what began before that is there


class Index:
    """How far one process has read; what two processes read is written once."""

    def __init__(self, keys: Keyring) -> None:
        self.keys = keys
        self.since = datetime(2000, 1, 1, tzinfo=UTC)
        self.turn = asyncio.Lock()
        self.common: dict[str, dict[int, float]] = {}  # by table, in about how many cases a number stands that stands in many
        self.old = OldIndex(keys)
        self.counted = -COUNTED

    async def fresh(self, pool: asyncpg.Pool, laws: Laws) -> int:
        """Read what has moved; gives how many cases are still to be read, 0 but for the minutes after an upgrade or a restored backup."""
        async with self.turn:
            if time.monotonic() > self.counted + COUNTED:
                self.common, self.counted = {one.words: await queries_index.common(pool, one.words) for one in (CASES, OLD)}, time.monotonic()
            return await self._round(pool, laws, AT_MOST)

    async def keep(self, pool: asyncpg.Pool, laws: Laws) -> None:
        """Read on, until cancelled."""
        while True:
            left = 0
            try:
                left = await self.fresh(pool, laws) + await self.old.fresh(pool, laws)
            except (*queries.DOWN, asyncpg.UndefinedTableError, LookupError) as wrong:
                LOG.info("the index of the register waits: %s", type(wrong).__name__)
            await asyncio.sleep(0.01 if left else PAUSE)

    async def _round(self, pool: asyncpg.Pool, laws: Laws, most: int) -> int:
        rows = await queries_index.stale(pool, self.since, most + 1)
        if not rows:
            self.since = max(self.since, await queries_index.now(pool) - OVERLAP)
            return 0
        batch, more = rows[:most], len(rows) > most
        for n in range(0, len(batch), AT_ONCE):
            await self._read(pool, laws, [row["case_id"] for row in batch[n : n + AT_ONCE]])
            await asyncio.sleep(0)
        self.since = max(self.since, min(batch[-1]["changed_at"], rows[0]["asked"] - OVERLAP))
        return await queries_index.pending(pool, self.since) if more else 0

    async def _read(self, pool: asyncpg.Pool, laws: Laws, ids: list[str]) -> None:
        found = await queries.cases_of(pool, ids)
        bound = await laws.of(pool, found.values())
        await queries_index.write(pool, [row_of(self.keys, one, bound[key]) for key, one in found.items()])


def row_of(keys: Keyring, found: queries.Found, law: Law) -> tuple[Any, ...]:
    """A case as the index keeps it."""
    case = found.case
    read = words_of(case, found.events, law)
    year = datetime.fromisoformat(case.attrs["received_at"]).year if case.attrs.get("received_at") else 0
    tokens: set[int] = set()
    for level, texts in read.levels.items():
        pieces = {piece for text in texts for piece in grams(str(words.opened(keys, text)))}
        if pieces:
            try:
                tokens.update(numbers(key_of(keys, case.office, level, year), pieces))
            except Destroyed:
                continue
    guards = sorted({name for rule in read.closed for name in rule.get("from", ())} | ({"*"} if any("only_to" in rule for rule in read.closed) else set()))
    facts, closed = json.dumps(read.facts, ensure_ascii=False, default=str), json.dumps(read.closed, ensure_ascii=False)
    return (
        case.id, case.office, case.version, facts, case.attrs.get("satisfaction"), respondent_units(case, law.office), case.attrs.get("summary_sha") or None,
        sorted(tokens), guards, closed,
    )  # fmt: skip
