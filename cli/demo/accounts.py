"""Sample accounts: everybody of the demo's offices may sign in, by one password that stands on the card; nowhere but in the demo."""

import asyncio

from api import accounts
from cli import library
from cli.demo.stage import Stage

PASSWORD = "huiyin-demo-2026"  # noqa: S105 - said aloud on purpose; it opens made-up cases on this machine only


async def open_accounts(stage: Stage) -> int:
    """An account for each person of the offices that are shown whole; how many. Raises ValueError for an installation that is no demo."""
    if stage.running.folder.kind != "demo":
        raise ValueError("样例账号只在演示中有 / sample accounts are for the demo only")
    people = [(office, person) for office in library.shown_offices() for person in stage.laws[office].office["person"]]
    await asyncio.gather(*(accounts.give(stage.teller.pool, office, person, PASSWORD, by="demo", must_change=False) for office, person in people))
    return len(people)
