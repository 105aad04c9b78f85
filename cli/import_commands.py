"""`huiyin import`: old registers from Excel or CSV."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli.place import codec, failed, place, plainly, settings

import_app = typer.Typer(no_args_is_help=True, help="导入旧登记册。Old registers from Excel or CSV.")
FileArg = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="xlsx 或 CSV。xlsx or CSV.")]
OfficeOpt = Annotated[str, typer.Option(help="机构。Office.")]


@import_app.command("register")
def import_register(
    file: FileArg,
    office: OfficeOpt,
    person: Annotated[str, typer.Option("--as", help="经手人:受理人员或中心负责人。Who brings it in: intake, or the head of the centre.")],
    reason: Annotated[str, typer.Option(help="理由,记入每一件。The reason, kept with every case.")],
    mapping: Annotated[Path | None, typer.Option(exists=True, help="列对照 TOML 或 JSON;省略则用上次的或按表头猜。Column mapping; the last one, or a guess, if left out.")] = None,
    report: Annotated[Path | None, typer.Option(help="把未导入的行写成 Excel。Write the rows that were not taken as Excel.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只预演,不写入。Dry run only.")] = False,
) -> None:
    """导入旧登记册:先预演;已办结的成为只读旧册记录,在办的成为案件。Dry run first; closed rows become records, open rows cases."""
    from api.identity import Caller
    from cli import imports

    codec()
    with plainly():
        try:
            code = asyncio.run(imports.register(settings(), place(), file, Caller(person, office), reason, mapping, report, typer.echo, dry_run=dry_run))
        except imports.Refused as why:
            raise failed(str(why)) from None
    raise typer.Exit(code)


@import_app.command("mapping")
def import_mapping(file: FileArg, office: OfficeOpt) -> None:
    """按表头猜一份列对照,打印出来供修改。Print the mapping that the headings suggest, to edit."""
    from cli import imports

    try:
        typer.echo(imports.mapping(place(), file, office))
    except imports.Refused as why:
        raise failed(str(why)) from None
