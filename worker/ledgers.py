"""The ledgers of the offices known here: started where a book looks across cases, given new law, fed with the entries that wait."""

import asyncio
import hashlib
import logging
import time
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.ledgers import Ledgers
from domain.core import Command, Law, bind, law_value, value_hash
from domain.ledger import ledger_id
from domain.ledger_watch import across
from domain.versions import Version
from domain.workdays import ZONE
from worker.offices import BOOKS, Offices
from workflows import contract, policies
from workflows.actorkeys import ActorKeys
from workflows.contract import LedgerStart
from workflows.published import Published

log = logging.getLogger("huiyin.worker")
WATCH = 3.0  # seconds between two looks at the entries that wait: they are no part of a case's way, and go together


class Feeder:
    """Signals ledgers, signed with the system's key. Several workers may feed at once: what comes twice counts once."""

    def __init__(self, client: Client, ledgers: Ledgers, key: Ed25519PrivateKey, others: Callable[[], Mapping[str, str]]) -> None:
        self.client, self.ledgers, self.key, self.others = client, ledgers, key, others
        self.known: dict[str, str] = {}
        self.values: dict[int, tuple[Law, dict[str, Any], str]] = {}  # a law's place in memory is its key; kept, so it stays there

    async def round(self, laws: Mapping[str, tuple[str, Law]], now: datetime) -> int:
        """Start what is missing, send new law and every entry that waits; gives how many entries went."""
        count, keys = 0, self.keys()
        for office, (book, law) in laws.items():
            name, (value, digest) = ledger_id(office, book), self.value(law, keys)
            if self.known.get(name) != digest:
                await self.signal(office, book, value, Command(f"law:{digest[:32]}", "law", {"law": value, "keys": keys}, now, now, "system"))
                self.known[name] = digest
            while entries := await self.ledgers.waiting(office, book):
                names = [one["key"] for one in entries]
                message = "entries:" + hashlib.sha256("\n".join(names).encode()).hexdigest()[:32]
                await self.signal(office, book, value, Command(message, "entries", {"entries": entries}, now, now, "system"))
                await self.ledgers.sent(names)
                count += len(names)
        return count

    def value(self, law: Law, keys: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        """The law by value and what tells this edition from others; made once for each law of this process."""
        if id(law) not in self.values:
            value = law_value(law)
            self.values[id(law)] = (law, value, value_hash(value))
        _, value, digest = self.values[id(law)]
        return value, digest[:16] + value_hash(keys)[:16]

    def keys(self) -> dict[str, str]:
        """Who may sign for a ledger: the system and, once it has made its key, the API."""
        return {**self.others(), contract.SYSTEM_KEY: self.key.public_key().public_bytes_raw().hex()}

    async def signal(self, office: str, book: str, law: dict[str, Any], command: Command) -> None:
        """One signed message; it starts the ledger where none runs."""
        name = ledger_id(office, book)
        await self.client.start_workflow(
            contract.LEDGER, LedgerStart(office, book, law, self.keys()), id=name, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, static_summary=f"台账 ledger: {office}",
            start_signal=command.act, start_signal_args=[contract.sign(name, command, contract.SYSTEM_KEY, self.key)],
        )  # fmt: skip


def actors(keys: Path) -> dict[str, str]:
    """The API's public key, and that earlier ones hold no longer; {} before its first start."""
    try:
        return ActorKeys(keys).now().named
    except FileNotFoundError:
        return {}


class Laws:
    """Book and law of offices; files are read again only when one of them has changed."""

    def __init__(self, offices: Offices, added: Path, keys: Path | None = None, books: Path = BOOKS) -> None:
        self.offices, self.added, self.books, self.again = offices, added, books, 0.0
        self.published = Published(keys) if keys else None
        self.seen: tuple[Any, ...] | None = None
        self.known: dict[str, tuple[str, Law] | None] = {}
        self.years: list[dict[str, Any]] = []

    def __call__(self) -> dict[str, tuple[str, Law]]:
        """The laws, as the files are now, of every office whose book looks across cases."""
        self._fresh()
        return {office: one for office in self.offices.all() if (one := self._one(office)) is not None and across(one[1].book)}

    def of(self, office: str) -> Law | None:
        """The law of one office, as it was within the last second; None where it cannot be read now."""
        try:
            if time.monotonic() >= self.again:  # asked for every notice, and a look costs a hundred files
                self._fresh()
                self.again = time.monotonic() + self.offices.every
            one = self._one(office)
        except (OSError, ValueError, KeyError) as wrong:
            log.warning("%s: its law cannot be read now: %s", office, type(wrong).__name__)
            return None
        return one[1] if one is not None else None

    def _fresh(self) -> None:
        folders = (self.offices.folder, self.books, self.books / "calendars", self.added)
        files = tuple((str(path), path.stat().st_mtime_ns) for folder in folders for path in sorted(folder.glob("*.toml")))
        people = self.offices.roster.fresh() if self.offices.roster else None
        stamp = (*files, self.published.fresh(), _today(), people) if self.published else files
        if stamp != self.seen:
            years = {path.stem: path for folder in (self.books / "calendars", self.added) for path in sorted(folder.glob("*.toml"))}
            self.years = [tomllib.loads(path.read_text(encoding="utf-8")) for _, path in sorted(years.items())]
            self.known, self.seen = {}, stamp

    def _one(self, office: str) -> tuple[str, Law] | None:
        if office not in self.known:
            file, version = self.offices.file(office), self._version(office)
            self.known[office] = (version.book, self.published.law(version, file, self.years)) if self.published and version else self._of_folder(file)
        return self.known[office]

    def _version(self, office: str) -> Version | None:
        if self.published is None or self.published.unsound(office):
            return None
        return self.published.history(office).current(_today())

    def _of_folder(self, file: Mapping[str, Any]) -> tuple[str, Law] | None:
        name = str(file.get("office", {}).get("rulebook", ""))
        path = self.books / f"{name}.toml"
        return (name, bind(tomllib.loads(path.read_text(encoding="utf-8")), file, self.years)) if name and path.is_file() else None


async def feeding(feeder: Feeder, laws: Callable[[], Mapping[str, tuple[str, Law]]], watch: float = WATCH) -> None:
    """Feed again and again, until cancelled."""
    while True:
        try:
            await feeder.round(await asyncio.to_thread(laws), datetime.now(ZONE).replace(microsecond=0))
        except Exception as wrong:  # noqa: BLE001 - the feeding outlives whatever ails the engine, the database or a folder
            log.warning("ledgers could not be fed now: %s", type(wrong).__name__)
        await asyncio.sleep(watch)


def _today() -> str:
    return datetime.now(ZONE).date().isoformat()
