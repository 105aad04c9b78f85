"""What `huiyin doctor` says about templates: an office's own Word forms, each tried whole, and the texts of notices."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jinja2

from activities.mailing import TEMPLATES, Texts
from api.forms.registry import FORMS
from api.forms.templates import FOLDER, problems
from cli import library
from engine.findings import Finding, fail, ok, warn
from workflows.place import Place

ITEM, NOTICES = "templates", "notices"
REMEDY = "改好后 huiyin forms check 再放回;修好之前可选标准表样", "mend it, try it with `huiyin forms check`; until then the standard form can be drawn up"


def templates(here: Place, offices: Iterable[str]) -> list[Finding]:
    """The findings; changes nothing, never raises on what is broken."""
    own = here.templates / FOLDER
    paths = sorted(own.rglob("*.docx")) if own.is_dir() else []
    found = [one for path in paths for one in _form(path, own, set(offices))]
    said = [ok(ITEM, f"自备表样 {len(paths)} 份,都能用", f"{len(paths)} templates of offices' own, all of them fit")] if paths and not found else found
    return [*said, *notices(TEMPLATES, {str(path.stem) for path in library.BOOKS.glob("*.toml")})]


def _form(path: Path, own: Path, offices: set[str]) -> Iterator[Finding]:
    name, parts = str(path.relative_to(own)), path.relative_to(own).parts
    if path.stem not in FORMS or len(parts) > 2 or (len(parts) == 2 and parts[0] not in offices):
        why = ("不是任何表的编号", "is no form's name") if path.stem not in FORMS else ("不在机构的文件夹中", "lies in no office's folder")
        yield warn(ITEM, f"表样 {name} 不会被用到:{why[0]}", f"the template {name} is never used: it {why[1]}", f"改名或移走;编号:{', '.join(FORMS)}", "rename it, or move it away")
    try:
        wrong = [(one.zh, one.en) for one in problems(path.read_bytes())]
    except OSError as broken:
        wrong = [(f"不能读取({type(broken).__name__})", f"cannot be read ({type(broken).__name__})")]
    for zh, en in wrong:
        yield warn(ITEM, f"表样 {name} 不能用:{zh}", f"the template {name} cannot be used: {en}", *REMEDY)


def notices(folder: Path, books: set[str]) -> list[Finding]:
    """Every text of a notice, tried with and without what a notice may lack; one that cannot be written would never be sent."""
    found, texts = list[Finding](), Texts(base="https://example.invalid")
    texts.jinja.loader = jinja2.FileSystemLoader(folder)
    for path in sorted(folder.rglob("*.j2")):
        name, parts = path.relative_to(folder).as_posix(), path.relative_to(folder).parts
        if len(parts) == 2 and parts[0] not in books:
            found.append(warn(NOTICES, f"通知文本 {name} 不会被用到:没有制度 {parts[0]}", f"the text {name} is never used: there is no rulebook {parts[0]}", "改文件夹名为制度编号", "name the folder as the rulebook"))
        try:
            template = texts.jinja.get_template(name)
            for values in (_digests() if name == "digest.txt.j2" else _samples(path.name)):
                if not path.name.startswith("_") and not template.render(values).partition("\n")[0].strip():
                    raise jinja2.TemplateError("no subject")
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, OSError) as wrong:
            why = f"{type(wrong).__name__}: {wrong}"[:200]
            found.append(fail(NOTICES, f"通知文本 {name} 写不成,这种通知发不出去({why})", f"the text {name} cannot be written: such notices are never sent", "改正该文件;变量见 templates/notices/default.txt.j2", "mend that file; its names are those of default.txt.j2"))
    return found


def _samples(file: str) -> Iterator[Mapping[str, Any]]:
    """A notice with and without a number, a date, a clause, an address to read on, of a case and of a ledger."""
    form = file.partition(".")[0]
    for number, day, clause, link, ledger in itertools.product(("2026-1", ""), (date(2026, 11, 25).isoformat(), ""), (["一"], []), ("https://example.invalid/inbox", ""), (False, True)):
        yield {"book": "book", "form": form, "zh": "通知", "en": "notice", "register_no": number, "due_day": day, "ledger": ledger, "period": "2026-Q4" if ledger else "", "clause": clause, "mine": True, "link": link}


def _digests() -> Iterator[Mapping[str, Any]]:
    every = list(_samples("notice.txt.j2"))
    return iter(({"items": every, "link": "https://example.invalid/home"}, {"items": every[:1], "link": ""}))
