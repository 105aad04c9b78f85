"""How the command ends: what a person got wrong in a line of its own, and no abort behind a clean end."""

import os
import sys
from contextlib import suppress
from typing import Any

import typer
from typer.core import TyperGroup


class Plain(TyperGroup):
    """A group of commands whose known failures end with code 2 and their own words; a traceback is for mistakes of ours."""

    def invoke(self, ctx: Any) -> Any:
        """See Typer."""
        from cli.library import LibraryError
        from domain.workdays import CalendarError

        try:
            return super().invoke(ctx)
        except (LibraryError, CalendarError, PermissionError) as wrong:
            typer.secho(str(wrong), err=True, fg="red")
            raise typer.Exit(2) from None


class App(typer.Typer):
    """The application as a process. One that used the engine's SDK may abort while Python tears down: then it leaves at once."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and end the process."""
        try:
            return super().__call__(*args, **kwargs)
        except SystemExit as end:
            if "temporalio.bridge" not in sys.modules:
                raise
            with suppress(OSError):
                if isinstance(end.code, str):
                    print(end.code, file=sys.stderr)
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))
