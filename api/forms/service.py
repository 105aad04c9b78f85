"""A form drawn up for a reader: from their view alone, the identity only with a reason and only where the view holds it, every print logged before it is made."""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request

from api import words
from api.dates import counts
from api.errors import Problem
from api.forms import sheet, word
from api.forms.case_values import Told, case_values
from api.forms.chinese import fit, text
from api.forms.fields import FIELDS
from api.forms.lists import lists
from api.forms.names import Names
from api.forms.registry import FORMS, Form, book_forms, refusal, title
from api.forms.templates import Template, Templates
from api.gateway import now
from api.identity import Caller
from api.keyring import Keyring
from api.office import Seen, parts
from api.sealed import log, unsealed
from domain.core import answers, current

TEMPLATES = Templates()


async def rendered(request: Request, seen: Seen, form: str, *, identity: bool = False, reason: str = "", standard: bool = False) -> bytes:
    """One form as a Word file; raises Problem form_unknown, form_not_now, secret, reason_missing, form_template_broken."""
    here = parts(request)
    about = FORMS.get(form)
    if about is None:
        raise Problem("form_unknown", detail=list(FORMS))
    why = refusal(seen, about)
    if why is not None:
        raise Problem("form_not_now", detail=why._asdict())
    template = await asyncio.to_thread(TEMPLATES.of, here.templates, seen.case.office, form, standard=standard)
    who = Caller(seen.reader.person, seen.case.office)
    opened = None
    if identity:
        if not seen.shown.get("identity"):
            raise Problem("secret")
        if len(reason.strip()) < 2:
            raise Problem("reason_missing", detail=["reason"])
        await log(here, who, "identity", seen.case.id, reason)
        opened = unsealed(here, seen.shown)
    await log(here, who, f"form:{form}", seen.case.id, reason)
    return await asyncio.to_thread(made, here.keys, seen, about, template, now(), opened)


def made(keys: Keyring, seen: Seen, form: Form, template: Template, at: datetime, opened: Mapping[str, Any] | None = None) -> bytes:
    """The form's content and its Word file; raises Problem form_template_broken naming the file and what is wrong with it."""
    called = title(seen, form)
    try:
        if template.wrong:
            raise template.wrong[0]
        return word.filled(template.content, values(keys, seen, form, at, opened), called, str(seen.law.office.get("office", {}).get("zh", "")), at)
    except word.Unfit as wrong:
        found = [{"zh": one.zh, "en": one.en} for one in (template.wrong or (wrong,))]
        raise Problem("form_template_broken", detail={"file": template.file or f"{form.id}.docx", "wrong": found}) from None


def values(keys: Keyring, seen: Seen, form: Form, at: datetime, opened: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every field of `FIELDS` for this reader, safe to stand in a Word file."""
    told = heard(keys, seen, at, opened)
    raw = {**case_values(told), **lists(told), "表名": title(seen, form), "本制度栏目": _columns(told, seen, form)}
    raw["事项"] = [row for row in raw["事项"] if row["名称"] not in sheet.labels(form.id)]
    raw["卷内件数"] = f"{len(raw['卷内目录'])}件"
    return {name: [{column: fit(row[column]) for column in field.columns} for row in raw[name]] if field.columns else fit(raw[name]) for name, field in FIELDS.items()}


def heard(keys: Keyring, seen: Seen, at: datetime, opened: Mapping[str, Any] | None = None) -> Told:
    """What the reader knows, words opened; clocks counted by the core, and only those that the view holds."""
    law = current(seen.law, seen.case)
    shown, known = words.opened(keys, seen.shown), {clock["key"] for clock in seen.shown.get("clocks", ())}
    given = words.opened(keys, answers(seen.events)) if seen.reader.person == "complainant" else []
    forms: Mapping[str, Any] = shown.get("forms", {})
    cells: dict[str, Any] = {}
    for name, columns in forms.items():
        for column, value in columns.items():
            cells.setdefault(str(law.row("form", name).get("columns", {}).get(column, {}).get("zh", column)), value)
    return Told(
        shown, words.opened(keys, seen.told()), [one for one in counts(seen.case, seen.law) if one["key"] in known], given, Names(law), seen.reader.person, at, opened, cells
    )  # fmt: skip


def _columns(told: Told, seen: Seen, form: Form) -> list[dict[str, str]]:
    """The columns of the book's own form of this paper that the sheet has no place for; empty ones too, for the pen."""
    if "forms" not in told.shown:
        return []
    printed = sheet.labels(form.id)
    rows = []
    for name, row in book_forms(seen, form):
        held = told.shown["forms"].get(name, {})
        for column, about in row.get("columns", {}).items():
            label = str(about.get("zh", column))
            if label not in printed and about.get("from") != "identity":
                rows.append({"名称": label, "内容": told.worded(held.get(column)) if held.get(column) != "sealed" else "（已封存）"})
    return rows


def filename(seen: Seen, form: str) -> str:
    """A name for the file: the register number and the form, nothing personal."""
    number = re.sub(r"[^0-9A-Za-z]+", "-", text(seen.shown.get("register_no"))).strip("-")
    return f"{form}{f'-{number}' if number else ''}.docx"


__all__ = ["FORMS", "Templates", "filename", "heard", "made", "rendered", "values"]
