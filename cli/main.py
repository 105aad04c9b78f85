"""The `huiyin` command. Each command is a few lines: the work is in its own module, imported when asked for."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.account_commands import account_app
from cli.calendar_commands import calendar_app
from cli.case_commands import case_app
from cli.form_commands import forms_app
from cli.import_commands import import_app
from cli.life_commands import add_to as add_life
from cli.operate import api_command, audit_app, db_app, doctor_command, keys_app, token_app, up_command, worker_command
from cli.people_commands import add_to as add_people
from cli.plain import App, Plain

app = App(cls=Plain, no_args_is_help=True, add_completion=False, help="回音:件件有着落,事事有回音。Complaints handled by the book.")
rules_app = typer.Typer(cls=Plain, no_args_is_help=True, help="制度:检查、证明、显示、公布。Rulebooks: check, prove, show, publish.")
office_app = typer.Typer(cls=Plain, no_args_is_help=True, help="机构文件。Office files.")
app.add_typer(rules_app, name="rules")
app.add_typer(office_app, name="office")
add_people(office_app)
app.add_typer(calendar_app, name="calendar")
for name, part in (("case", case_app), ("forms", forms_app), ("import", import_app), ("db", db_app), ("audit", audit_app), ("token", token_app), ("keys", keys_app), ("account", account_app)):
    app.add_typer(part, name=name)
for name, command in (("up", up_command), ("doctor", doctor_command), ("worker", worker_command), ("api", api_command)):
    app.command(name)(command)

add_life(rules_app)

BookArg = Annotated[str, typer.Argument(help="制度编号,省略则全部。Rulebook id; all if left out.")]


def _books(name: str) -> list[str]:
    from cli import library

    return [name] if name else library.books()


@contextmanager
def _readable() -> Iterator[None]:
    """A story or file that cannot be read is said by name, without a traceback."""
    from cli.library import LibraryError
    from domain.stories import StoryError

    try:
        yield
    except (LibraryError, StoryError) as wrong:
        raise _fail(str(wrong)) from None


def _fail(message: str) -> typer.Exit:
    typer.secho(message, err=True, fg="red")
    return typer.Exit(2)


@app.command()
def due(
    rulebook: Annotated[str, typer.Option(help="制度编号。Rulebook id.")],
    start: Annotated[str, typer.Option("--from", help="起算日,如 2026-09-30 或 '2026-09-30 10:20'。Start.")],
    set_: Annotated[list[str], typer.Option("--set", help="事项=值,可重复。fact=value, may be repeated.")] = [],  # noqa: B006 - typer reads it only
    term: Annotated[str, typer.Option(help="只看这一期限。Only this term.")] = "",
    office: Annotated[str, typer.Option(help="机构。Office.")] = "",
    svg: Annotated[str, typer.Option(help="写成 SVG 图。Write an SVG picture.")] = "",
    lang: Annotated[str, typer.Option(help="zh 或 en。zh or en.")] = "zh",
) -> None:
    """逐日数给你看:何时到期,为什么。Count a term day by day, with the days off and the clause."""
    from cli.due import run

    raise typer.Exit(run(rulebook, set_, start, term=term, office=office, svg=svg, lang=lang))


@app.command()
def simulate(
    story: Annotated[Path, typer.Argument(help="故事文件。Story file.")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON。Print JSON.")] = False,
    only: Annotated[str, typer.Option(help="只跑这一变体。Only this variant.")] = "",
) -> None:
    """不用引擎和数据库,走一遍故事。Run a story without engine or database."""
    from cli.library import LibraryError
    from cli.simulate import dumped, printed, simulate
    from domain.stories import StoryError

    try:
        runs = simulate(story, only)
    except (LibraryError, StoryError) as wrong:
        raise _fail(str(wrong)) from None
    typer.echo(dumped(runs) if as_json else "\n\n".join(printed(one, sys.stdout.isatty()) for one in runs))
    raise typer.Exit(0 if all(not one.failures for one in runs) else 1)


@app.command()
def why(
    story: Annotated[Path, typer.Argument(help="故事文件。Story file.")],
    term: Annotated[str, typer.Argument(help="期限,省略则全部。Term; all if left out.")] = "",
    lang: Annotated[str, typer.Option(help="zh 或 en。zh or en.")] = "zh",
) -> None:
    """每个日期为什么是这一天。Why each date of a story is that day."""
    from cli.why import explained

    try:
        typer.echo(explained(story, term, lang, sys.stdout.isatty()))
    except ValueError as wrong:
        raise _fail(str(wrong)) from None


@rules_app.command("check")
def rules_check(book: BookArg = "") -> None:
    """细心的读者会发现的毛病。What a careful reader would find wrong."""
    from cli import rules

    found = [line for name in _books(book) for line in rules.check(name)]
    for line in found:
        typer.secho(f"✗ {line}", fg="red")
    typer.echo(f"{'✗' if found else '✓'} {', '.join(_books(book))}: {len(found)} 处问题 findings")
    raise typer.Exit(1 if found else 0)


@rules_app.command("prove")
def rules_prove(book: BookArg = "", clause: Annotated[str, typer.Option(help="只证这一条。Only this clause.")] = "") -> None:
    """抽去一条,看哪个故事会变。Take a clause out and see which story changes."""
    from cli import rules

    missing = 0
    for name in _books(book):
        with _readable():
            proofs = rules.prove(name, clause)
        for ref, proof in proofs.items():
            missing += not proof
            typer.echo(f"{'✓' if proof else '✗'} {name} {ref}: {proof or '没有故事因此改变 / no story changes'}")
        typer.echo(f"{name}: {sum(map(bool, proofs.values()))}/{len(proofs)} 已证 proved")
    raise typer.Exit(1 if missing else 0)


@rules_app.command("coverage")
def rules_coverage(book: BookArg = "", prove: Annotated[bool, typer.Option(help="并逐条证明。Prove as well.")] = False) -> None:
    """每条的去处。Where each clause has gone."""
    from cli import rules

    rows = [rules.coverage(name, rules.prove(name) if prove else None) for name in _books(book)]
    for row in rows:
        typer.echo("  ".join(f"{key} {value}" for key, value in row.items()))
    total = {key: sum(row[key] for row in rows) for key in rows[0] if key != "book"}
    typer.echo("合计 total  " + "  ".join(f"{key} {value}" for key, value in total.items()))
    raise typer.Exit(1 if total["unaccounted"] else 0)


@rules_app.command("stories")
def rules_stories(book: BookArg = "", missing: Annotated[bool, typer.Option("--open", help="只列还没有故事的。Only what no story tells.")] = False) -> None:
    """每个期限、审批、延期、保密、拒绝由哪个故事讲,期限是否讲到国庆和春节。Which story tells each term (also across both holidays), approval, extension, secret and refusal."""
    from cli import story_across, story_cover

    total: dict[str, list[int]] = {}
    with _readable():
        for name in _books(book):
            typer.echo(name)
            for line in (*story_cover.lines(name, every=not missing), *story_across.lines(name, every=not missing)):
                typer.echo(f"  {line}")
            for table, (done, of) in {**story_cover.counts(name), **story_across.counts(name)}.items():
                total[table] = [total.get(table, [0, 0])[0] + done, total.get(table, [0, 0])[1] + of]
    typer.echo("合计 total  " + "  ".join(f"{table} {done}/{of}" for table, (done, of) in total.items()))
    raise typer.Exit(0 if all(done == of for done, of in total.values()) else 1)


@rules_app.command("show")
def rules_show(
    book: Annotated[str, typer.Argument(help="制度编号。Rulebook id.")],
    html: Annotated[Path | None, typer.Option(help="写成可打印、可签字的网页文件。Write a page to print and sign.")] = None,
) -> None:
    """像人读的那样打印制度。Print a book as a person reads it."""
    from cli import show
    from cli.library import LibraryError

    try:
        typer.echo(show.shown(book) if html is None else show.written(book, html))
    except (LibraryError, OSError) as wrong:
        raise _fail(str(wrong)) from None


@rules_app.command("new")
def rules_new(
    book: Annotated[str, typer.Argument(help="新制度的编号。Id of the new rulebook.")],
    title: Annotated[str, typer.Option(help="制度名称。Title of the text.")],
    office: Annotated[str, typer.Option(help="新样例机构的编号。Id of the new sample office.")],
) -> None:
    """起草新制度:制度、条款清单、机构、故事各一个样板。Begin a book: commented rulebook, clause list, office and story."""
    from cli import new_book

    try:
        typer.echo("\n".join(f"✓ {path}" for path in new_book.written(book, title, office)))
    except (new_book.NewBookError, OSError) as wrong:
        raise _fail(str(wrong)) from None


@rules_app.command("schema")
def rules_schema() -> None:
    """制度文件的 JSON Schema,供编辑器提示。JSON Schema of the rulebook file, for editors."""
    from cli.rules_schema import printed

    typer.echo(printed())


@office_app.command("check")
def office_check(office: Annotated[str, typer.Argument(help="机构或机构文件,省略则全部。Office or office file; all if left out.")] = "") -> None:
    """岗位、单位、联系人、替代人、期限是否齐备。Posts, units, contacts, substitutes and terms."""
    from cli import rules

    found = rules.check_offices(office)
    lines = [f"{name}: {line}" for name, one in found.items() for line in one]
    for line in lines:
        typer.secho(f"✗ {line}", fg="red")
    warned = [f"{name}: {line}" for name, one in rules.warn_offices(office).items() for line in one]
    for line in warned:
        typer.secho(f"! {line}", fg="yellow")
    typer.echo(f"{'✗' if lines else '✓'} {', '.join(found)}: {len(lines)} 处问题 findings, {len(warned)} 处提醒 warnings")
    raise typer.Exit(1 if lines else 0)


@office_app.command("unsent")
def office_unsent(
    office: Annotated[str, typer.Argument(help="机构,省略则全部。Office; all if left out.")] = "",
    again: Annotated[bool, typer.Option("--again", help="现在就重发。Try them now.")] = False,
) -> None:
    """未送达的通知:谁的、哪个地址、何时再发。Notices that do not arrive: whose, which address, when next."""
    import asyncio

    from cli.place import plainly, settings
    from cli.unsent import printed, unsent

    with plainly():
        rows = asyncio.run(unsent(settings().database, office, again=again))
    typer.echo(printed(rows))
    raise typer.Exit(1 if rows else 0)


@app.command()
def stories(rulebook: Annotated[str, typer.Argument(help="制度编号。Rulebook id.")] = "") -> None:
    """跑全部故事并与人工预期核对。Run all stories against their hand-written expectations."""
    from cli import library
    from domain.stories import run

    bad = 0
    with _readable():
        for _, story in (*library.stories(rulebook), *library.boundaries(rulebook)):
            out = run(story, library.law(story["rulebook"], story["office"]))
            bad += bool(out.failures)
            typer.echo(f"{'✗' if out.failures else '✓'} {out.id}  {out.title}  ({out.checks})")
            for failure in out.failures:
                typer.secho(f"    {failure}", fg="red")
    typer.echo(f"{bad} 个不符 differ")
    raise typer.Exit(1 if bad else 0)


@app.command()
def demo(
    core: Annotated[bool, typer.Option("--core", help="只用核心,不要引擎。The core alone, no engine.")] = False,
    only: Annotated[str, typer.Option(help="只在引擎上走名字以此开头的故事。On the engine, only stories whose name begins so.")] = "",
) -> None:
    """演示:故事由核心、再由引擎走一遍,并走二十条路径。Stories by the core, then on the engine; then twenty named paths."""
    from cli.demo.walk import demo as walk

    raise typer.Exit(walk(core_only=core, only=only))


@app.command()
def codes(lang: Annotated[str, typer.Option(help="zh 或 en。zh or en.")] = "zh") -> None:
    """全部拒绝代码。All refusal codes."""
    from domain.codes import CODES

    table: dict[str, Any] = {code: (row.zh if lang == "zh" else row.en) for code, row in CODES.items()}
    typer.echo(json.dumps(table, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    app()
