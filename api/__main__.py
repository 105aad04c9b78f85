"""`python -m api`: the API for the offices of this installation, on loopback unless HUIYIN_HOST says otherwise (in a container: 0.0.0.0)."""

import os
from pathlib import Path

import uvicorn

from api.app import application
from api.settings import Settings
from cli import library
from domain.core import Law


def offices() -> dict[str, Law]:
    """The offices of HUIYIN_OFFICES (a folder of office files), else the samples."""
    folder = Path(os.environ.get("HUIYIN_OFFICES", library.OFFICES))
    found = {}
    for path in sorted(folder.glob("*.toml")):
        core = library.office(str(path)).get("office", {})
        found[str(core["id"])] = library.law(str(core["rulebook"]), str(path))
    return found


if __name__ == "__main__":
    settings = Settings.from_environment()
    uvicorn.run(application(settings, offices()), host=os.environ.get("HUIYIN_HOST", "127.0.0.1"), port=settings.port, log_level="warning", access_log=False)
