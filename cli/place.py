"""Where the commands find the installation: the variables that are set, else what the last `huiyin up` wrote down in HUIYIN_HOME."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from api.settings import Settings
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


def failed(text: str, code: int = 2) -> typer.Exit:
    """Say what is wrong; the exit to raise."""
    typer.secho(text, err=True, fg="red")
    return typer.Exit(code)


@contextmanager
def plainly() -> Iterator[None]:
    """A database or an engine that does not answer is said in a line with the remedy, not in a traceback."""
    import asyncpg
    from temporalio.service import RPCError

    try:
        yield
    except typer.Exit:  # a RuntimeError too
        raise
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as wrong:
        remedy = "先运行 huiyin db migrate  run `huiyin db migrate` first" if isinstance(wrong, asyncpg.UndefinedTableError) else "看 huiyin doctor  see `huiyin doctor`"
        raise failed(f"记录库没有应答 the record does not answer: {type(wrong).__name__}; {remedy}", 1) from None
    except RPCError as wrong:
        raise failed(f"引擎没有应答 the engine does not answer: {wrong.status.name}; 看 huiyin doctor  see `huiyin doctor`", 1) from None
    except (OSError, TimeoutError, RuntimeError) as wrong:
        raise failed(f"连接不上 no connection: {type(wrong).__name__}; 先运行 huiyin up,再看 huiyin doctor  run `huiyin up`, then see `huiyin doctor`", 1) from None
