"""Where the history of a case comes from: the engine, else the file that was kept after its end, else a file given by hand."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from activities.build import build_id
from activities.files import Files
from activities.histories import BrokenFile, ending, fetched, linked, runs_of, unpacked
from cli.audit import Findings, Unchecked, replay
from domain.core import value_hash
from workflows.converter import CodecKeys, data_converter

TRIES, PAUSE = 12, 0.5


@dataclass
class Place:
    """What an audit stands on; `client` is None where the engine does not answer."""

    pool: asyncpg.Pool
    files: Files
    keys: CodecKeys
    client: Client | None = None
    actors: Mapping[str, str] = field(default_factory=dict)  # public halves of the keys that the installation ever signed acts with
    rules: Ed25519PublicKey | None = None  # proves who published the law of a case


@dataclass
class Source:
    """The runs to replay (none where nothing readable is left), and what was found on the way to them."""

    histories: Sequence[WorkflowHistory]
    said: Findings = field(default_factory=Findings)
    law: str = ""  # SHA-256 of the law as it was written down when the case was kept


async def case_named(pool: asyncpg.Pool, name: str) -> str:
    """The case of an id or a register number; a name that the record does not know is taken for an id. Raises Unchecked."""
    rows = await pool.fetch("select case_id, office from cases where case_id = $1 or register_no = $1", name)
    if len(rows) > 1:
        listed = ", ".join(f"{row['office']}: {row['case_id']}" for row in rows)
        raise Unchecked(f"{name} 在几个机构都有,请用案件标识 several offices have this number, name the case by its id: {listed}")
    return str(rows[0]["case_id"]) if rows else name


async def audited(place: Place, case_id: str, file: Path | None = None) -> Findings:
    """Find the history, replay, compare. A case that moved meanwhile is looked at again. Raises Unchecked."""
    for attempt in range(TRIES):
        source = await source_of(place, case_id, file)
        found = Findings(list(source.said.lines))
        if source.histories:
            if source.law:
                found.lines.append(await _lawful(source, place.keys))
            found.lines += (await replay(case_id, source.histories, place.pool, place.keys, actors=place.actors, rules=place.rules)).lines
        if found.sound or file or not source.histories or ending(source.histories) or attempt == TRIES - 1:
            return found
        await asyncio.sleep(PAUSE)
    raise AssertionError("unreachable")


async def source_of(place: Place, case_id: str, file: Path | None = None) -> Source:
    """The runs, with a line for each thing that was checked about where they come from. Raises Unchecked."""
    row = await place.pool.fetchrow("select file, sha256, runs, build, law_sha256 from archives where case_id = $1", case_id)
    source = _by_hand(case_id, file, row) if file is not None else await _source(place, case_id, row)
    if row is not None:
        source.law = row["law_sha256"]
        source.said.say(True, f"留存时的程序 kept by build {row['build']}" + ("" if row["build"] == build_id() else f", 现在是 this is {build_id()}"))
    return source


async def _source(place: Place, case_id: str, row: Any) -> Source:
    live, why = await _engine(place, case_id)
    if row is None:
        if not live:
            raise Unchecked(f"{case_id}: {why};也没有留存的历史 and no history was kept. 请核对编号,或用 --history 指定文件 check the number, or name a file with --history")
        return Source(live, Findings([(True, "历史来自引擎 from the engine")]))
    return _beside(case_id, live, why, row, place.files)


async def _lawful(source: Source, keys: CodecKeys) -> tuple[bool, str]:
    payloads = list(source.histories[0].events[0].workflow_execution_started_event_attributes.input.payloads)
    try:
        (start,) = await data_converter(keys).decode(payloads)
        alike = value_hash(start["law"]) == source.law
    except (KeyError, TypeError, ValueError, RuntimeError):
        return False, "起始输入中读不出制度 no law can be read from the start input"
    return alike, f"起始输入所载的制度 the law in the start input: {source.law[:16]}…" + ("" if alike else " 与留存时所记不同 is not the one that was written down")


async def _engine(place: Place, case_id: str) -> tuple[list[WorkflowHistory], str]:
    if place.client is None:
        return [], "引擎无应答 the engine does not answer"
    try:
        return await asyncio.to_thread(linked, place.files, case_id, await fetched(place.client, case_id)), ""
    except RPCError as wrong:
        if wrong.status == RPCStatusCode.NOT_FOUND:
            return [], "引擎已没有此件的运行 the engine no longer has a run of this case"
        return [], f"引擎无应答 the engine does not answer ({wrong.status.name})"


def _beside(case_id: str, live: list[WorkflowHistory], why: str, row: Any, files: Files) -> Source:
    """Engine and kept file, each held against what was written down when the case was kept."""
    source, kept = Source(live), json.loads(row["runs"])
    others = bool(live) and [one["run"] for one in runs_of(live)] != [one["run"] for one in kept]
    if live and not others:
        alike = runs_of(live) == kept
        source.said.say(alike, "历史来自引擎,与留存的 SHA-256 相同 from the engine, with the SHA-256 that was kept" if alike else "引擎中的历史与留存时不同 the engine's history is not the one that was kept")
    try:
        data = files.get(row["file"])
    except OSError:
        source.said.say(False, f"留存文件缺失 the archive file is missing: {row['file']}")
        if not live or others:
            raise Unchecked(f"{case_id}: {why or '引擎中是另一个运行 the engine has another run'};留存文件缺失 the archive file is missing: {row['file']}。请从备份恢复 restore it from a backup") from None
        return source
    whole = hashlib.sha256(data).hexdigest() == row["sha256"]
    source.said.say(whole, f"留存文件 archive file {row['file']}: " + ("SHA-256 相同 checked" if whole else "SHA-256 不符 differs from what was written down when it was kept"))
    if live and not others:
        return source
    source.said.say(True, f"{why or '引擎中是归档后另起的运行 the engine has a later run of this id'};历史来自留存文件 from the archive {row['file']}" + (", SHA-256 checked" if whole else ""))
    return _unpacked(case_id, data, source, kept)


def _unpacked(case_id: str, data: bytes, source: Source, kept: Any) -> Source:
    try:
        source.histories = unpacked(case_id, data)
    except BrokenFile as wrong:
        source.histories = []
        source.said.say(False, f"留存文件不可读 the archive file cannot be read: {wrong}")
        return source
    alike = runs_of(source.histories) == kept
    source.said.say(alike, f"{len(kept)} 个运行的 SHA-256 与留存时相同 SHA-256 of each run is the one that was kept" if alike else "运行与留存时不同 the runs are not those that were kept")
    return source


def _by_hand(case_id: str, file: Path, row: Any) -> Source:
    try:
        source = Source(unpacked(case_id, file.read_bytes()))
    except OSError as wrong:
        raise Unchecked(f"不能读取 cannot read {file}: {wrong.strerror}") from None
    except BrokenFile as wrong:
        raise Unchecked(f"{file}: {wrong}") from None
    source.said.say(True, f"历史来自指定文件 from the file given: {file.name}")
    if row is not None:
        alike = runs_of(source.histories) == json.loads(row["runs"])
        source.said.say(alike, "各运行与留存的 SHA-256 相同 its runs have the SHA-256 that was kept" if alike else "运行与留存的不同 its runs are not those that were kept")
    return source
