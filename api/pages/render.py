"""Pages from templates: one environment a language, the words of a catalogue, names of people and units from the office file."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from babel.messages.pofile import read_po
from fastapi import Request
from fastapi.responses import HTMLResponse
from heroicons.jinja import heroicon_outline
from markupsafe import Markup

from api.errors import Problem, body_of
from api.gateway import now
from api.pages import dates, labels
from api.pages.menu import menu
from api.pages.visitor import Visitor, language
from cli.library import ROOT
from domain.acts import ACTS, SEALED
from domain.core import Law

TEMPLATES, STATIC, LOCALE = ROOT / "templates" / "pages", ROOT / "static", ROOT / "locale"


def page(request: Request, template: str, who: Visitor | None = None, *, status: int = 200, law: Law | None = None, headers: Mapping[str, str] | None = None, **values: Any) -> HTMLResponse:
    """A page as an answer. `law` = whose names are meant where it is not the visitor's own office's."""
    lang = who.lang if who is not None else language(request)
    bound = law or (who.law if who is not None else None)
    text = environment(lang).get_template(template).render(
        who=who, lang=lang, posted=request.method == "POST", path=request.url.path, here=str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""), demo=bool(request.headers.get("x-huiyin-demo")) or getattr(request.app.state, "demo", False),
        now=now(), law=bound, names=Names(bound, lang), **values,
    )  # fmt: skip
    return HTMLResponse(text, status, dict(headers or {}))


def problem_page(request: Request, problem: Problem, who: Visitor | None = None) -> HTMLResponse:
    """A refusal as a page: what happened, what to do, the clause."""
    return page(request, "problem.html", who, status=problem.status, headers=problem.headers, problem=body_of(problem))


PEOPLE = frozenset({"unit", "person", "lead", "other_unit", "handler", "to", "by", "for_person", "support", "liaison", "custodian"})
ROWS = {"duty": "duty", "channel": "channel", "kind": "kind", "source": "source", "form": "form", "term": "term", "chain": "chain", "measure": "measure", "order": "order", "finding": "finding", "ground": "admit", "way": "again"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
SCALES = {"reason": ("supervise", "reasons"), "mode": ("supervise", "modes"), "satisfaction": ("satisfy", "scale")}  # what a book names inside a table of its own
WORDS = {"decision": labels.DECISIONS, "why": labels.WHYS, "relation": labels.RELATIONS, "mode": labels.MODES, "medium": labels.MODES, "signature": labels.SIGNATURES, "what": labels.REVISIONS}


class Names:
    """The names of people, units and a book's rows in the reader's language; an id that nobody knows stays as it is."""

    def __init__(self, law: Law | None, lang: str) -> None:
        self.law, self.lang = law, lang

    def one(self, who: Any) -> str:
        """A person or a unit."""
        text = str(who or "")
        if text in ("complainant", "public"):
            return "complainant" if self.lang == "en" else "投诉人"
        if text == "system":
            return "system" if self.lang == "en" else "系统"
        office = self.law.office if self.law is not None else {}
        if text.startswith("unit:"):
            return self.unit(text.removeprefix("unit:"))
        row = office.get("person", {}).get(text)
        return str(row.get("name", text)) if row else self.unit(text)

    def unit(self, unit: Any) -> str:
        """A unit of the office file."""
        row = (self.law.office if self.law is not None else {}).get("unit", {}).get(str(unit or ""), {})
        return self.word(row) or str(unit or "")

    def standing(self, person: str, side: str = "for") -> list[dict[str, Any]]:
        """Who acts for a person today; with side 'by', for whom they act."""
        today = now().date().isoformat()
        rows = self.law.office.get("substitute", ()) if self.law is not None else ()
        return [dict(row) for row in rows if row[side] == person and row.get("from", "0") <= today <= row.get("until", "9")]

    def row(self, table: str, key: Any) -> str:
        """A row of the book."""
        row = self.law.table(table).get(str(key or ""), {}) if self.law is not None else {}
        return (self.word(row) if isinstance(row, Mapping) else "") or str(key or "")

    def option(self, fact: str, value: Any) -> str:
        """The value of a fact, as the book names it."""
        if isinstance(value, list):
            return "、".join(self.option(fact, one) for one in value)
        if isinstance(value, bool):
            return {("zh", True): "是", ("zh", False): "否", ("en", True): "yes", ("en", False): "no"}[self.lang, value]
        row = self.law.row("fact", fact) if self.law is not None else {}
        known = row.get("options", {}).get(value) if isinstance(value, str) else None
        if known is not None:
            return self.word(known) or str(value)
        if row.get("is") in ("unit", "person"):
            return self.one(value)
        return str(value)

    def word(self, row: Mapping[str, Any]) -> str:
        """The row's name in the reader's language, the Chinese where it has no other."""
        return str((row.get("en") if self.lang == "en" else "") or row.get("zh") or row.get("name") or "")

    def value(self, field: str, value: Any) -> str:
        """What somebody put into a field of an act, as people say it."""
        text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
        if field in PEOPLE:
            return "、".join(self.one(one) for one in (value if isinstance(value, list) else [value]))
        if field in ROWS:
            return self.row(ROWS[field], text.partition("#")[0])  # a duty of one of several assignments
        table, part = SCALES.get(field, ("", ""))
        named = ((self.law.table(table) if self.law is not None and table else {}).get(part) or {}).get(text)
        if named is not None:
            return (self.word(named) or text) if isinstance(named, Mapping) else str(named)
        known = WORDS.get(field, {})
        return labels.of(known, text, self.lang) if text in known else text

    def column(self, value: Any) -> str:
        """What stands in a column of a book's form: what is sealed stays so, an instant and an id as people say them."""
        if isinstance(value, Mapping):
            return f"{'not given' if self.lang == 'en' else '未提供'}: {value.get('not_given', '')}"
        if isinstance(value, list):
            return "、".join(self.column(one) for one in value)
        text = str(value)
        if text.startswith(SEALED):
            return "sealed" if self.lang == "en" else "已封存"
        return dates.instant_words(text, self.lang) if INSTANT.fullmatch(text) else self.one(text)

    def need(self, what: str) -> str:
        """What a refusal asks for: 'fact:x', 'form:x', 'event:x', 'approved:x', 'done:x', a field, a duty."""
        kind, _, key = what.partition(":")
        table = {"fact": "fact", "form": "form", "approved": "chain", "done": "duty"}.get(kind)
        if key and table:
            return self.row(table, key)
        if key:
            return self.event(key) if kind == "event" else self.field(key)
        known = next((self.row(one, what) for one in ("fact", "form", "duty", "chain") if self.law is not None and what in self.law.table(one)), "")
        return self.field(what) if what in labels.FIELDS else known or self.event(what)

    def notice(self, form: str) -> str:
        """A notice: a document of the book, a duty or a rule of its ledger, an event or an act."""
        table = next((name for name in ("form", "recur", "trigger") if self.law is not None and form in self.law.table(name)), "")
        if table:
            return self.row(table, form)
        return self.event(form) if form in labels.EVENTS else self.act(form) if form in ACTS else labels.of(labels.NOTICES, form, self.lang)

    def phase(self, key: str) -> str:
        """A phase."""
        return labels.of(labels.PHASES, str(key or ""), self.lang)

    def role(self, key: str) -> str:
        """A role."""
        return labels.of(labels.ROLES, key, self.lang)

    def event(self, key: str) -> str:
        """An event."""
        return labels.of(labels.EVENTS, key, self.lang)

    def act(self, key: str) -> str:
        """An act."""
        known = ACTS.get(key)
        return (known.en if self.lang == "en" else known.zh) if known else key

    def field(self, key: str) -> str:
        """A field of an act."""
        return labels.of(labels.FIELDS, key, self.lang)

    def content(self, key: str) -> str:
        """A thing that an answer must say, as the book names it."""
        rows = self.law.table("answer").values() if self.law is not None else ()
        known: Any = next((row["contents"][key] for row in rows if isinstance(row.get("contents"), Mapping) and key in row["contents"]), {})
        return (self.word(known) if isinstance(known, Mapping) else str(known)) or self.field(key)

    def left(self, due_day: Any) -> str:
        """How many working days a date is away."""
        return dates.left_words(due_day, self.law, self.lang) if self.law is not None else ""

    def urgency(self, due_day: Any) -> str:
        """How near a date is."""
        return dates.urgency(due_day, self.law) if self.law is not None else "none"


@lru_cache(maxsize=4)
def environment(lang: str) -> jinja2.Environment:
    """The templates of a language."""
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"])
    words = catalogue(lang)
    install: Callable[..., None] = made.install_gettext_callables  # type: ignore[attr-defined]
    install(lambda text: words.get(text, text), lambda one, many, n: words.get(one, one) if n == 1 else words.get(many, many), newstyle=True)
    made.globals |= {"icon": _icon, "asset": asset, "menu": menu, "tt": lambda zh, en: en if lang == "en" and en else zh}
    made.filters |= {
        "day": lambda value: dates.day_words(value, lang), "when": lambda value: dates.instant_words(value, lang), "short": dates.short_words,
        "clauses": lambda refs: "、".join(refs or ()),
    }  # fmt: skip
    return made


@lru_cache(maxsize=4)
def catalogue(lang: str) -> dict[str, str]:
    """The words of a language other than Chinese, by the Chinese; {} for Chinese itself."""
    words: dict[str, str] = {}
    for file in sorted((LOCALE / lang / "LC_MESSAGES").glob("*.po")):  # one for each part of the pages
        with file.open("rb") as raw:
            words |= {str(one.id): str(one.string) for one in read_po(raw) if one.id and one.string}
    return words


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """The address of a file in static/, with the digest of its content: it may be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


@lru_cache(maxsize=256)
def _icon(name: str, size: int = 20) -> Markup:
    return Markup(heroicon_outline(name, size=size))  # noqa: S704 - drawn by the package, not by a reader


def files_of_pages() -> list[Path]:
    """Every template: for the test that looks whether each word has its English."""
    return sorted(TEMPLATES.rglob("*.html"))
