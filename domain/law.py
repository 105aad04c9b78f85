"""Law by value: a rulebook, an office and calendars, bound together; this travels in each case's start input (design, section 1)."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from domain.case import Case
from domain.ledger_watch import Watch, watch_of
from domain.workdays import Calendar, parse_calendar, parse_year

T = TypeVar("T")
PROSE = frozenset({"zh", "en", "reading", "title", "remark"})
NAMED = (
    "param", "post", "unit_kind", "kind", "channel", "source", "fact", "form", "admit", "term", "limits", "extend", "urge", "chain", "gate",
    "recuse", "first", "duty", "finding", "check", "answer", "secret", "hold", "order", "trigger", "measure", "publish", "report", "incident",
    "notice", "serve", "again", "roster", "counter", "recur", "kpi", "draw", "body",
)  # fmt: skip
SINGLE = ("book", "flow", "rank", "route", "assign", "satisfy", "supervise", "archive")


@dataclass(frozen=True)
class Law:
    """What binds one case: the book with the office's terms and policies merged in, the office, the calendar."""

    book: dict[str, Any]
    office: dict[str, Any]
    calendars: tuple[dict[str, Any], ...]
    calendar: Calendar
    scale: tuple[str, ...] = field(default=())
    watch: Watch = field(default=Watch())
    ends: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # kept by `limits.deadline`, a pure function of these
    sorted: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # rows by what asks for them, see `once`

    def table(self, name: str) -> dict[str, Any]:
        """Named rows of one mechanism, {} where the book has none."""
        return self.book.get(name) or {}

    def row(self, name: str, key: str) -> dict[str, Any]:
        """One named row, {} where missing."""
        table = self.book.get(name)
        return (table.get(key) if table else None) or {}

    def once(self, key: Any, make: Callable[["Law"], T]) -> T:
        """What `make` reads off these rows, read once: which of them an act, a mark or a post asks for."""
        try:
            found: T = self.sorted[key]
        except KeyError:
            found = self.sorted[key] = make(self)
        return found

    def heeds(self, event: str) -> bool:
        """Whether any row of the book names this event, by itself, with a subject, or as a fact."""
        return self.once(("heeds", event), lambda law: any(word.removeprefix("event.").split(":")[0] == event for word in _words(law.book)))

    def flow(self, step: str, default: str) -> str:
        """How a step passes: 'auto', 'act', or the moment named."""
        return str(self.table("flow").get(step, default))


def bind(book: Mapping[str, Any], office: Mapping[str, Any], calendars: list[dict[str, Any]]) -> Law:
    """Merge an office's params, vague words and policy rows into a book; the inputs stay as they are."""
    merged = {name: dict(part) if isinstance(part, Mapping) else part for name, part in book.items()}
    for mechanism, rows in (office.get("policy") or {}).items():
        merged[mechanism] = {**merged.get(mechanism, {}), **{key: {**row, "office": True} for key, row in rows.items()}}
    known = merged.get("param") or {}  # what the book does not leave open nobody can set
    for key in known.keys() & (office.get("param") or {}).keys():
        merged["param"][key] = {**known[key], "value": office["param"][key]}
    core = office.get("office", {})
    years = tuple(parse_year(year).dump() for year in calendars)
    hours = {"opens": core["opens"], "closes": core["closes"]} if core.get("business_hours") else {}
    calendar = parse_calendar(years).with_office(core.get("closed", ()), core.get("opened", ()), hours)
    scale = tuple((merged.get("rank") or {}).get("scale", ()))
    return Law(merged, dict(office), years, calendar, scale, watch_of(merged))


def law_value(law: Law) -> dict[str, Any]:
    """The law as JSON without prose; equal laws give equal text."""
    return {"book": bare(law.book), "office": bare(law.office), "calendars": list(law.calendars)}


def law_load(value: Mapping[str, Any]) -> Law:
    """The law that `law_value` wrote; policies and params are merged again, which changes nothing."""
    return bind(value["book"], value["office"], list(value["calendars"]))


def law_text(value: Mapping[str, Any]) -> str:
    """The one text of a law by value that is kept and hashed; rows stay in the order of the book, which means something."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_hash(text: str) -> str:
    """SHA-256 (hex) of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def law_hash(law: Law) -> str:
    """SHA-256 (hex) of the law by value: what a case is bound to."""
    return value_hash(law_value(law))


def value_hash(value: Mapping[str, Any]) -> str:
    """The same of a law that is a value already, as a start input carries it."""
    return text_hash(law_text(value))


def law_words(law: Law) -> str:
    """The law with its prose, as text: what people read; its lean form is `law_value`."""
    return law_text({"book": law.book, "office": law.office, "calendars": list(law.calendars)})


def bare(value: Any) -> Any:
    """A part of a law without its prose."""
    if isinstance(value, Mapping):
        return {k: bare(v) for k, v in value.items() if k not in PROSE or isinstance(v, Mapping)}
    if isinstance(value, (list, tuple)):
        return [bare(v) for v in value]
    return value


def _words(value: Any) -> Iterator[str]:
    """Every text of a book, and every key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _words(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _words(part)


def current(law: Law, case: Case) -> Law:
    """The law with the revisions that the case has recorded: new calendar years, a changed office, changed people (design, section 2)."""
    revisions = case.sections["revisions"]
    if not revisions:
        return law
    years, office, people = (revisions.get(what) for what in ("calendar", "office", "people"))
    if not years and not office and not people:
        return law
    memo = case.memo
    if isinstance(memo, Revised) and memo.law is law and memo.years is years and memo.office is office and memo.people is people:
        return memo.revised
    memo = case.memo = Revised(law, years, office, people, _revised(law, years, office, people))
    return memo.revised


@dataclass(frozen=True, slots=True)
class Revised:
    """A law as a case has revised it, and what it was made of: values of a case are replaced, never changed in place."""

    law: Law
    years: Any
    office: Any
    people: Any
    revised: Law


def _revised(law: Law, years: Any, office: Any, people: Any) -> Law:
    known = {row["year"]: row for row in law.calendars} | {row["year"]: row for row in years or ()}
    return bind(law.book, {**(office or law.office), **(people or {})}, [known[y] for y in sorted(known)])
