"""In which order several processes run the tests: what needs servers of its own stays on one process and begins first, the many short tests fill up what is left."""

import gc
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Seconds of processor time, as measured: of a room, or of a file that weighs as much as one. What is not named is short, and is moved to wherever a process has nothing left to do.
ROOMS = {
    "faults/test_faulty_engine.py": 330, "workflows": 300, "pages": 140, "faults": 120, "api": 120, "browser": 105, "cli/test_demo.py": 70, "engine": 60, "activities": 25, "forms": 15, "bench": 15,
}  # fmt: skip
# Within a room the longest first, so that no process waits at the end for the other's last.
LONGEST = ("test_three_ways.py", "test_kills.py", "test_every_page.py", "test_nothing_shows.py", "test_lists.py")


def pytest_configure() -> None:
    """Engines of the tests live minutes and have memory enough: their collector works a tenth of their time where it is not told to wait."""
    os.environ.setdefault("GOGC", "400")


def pytest_collection_finish() -> None:
    """A process keeps thousands of tests to its end: the collector need not look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in that order where several processes share them; each takes a stretch of equal number."""
    share = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if share > 1:
        items[:] = ordered(items, share)


def ordered(items: list[pytest.Item], share: int) -> list[pytest.Item]:
    """The same tests, `share` stretches one after the other."""
    rooms: dict[str, list[pytest.Item]] = {}
    for item in items:
        rooms.setdefault(_room(item), []).append(item)
    short = rooms.pop("", [])
    loads = [0.0] * share
    stretches: list[list[pytest.Item]] = [[] for _ in range(share)]
    for room in sorted(rooms, key=lambda name: -ROOMS[name]):
        least = loads.index(min(loads))
        loads[least] += ROOMS[room]
        stretches[least] += sorted(rooms[room], key=_rank)
    for n, stretch in enumerate(stretches):
        left = sum(len(one) for one in stretches[n:]) + len(short)
        wanted = max(0, left // (share - n) - len(stretch))
        stretch += short[:wanted]
        del short[:wanted]
    return [*(item for stretch in stretches for item in stretch), *short]


def _room(item: pytest.Item) -> str:
    path = item.path.relative_to(HERE)
    return next((name for name in (path.as_posix(), path.parts[0]) if name in ROOMS), "")


def _rank(item: pytest.Item) -> int:
    return LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST)
