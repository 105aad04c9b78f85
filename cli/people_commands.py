"""`huiyin office revise`: running cases hear who is who in their office now, and the command says what they answered."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.place import codec, failed, place, plainly, settings

if TYPE_CHECKING:
    from api.settings import Settings
    from workflows.converter import CodecKeys
    from workflows.place import Place


def add_to(app: typer.Typer) -> None:
    """Put the command among those about offices."""
    app.command("revise")(office_revise)


def office_revise(office: Annotated[str, typer.Argument(help="机构编号。The office's id.")]) -> None:
    """把机构文件现在的人员、单位、代理告知在办件(每秒20件,可中断再运行)。Tell running cases who is who now; may be stopped and run again."""
    with plainly():
        raise typer.Exit(asyncio.run(run(office, place(), settings(), codec())))


async def run(office: str, here: "Place", known: "Settings", keys: "CodecKeys") -> int:
    """Check the office, start its revision, follow it, report; the exit code."""
    import asyncpg
    from temporalio.client import Client

    from api.offices import Offices
    from api.people_told import State, tell
    from cli import library
    from cli.calendar_add import followed, reported
    from cli.office_findings import findings
    from engine.progress import Progress
    from workflows.plugin import plugin
    from workflows.roster import Roster

    laws, roster = Offices(here.offices, here.calendars, here.keys), Roster(here.keys)
    roster.fresh()
    if office not in laws:
        raise failed(f"没有此机构 no such office: {office}; 现有 there are: {', '.join(laws) or '-'}")
    law = laws[office]
    if wrong := findings(library.book(str(law.office["office"]["rulebook"])), law.office):
        raise failed("\n".join([f"机构文件不合规定,未告知 the office has findings, nobody was told ({office}):", *wrong]))
    async with asyncpg.create_pool(known.database, min_size=1, max_size=2, timeout=5) as pool:
        client = await Client.connect(known.engine, namespace=known.namespace, plugins=[plugin(keys)])
        started: Any = await tell(client, pool, State.of(office, law.office, roster), again=True)
        handle, wish = started
        tally = await followed(handle, pool, wish, Progress())
        report = await reported(pool, wish, tally)
    typer.echo("\n".join(report.lines()))
    return 0 if report.whole else 1
