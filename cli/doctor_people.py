"""What `huiyin doctor` says about people: changes that nobody signed or that record and file tell differently, offices that do not stand with them, cases that have not heard."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import asyncpg

from api.alike import joined
from api.people_told import State
from cli import library, life
from cli.office_findings import findings
from domain.roster import applied
from engine.findings import Finding, fail, ok, warn
from workflows.keptfile import Signed
from workflows.keyfile import rules_public
from workflows.place import Place
from workflows.roster import FILE, Roster

ITEM = "people"
MOST = 3  # findings of an office that are shown; `huiyin office check` has all
BROKEN = (library.LibraryError, ValueError, OSError, KeyError, TypeError, AttributeError)


async def people(here: Place, today: date) -> list[Finding]:
    """The findings; changes nothing, never raises on what is broken."""
    try:
        entries = _entries(here.keys / FILE)
    except BROKEN as wrong:
        return [fail(ITEM, f"人员改动文件读不懂({type(wrong).__name__})", "the file of changed people cannot be read", f"从备份恢复 {here.keys / FILE};没有备份的移走它,接口会按记录库重写", "restore it from the backup, or move it away: the API writes it anew from the record")]
    roster = Roster(here.keys)
    if rules_public(here.keys) is not None:  # a key is never made by looking; without it nothing is proved
        roster.fresh()
    found = [one for office in sorted(entries) for one in _proved(office, len(entries[office]), len(roster.of(office)))]
    found += await _alike(here.database, entries, roster)
    try:
        desks = life.desks(here)
    except BROKEN:
        return found  # said already
    for desk in desks:
        found += _stands(desk, roster, today)
    changed = sum(len(rows) for rows in entries.values())
    return found or [ok(ITEM, f"人员与机构文件、记录库一致(改动 {changed} 项)", f"people agree with office files and record ({changed} changes)")]


def _entries(path: Path) -> dict[str, list[Signed]]:
    text = path.read_text(encoding="utf-8") if path.exists() else "{}"
    return {str(office): [Signed(str(one["body"]), str(one["signature"])) for one in rows] for office, rows in json.loads(text).items()}


def _proved(office: str, there: int, counted: int) -> Iterator[Finding]:
    if there > counted:
        n = there - counted
        yield fail(ITEM, f"{office}: {n} 项人员改动签名不符,不算数", f"{office}: {n} changes of people are not signed by this installation and count for nothing", "查明何人写入 people 文件或记录库", "find out who wrote into the file `people` or the record")


async def _alike(url: str, entries: dict[str, list[Signed]], roster: Roster) -> list[Finding]:
    """Record and file hold the same; running cases know what is valid."""
    try:
        db = await asyncpg.connect(url or "-", timeout=5)
        try:
            rows = await db.fetch("select office, body, signature from people_changes order by office, seq")
            told = {row["office"]: row["changes"] for row in await db.fetch("select distinct on (office) office, changes from people_told order by office, edition desc")}
        finally:
            await db.close()
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []  # said already
    stored: dict[str, list[Signed]] = {}
    for row in rows:
        stored.setdefault(row["office"], []).append(Signed(row["body"], row["signature"]))
    found = []
    for office in sorted({*entries, *stored}):
        both = joined(entries.get(office, []), stored.get(office, []))
        if both is None:
            found.append(fail(ITEM, f"{office}: 人员改动在记录库与密钥文件夹 people 中不一致,按文件执行", f"{office}: record and the file `people` tell different changes; the file is in force", "核对两者;记录库为准时移走该文件", "compare; if the record is right, move that file away"))
        elif entries.get(office, []) != stored.get(office, []):
            found.append(warn(ITEM, f"{office}: 人员改动文件与记录库差 {abs(len(entries.get(office, [])) - len(stored.get(office, [])))} 项", f"{office}: file and record differ by some changes of people", "启动接口,一秒内自行补齐", "start the API: it makes up for it within a second"))
        elif State.of(office, {}, roster).changes != told.get(office, ""):
            found.append(warn(ITEM, f"{office}: 在办件还没有得知最近的人员改动", f"{office}: running cases have not heard of the last changes of people", f"启动接口和工作进程;或 huiyin office revise {office}", f"start API and workers, or `huiyin office revise {office}`"))
    return found


def _stands(desk: life.Desk, roster: Roster, today: date) -> Iterator[Finding]:
    """An office with its changes is held to the rules of `office check`: what its file leaves open is to be looked at, what changes have brought about is a fault."""
    changes, name = roster.of(desk.office), desk.office
    try:
        book = library.book(desk.book)
        written = findings(book, desk.file)
        wrong = [one for one in findings(book, applied(desk.file, changes, today.isoformat())) if one not in written] if changes else []
    except BROKEN as broken:
        yield fail(ITEM, f"{name}: 机构文件读不懂({type(broken).__name__})", f"{name}: the office file cannot be read", "huiyin office check", "`huiyin office check`")
        return
    if wrong:
        more = f" …({len(wrong)})" if len(wrong) > MOST else ""
        yield fail(ITEM, f"{name}: 人员改动后机构不合规定:{';'.join(wrong[:MOST])}{more}", f"{name}: with its changes of people the office has {len(wrong)} findings", "在人员页改正,或改机构文件", "change people on their page, or mend the office file")
    if written:
        more = f" …({len(written)})" if len(written) > MOST else ""
        yield warn(ITEM, f"{name}: 机构文件不合规定:{';'.join(written[:MOST])}{more}", f"{name}: the office file has {len(written)} findings", "改机构文件;huiyin office check 列出全部", "mend the office file; `huiyin office check` lists all")
    known = {*desk.file.get("person", {}), *(one["person"] for one in changes if one["what"] == "added")}
    if lost := sorted({one["person"] for one in changes} - known):
        yield warn(ITEM, f"{name}: 改动所说的人已不在机构文件中,不起作用:{', '.join(lost)}", f"{name}: changes speak of people whom the file no longer has and do nothing: {', '.join(lost)}", "把这些人写回机构文件,或不必理会", "put them back into the office file, or leave it")
