"""The stories again while one call in a hundred to the engine's own database fails: equal to the core event by event, and every history replays."""

import asyncio
import time

import pytest

from activities.migrate import migrate
from cli import library
from domain import stories
from engine import testing
from tests.faults.invariants import Evidence, check
from tests.workflows.rig import KEYS, prepare
from tests.workflows.rig import rig as rigged
from tests.workflows.telling import check_alike

pytestmark = [
    pytest.mark.engine, pytest.mark.database, pytest.mark.faults,
    pytest.mark.filterwarnings("ignore:Cannot find activity to cancel"),  # the SDK's word for a quick try that ended while it was being cancelled
]  # fmt: skip
AT_ONCE = 16
NAMESPACE = "huiyin-faulty"


@pytest.mark.parametrize("seed", [1, 2])
async def test_stories_with_one_percent_of_database_calls_failing(seed: int) -> None:
    gate, wrong = asyncio.Semaphore(AT_ONCE), dict[str, str]()
    told = [story for _, story in library.stories() if "#" not in story["story"]]  # each base story; variants walk the same ways
    began = time.monotonic()
    async with testing.engine(faults=0.01, seed=seed) as engine, testing.postgres() as url:
        await migrate(url)
        await prepare(engine.address, NAMESPACE)
        async with rigged(engine.address, url, namespace=NAMESPACE) as rig:

            async def one(story: dict[str, object]) -> None:
                async with gate:
                    try:
                        await asyncio.wait_for(check_alike(rig, story), 300)
                    except Exception as error:
                        wrong[str(story["story"])] = f"{type(error).__name__}: {error}"[:1500]

            await asyncio.gather(*(one(story) for story in told))
            assert not wrong, "\n".join(f"{name}: {text}" for name, text in sorted(wrong.items()))
            acts = {str(story["story"]): [command.id for command in stories.commands(story)] for story in told}
            await check(Evidence(rig.client, rig.pool, KEYS, acts), list(acts)[:: max(1, len(acts) // 12)])
    print(f"{len(told)} stories, seed {seed}: {time.monotonic() - began:.0f} s")
