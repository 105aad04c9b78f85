"""Commands of a running installation: migrate, tokens, audit, parts. `cli/place.py` finds it."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from cli.place import codec, environment, failed, office_of, place, plainly, settings

db_app = typer.Typer(no_args_is_help=True, help="记录库。The record.")
audit_app = typer.Typer(no_args_is_help=True, help="审计。Audit.")
keys_app = typer.Typer(no_args_is_help=True, help="封存密钥、行为签名密钥。Seal keys, and the key that signs acts.")
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
    from api.revoked import publish

    here = place()
    tokens = Tokens(Keyring.load(here.keys), here.keys / "revoked")
    try:
        known = tokens.revoke(token)
    except (ValueError, jwt.InvalidTokenError):
        known = False
    if not known:
        raise failed("不是本机构发出的令牌 no token of this installation")
    everywhere = asyncio.run(publish(tokens.revoked, here.database))
    typer.echo("✓ 已作废 revoked" + ("" if everywhere else ";记录库不可用,其他主机稍后生效 the record is away: other hosts will follow"))


@keys_app.command("list")
def keys_list() -> None:
    """行为签名密钥,和各机构各年度的封存密钥。The keys that sign acts, and seal keys by office and year."""
    from cli import actor_key
    from cli.keys import listed
    from workflows.actorkeys import ActorKeys

    with plainly():
        typer.echo("\n".join([*actor_key.listed(ActorKeys(place().keys)), "封存密钥 seal keys:", *(f"  {one}" for one in listed(place().keys))]))


@keys_app.command("rotate")
def keys_rotate(reason: Annotated[str, typer.Option(help="依据。On what ground.")]) -> None:
    """更换行为签名密钥:新密钥即时启用,告知在办件(每秒20件),旧密钥停用并销毁。Change the key that signs acts: at once, running cases are told, the old one is destroyed."""
    from api.keyring import Keyring
    from cli import actor_key
    from engine.progress import Progress

    if len(reason.strip()) < 2:
        raise failed("请写明依据 say on what ground")
    keys = codec()
    Keyring.load(place().keys)  # makes the first one where it was lost: cases trust the system's, which tells them of the next
    with plainly():
        raise typer.Exit(actor_key.rotate(settings(), keys, reason.strip(), Progress()))


@keys_app.command("tell")
def keys_tell() -> None:
    """把现用的行为签名密钥再告知尚不知道的在办件,并报告。Tell running cases that have not heard of the key that signs now, and report."""
    from cli import actor_key
    from engine.progress import Progress
    from workflows.actorkeys import ActorKeys

    keys = codec()
    with plainly():
        now = ActorKeys(place().keys).now()
        if not now.since:
            raise failed("没有更换过行为签名密钥 the key that signs acts was never changed")
        raise typer.Exit(actor_key.told(settings(), keys, now, Progress()))


@keys_app.command("destroy")
def keys_destroy(
    office: Annotated[str, typer.Argument(help="机构。Office.")],
    year: Annotated[int, typer.Argument(help="收件年度。Year of filing.")],
    first: Annotated[str, typer.Option(help="决定人。Who decides.")],
    second: Annotated[str, typer.Option(help="另一决定人。Who decides with them.")],
    reason: Annotated[str, typer.Option(help="依据。On what ground.")],
) -> None:
    """销毁一年的封存密钥,两人决定,不可恢复。Destroy a year's seal key, by two people; it cannot be undone."""
    from api.keyring import Keyring
    from cli.keys import Refusal, destroy

    typer.confirm(f"{office} {year}: 身份、原文、附件将永远打不开 identity, text and files will be closed for ever?", abort=True)
    with plainly():
        try:
            asyncio.run(destroy(Keyring.load(place().keys), settings().database, office, year, (first, second), reason, set(office_of(office).get("person", {}))))
        except Refusal as why:
            raise failed(str(why)) from None
    typer.echo(f"✓ {office} {year} 已销毁 destroyed")


@audit_app.command("export")
def audit_export(case: CaseArg, file: Annotated[Path, typer.Argument(help="写到这个文件。The file to write.")]) -> None:
    """把引擎中的历史存成文件。Keep the engine's history in a file."""
    from cli import audit_run

    codec()
    audit_run.leave(asyncio.run(audit_run.export(settings(), case, file, typer.echo)))


@audit_app.command("kept")
def audit_kept() -> None:
    """已归档案件的历史是否都已留存、未被改动。Whether every ended case has its history kept, and unaltered."""
    from cli import audit_run

    codec()
    audit_run.leave(asyncio.run(audit_run.check(settings(), typer.echo)))


@audit_app.command("replay")
def audit_replay(
    case: Annotated[str, typer.Argument(help="案件标识或编号。Case id or register number.")] = "",
    history: Annotated[Path | None, typer.Option(help="历史文件;省略则问引擎,再问留存文件。History file; the engine, else the archive, if left out.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="全部案件。Every case.")] = False,
) -> None:
    """重放历史,与记录逐值核对:0 一致,1 不符,2 未能核对。Replay and compare value by value: 0 sound, 1 differs, 2 could not check."""
    from cli import audit_run

    codec()
    if bool(case) == all_ or (all_ and history):
        raise typer.BadParameter("请给出一件的编号,或 --all / name one case, or say --all")
    audit_run.leave(asyncio.run(audit_run.every(settings(), typer.echo) if all_ else audit_run.one(settings(), case, history, typer.echo)))


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
