"""Tables of a run: shown as they come, and kept in docs/benchmarks.md with the machine's facts (no path, no host)."""

import os
import platform
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.core import YEAR, Told
from bench.lifecycle import AT_ONCE, Round, quantile, spread
from engine.versions import VERSION


@dataclass
class Table:
    """A title, lines of findings, rows (the first is the head)."""

    title: str
    lines: list[str]
    rows: list[list[str]]

    def show(self) -> None:
        """On the terminal."""
        print(f"\n{self.title}")
        for line in self.lines:
            print(f"  {line}")
        for row in self.rows:
            print("  " + "  ".join(f"{cell:<22}" if number == 0 else f"{cell:>20}" for number, cell in enumerate(row)))
        print(flush=True)

    def markdown(self) -> str:
        """For the page."""
        body = [f"## {self.title}", "", *(f"{line}\n" for line in self.lines)]
        if self.rows:
            head, *rest = self.rows
            body += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(row) + " |" for row in rest), ""]
        return "\n".join(body)


def lifecycle(title: str, mine: list[Round], other: list[Round], events: tuple[int, int], size: tuple[int, int], fsync: float) -> Table:
    """The line that counts, then both sides in full."""
    ratio = statistics.median(a.rate for a in mine) / statistics.median(b.rate for b in other)
    ours, textbook = (statistics.median(one.rate for one in side) for side in (mine, other))
    lines = [
        f"lifecycle ratio: {ratio:.2f} (ours {ours:.1f}/s, textbook {textbook:.1f}/s), events {events[0]} against {events[1]}",
        f"ratio of each pair of rounds 每对之比: {spread([a.rate / b.rate for a, b in zip(mine, other, strict=True)])}; fsync {fsync:.2f} ms",
        f"history {size[0]:,} bytes a case, its start {size[1]:,} (the law by value among it) 每案历史字节",
    ]
    rows = [["", "cases/s 每秒", "answer p50 ms", "answer p99 ms", "worker CPU ms/case", "cases 案件"]]
    for name, side in (("ours 回音", mine), ("textbook 教科书", other)):
        waits = [wait for one in side for wait in one.waits]
        rows.append(
            [
                name, spread([one.rate for one in side]), f"{quantile(waits, 0.5):.0f}", f"{quantile(waits, 0.99):.0f}",
                f"{statistics.median(one.worker_ms for one in side):.0f}", str(sum(one.cases for one in side)),
            ]
        )  # fmt: skip
    return Table(f"A whole case 全程: filing and four acts, {AT_ONCE} at once, {title}", lines, rows)


def kept(mine: list[Round], other: list[Round]) -> Table:
    """Against the textbook whose activity writes a row."""
    line = f"ratio: {mine[0].rate / other[0].rate:.2f} (ours {mine[0].rate:.1f}/s, textbook that records too {other[0].rate:.1f}/s), one round"
    return Table("Against a textbook that keeps a row of each act 与也落库的写法相比", [line], [])


def tuned(title: str, mine: list[Round], other: list[Round]) -> Table:
    """Against the textbook under our worker's settings."""
    pairs = [a.rate / b.rate for a, b in zip(mine, other, strict=True)]
    line = f"ratio: {spread(pairs)} over {len(pairs)} pairs: event loop, collector, polls and sticky time are those of our worker on both sides"
    return Table(f"Against the textbook under our worker's settings 同样运行设置下, {title}", [line], [])


def filing(starts: list[float], accepted: list[float], recorded: list[float], count: int, fsync: float) -> Table:
    """Acceptance and recording as shares of a bare start, each against the bare starts of the same minutes."""
    early, late = starts[: len(accepted)], starts[len(accepted) :]
    shares = [a / b for a, b in zip(accepted, early, strict=True)], [a / b for a, b in zip(recorded, late, strict=True)]
    rows = [
        ["", "a second 每秒", "of bare start 与之比"],
        ["bare start_workflow", spread(early), "1"],
        ["accepted 已收 (202)", spread(accepted), spread(shares[0])],
        ["bare, worker running", spread(late), "1"],
        ["recorded 已编号 (201)", spread(recorded), spread(shares[1])],
    ]
    lines = [f"{count} filings accepted, all of them found in the record afterwards 全部入库; {AT_ONCE} at once; fsync {fsync:.2f} ms"]
    return Table("Filing by HTTP 立案", lines, rows)


def core(told: Told, loaded: dict[str, float], entries: tuple[float, float]) -> Table:
    """The core alone."""
    slowest = max(loaded, key=loaded.__getitem__)
    lines = [
        f"simulate: {told.bare:.0f} stories/s, {told.checked:.0f}/s with their expectations checked, one core ({told.count} told) 每秒故事数",
        f"loading a book: {min(loaded.values()):.1f} / {statistics.median(loaded.values()):.1f} / {loaded[slowest]:.1f} ms (least, median, most: {slowest}), {len(loaded)} books 载入规则册",
        f"an entry in a ledger: {entries[0]:.2f} ms at the beginning of a year of {YEAR:,}, {entries[1]:.2f} ms at its end 台账每条",
    ]
    return Table("The core alone 核心 (by the processor's clock)", lines, [])


def facts() -> str:
    """The machine in one line."""
    parts = (f"{os.cpu_count()} cores", platform.machine(), platform.system(), f"Python {platform.python_version()}")
    return ", ".join((*parts, f"temporalio {version('temporalio')}", f"Temporal server {VERSION}", "PostgreSQL 18 (fsync on), engine and record in it"))


def write(path: Path, tables: list[Table]) -> None:
    """The page anew."""
    head = (
        "# Benchmarks\n\nWritten by `make bench` (`python -m bench --write`); ratios of one run, not capacity. 由 `make bench` 写出，只比较，不代表容量。\n\n"
        f"Machine 机器: {facts()}.\n\n"
        f"Load average while this ran 运行时的负载: {os.getloadavg()[0]:.1f}. Above the number of cores other work ran beside it: rates fall, latencies and CPU a case rise, "
        "and only the ratios say something.\n\n"
        "The textbook (`bench/textbook.py`): an update for each act, which answers when its empty activity is done, and a timeout on each wait; same server, "
        "sandbox and number of worker processes, a worker as the SDK's documentation starts one (one table gives it all settings of ours); it neither records, signs nor encrypts. Filing is its start, awaited until the workflow has taken it; both stay open for the archive. "
        "Ours: the office's ledger hears of every case while it is measured, and that work counts as ours; signed signals, encrypted payloads, every step recorded in PostgreSQL, each answer read from there as the API does. "
        "Rounds run in turn (A-B-A-B); figures are medians with least and most; what is counted is what the record and the server's list show afterwards.\n\n"
    )
    path.write_text(head + "\n".join(table.markdown() for table in tables), "utf-8")
