"""`huiyin account`: a first account, a new password, closing one; everything else stands on the administrator's page."""

import asyncio
import getpass
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.place import failed, office_of, plainly, settings

if TYPE_CHECKING:
    import asyncpg

account_app = typer.Typer(help="账号:设置、停用。Accounts: set a password, disable, enable.", no_args_is_help=True)
Office = Annotated[str, typer.Argument(help="机构编号。The office's id.")]
Person = Annotated[str, typer.Argument(help="人员编号,见机构文件。A person's id in the office file.")]


@account_app.command("set")
def set_(office: Office, person: Person, ask: Annotated[bool, typer.Option(help="自己输入密码,不随机生成。Type the password instead of a random one.")] = False) -> None:
    """新建账号或重设密码;显示一次的密码须在首次登录时更换。Make an account or set its password; shown once, to be changed at the first sign-in."""
    from api import accounts
    from api.errors import Problem, body_of

    _known(office, person)
    password = getpass.getpass("密码 password: ") if ask else secrets.token_urlsafe(12)

    async def give(pool: "asyncpg.Pool") -> None:
        await accounts.give(pool, office, person, password, by="administrator at the command line", must_change=not ask)

    try:
        _run(give)
    except Problem as problem:
        body = body_of(problem)
        raise failed(f"{body['title']} {body['title_en']}; {body['remedy']} {body['remedy_en']}") from None
    typer.echo(f"{office} / {person}" + ("" if ask else f"  密码 password: {password}  (首次登录须更换 to be changed at the first sign-in)"))


@account_app.command()
def disable(office: Office, person: Person) -> None:
    """停用账号,其登录和接口令牌立即作废。Disable an account; its sessions and API tokens end at once."""
    _able(office, person, able=False)


@account_app.command()
def enable(office: Office, person: Person) -> None:
    """恢复账号。Enable it again."""
    _able(office, person, able=True)


def _able(office: str, person: str, *, able: bool) -> None:
    from api import accounts

    async def turn(pool: "asyncpg.Pool") -> None:
        if not await accounts.able(pool, office, person, able=able, by="administrator at the command line"):
            raise failed(f"{office} / {person}: 没有账号 no account")

    _run(turn)
    typer.echo(f"{office} / {person}: {'已恢复 enabled' if able else '已停用 disabled'}")


def _known(office: str, person: str) -> None:
    people = office_of(office).get("person", {})
    if person not in people:
        raise failed(f"没有此人 no such person: {person}; 现有 there are: {', '.join(people)}")


def _run(work: Callable[["asyncpg.Pool"], Awaitable[None]]) -> None:
    import asyncpg

    async def main() -> None:
        async with asyncpg.create_pool(settings().database, min_size=0, max_size=1, timeout=5) as pool:
            await work(pool)

    with plainly():
        asyncio.run(main())
