"""`huiyin calendar add`: a year comes in force for new cases at once, and running cases with provisional dates are told of it."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.calendars import RATE, prefix, untold
from activities.types import Publication
from cli import calendar_store, library
from cli.calendar_file import BadCalendar, differences, read_notice, remarks
from cli.library import LibraryError
from engine.progress import Progress
from workflows import policies
from workflows.converter import CodecKeys
from workflows.plugin import plugin
from workflows.revision import REVISION, Course, Tally, revision_id

if TYPE_CHECKING:
    from api.settings import Settings

ASKED = timedelta(seconds=3)  # how long one question to a worker waits
PATIENCE = 30.0  # seconds without a worker before it is said that none answers

# Each answered case with the dates that its revision moved; a case without one has a row without an event.
ANSWERED = """
select c.register_no, c.case_id, o.code, e.data from outcomes o join cases c using (case_id)
left join events e on e.case_id = o.case_id and e.seq between o.first_seq and o.last_seq and e.kind = 'date_moved'
where o.command_id like $1 order by c.office, c.register_no, c.case_id, e.seq"""


@dataclass
class Report:
    """What became of one publication: dates moved, cases confirmed, without a change, refused, ended, unreachable, silent so far."""

    moved: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def lines(self, **otherwise: str) -> list[str]:
        """Line by line, the sum last; Chinese first. `otherwise` = other words for one of the heads."""
        heads = {
            "moved": "日期移动 moved", "confirmed": "日期不变,不再暂定 confirmed, no longer provisional", "unmoved": "无变化 unchanged",
            "refused": "拒绝 refused", "ended": "已结束 ended meanwhile", "failed": "未送达 not reached", "silent": "尚未回答,会补上 not answered yet, it will",
        } | otherwise  # fmt: skip
        told = [f"{'✗' if name in ('refused', 'failed') else '✓'} {one}  {head}" for name, head in heads.items() for one in getattr(self, name)]
        counts = "  ".join(f"{head} {len(getattr(self, name))}" for name, head in heads.items() if getattr(self, name))
        return [*told, counts or "没有案件受影响 no case is concerned"]

    @property
    def whole(self) -> bool:
        """Nobody refused it, nobody is missing."""
        return not (self.refused or self.failed or self.silent)


class Unchanged(ValueError):
    """A published year with another content asks for `--replace` and a reason."""


def put(path: Path, folder: Path, *, replace: bool, reason: str) -> calendar_store.Added:
    """Check the file and put it in force for new cases; raises BadCalendar, LibraryError, Unchanged."""
    year = read_notice(path)
    known = calendar_store.in_force(folder, year.year)
    changed = differences(known, year) if known else []
    same = known is not None and known.dump() == year.dump()
    if known is not None and not same and not (replace and reason.strip()):
        what = "; ".join(changed) or "文号、日期或名称 number, date or names"
        raise Unchanged(
            f"{year.year} 年已公布({known.number}),内容不同 is published with another content: {what}\n"
            f"确需更正,请加 --replace --reason 理由  to correct it: --replace --reason WHY"
        )
    return calendar_store.add(folder, year, path.read_text(encoding="utf-8"), reason if replace else "")


def run(path: Path, place: Any, settings: "Settings", keys: CodecKeys, *, replace: bool = False, reason: str = "", progress: Progress | None = None) -> int:
    """The command: file, start, follow, report; the exit code. Raises what the database or the engine raise when they are away."""
    try:
        added = put(path, place.calendars, replace=replace, reason=reason)
    except (BadCalendar, LibraryError, Unchanged) as wrong:
        print(wrong)
        return 2
    year = added.year
    off, paid = len(year.off), len(year.make_up)
    state = "已生效 is in force for new cases" if added.fresh else "早已生效,内容相同 was in force already, same content"
    print("\n".join([f"✓ {year.year} {year.number}: 放假 {off} 天 days off, 调休 {paid} 天 make-up days; {state}", *remarks(year)]), flush=True)
    publication = Publication(year.dump(), added.edition, added.at, added.reason, added.replaced, uuid4().hex)
    try:
        report = asyncio.run(tell(settings, keys, publication, progress or Progress()))
    except KeyboardInterrupt:
        print("案件仍在后台告知;再运行同一命令可看报告  the cases are still being told; the same command shows the report")
        return 130
    except Exception:
        print(f"案件尚未全部告知:恢复后再运行同一命令 not all cases are told: when it is up again, run the same command: huiyin calendar add {path}")
        raise
    print("\n".join(report.lines()), flush=True)
    return 0 if report.whole else 1


async def tell(settings: "Settings", keys: CodecKeys, publication: Publication, progress: Progress) -> Report:
    """Hand the year to its workflow and wait for the round; the workflow goes on alone when this is stopped."""
    async with asyncpg.create_pool(settings.database, min_size=1, max_size=2, timeout=5) as pool:
        client = await Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(keys)])
        handle = await client.start_workflow(
            REVISION, Course(int(publication.year["year"])), id=revision_id(int(publication.year["year"])), task_queue=policies.TASK_QUEUE,
            start_signal="publish", start_signal_args=[publication], id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, task_timeout=policies.TASK_TIMEOUT,
        )  # fmt: skip
        tally = await followed(handle, pool, publication, progress)
        return await reported(pool, publication, tally)


async def followed(handle: WorkflowHandle[Any, Any], pool: asyncpg.Pool, publication: Publication, progress: Progress) -> Tally:
    """Until the round is over and all who were told have answered; says how far it is, and when nobody works."""
    wait = progress.wait(f"告知案件(每秒 {RATE} 件)", f"telling the cases ({RATE} a second)")
    tally, told, still = Tally(), -1, wait.elapsed
    while True:
        with suppress(RPCError):  # no worker answers a query just now
            tally = await handle.query("progress", result_type=Tally, rpc_timeout=ASKED)
        now = await pool.fetchval("select count(*) from outcomes where command_id like $1", prefix(publication) + "%")
        told, still = (now, wait.elapsed) if now != told else (told, still)
        idle = wait.elapsed - still > PATIENCE
        if publication.ask in tally.asks and (idle or not set(await waiting(pool, publication)) - {*tally.ended, *tally.failed}):
            wait.done(f"{now}")
            return tally
        nobody = "  没有工作进程应答;它来了就接着办,可以 Ctrl-C  no worker answers; it goes on when one comes, Ctrl-C is safe"
        wait.tick(f"{now}" + (nobody if idle else ""))
        await asyncio.sleep(0.3)


async def waiting(pool: asyncpg.Pool, publication: Publication) -> list[str]:
    """The cases that are concerned and have not answered."""
    return [row["case_id"] for row in await pool.fetch(*untold(publication))]


async def reported(pool: asyncpg.Pool, publication: Publication, tally: Tally) -> Report:
    """The report out of the record: what each case answered, whenever it did."""
    report = Report()
    for row in await pool.fetch(ANSWERED, prefix(publication) + "%"):
        _sort(report, row)
    open_, ended, failed = await waiting(pool, publication), set(tally.ended), tally.failed
    report.ended = sorted(ended)
    report.failed = [f"{case}: {why}" for case, why in sorted(failed.items()) if case in open_]
    report.silent = [case for case in open_ if case not in ended and case not in failed]
    return report


def _sort(report: Report, row: Any) -> None:
    name = row["register_no"] or row["case_id"]
    if row["code"] != "accepted":
        report.refused.append(f"{name}: {row['code']}")
        return
    if row["data"] is None:
        report.unmoved.append(name)
        return
    data = json.loads(row["data"])
    term = data.get("key") or data.get("subject")
    if data["old"] != data["new"]:
        more = "  仍暂定 still provisional" if data["provisional"] else ""
        report.moved.append(f"{name} {term}: {data['old']} → {data['new']}{more}")
    elif data["provisional"]:
        report.unmoved.append(f"{name} {term}: {data['new']} 仍暂定 still provisional")
    else:
        report.confirmed.append(f"{name} {term}: {data['new']}")


def listed(folder: Path) -> Sequence[str]:
    """The years in force, where each comes from, and what was replaced."""
    own = {path.stem for path in folder.glob("*.toml")}
    lines = []
    for one in library.published(folder):
        source = "本机构录入 added here" if str(one["year"]) in own else "随程序提供 comes with the program"
        lines.append(f"✓ {one['year']}  {one['number']}  {one['issued_on']}  {source}")
    for entry in calendar_store.log(folder):
        if entry["replaced"]:
            lines.append(f"  {entry['at']}  {entry['year']} 更正 replaced: {entry['reason']}")
    return lines
