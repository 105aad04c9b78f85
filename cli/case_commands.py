"""`huiyin case`: list, show and explain the cases of a running installation."""

import sys
from typing import Annotated

import typer

from cli.place import failed, place, plainly, settings

case_app = typer.Typer(no_args_is_help=True, help="案件:列表、查看、日期由来。Cases: list, show, why each date.")
OfficeOpt = Annotated[str, typer.Option(help="机构,编号在几个机构重复时。Office, where several have the number.")]
CaseArg = Annotated[str, typer.Argument(help="编号或案件号。Register number or case id.")]


@case_app.command("list")
def case_list(
    office: Annotated[str, typer.Option(help="机构。Office.")] = "",
    phase: Annotated[str, typer.Option(help="阶段,如 handling。Phase.")] = "",
    unit: Annotated[str, typer.Option(help="承办单位。Handling unit.")] = "",
    waiting_on: Annotated[str, typer.Option(help="等谁办。Who must act.")] = "",
    grade: Annotated[str, typer.Option(help="类别,如 complex。Grade.")] = "",
    due_before: Annotated[str, typer.Option(help="期满日早于,如 2026-12-31。Due before this day.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期。Only overdue ones.")] = False,
    provisional: Annotated[bool, typer.Option("--provisional", help="只看日期暂定。Only provisional dates.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多几件。At most so many.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
) -> None:
    """列出案件,最新的在前。List cases, the newest first."""
    from cli import cases

    filters = {
        "office": office, "phase": phase, "unit": unit, "waiting_on": waiting_on, "grade": grade, "due_before": due_before, "overdue": overdue, "provisional": provisional,
    }  # fmt: skip
    with plainly():
        try:
            typer.echo(cases.as_json(settings(), filters, limit) if json else "\n".join(cases.listing(settings(), filters, limit)))
        except ValueError as wrong:
            raise failed(str(wrong)) from None


@case_app.command("show")
def case_show(case: CaseArg, office: OfficeOpt = "") -> None:
    """一件的状态、期限、经过、等谁、通知;不含身份和原文。State, clocks, timeline, who must act, notices; never identity or text."""
    from cli import cases

    with plainly():
        try:
            typer.echo("\n".join(cases.shown(settings(), place(), case, office)))
        except cases.NoSuchCase as wrong:
            raise failed(str(wrong)) from None


@case_app.command("why")
def case_why(
    case: CaseArg,
    term: Annotated[str, typer.Argument(help="期限,省略则全部。Term; all if left out.")] = "",
    lang: Annotated[str, typer.Option(help="zh 或 en。zh or en.")] = "zh",
    office: OfficeOpt = "",
) -> None:
    """这件的每个日期为什么是这一天。Why each date of the case is that day."""
    from cli import cases

    with plainly():
        try:
            typer.echo(cases.explained(settings(), place(), case, term, lang, colour=sys.stdout.isatty(), office=office))
        except cases.NoSuchCase as wrong:
            raise failed(str(wrong)) from None
