"""What routes, pages and the command ask of imports: take a file, dry-run it, run it, say how it stands. Who may: intake and the head of the centre of that office."""

import asyncio
import json
import logging
from collections.abc import Mapping as Table
from typing import Any

from api import queries, queries_imports
from api.errors import Problem, unforeseen
from api.identity import Caller
from api.imports import store, work
from api.imports.findings import words
from api.imports.guessing import KNOWN, guess
from api.imports.mapping import FIELDS, Mapping, parse, to_toml
from api.imports.reading import Unreadable, read
from api.office import Parts
from api.vault import Kept
from domain.core import Law, Reader

IMPORTERS = frozenset({"intake", "centre_head"})
LOG = logging.getLogger("huiyin.api")


def allowed(reader: Reader) -> None:
    """Raises Problem not_your_act for whoever may not bring a register in."""
    if IMPORTERS.isdisjoint(reader.roles):
        raise Problem("not_your_act")


async def submit(here: Parts, law: Law, who: Caller, reason: str, mapping: Mapping | None, file: Kept, year: int) -> str:
    """Take a register: with the mapping given, else the office's last one where it fits, else one guessed. Raises Problem file_unreadable."""
    if len(reason.strip()) < 2:
        raise Problem("reason_missing")
    if mapping is None:
        mapping = await _mapping(here, law, who.office, file.sha, year)
    name = import_id(here, who.office, file.sha, mapping)
    await store.begin(here.pool, name, who.office, who.person, reason.strip(), file.sha, year, mapping)
    await store.keep_mapping(here.pool, who.office, who.person, mapping)
    return name


def import_id(here: Parts, office: str, sha: str, mapping: Mapping) -> str:
    """The id of an import: the same file of the same office under the same mapping is the same import."""
    return f"import-{here.keys.mac('body', 'import', office, sha, mapping.canonical()).hex()[:24]}"


async def _mapping(here: Parts, law: Law, office: str, sha: str, year: int) -> Mapping:
    raw = await asyncio.to_thread(here.vault.read, office, year, sha)
    last = await queries_imports.mapping(here.pool, office)
    try:
        if last is not None:
            kept = Mapping.model_validate(last)
            sheet = await asyncio.to_thread(read, raw, kept.sheet, kept.heading_row, KNOWN | frozenset(kept.columns))
            if {*kept.columns, *(step.on for step in kept.act)} <= set(sheet.headings):
                return kept
        sheet = await asyncio.to_thread(read, raw, "", 0, KNOWN)
    except Unreadable as wrong:
        if last is None or str(wrong) != "no_such_sheet":
            raise Problem("file_unreadable", detail={"why": str(wrong), **words(str(wrong))}) from None
        sheet = await asyncio.to_thread(_plainly, raw)
    return guess(sheet.headings, law)


def _plainly(raw: bytes) -> Any:
    try:
        return read(raw, "", 0, KNOWN)
    except Unreadable as wrong:
        raise Problem("file_unreadable", detail={"why": str(wrong), **words(str(wrong))}) from None


async def row_of(here: Parts, office: str, name: str) -> Table[str, Any]:
    """One import of an office; raises Problem not_found."""
    row = await queries_imports.one(here.pool, office, name)
    if row is None:
        raise Problem("not_found")
    return dict(row)


async def remapped(here: Parts, law: Law, who: Caller, name: str, mapping: Mapping) -> str:
    """The same file under another mapping: another import, without another upload."""
    row = await row_of(here, who.office, name)
    return await submit(here, law, who, row["reason"], mapping, Kept(row["file_sha256"], "", 0), row["file_year"])


async def check(here: Parts, law: Law, office: str, name: str, seconds: float) -> None:
    """Begin the dry run; wait a little for it. Raises Problem import_busy where it is running."""
    row = await row_of(here, office, name)
    if _at_work(here, row):
        raise Problem("import_busy")
    await _wait(here, name, here.beside.begin(name, _guarded(here, name, work.check(here, law, row))), seconds)


async def run(here: Parts, law: Law, who: Caller, name: str, report: str, seconds: float) -> None:
    """Begin it, or go on where it was cut, in the name of whoever says so. `report` is the hash of the dry run that was looked at. Raises Problem import_busy, import_unchecked, import_changed."""
    row = await row_of(here, who.office, name)
    if _at_work(here, row):
        raise Problem("import_busy")
    if not row["checked_at"] or row["error"] == "mapping":
        raise Problem("import_unchecked")
    if report and report != row["report_sha256"]:
        raise Problem("import_changed")
    await store.state(here.pool, name, "running", person=who.person)
    await _wait(here, name, here.beside.begin(name, _guarded(here, name, work.run(here, law, {**row, "person": who.person}))), seconds)


def _at_work(here: Parts, row: Table[str, Any]) -> bool:
    return here.beside.busy(row["id"]) or bool(row["held"])


async def _wait(here: Parts, name: str, task: "asyncio.Task[Any]", seconds: float) -> None:
    await asyncio.wait([task], timeout=seconds)


async def _guarded(here: Parts, name: str, job: Any) -> None:
    """Whatever ends an import early is said in its state; what is in the way of that is the record, and whoever asks sees that nobody works on it."""
    try:
        await job
    except store.Busy:
        return
    except queries.DOWN as wrong:
        LOG.warning("an import stopped, the record does not answer: %s", type(wrong).__name__)
    except Exception as wrong:  # noqa: BLE001 - its words may name somebody: type and place are logged
        unforeseen(wrong)
        await store.state(here.pool, name, "failed", "internal")


async def shown(here: Parts, row: Table[str, Any]) -> dict[str, Any]:
    """How an import stands: its state (interrupted where nobody works on it any more), its dry run, what is done."""
    busy = _at_work(here, row)
    state = row["state"] if busy or row["state"] not in ("checking", "running") else "interrupted"
    done = await queries_imports.counts(here.pool, row["id"])
    finished = {name: done.get(name, 0) for name in ("record", "case", "known")}
    mapping = Mapping.model_validate_json(row["mapping"])
    return {
        "id": row["id"], "state": state, "error": {"code": row["error"], **words(row["error"])} if row["error"] else None,
        "person": row["person"], "reason": row["reason"], "file": row["file_sha256"],
        **{f"{name}_at": row[f"{name}_at"].isoformat() if row[f"{name}_at"] else None for name in ("created", "checked", "started", "finished")},
        "rows": {"total": row["total"], "record": row["closed"], "case": row["open"], "refused": row["refused"]},
        "done": {**finished, "refused": done.get("refused", 0), "left": max(0, row["total"] - sum(done.values()))},
        "report": row["report_sha256"], **json.loads(row["report"]), "mapping": mapping.model_dump(), "mapping_toml": to_toml(mapping), "fields": FIELDS,
    }  # fmt: skip


def mapping_of(raw: bytes) -> Mapping | None:
    """The mapping that somebody sent, None where they sent none."""
    return parse(raw) if raw.strip() else None


