"""Texts from templates and their way to addresses through Apprise: in threads of our own, a few at a time for each server."""

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import apprise
import jinja2

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "notices"
UNREADABLE = "address_unreadable"
NOT_TAKEN = "not_taken"
THREADS, AT_ONE_SERVER = 16, 3

Words = Callable[[str, str], tuple[str, str, str]]  # (office, form) -> the book, and what it calls the form in Chinese and English

logging.getLogger("apprise").disabled = True  # it writes addresses, and a log holds none


def preload() -> None:
    """Load Apprise's plugins now: it takes a second, which the first notice does not have."""
    apprise.Apprise().add("json://localhost")


def bare_words(office: str, form: str) -> tuple[str, str, str]:
    """The name of a form where no book is at hand."""
    return "", form, form.replace("_", " ")


def digest_of(url: str) -> str:
    """An address as the record keeps it: it may hold a password or a telephone number."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def readable(url: str) -> bool:
    """Whether Apprise knows what to do with an address."""
    return bool(apprise.Apprise().add(url))


def sent_to(url: str, title: str, body: str) -> str:
    """Hand one text to one address; '' when it was taken, else what went wrong. Blocks."""
    mailer = apprise.Apprise()
    try:
        if not mailer.add(url):
            return UNREADABLE
        return "" if mailer.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT) else NOT_TAKEN
    except Exception as wrong:  # noqa: BLE001 - a plugin may raise anything; one bad address must not stop the others
        return type(wrong).__name__


class Sender:
    """Threads and gates of one process: a server that hangs keeps its own notices waiting, never those of others."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, "notices")
        self.gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONE_SERVER))

    def gate(self, url: str) -> asyncio.Semaphore:
        """The gate of an address' server."""
        parts = urlsplit(url)
        return self.gates[f"{parts.scheme}:{parts.netloc.rpartition('@')[2]}"]

    async def send(self, url: str, title: str, body: str) -> str:
        """One text to one address, in a thread; see `sent_to`."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, sent_to, url, title, body)

    def close(self) -> None:
        """Start nothing more."""
        self.threads.shutdown(wait=False, cancel_futures=True)


class Texts:
    """Notices as people read them: Chinese first, English second, by register number; never personal data.

    With a `base` (where people reach the pages) each says where to read on: an address that opens after signing in and names nothing but the case's id.
    """

    def __init__(self, words: Words = bare_words, base: str = "") -> None:
        self.base = base.rstrip("/")
        loader = jinja2.FileSystemLoader(TEMPLATES)
        self.words = words
        self.jinja = jinja2.Environment(loader=loader, autoescape=False, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701 - plain text, no markup

    def of(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        """Subject line and body for one notice, or for several in one message."""
        items = sorted((self._shown(row) for row in rows), key=lambda one: (not one["mine"], one["due_day"] or "9")) if len(rows) > 1 else [self._shown(row) for row in rows]
        if len(items) == 1:
            template = self.jinja.select_template([f"{items[0]['book']}/{items[0]['form']}.txt.j2", "default.txt.j2"])
            return _split(template.render(items[0]))
        return _split(self.jinja.get_template("digest.txt.j2").render(items=items, link=self.base and f"{self.base}/home"))

    def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        data = row["data"]
        book, zh, en = self.words(str(row.get("office", "")), str(row["form"]))
        return {"book": book, "form": row["form"], "zh": zh, "en": en, "register_no": data.get("register_no") or "", "due_day": data.get("due_day") or "", "ledger": bool(data.get("ledger")), "period": data.get("period") or "", "clause": list(row["clause"]), "mine": bool(row.get("mine")), "link": self._link(row)}

    def _link(self, row: Mapping[str, Any]) -> str:
        page = f"/cases/{quote(str(row['case_id']), safe='')}" if row.get("case_id") else "/inbox"
        return self.base and self.base + page


def _split(text: str) -> tuple[str, str]:
    """The first line is the subject."""
    title, _, body = text.partition("\n")
    return title.strip(), body.strip() + "\n"
