"""`huiyin rules publish, confirm, withdraw, versions, diff`: which text of a book is in force, decided by two people."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

import typer

from cli.place import failed, place, plainly, settings

OfficeOpt = Annotated[str, typer.Option(help="机构。Office.")]
ByOpt = Annotated[str, typer.Option(help="办理人(机构文件中的人)。Who does it, a person of the office file.")]
ReasonOpt = Annotated[str, typer.Option(help="理由,永久保存。Why; kept for ever.")]


def add_to(app: typer.Typer) -> None:
    """Give the commands their names."""
    for name, command in (("publish", publish), ("confirm", confirm), ("withdraw", withdraw), ("versions", versions), ("diff", diff)):
        app.command(name)(command)


def _done(work: Coroutine[Any, Any, list[str]]) -> None:
    from cli.life import NotDone

    with plainly():
        try:
            typer.echo("\n".join(asyncio.run(work)))
        except NotDone as no:
            raise failed(str(no)) from None


def publish(
    book: Annotated[str, typer.Argument(help="制度编号。Rulebook id.")],
    office: OfficeOpt,
    by: ByOpt,
    reason: ReasonOpt,
    from_: Annotated[str, typer.Option("--from", help="施行首日;省略则用文本自己的施行日期。First day; the text's own if left out.")] = "",
    until: Annotated[str, typer.Option(help="施行末日,可省略。Last day, may be left out.")] = "",
    again: Annotated[int, typer.Option(help="不用文件,再次公布这一版的文本。Not the files: the text of this version once more.")] = 0,
) -> None:
    """提出一版制度,待另一人确认。Put a version of a book forward; somebody else confirms it."""
    from cli import life

    settings()
    _done(life.publish(life.desks(place(), office)[0], book, by, reason, from_, until, again))


def confirm(office: OfficeOpt, by: ByOpt, reason: ReasonOpt, hash_: Annotated[str, typer.Option("--hash", help="提案的内容校验值,至少前16位。Content hash of the proposal, at least 16 characters.")]) -> None:
    """确认提案,自施行首日起按此收件。Confirm the proposal; from its first day it binds what is received."""
    from cli import life

    settings()
    _done(life.confirm(life.desks(place(), office)[0], by, reason, hash_))


def withdraw(office: OfficeOpt, by: ByOpt, reason: ReasonOpt) -> None:
    """撤回尚未确认的提案。Take a proposal back that nobody has confirmed."""
    from cli import life

    settings()
    _done(life.withdraw(life.desks(place(), office)[0], by, reason))


def versions(book: Annotated[str, typer.Argument(help="只看适用这一制度的机构。Only offices under this book.")] = "", office: OfficeOpt = "") -> None:
    """各版制度:草稿、施行、被取代,起止、经手人、校验值。Versions: draft, in force, superseded; days, people, hashes."""
    from cli import life

    async def told() -> list[str]:
        known = await life.known(place())
        wanted = [desk for desk in life.desks(place(), office) if book in ("", desk.book, *(one.book for one in known.published.history(desk.office).versions))]
        return [line for desk in wanted for line in life.listed(desk, known)]

    _done(told())


def diff(
    old: Annotated[str, typer.Argument(help="版本号、draft、pending、制度编号或文件。Version number, draft, pending, rulebook id or file.")],
    new: Annotated[str, typer.Argument(help="同上。The same.")],
    office: OfficeOpt = "",
) -> None:
    """两版制度有何不同,逐条说明。What differs between two versions, row by row."""
    from cli import life

    async def told() -> list[str]:
        return life.difference(life.desks(place(), office)[0], await life.known(place()), old, new) if office else life.difference(None, None, old, new)

    _done(told())
