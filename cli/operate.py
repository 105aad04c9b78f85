"""Commands of a running installation: migrate, tokens, audit, parts. `cli/place.py` finds it."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.place import codec, environment, failed, office_of, place, plainly, settings

db_app = typer.Typer(no_args_is_help=True, help="记录库。The record.")
audit_app = typer.Typer(no_args_is_help=True, help="审计。Audit.")
token_app = typer.Typer(no_args_is_help=True, help="接口令牌。API tokens.")
CaseArg = Annotated[str, typer.Argument(help="案件号 case-…。Id of the case.")]


@db_app.command("migrate")
def db_migrate() -> None:
    """把记录库升到本版。Bring the record to this version."""
    from activities.migrate import migrate

    with plainly():
        done = asyncio.run(migrate(settings().database))
    typer.echo("\n".join(f"✓ {name}" for name in done) or "✓ 已是本版 up to date")


@token_app.command("issue")
def token_issue(
    person: Annotated[str, typer.Argument(help="机构文件中的人。A person of the office file.")],
    office: Annotated[str, typer.Argument(help="机构。Office.")],
    hours: Annotated[int, typer.Option(help="有效小时。Hours it is good for.")] = 12,
) -> None:
    """发一个短期令牌。Issue a short-lived token."""
    from api.identity import Tokens
    from api.keyring import Keyring

    if person not in office_of(office).get("person", {}):
        raise failed(f"{office} 没有此人 has no such person: {person}")
    keys = place().keys
    typer.echo(Tokens(Keyring.load(keys), keys / "revoked").issue(person, office, hours * 3600))


@token_app.command("revoke")
def token_revoke(token: Annotated[str, typer.Argument(help="要作废的令牌。The token to close.")]) -> None:
    """立即作废一个令牌。Close a token at once."""
    import jwt

    from api.identity import Tokens
    from api.keyring import Keyring

    keys = place().keys
    try:
        Tokens(Keyring.load(keys), keys / "revoked").revoke(token)
    except (ValueError, jwt.InvalidTokenError):
        raise failed("不是本机构发出的令牌 no token of this installation") from None
    typer.echo("✓ 已作废 revoked")


@audit_app.command("export")
def audit_export(case: CaseArg, file: Annotated[Path, typer.Argument(help="写到这个文件。The file to write.")]) -> None:
    """把引擎中的历史存成文件。Keep the engine's history in a file."""
    with plainly():
        histories = asyncio.run(_histories(case))
    file.write_text(json.dumps([json.loads(one.to_json()) for one in histories]), encoding="utf-8")
    typer.echo(f"✓ {len(histories)} 个运行 runs, {file.stat().st_size} 字节 bytes")


@audit_app.command("replay")
def audit_replay(case: CaseArg, history: Annotated[Path | None, typer.Option(help="历史文件,省略则问引擎。History file; the engine if left out.")] = None) -> None:
    """重放历史,与记录逐值核对。Replay the history and compare the record value by value."""
    from cli.audit import printed

    with plainly():
        found = asyncio.run(_replayed(case, history))
    typer.echo(printed(case, found))
    raise typer.Exit(0 if found.sound else 1)


async def _histories(case: str) -> list[Any]:
    from temporalio.client import Client

    from cli.audit import histories_of
    from workflows.plugin import plugin

    here = place()
    return list(await histories_of(await Client.connect(here.engine, namespace=here.namespace, plugins=[plugin(codec())]), case))


async def _replayed(case: str, file: Path | None) -> Any:
    import asyncpg
    from temporalio.client import WorkflowHistory

    from cli.audit import replay

    histories = await _histories(case) if file is None else [WorkflowHistory.from_json(case, run) for run in json.loads(file.read_text(encoding="utf-8"))]
    async with asyncpg.create_pool(settings().database, min_size=1, max_size=2) as pool:
        return await replay(case, histories, pool, codec())


def up_command(folder: Annotated[Path | None, typer.Option(help="数据文件夹,省略则 HUIYIN_HOME。Data folder.")] = None) -> None:
    """启动全部:数据库、引擎、工作进程、接口;Ctrl-C 停止。Start everything; Ctrl-C stops it."""
    from engine.find import NoEngine
    from engine.folder import WrongFolder
    from engine.process import PartFailed
    from engine.up import up

    try:
        code = asyncio.run(up(folder))
    except (NoEngine, WrongFolder, PartFailed) as wrong:
        raise failed(str(wrong)) from None
    raise typer.Exit(code)


def doctor_command() -> None:
    """体检:引擎、数据库、日历、密钥、检索属性、时间跳跃、注入的故障。Engine, database, calendar years, keys, attributes, time skipping, injected faults."""
    from cli.doctor import examined, printed
    from engine.doctor import healthy

    found = asyncio.run(examined(place()))
    typer.echo("\n".join(printed(found)))
    raise typer.Exit(0 if healthy(found) else 1)


def worker_command() -> None:
    """只运行工作进程(引擎和数据库在别处)。Run a worker alone; engine and database are elsewhere."""
    from worker.__main__ import run

    os.environ.update(environment())
    run()


def api_command() -> None:
    """只运行接口(引擎和数据库在别处)。Run the API alone; engine and database are elsewhere."""
    from api.__main__ import run

    os.environ.update(environment())
    run()
