"""Commands of a running installation: migrate, tokens, audit. Addresses come from the environment (HUIYIN_HOME and its relatives, see api/settings.py)."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

db_app = typer.Typer(no_args_is_help=True, help="记录库。The record.")
audit_app = typer.Typer(no_args_is_help=True, help="审计。Audit.")
token_app = typer.Typer(no_args_is_help=True, help="接口令牌。API tokens.")


def _settings() -> Any:
    from api.settings import Settings

    return Settings.from_environment()


@db_app.command("migrate")
def db_migrate() -> None:
    """把记录库升到本版。Bring the record to this version."""
    from activities.migrate import migrate

    done = asyncio.run(migrate(_settings().database))
    typer.echo("\n".join(f"✓ {name}" for name in done) or "✓ 已是本版 up to date")


@token_app.command("issue")
def token_issue(person: str, office: str, hours: Annotated[int, typer.Option(help="有效小时。Hours it is good for.")] = 12) -> None:
    """发一个短期令牌。Issue a short-lived token."""
    from api.identity import Tokens
    from api.keyring import Keyring
    from cli import library

    if person not in library.office(office).get("person", {}):
        raise typer.BadParameter(f"{office} 没有此人 / has no such person: {person}")
    keys = _settings().keys
    typer.echo(Tokens(Keyring.load(keys), keys / "revoked").issue(person, office, hours * 3600))


@token_app.command("revoke")
def token_revoke(token: str) -> None:
    """立即作废一个令牌。Close a token at once."""
    from api.identity import Tokens
    from api.keyring import Keyring

    keys = _settings().keys
    Tokens(Keyring.load(keys), keys / "revoked").revoke(token)
    typer.echo("✓ 已作废 revoked")


@audit_app.command("export")
def audit_export(case: str, file: Path) -> None:
    """把引擎中的历史存成文件。Keep the engine's history in a file."""
    from cli import audit_run

    audit_run.leave(asyncio.run(audit_run.export(_settings(), case, file, typer.echo)))


@audit_app.command("replay")
def audit_replay(
    case: Annotated[str, typer.Argument(help="案件标识或编号。Case id or register number.")] = "",
    history: Annotated[Path | None, typer.Option(help="历史文件;省略则问引擎,再问留存文件。History file; the engine, else the archive, if left out.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="全部案件。Every case.")] = False,
) -> None:
    """重放历史,与记录逐值核对:0 一致,1 不符,2 未能核对。Replay and compare value by value: 0 sound, 1 differs, 2 could not check."""
    from cli import audit_run

    if bool(case) == all_ or (all_ and history):
        raise typer.BadParameter("请给出一件的编号,或 --all / name one case, or say --all")
    audit_run.leave(asyncio.run(audit_run.every(_settings(), typer.echo) if all_ else audit_run.one(_settings(), case, history, typer.echo)))


def up_command(folder: Annotated[Path | None, typer.Option(help="数据文件夹,省略则 HUIYIN_HOME。Data folder.")] = None) -> None:
    """启动全部:数据库、引擎、工作进程、接口;Ctrl-C 停止。Start everything; Ctrl-C stops it."""
    from engine.find import NoEngine
    from engine.folder import WrongFolder
    from engine.process import PartFailed
    from engine.up import up

    try:
        code = asyncio.run(up(folder))
    except (NoEngine, WrongFolder, PartFailed) as wrong:
        typer.secho(str(wrong), err=True, fg="red")
        code = 2
    raise typer.Exit(code)


def doctor_command() -> None:
    """体检:引擎、数据库、日历、密钥、时间跳跃、注入的故障。Engine, database, calendar, keys, time skipping, injected faults."""
    from datetime import datetime

    from cli import library
    from domain.workdays import ZONE
    from engine.doctor import Subject, examine, healthy

    settings = _settings()
    years = {int(year["year"]) for year in library.calendars()}
    today = datetime.now(ZONE).date()
    found = asyncio.run(examine(Subject(settings.engine, settings.namespace, settings.database, settings.keys, today, years, story_clock=settings.story_clock)))
    for one in found:
        typer.echo(f"{ {'ok': '✓', 'warn': '!', 'fail': '✗'}[one.level] } {one.zh}  {one.en}" + (f"\n    → {one.remedy_zh}  {one.remedy_en}" if one.level != "ok" else ""))
    raise typer.Exit(0 if healthy(found) else 1)
