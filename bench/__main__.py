"""`python -m bench [--write] [--cases N] [--rounds N]`: what a case costs, as ratios in one run on one server."""

import argparse
import asyncio
import os
import sys
import time
from pathlib import Path

from bench import core, filing, register, report
from bench.disk import fsync_ms, preloaded, slow_disk
from bench.lifecycle import Ours, Round, Theirs, Wrong, bytes_of, events, round_of
from bench.report import Table
from bench.stand import Stand, served, stand, workers
from engine.find import NoEngine
from engine.process import Child
from engine.testing import scratch

SLOW = 4.0  # milliseconds that an ordinary disk's fsync takes longer than this one's


def say(zh: str, en: str) -> None:
    """One line of progress."""
    print(f"  · {zh} {en}", flush=True)


async def pairs(here: Stand, procs: dict[str, Child], cases: int, rounds: int, *, kept: bool = False) -> tuple[list[Round], list[Round]]:
    """Ours and the textbook in turn. Wrong when the record or the server's list shows fewer cases than were run."""
    ours, theirs = Ours(here), Theirs(here, kept=kept)
    mine, other = list[Round](), list[Round]()
    for number in range(rounds + 1):
        count = min(cases, 24) if number == 0 else cases  # the first is for caches and is not counted
        pair = []
        for name, side in (("ours", ours), ("textbook", theirs)):
            one = await round_of(side.case, count, procs[name], f"{name}{'k' if kept else ''}{number}")
            if (seen := await side.closed(one.ids)) != count:
                raise Wrong(f"{name}: {seen} of {count} cases are there")
            pair.append(one)
        if number:
            mine.append(pair[0])
            other.append(pair[1])
            say(f"第{number}轮", f"round {number}: {pair[0].rate:.1f}/s : {pair[1].rate:.1f}/s")
    return mine, other


async def lifecycle(title: str, cases: int, rounds: int, env: dict[str, str] | None, *, more: bool) -> list[Table]:
    """The ratio on a fresh server; and against the textbook under our worker's settings; with `more`, against the one that keeps rows too."""
    async with stand(env) as here, workers(here) as procs:
        if env and not preloaded(await here.pool.fetchval("select pg_backend_pid()")):
            raise Wrong("PostgreSQL runs without the slow disk")
        mine, other = await pairs(here, procs, cases, rounds)
        counted = await events(here, mine[0].ids[0]), await events(here, other[0].ids[0])
        size = await bytes_of(here, mine[0].ids[0])
        tables = [report.lifecycle(title, mine, other, counted, size, fsync_ms())]
        if more:
            tables.append(report.kept(*await pairs(here, procs, max(cases // 2, 1), 1, kept=True)))
    async with stand(env) as here, workers(here, tuned=True) as procs:
        tables.append(report.tuned(title, *await pairs(here, procs, cases, max(rounds - 1, 1))))
    return tables


async def filings(count: int) -> Table:
    """HTTP against bare starts; the worker stands still while acceptance is measured, and must then record all of it."""
    async with stand() as here, served(here) as port:
        starts, accepted, ids, recorded = list[float](), list[float](), list[str](), list[float]()
        for number in range(3):
            starts.append(await filing.bare(here, count))
            one, some = await filing.filed(here, port, count, recorded=False)
            accepted.append(one)
            ids += some
            say(f"立案第{number + 1}轮", f"filing {number + 1}: bare {starts[-1]:.0f}/s, accepted {one:.0f}/s")
        async with workers(here, textbook=False) as procs:
            if (there := await filing.registered(here, ids, procs["ours"])) != len(ids):
                raise Wrong(f"{there} of {len(ids)} accepted filings were recorded")
            for _ in range(3):
                starts.append(await filing.bare(here, count))
                one, some = await filing.filed(here, port, count, recorded=True)
                recorded.append(one)
                ids += some
            if (there := await filing.registered(here, ids, procs["ours"])) != len(ids):
                raise Wrong(f"{there} of {len(ids)} filings were recorded")
        return report.filing(starts, accepted, recorded, len(ids), fsync_ms())


async def main(options: argparse.Namespace) -> int:
    """Run all tables; 0 when every case came to its end and no goal of the register is missed."""
    began, tables, missed = time.monotonic(), list[Table](), list[str]()
    say("核心：故事", "the core alone: stories")
    tables.append(report.core(core.told(options.seconds), core.loaded(), core.year_of_entries()))
    tables[-1].show()
    say("全程对照教科书写法", "a whole case against the textbook")
    for table in await lifecycle("the disk as it is 本机磁盘", options.cases, options.rounds, None, more=True):
        tables.append(table)
        table.show()
    with scratch() as folder:
        env = slow_disk(folder, SLOW)
        if env is None:
            say("没有 C 编译器，略去慢盘", f"no C compiler (cc): the table at fsync +{SLOW:.0f} ms is left out")
            tables.append(Table(f"fsync +{SLOW:.0f} ms", ["left out: no C compiler on this machine 本机没有 C 编译器"], []))
        else:
            say("慢盘", f"the same, each fsync of PostgreSQL {SLOW:.0f} ms slower")
            slow = await lifecycle(f"each fsync {SLOW:.0f} ms slower 慢盘", max(options.cases // 2, 1), options.rounds, env, more=False)
            for table in slow:
                table.show()
            tables += slow
    say("立案", "filing by HTTP")
    tables.append(await filings(options.filings))
    tables[-1].show()
    if options.register:
        say("登记簿", "the register")
        found, missed = await register.main(options.register)
        tables.append(found)
        found.show()
    say("用时", f"took {time.monotonic() - began:.0f} s")
    if options.write:
        report.write(Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md", tables)
        say("已写入", "docs/benchmarks.md is written")
    for line in missed:
        say("未达", f"missed: {line}")
    return 1 if missed else 0


def options(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m bench", description="性能测量 / benchmarks, as ratios in one run")
    parser.add_argument("--cases", type=int, default=120, help="每轮案件数 / cases a round")
    parser.add_argument("--rounds", type=int, default=3, help="轮数 / rounds, in turn")
    parser.add_argument("--filings", type=int, default=240, help="每轮立案数 / filings a round")
    parser.add_argument("--register", type=int, default=register.CASES, help="登记簿件数,0 为略去 / cases in the register, 0 leaves it out")
    parser.add_argument("--seconds", type=float, default=5, help="故事用时 / seconds of stories")
    parser.add_argument("--write", action="store_true", help="写入 docs/benchmarks.md / write the tables there")
    return parser.parse_args(argv)


if __name__ == "__main__":
    try:
        code = asyncio.run(main(options(sys.argv[1:])))
    except NoEngine as missing:
        print(f"没有引擎，无法测量 / no engine, nothing can be measured: {missing}")
        code = 1
    except Wrong as wrong:
        print(f"测量作废：有案件没有办完 / void, a case did not come to its end: {wrong}")
        code = 1
    sys.stdout.flush()
    os._exit(code)  # a process that used the SDK may abort while Python tears down


