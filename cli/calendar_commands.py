"""`huiyin calendar`: make a year's file, put it in force, see which years there are."""

from pathlib import Path
from typing import Annotated

import typer

from cli.place import codec, failed, place, plainly, settings

calendar_app = typer.Typer(no_args_is_help=True, help="工作日历:生成、录入、查看。Working calendars: make, add, list.")


@calendar_app.command("seed")
def calendar_seed(year: Annotated[int, typer.Argument(help="年份,如 2026。Year.")]) -> None:
    """由 chinesecalendar 生成某年日历。Make a year's calendar file from chinesecalendar."""
    from cli.calendar_seed import seed

    try:
        typer.echo(seed(year))
    except ValueError as wrong:
        raise failed(str(wrong)) from None


@calendar_app.command("add")
def calendar_add(
    file: Annotated[Path, typer.Argument(help="某年放假安排,如 2027.toml。A year's days off, such as 2027.toml.")],
    replace: Annotated[bool, typer.Option("--replace", help="更正已公布的年份。Correct a year that is published already.")] = False,
    reason: Annotated[str, typer.Option(help="更正的理由,记入每件。Why it is corrected; kept in each case.")] = "",
) -> None:
    """录入一年放假安排,并告知日期暂定的案件。Put a year in force and tell the cases whose dates are provisional."""
    from cli.calendar_add import run

    here = place()
    with plainly():
        raise typer.Exit(run(file, here, settings(), codec(), replace=replace, reason=reason))


@calendar_app.command("list")
def calendar_list() -> None:
    """已公布的年份和来源。The published years and where they come from."""
    from cli.calendar_add import listed

    typer.echo("\n".join(listed(place().calendars)))
