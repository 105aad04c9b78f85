"""`python -m api`: the API for the offices of this installation, on loopback unless HUIYIN_HOST says otherwise (in a container: 0.0.0.0)."""

import os
import sys

import uvicorn

from api.app import application
from api.offices import Offices
from api.settings import Settings
from cli.library import LibraryError
from workflows.place import Place


def run() -> None:
    """The command's body; a wrong setting or office file is said in one line."""
    try:
        settings, here = Settings.from_environment(), Place.of()
        laws = Offices(here.offices, here.calendars, here.keys)
    except (ValueError, LibraryError) as wrong:
        sys.exit(str(wrong))
    uvicorn.run(application(settings, laws), host=os.environ.get("HUIYIN_HOST", "127.0.0.1"), port=settings.port, log_level="warning", access_log=False, timeout_graceful_shutdown=2)  # open pages hold their streams


if __name__ == "__main__":
    run()
