"""Published rulebooks between the record and the file of this host: what is confirmed anywhere binds here within seconds, and outlives a record that is away."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from api.alike import for_ever, joined, once
from api.queries_versions import entries, texts
from domain.asking import Refusal
from domain.versions import History, body_text
from domain.workdays import ZONE
from workflows.keptfile import Signed
from workflows.keyfile import rules_key
from workflows.published import Published, Shelf, sign, write

EVERY = 5.0  # seconds until all processes know
STEP = "select rulebook_step($1, $2, $3)"
LOG = logging.getLogger("huiyin.api")


class Versions:
    """The published texts of this installation, kept alike in the record and in the file of this host's key folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.published = folder, Published(folder)
        self.torn: set[str] = set()  # offices of which record and file tell different things

    def history(self, office: str) -> History:
        """What is proved of an office's versions, as this host's file is now."""
        self.published.fresh()
        return self.published.history(office)

    async def refresh(self, pool: asyncpg.Pool) -> None:
        """Take over what is new in the record; give it what a restored one has lost. Where the two contradict each other the file stays."""
        self.published.fresh()
        known, stored = self.published.shelf.entries, await entries(pool)
        merged, self.torn = dict(known), set[str]()
        for office in sorted({*known, *stored}):
            both = joined(known.get(office, []), stored.get(office, []))
            if both is None:
                self.torn.add(office)
                LOG.error("%s: record and file tell different things of its published rulebooks; see `huiyin doctor`", office)
                continue
            merged[office], lost = both
            await self._give(pool, lost)
        wanted = {json.loads(one.body)["sha256"] for rows in merged.values() for one in rows}
        have = {digest: text for digest, text in self.published.shelf.texts.items() if digest in wanted}
        if merged != known or wanted - set(have):
            have |= await texts(pool, wanted - set(have))
            if (fresh := Shelf(merged, have)) != self.published.shelf:
                write(self.folder, fresh)
                self.published.fresh()

    async def _give(self, pool: asyncpg.Pool, lost: list[Signed]) -> None:
        for one in lost:
            text = self.published.shelf.texts.get(json.loads(one.body)["sha256"], "")
            if not await pool.fetchval(STEP, one.body, one.signature, text):
                return

    async def keep_fresh(self, pool: asyncpg.Pool) -> None:
        """Refresh for ever; while the record is away the file holds."""
        await for_ever(self.refresh, pool, "published rulebooks", EVERY)

    async def once(self, pool: asyncpg.Pool) -> bool:
        """Refresh; False where the record did not answer."""
        return await once(self.refresh, pool, "published rulebooks")

    async def enter(self, pool: asyncpg.Pool, office: str, by: Mapping[str, str], step: Callable[[History, Mapping[str, str]], dict[str, Any]], text: str = "") -> History:
        """Sign and record one step in a book's life; it binds on this host at once. Raises Refusal, and what the record raises when it is away."""
        who = {"at": datetime.now(ZONE).replace(microsecond=0).isoformat(), **by}
        for _ in range(3):  # somebody else may come between
            await self.refresh(pool)
            self._must_be_whole(office)
            entry = step(self.published.history(office), who)
            signed = sign(rules_key(self.folder), body_text(entry))
            if await pool.fetchval(STEP, signed.body, signed.signature, text if entry["kind"] == "proposed" else ""):
                await self.refresh(pool)
                return self.published.history(office)
        raise Refusal("version_pending", None, {"office": office})

    def _must_be_whole(self, office: str) -> None:
        if office in self.torn or self.published.broken:
            raise Refusal("versions_unsound", None, {"office": office})
