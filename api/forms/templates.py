"""Which template a form is printed from: the office's own where it has put one, else ours; each is tried whole before it is used."""

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.forms import sheet, word
from api.forms.fields import FIELDS, sample
from api.forms.registry import FORMS
from api.forms.word import Unfit

FOLDER = "forms"
WIDE = re.compile(r"[｛｝]|%\s*｝|｛\s*%")
LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|%\}")


@dataclass(frozen=True)
class Template:
    """One template: its content, the office's file where it is theirs, and what is wrong with it."""

    content: bytes
    file: str = ""
    wrong: tuple[Unfit, ...] = ()


@dataclass
class Templates:
    """The templates known to this process; an office's file is read and tried anew when it changes."""

    known: dict[Path, tuple[tuple[int, int], Template]] = field(default_factory=dict)

    def of(self, folder: Path | None, office: str, form: str, *, standard: bool = False) -> Template:
        """The office's own file, one for all offices of the installation, or ours."""
        for path in [] if standard or folder is None else _places(folder, office, form):
            try:
                about = path.stat()
            except OSError:
                continue
            return self._read(path, (about.st_mtime_ns, about.st_size))
        return Template(sheet.template(form))

    def _read(self, path: Path, stamp: tuple[int, int]) -> Template:
        known = self.known.get(path)
        if known is None or known[0] != stamp:
            name = "/".join(path.parts[-2:] if path.parent.name != FOLDER else path.parts[-1:])
            try:
                content = path.read_bytes()
                found = Template(content, name, tuple(problems(content)))
            except OSError as wrong:
                found = Template(b"", name, (Unfit(f"不能读取（{type(wrong).__name__}），请检查文件权限", f"it cannot be read ({type(wrong).__name__}): look at its permissions"),))
            known = self.known[path] = (stamp, found)
        return known[1]


def _places(folder: Path, office: str, form: str) -> list[Path]:
    own = [folder / FOLDER / office / f"{form}.docx"] if office and Path(office).name == office else []
    return [*own, folder / FOLDER / f"{form}.docx"]


def problems(content: bytes) -> list[Unfit]:
    """What keeps a template from being used: unreadable, unknown fields, wrong signs, nothing to fill; [] where it is sound."""
    try:
        used = word.fields_of(content)
    except Unfit as wrong:
        return [wrong]
    unknown = sorted(used - set(FIELDS))
    found = [_unknown(name) for name in unknown]
    if WIDE.search(word.text_of(content)):
        found.append(Unfit("用了全角花括号，请改为半角 {{ }}", "full-width braces: write {{ }} in half width"))
    if not used:
        found.append(Unfit("没有任何字段，每一件都会印成一样的空表", "no field at all: it would print the same empty form for every case"))
    for full in (True, False) if not unknown else ():
        found += _tried(content, sample(full=full))
    return list({one.zh: one for one in found}.values())


def _tried(content: bytes, values: dict[str, Any]) -> list[Unfit]:
    try:
        done = word.filled(content, values)
    except Unfit as wrong:
        return [wrong]
    return [Unfit("花括号没有成对，填写后仍有残留", "braces are not in pairs: some are left after filling")] if LEFT_OVER.search(word.text_of(done)) else []


def _unknown(name: str) -> Unfit:
    near = difflib.get_close_matches(name, FIELDS, 3, 0.3)
    listed = "、".join(near)
    zh, en = (f"，是否为：{listed}", f", near: {listed}") if near else ("", "")
    return Unfit(f"没有字段“{name}”{zh}；字段表见 docs/zh/forms.md", f"no field “{name}”{en}; all fields: docs/forms.md")


def exported(target: Path, office: str = "") -> list[Path]:
    """Write our templates where somebody can edit them; a file that is there already is left as it is and raises FileExistsError."""
    folder = target / office if office else target
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in FORMS:
        path = folder / f"{form}.docx"
        with path.open("xb") as file:
            file.write(sheet.template(form))
        written.append(path)
    return written
