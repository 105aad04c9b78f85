"""`python -m tests.replay.keep RELEASE STORY...`: tells stories on a fresh engine and keeps their histories for the replay gate."""

import asyncio
import json
import sys
from pathlib import Path

from activities.migrate import migrate
from cli import library
from engine import testing
from tests.workflows import rig as rigs
from tests.workflows.telling import check_alike


async def main(release: str, names: list[str]) -> None:
    """One JSON file a story; a file that exists is left alone."""
    async with testing.postgres() as url, rigs.engine() as address:
        await migrate(url)
        async with rigs.rig(address, url) as rig:
            for _, story in library.stories():
                path = Path(__file__).parent / "histories" / f"{release}-{str(story['story']).replace('#', '-')}.json"
                if story["story"] in names and not path.exists():
                    history = await check_alike(rig, story)
                    path.write_text(json.dumps({"workflow_id": history.workflow_id, "history": history.to_json_dict()}, separators=(",", ":")))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
