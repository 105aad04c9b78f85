"""An import at work: the dry run that says what would become of each row, and the run that does it; a run that was cut goes on where it was."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from collections.abc import Mapping as Table
from dataclasses import dataclass, field, replace
from typing import Any

from api import queries, queries_imports
from api.errors import Problem
from api.gateway import now, wall
from api.imports import store
from api.imports.cases import Entry, Judged, content, judged
from api.imports.findings import Finding
from api.imports.guessing import KNOWN
from api.imports.mapping import Mapping, parse
from api.imports.planning import Plan, Planner
from api.imports.reading import Sheet, Unreadable, read
from api.imports.records import record_of
from api.imports.summary import Summary
from api.office import Parts, law_at
from domain.core import Command, Law

CHUNK, AT_ONCE, RATE = 100, 2, 25  # rows planned together; cases begun together; cases begun a second: people at their desks come first
PATIENCE = 30.0  # seconds to wait for the record of a case before the next: a worker that is behind is not pushed


@dataclass
class Row:
    """One row before the record: its plan, its id as case and as record, and what the core says of it."""

    plan: Plan
    case_id: str
    content: str
    judged: Judged | None = None

    @property
    def record_id(self) -> str:
        """The id of the read-only record."""
        return f"old-{self.case_id.removeprefix('case-')}"


@dataclass
class Work:
    """One import with its file opened."""

    here: Parts
    law: Law
    row: Table[str, Any]
    mapping: Mapping
    sheet: Sheet
    planner: Planner
    entry: Entry
    seen: dict[str, int] = field(default_factory=dict)

    async def chunks(self, skip: set[int], *, judge: bool) -> AsyncIterator[list[Row]]:
        """The rows that are left, planned (and judged, in a dry run) beside the loop, a chunk at a time."""
        waiting: list[tuple[int, dict[str, Any]]] = []
        for number, cells in self.sheet.cells():
            waiting.append((number, cells))
            if len(waiting) == CHUNK:
                yield await asyncio.to_thread(self._planned, waiting, skip, judge)
                waiting = []
        if waiting:
            yield await asyncio.to_thread(self._planned, waiting, skip, judge)

    def _planned(self, rows: list[tuple[int, dict[str, Any]]], skip: set[int], judge: bool) -> list[Row]:
        """Rows that are done are read too: a later one of the same number is seen to be its double."""
        made = [(number, self._one(number, cells, judge and number not in skip)) for number, cells in rows]
        return [one for number, one in made if number not in skip]

    def _one(self, number: int, cells: dict[str, Any], judge: bool) -> Row:
        at = now()
        plan = self.planner.plan(number, cells, at)
        if plan.received_at is not None and (first := self.seen.setdefault(plan.key, number)) != number:
            plan.wrong(self.mapping.heading("number"), "number_twice", {"row": first})
        name = self.here.gateway.case_id(self.entry.office, "old-register", plan.key)
        one = Row(plan, name, content(cells))
        if plan.sort == "case" and judge:
            entry, no = self.entry_of(plan)
            one.judged = judged(entry, plan, name, at) if no is None else Judged([], no)
            if one.judged.finding is not None:
                plan.sort = "refused"
                plan.findings.append(one.judged.finding)
        return one

    def entry_of(self, plan: Plan) -> tuple[Entry, Finding | None]:
        """The entry of a row under the law that bound its office on the day of receipt."""
        try:
            law = law_at(self.here, self.entry.office, (plan.received_at or now()).date())
        except Problem as no:
            return self.entry, Finding(plan.row, self.mapping.heading("received_on"), no.code, no.detail)
        return replace(self.entry, law=law), None

    async def known(self, rows: list[Row]) -> dict[str, str]:
        """Which of these rows are here already, from this file or another."""
        return await queries_imports.known(self.here.pool, [one.case_id for one in rows], [one.record_id for one in rows])


async def opened(here: Parts, law: Law, row: Table[str, Any]) -> Work:
    """The work of an import; raises Unreadable with the code of what is wrong with its file."""
    mapping = parse(str(row["mapping"]).encode())
    try:
        raw = await asyncio.to_thread(here.vault.read, row["office"], row["file_year"], row["file_sha256"])
    except FileNotFoundError:
        raise Unreadable("file_lost") from None
    known = KNOWN | frozenset(mapping.columns) | frozenset(step.on for step in mapping.act)
    sheet = await asyncio.to_thread(read, raw, mapping.sheet, mapping.heading_row, known)
    entry = Entry(law, row["office"], row["person"], row["reason"], row["file_sha256"], mapping.old_papers)
    return Work(here, law, row, mapping, sheet, Planner(law, mapping, sheet.headings, importer=row["person"], mac=sheet.mac), entry)


async def check(here: Parts, law: Law, row: Table[str, Any]) -> None:
    """The dry run: every row planned and judged, nothing filed; the report stands in the record."""
    name, pool = row["id"], here.pool
    async with store.alone(pool, name):
        await store.state(pool, name, "checking")
        try:
            work = await opened(here, law, row)
        except Unreadable as wrong:
            await store.state(pool, name, "failed", str(wrong))
            return
        flaws, count, hashed, shown = work.planner.flaws(), Counter[str](), hashlib.sha256(), Summary()
        await store.forget_refusals(pool, name)
        if flaws:
            await store.rows(pool, name, [(0, "refused", "", flaws)])
        else:
            skip = await queries_imports.settled(pool, name)
            count["known"] = len(skip)
            async for rows in work.chunks(skip, judge=True):
                known = await work.known(rows)
                for one in rows:
                    sort = "known" if one.plan.sort != "refused" and not {one.case_id, one.record_id}.isdisjoint(known) else one.plan.sort
                    count[sort] += 1
                    shown.add(one.plan, one.judged, sort)
                    hashed.update(f"{one.plan.row}:{sort}:{','.join(found.code for found in one.plan.findings)};".encode())
                await store.rows(pool, name, [(one.plan.row, "refused", "", one.plan.findings) for one in rows if one.plan.sort == "refused"])
        total = sum(count.values())
        used = set(work.mapping.columns) | {step.on for step in work.mapping.act}
        beside = [heading for heading in work.planner.headings if heading not in used and f"{{{heading}}}" not in work.mapping.canonical()]
        report = {"known": count["known"], "beside": beside, "sheets": work.sheet.sheets, "headings": work.planner.headings, **shown.dump()}
        await store.report(pool, name, {"record": 0, "case": 0, "refused": 0, **count, "total": total}, report, hashed.hexdigest())
        await store.state(pool, name, "failed" if flaws else "checked", "mapping" if flaws else "")


async def run(here: Parts, law: Law, row: Table[str, Any]) -> None:
    """Do it: records in batches, cases a few at a time. What is done is not done again; what stops it is said in its state."""
    name, pool = row["id"], here.pool
    async with store.alone(pool, name):
        await store.state(pool, name, "running")
        try:
            work = await opened(here, law, row)
            digest = await store.keep_law(pool, law)
            pace = _Pace()
            async for rows in work.chunks(await queries_imports.settled(pool, name), judge=False):
                await _done(work, rows, digest, pace)
            await store.state(pool, name, "done")
        except Unreadable as wrong:
            await store.state(pool, name, "failed", str(wrong))
        except Problem as wrong:
            await store.state(pool, name, "failed", wrong.code)
        except queries.DOWN:
            raise  # its state cannot be written either: whoever asks sees that nobody works on it


async def _done(work: Work, rows: list[Row], digest: str, pace: "_Pace") -> None:
    """One chunk: records and refusals at once, then its cases."""
    name, pool, known = work.row["id"], work.here.pool, await work.known(rows)
    found: list[tuple[int, str, str, list[Finding]]] = []
    records, cases = [], []
    for one in rows:
        plan = one.plan
        if plan.sort == "refused":
            found.append((plan.row, "refused", "", plan.findings))
        elif one.case_id in known:
            cases.append(one)  # asked again: the engine says whether it is the same
        elif one.record_id in known or plan.sort == "record":
            made = record_of(work.here.keys, work.law, work.entry.office, name, one.record_id, plan, one.content, digest)
            same = known.get(one.record_id, made.content) == made.content
            found.append((plan.row, "known" if one.record_id in known else "record", one.record_id, [] if same else [Finding(plan.row, "", "other_content")]))
            records += [made.row()] if one.record_id not in known else []
        else:
            cases.append(one)
    await store.rows(pool, name, found, records)
    for n in range(0, len(cases), AT_ONCE):
        group = cases[n : n + AT_ONCE]
        became = await asyncio.gather(*(_filed(work, one, pace, known=one.case_id in known) for one in group))
        await store.rows(pool, name, [(one.plan.row, outcome, one.case_id, findings) for one, (outcome, findings) in zip(group, became, strict=True)])


class _Pace:
    """At most so many cases a second."""

    def __init__(self) -> None:
        self.next = 0.0

    async def turn(self) -> None:
        loop = asyncio.get_running_loop()
        at = max(self.next, loop.time())
        self.next = at + 1 / RATE
        await asyncio.sleep(at - loop.time())


async def _filed(work: Work, one: Row, pace: _Pace, *, known: bool) -> tuple[str, list[Finding]]:
    """Begin a case with all that had happened by then, and wait for its record. Raises Problem engine_down."""
    here = work.here
    await pace.turn()
    if known and one.plan.sort == "record":
        return "known", []  # open when it came in, closed in a later file: the case itself says how it ends
    entered = now()
    entry, no = work.entry_of(one.plan)
    ready = await asyncio.to_thread(judged, entry, one.plan, one.case_id, entered, here.keys) if no is None else Judged([], no)
    if ready.finding is not None:
        return "refused", [ready.finding]
    first, *further = ready.commands
    try:
        await here.gateway.start(one.case_id, entry.law, first, one.content, (entered - wall()).total_seconds() if here.story_clock else 0.0, further)
    except Problem as wrong:
        if wrong.code == "idempotency_mismatch":
            return "known", [Finding(one.plan.row, "", "other_content")]
        if wrong.code == "engine_down":
            raise
        return "refused", [Finding(one.plan.row, "", wrong.code, wrong.detail, wrong.clause)]
    await here.answers.wait(ready.commands[-1].id, PATIENCE)
    return ("known" if known else "case"), await _refused(here, one, ready.commands)


async def _refused(here: Parts, one: Row, commands: list[Command]) -> list[Finding]:
    """Steps that the case refused all the same: recorded there, and said in the report."""
    rows = await queries.outcomes(here.pool, [command.id for command in commands])
    acts = {command.id: command.act for command in commands}
    return [Finding(one.plan.row, "", str(row["code"]), {"act": acts[row["command_id"]]}) for row in rows if row["code"] != "accepted"]
