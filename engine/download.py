"""The SDK's own download of the `temporal` command line, in a process of its own so that it can be ended in time.

`python -m engine.download FOLDER` downloads and tries it once; `download` runs that and judges what came.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engine.build import keep
from engine.process import launched
from engine.progress import Progress
from engine.versions import OLDEST, Engine, identify

SECONDS = 90.0


def download(progress: Progress, *, seconds: float = SECONDS) -> Engine | str:
    """The engine, kept in the cache; else why not, in one line."""
    wait = progress.wait("用 SDK 下载引擎", "the SDK downloads the engine")
    with tempfile.TemporaryDirectory(prefix="huiyin-download-") as folder:
        command = [sys.executable, "-m", "engine.download", folder]
        process = subprocess.Popen(
            launched(command, None),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        while process.poll() is None and wait.elapsed < seconds:
            wait.tick()
            time.sleep(0.1)
        process.kill()
        complaint = process.communicate()[1].strip().splitlines()
        for path in Path(folder).iterdir():
            found = identify(path)
            if found and found.version >= OLDEST:
                wait.done()
                return Engine(keep(path, "temporal", found.number), found.kind, found.version)
            if found:
                return f"its server is {found.number}, too old"
    return complaint[-1][:200] if complaint else f"nothing within {seconds:.0f} s"


async def fetch(folder: str) -> None:
    """Start the SDK's own development server once: it downloads into the folder."""
    from temporalio.testing import WorkflowEnvironment

    async with await WorkflowEnvironment.start_local(download_dest_dir=folder, ui=False, dev_server_log_level="error"):
        pass


if __name__ == "__main__":
    asyncio.run(fetch(sys.argv[1]))
