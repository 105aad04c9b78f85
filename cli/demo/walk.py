"""`huiyin demo`: all stories by the core while the engine is looked for, then each on the engine, then the twenty named paths."""

import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cli import library
from cli.demo import paths, special
from cli.demo.accounts import open_accounts
from cli.demo.guide import guide
from cli.demo.looks import look
from cli.demo.printed import print_all
from cli.demo.stage import Stage, stage, terminal
from cli.demo.ticks import Tally, tick_all
from domain.core import Event
from domain.stories import Run
from engine.find import NoEngine, find
from engine.folder import WrongFolder, demo_home
from engine.process import PartFailed
from engine.progress import Progress

STOPPED, CANNOT = 130, 2


@dataclass
class Sum:
    """What was checked on the engine; the exit code follows from it."""

    tally: Tally = field(default_factory=Tally)
    walked: dict[int, list[str]] = field(default_factory=dict)  # path -> what was missing
    wrong: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether all agreed."""
        return not self.tally.wrong and not any(self.walked.values()) and not self.wrong


def demo(*, core_only: bool = False, only: str = "", home: Path | None = None) -> int:
    """Walk it all; gives the exit code. `only` = stories whose name begins so, and no paths but theirs."""
    began = time.monotonic()
    if not any(str(story["story"]).startswith(only) for _, story in library.walked()):
        print(f"没有以 {only} 开头的故事,见 huiyin stories。No story begins with {only}; see `huiyin stories`.", file=sys.stderr, flush=True)
        return CANNOT
    print("【演示】人名、单位均为样例。Demonstration: all names are samples.\n", flush=True)
    progress = Progress()
    with ThreadPoolExecutor(1) as pool:  # the core prints while this thread finds or builds the engine: children are started from the main thread
        core = pool.submit(print_all, progress)
        missing = "" if core_only else _find(progress)
        runs = core.result()
    bad = sum(bool(one.failures) for one in runs)
    if core_only:
        return 1 if bad else 0
    if missing:
        print(f"✗ 没有引擎,只走了核心部分;只要核心可用 huiyin demo --core。No engine: only the core's part was walked; `huiyin demo --core` asks for no more.\n{missing}", file=sys.stderr, flush=True)
        return CANNOT
    try:
        return asyncio.run(_on_engine(home or demo_home(), only, progress, runs, began))
    except (WrongFolder, NoEngine, PartFailed) as wrong:
        print(str(wrong), file=sys.stderr, flush=True)
        return CANNOT


def _find(progress: Progress) -> str:
    """'' when there is an engine, else what is missing and the ways to give one."""
    try:
        find(progress)
    except NoEngine as wrong:
        return str(wrong)
    return ""


async def _on_engine(home: Path, only: str, progress: Progress, runs: Sequence[Run], began: float) -> int:
    stop, code = asyncio.Event(), STOPPED
    async with stage(home, progress, stop) as here:
        if here is None:
            return STOPPED
        checks, halt = asyncio.create_task(_checks(here, only, progress)), asyncio.create_task(stop.wait())
        await asyncio.wait((checks, halt), return_when=asyncio.FIRST_COMPLETED)
        halt.cancel()
        if not checks.done():
            checks.cancel()
            await asyncio.gather(checks, return_exceptions=True)
            progress.say("中断,正在停止", "interrupted, stopping")
            return STOPPED
        found = checks.result()
        code = 0 if found.sound and not any(one.failures for one in runs) else 1
        print(_summary(found, began), flush=True)
        if terminal():
            await open_accounts(here)
            print(await guide(here), flush=True)
            await stop.wait()
        progress.say("正在停止", "stopping")
    return code


async def _checks(here: Stage, only: str, progress: Progress) -> Sum:
    stories = [story for _, story in library.walked() if str(story["story"]).startswith(only)]
    found = Sum(await tick_all(here, stories, progress))
    print("\n二十条路径 the twenty paths(docs/demo.md)", flush=True)
    for path in paths.paths():
        if path.by or path.story in found.tally.told:
            found.walked[path.number] = await _walk(here, path, found.tally)
    found.wrong = await look(here, found.tally)
    return found


async def _walk(here: Stage, path: paths.Path, tally: Tally) -> list[str]:
    """Walk one path and hold the record against what the path is about; prints its line."""
    case, notes = path.story.replace("#", "."), list[str]()
    wrong = [f"{path.story}: 引擎不一致 engine differs"] if path.story in tally.wrong else []
    events: list[Event] = []
    if path.by:
        try:
            case, notes = await special.WALKS[path.by](here)
        except Exception as failure:  # noqa: BLE001 - whatever happened on one path is shown, and the others are walked
            wrong.append(f"{type(failure).__name__}: {failure}")
        else:
            events = await here.teller.events(case)
    elif path.story in tally.told:
        events = tally.told[path.story].events
    wrong += [f"记录中没有 not in the record: {one}" for one in paths.missing(path, events)]
    print(f"{'✗' if wrong else '✓'} {path.number:>2} {path.zh}\n     {path.en}  [{case}]  {', '.join(path.clause)}", *notes, *wrong, sep="\n     ", flush=True)
    return wrong


def _summary(found: Sum, began: float) -> str:
    agreed = len(found.tally.told) - len([name for name in found.tally.wrong if name in found.tally.told])
    events = sum(len(one.events) for one in found.tally.told.values())
    walked = sum(not missing for missing in found.walked.values())
    verdict = "全部一致 all agree" if found.sound else "有不一致 something differs"
    return (
        f"\n{verdict}: 引擎一致 engine agrees {agreed}/{len({*found.tally.told, *found.tally.wrong})} 个故事 stories, {events} 个事件 events; "
        f"路径 paths {walked}/{len(found.walked)}; {time.monotonic() - began:.0f} s\n"
    )

