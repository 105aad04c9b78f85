"""`huiyin forms`: write the templates where an office can edit them, and say what is wrong with one that was edited."""

from pathlib import Path
from typing import Annotated

import typer

from cli.place import failed
from cli.plain import Plain

forms_app = typer.Typer(cls=Plain, no_args_is_help=True, help="表样(Word 模板)。Forms: Word templates.")


@forms_app.command("export")
def forms_export(
    folder: Annotated[Path, typer.Argument(help="写到哪个文件夹。Folder to write into.")],
    office: Annotated[str, typer.Option(help="只给这个机构用,写进以它命名的子文件夹。For this office only, into a folder of its name.")] = "",
) -> None:
    """写出全部表样,供 Word 或 WPS 修改。Write all templates, to be edited in Word or WPS."""
    from api.forms.templates import exported
    from cli.place import office_of, place

    if office:
        office_of(office)
    try:
        written = exported(folder, office)
    except FileExistsError as wrong:
        raise failed(f"已有 exists already: {wrong.filename}; 请换一个文件夹,免得覆盖改过的表样  take another folder: an edited template is not overwritten") from None
    except OSError as wrong:
        raise failed(f"写不进去 cannot write: {folder} ({type(wrong).__name__})") from None
    for path in written:
        typer.echo(f"✓ {path}")
    typer.echo(f"改好后先检查 check them with `huiyin forms check`,再放到 then put them into {place().templates / 'forms'}{f'/{office}' if office else ''}")


@forms_app.command("check")
def forms_check(files: Annotated[list[Path], typer.Argument(help="要检查的 .docx,或文件夹。Files or folders to check.")]) -> None:
    """表样能不能用:字段、花括号、文件本身。Whether a template can be used: fields, braces, the file itself."""
    from api.forms.registry import FORMS
    from api.forms.templates import problems

    paths = [path for one in files for path in (sorted(one.rglob("*.docx")) if one.is_dir() else [one])]
    if not paths:
        raise failed("没有 .docx 文件 no .docx file there")
    bad = 0
    for path in paths:
        try:
            found = [f"{one.zh}  {one.en}" for one in problems(path.read_bytes())]
        except OSError as wrong:
            found = [f"不能读取 cannot be read: {type(wrong).__name__}"]
        if path.stem not in FORMS:
            found.append(f"文件名不是表的编号,不会被用到  its name is no form's, so it is never used; 编号 forms: {', '.join(FORMS)}")
        bad += bool(found)
        typer.echo(f"{'✗' if found else '✓'} {path}")
        for line in found:
            typer.secho(f"    {line}", fg="red")
    raise typer.Exit(1 if bad else 0)
