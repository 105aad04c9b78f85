"""Stories told by the core alone, seen by a reader, and forms drawn up of them and read back as a person reads them."""

from __future__ import annotations

import copy
import io
import tempfile
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from docx import Document

from api import sealing, words
from api.forms.registry import FORMS
from api.forms.service import made
from api.forms.templates import Template, Templates
from api.keyring import Keyring
from api.office import Seen
from cli import library
from domain.core import Reader, reader_of, view
from domain.stories import run
from domain.workdays import ZONE

NUMBER = "示效投〔2025〕0001号"
AT = datetime(2025, 10, 15, 9, 30, tzinfo=ZONE)
WHO = {"name": "密·欧阳投诉", "telephone": "13912345678", "work_unit": "密·纺织厂", "occupation": "密·挡车工", "address": "密·桃花巷7号", "id_number": "110101199003070011"}
TEXT = "密·我等了两个小时。\n当天穿红衣的就是我。"
SECRETS = (*WHO.values(), "密·我等了两个小时", "红衣")
TEMPLATES = Templates()


@cache
def keys() -> Keyring:
    """Keys of an installation of the tests' own."""
    return Keyring.load(Path(tempfile.mkdtemp(prefix="forms-")))


def seen(story: str, person: str, acts: int = 99, **filed: Any) -> Seen:
    """A story up to an act, with a sealed identity and sealed words of the complainant, before a reader; raises KeyError where they may not know of it."""
    told = next(copy.deepcopy(one) for _, one in library.stories() if one["story"] == story)
    told["act"], told["expect"] = told["act"][:acts], []
    first, office = told["act"][0], told["office"]
    year = int(first["at"].split()[1][:4])
    for act in told["act"]:
        act["with"] = words.sealed(keys(), office, year, act["do"], act.get("with", {}))
    first["with"] |= {"identity": sealing.seal(keys(), office, year, {"identity": WHO, "text": TEXT}), **filed}
    law = library.law(told["rulebook"], office)
    out = run(told, law)
    if out.case.register_no:
        out.case.sections["attrs"]["register_no"] = NUMBER
    one = Reader("complainant") if person == "complainant" else reader_of(person, law)
    shown = view(out.case, one, law)
    if shown is None:
        raise KeyError(person)
    return Seen(out.case, out.events, law, one, shown)


def opened(found: Seen) -> dict[str, Any]:
    """The identity of the view, opened."""
    return sealing.unseal(keys(), str(found.shown["identity"]))


def drawn(found: Seen, form: str, *, identity: bool = False, template: Template | None = None) -> bytes:
    """One form as a Word file."""
    return made(keys(), found, FORMS[form], template or TEMPLATES.of(None, found.case.office, form), AT, opened(found) if identity else None)


def rows(content: bytes) -> list[list[str]]:
    """The cells of all tables, a merged cell once."""
    found = []
    for table in Document(io.BytesIO(content)).tables:
        for row in table.rows:
            cells = {cell._tc: cell.text.strip() for cell in row.cells}
            found.append(list(cells.values()))
    return found


def cells(content: bytes) -> dict[str, str]:
    """What stands beside each label."""
    found: dict[str, str] = {}
    for row in rows(content):
        for label, value in zip(row[::2], row[1::2], strict=False):
            found.setdefault(label.replace("\n", ""), value)
    return found


def lines(content: bytes) -> str:
    """The paragraphs outside tables, headers and footers too."""
    word = Document(io.BytesIO(content))
    foot = [one.text for one in word.sections[0].footer.paragraphs]
    return "\n".join([one.text for one in word.paragraphs] + foot)


def everything(content: bytes) -> str:
    """All text of a Word file, wherever it stands."""
    return lines(content) + "\n" + "\n".join("\n".join(row) for row in rows(content))
