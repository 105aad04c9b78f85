"""Notices of the outbox: into the in-app inbox of each receiver, and to the addresses the office file gives; once per key."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apprise
import asyncpg
import jinja2
from temporalio import activity

from activities.types import NOTIFY, Telling

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "notices"
TITLE = "【回音】您有一条通知"
LATER = timedelta(hours=1)

Addresses = Callable[[str, str], Sequence[str]]  # (office, person) -> Apprise URLs


class SendingFailed(Exception):
    """An address did not take a notice; the row stays open and its tries are counted."""


def addresses_of(offices: Mapping[str, Mapping[str, Any]]) -> Addresses:
    """Look-up of `person.ID.notify` in office files, by office id."""

    def look_up(office: str, person: str) -> Sequence[str]:
        row = offices.get(office, {}).get("person", {}).get(person, {})
        return list(row.get("notify", ()))

    return look_up


def mailer_of(urls: Sequence[str]) -> apprise.Apprise | None:
    """The sender of these URLs, None where one cannot be read. Blocks for a second the first time (all plugins are loaded)."""
    mailer = apprise.Apprise()
    return mailer if all([mailer.add(url) for url in urls]) else None  # noqa: C419 - every address is looked at


class Notices:
    """Sends through one pool; a second attempt at a key sends nothing twice."""

    def __init__(self, pool: asyncpg.Pool, addresses: Addresses) -> None:
        self.pool, self.addresses = pool, addresses
        loader = jinja2.FileSystemLoader(TEMPLATES)
        self.texts = jinja2.Environment(loader=loader, autoescape=False, undefined=jinja2.StrictUndefined, trim_blocks=True)  # noqa: S701 - plain text, no markup

    @activity.defn(name=NOTIFY)
    async def notify(self, telling: Telling) -> list[str]:
        """Send the open ones of these keys; returns the keys sent now. Raises SendingFailed after all were tried."""
        sent: list[str] = []
        failed: list[str] = []
        for key in sorted(telling.keys):
            error = await self.send(key)
            if error is None:
                continue
            (failed if error else sent).append(key)
        if failed:
            raise SendingFailed(", ".join(failed))
        return sent

    async def send(self, key: str) -> str | None:
        """One row under its lock: None when it is already sent, '' when sent now, else what went wrong (kept in the row)."""
        async with self.pool.acquire() as db, db.transaction():
            row = await db.fetchrow("select * from outbox where key = $1 for update", key)
            if row is None or row["sent_at"] is not None:
                return None
            error = await self._outside(row)
            if error:
                wait = LATER if row["tries"] >= 5 else timedelta(seconds=10 * 2 ** row["tries"])
                await db.execute(
                    "update outbox set tries = tries + 1, last_error = $2, next_try = $3 where key = $1", key, error, datetime.now(UTC) + wait
                )
                return error
            await db.executemany(
                "insert into inbox (key, person, case_id, form, clause, data) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
                [(key, person, row["case_id"], row["form"], row["clause"], row["data"]) for person in row["to"]],
            )
            await db.execute("update outbox set sent_at = now(), tries = tries + 1, last_error = '' where key = $1", key)
            return ""

    async def _outside(self, row: asyncpg.Record) -> str:
        urls = [url for person in row["to"] for url in self.addresses(row["office"], person)]
        if not urls:
            return ""
        mailer = await asyncio.to_thread(mailer_of, urls)
        if mailer is None:
            return "an address is not one that Apprise can read"
        body = await asyncio.to_thread(self.render, row["form"], list(row["clause"]), json.loads(row["data"]))
        return "" if await mailer.async_notify(title=TITLE, body=body) else "an address did not take the notice"

    def render(self, form: str, clause: Sequence[str], data: Mapping[str, Any]) -> str:
        """The text of one notice: the form's own template, else the default; never personal data (Notice.data has none)."""
        template = self.texts.select_template([f"{form}.zh.txt.j2", "default.zh.txt.j2"])
        shown = {"register_no": data.get("register_no", ""), "due_day": data.get("due_day", ""), "form": form, "clause": clause, "title": TITLE}
        return template.render(shown)
