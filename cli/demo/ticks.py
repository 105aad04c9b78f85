"""All stories on the engine, several at once: each gets its tick when expectations, core and record agree."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cli.demo.stage import Stage, demonstrated
from cli.telling import Told, case_of
from engine.progress import Progress

AT_ONCE = 16
PATIENCE = 300.0  # seconds for one story: a machine may be slow, a case that hangs must still be told
Stories = Sequence[dict[str, Any]]


@dataclass
class Tally:
    """What agreed, by the story's name, and what did not, with the reason."""

    told: dict[str, Told] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)


async def tick_all(stage: Stage, stories: Stories, progress: Progress) -> Tally:
    """Tell all of them and move each case on to the demo's day; prints a line a story as it comes."""
    tally, gate = Tally(), asyncio.Semaphore(AT_ONCE)

    async def one(number: int, story: dict[str, Any]) -> None:
        async with gate:
            name = str(story["story"])
            try:
                told = await asyncio.wait_for(_told(stage, number, story), PATIENCE)
            except Exception as error:  # noqa: BLE001 - whatever happened to one story is shown, and the others go on
                tally.wrong[name] = [f"{type(error).__name__}: {error}"]
            else:
                tally.told[name] = told
                if told.differences:
                    tally.wrong[name] = told.differences
            progress.clear()
            _print(name, story, tally, len(stories))

    tasks = [asyncio.create_task(one(number, story)) for number, story in enumerate(stories, 1)]
    waiting = progress.wait("逐件在引擎上办理", "telling every story on the engine")
    try:
        while (await asyncio.wait(tasks, timeout=1))[1]:
            waiting.tick(f"{sum(task.done() for task in tasks)}/{len(tasks)}")
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    waiting.done(f"{len(tally.told)}/{len(tasks)}")
    return tally


async def _told(stage: Stage, number: int, story: dict[str, Any]) -> Told:
    return await stage.teller.told(demonstrated(story, stage.keys, number), stage.laws[story["office"]], until=stage.now())


def _print(name: str, story: dict[str, Any], tally: Tally, total: int) -> None:
    count = len({*tally.told, *tally.wrong})
    if name in tally.wrong:
        print(f"✗ [{count}/{total}] 引擎不一致 engine differs  {name}  {story.get('title', '')}", *tally.wrong[name], sep="\n    ", flush=True)
    else:
        told = tally.told[name]
        print(f"✓ [{count}/{total}] 引擎一致 engine agrees  {case_of(story)}  {told.core.case.register_no or '未登记 no number'}  {len(told.events)} 个事件 events", flush=True)
