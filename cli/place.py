"""Where the commands find the installation: the variables that are set, else what the last `huiyin up` wrote down in HUIYIN_HOME."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from api.settings import Settings
    from workflows.converter import CodecKeys
    from workflows.place import Place


def environment() -> Mapping[str, str]:
    """All variables, with the addresses of the installation that runs (or last ran) in HUIYIN_HOME behind them."""
    from engine.folder import Folder, home, kind_of
    from engine.up import known_environment

    known = known_environment(Folder(home(), kind_of(home()) or "real"))
    return {**{name: value for name, value in known.items() if value}, **{name: value for name, value in os.environ.items() if value}}


def place() -> "Place":
    """Addresses and folders of the installation; its database may be unknown."""
    from workflows.place import Place

    return Place.of(environment())


def settings() -> "Settings":
    """The same for what needs the record; ends the command with a clear line where nobody has said which database."""
    from api.settings import Settings

    try:
        return Settings.from_environment(environment())
    except ValueError as wrong:
        raise failed(str(wrong)) from None


def codec() -> "CodecKeys":
    """The payload keys of the installation; ends the command where there are none: a command never makes keys, for nobody else would know them."""
    from workflows.keyfile import codec_keys

    folder = place().keys
    if not (folder / "codec").is_file():
        raise failed(f"{folder} 没有密钥 has no keys: 请核对 HUIYIN_HOME 或 HUIYIN_KEYS  check HUIYIN_HOME or HUIYIN_KEYS")
    return codec_keys(folder)


def office_of(name: str) -> dict[str, Any]:
    """The office file of an id in the installation's folder, with the changes of its people; ends the command where there is none."""
    from cli.library import toml
    from workflows.roster import Roster

    roster = Roster(place().keys)
    roster.fresh()
    known = {str(office.get("office", {}).get("id", path.stem)): roster.applied(office) for path in sorted(place().offices.glob("*.toml")) if (office := toml(path))}
    if name not in known:
        raise failed(f"没有此机构 no such office: {name}; 现有 there are: {', '.join(known) or '-'}; 文件夹 folder: HUIYIN_OFFICES = {place().offices}")
    return known[name]


def failed(text: str, code: int = 2) -> typer.Exit:
    """Say what is wrong; the exit to raise."""
    typer.secho(text, err=True, fg="red")
    return typer.Exit(code)


@contextmanager
def plainly() -> Iterator[None]:
    """A database or an engine that does not answer is said in a line with the remedy, not in a traceback."""
    import asyncpg
    from temporalio.service import RPCError, RPCStatusCode

    try:
        yield
    except typer.Exit:  # a RuntimeError too
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as wrong:
        remedy = "先运行 huiyin db migrate  run `huiyin db migrate` first" if isinstance(wrong, asyncpg.UndefinedTableError) else "看 huiyin doctor  see `huiyin doctor`"
        raise failed(f"记录库没有应答 the record does not answer: {type(wrong).__name__}; {remedy}", 1) from None
    except RPCError as wrong:
        if wrong.status == RPCStatusCode.NOT_FOUND:
            raise failed("引擎中没有此件 the engine has no such case; 编号不能代替案件号,见 huiyin case list  a register number is no id, see `huiyin case list`", 1) from None
        raise failed(f"引擎没有应答 the engine does not answer: {wrong.status.name}; 看 huiyin doctor  see `huiyin doctor`", 1) from None
    except (OSError, TimeoutError, RuntimeError) as wrong:
        raise failed(f"连接不上 no connection: {type(wrong).__name__}; 先运行 huiyin up,再看 huiyin doctor  run `huiyin up`, then see `huiyin doctor`", 1) from None
