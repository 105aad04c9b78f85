"""What somebody asks of the register: filters, order and words, read from the parameters of an address or of a saved view. Strict: a misspelt filter never answers everything."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from api.errors import Problem
from api.queries_lists import FILTERS, ORDERS
from domain.core import Law
from domain.workdays import ZONE

MOST = 50  # characters of a filter's value, as migration 0010 cuts the columns
WORDS = 100
FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
SOON = 3  # working days within which a deadline is near
DEADLINES = ("overdue", "soon", "later", "none")
FACT = "fact."
PARAMETERS = (*(name for name, row in FILTERS.items() if row.kind not in ("none", "facts")), "deadline", "order", "q")


@dataclass(frozen=True)
class Wanted:
    """Filters as `queries_lists.FILTERS` takes them, the order, and words to look for."""

    filters: dict[str, Any] = field(default_factory=dict)
    order: str = "newest"
    words: str = ""


def parse(law: Law, person: str, today: date, given: Mapping[str, str]) -> Wanted:
    """What is asked, under the law of the office; raises Problem body_invalid with the field and what it may be."""
    filters: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for name, text in given.items():
        if text == "" or name in ("order", "q"):
            continue
        if name.startswith(FACT):
            facts[name.removeprefix(FACT)] = _fact(law, name.removeprefix(FACT), text)
        elif name == "deadline":
            filters |= deadline(law, today, text)
        elif name in PARAMETERS:
            filters[name] = _value(name, FILTERS[name].kind, person, text)
        else:
            raise _wrong(name, [*PARAMETERS, FACT + "…"])
    if "deadline" in given and given["deadline"] and {"overdue", "due_to", "due_from", "dated"} & set(given):
        raise _wrong("deadline", "not beside overdue or due_…")
    if facts:
        filters["facts"] = json.dumps(facts, ensure_ascii=False)
    order, words = given.get("order") or "newest", (given.get("q") or "").strip()
    if order not in ORDERS:
        raise _wrong("order", list(ORDERS))
    if len(words) > WORDS:
        raise _wrong("q", f"at most {WORDS} characters")
    if words and order != "newest":
        raise _wrong("order", "hits are listed newest first")
    return Wanted(filters, order, words)


def soon(law: Law, today: date) -> date:
    """The last day of those that are near: the core's working days, make-up days and the office's own days among them."""
    return date.fromordinal(law.calendar.step(today.toordinal(), SOON))


def deadline(law: Law, today: date, group: str) -> dict[str, Any]:
    """The filters of one group of the board: every open case is in exactly one of them."""
    if group not in DEADLINES:
        raise _wrong("deadline", list(DEADLINES))
    near = soon(law, today)
    more: dict[str, dict[str, Any]] = {"overdue": {}, "soon": {"due_to": near}, "later": {"due_from": near + timedelta(days=1)}, "none": {"dated": False}}
    return {"open": True, "overdue": group == "overdue", **more[group]}


def _value(name: str, kind: str, person: str, text: str) -> Any:
    if kind == "flag":
        if text not in FLAGS:
            raise _wrong(name, list(FLAGS))
        return FLAGS[text]
    if kind in ("day", "from", "to"):
        try:
            day = date.fromisoformat(text)
            return day if kind == "day" else datetime.combine(day + timedelta(days=kind == "to"), time(), ZONE)
        except (ValueError, OverflowError):
            raise _wrong(name, "YYYY-MM-DD") from None
    if len(text) > MOST:
        raise _wrong(name, f"at most {MOST} characters")
    if kind in ("person", "persons"):
        text = person if text == "me" else text
        return [text] if kind == "persons" else text
    return text


def _fact(law: Law, name: str, text: str) -> Any:
    """The value of a fact as the view has it: by the kind that the office's book declares."""
    row = law.row("fact", name)
    if not row:
        raise _wrong(FACT + name, sorted(law.table("fact")))
    kind = row.get("is", "one_of" if "options" in row else "text")
    if kind == "flag":
        if text not in FLAGS:
            raise _wrong(FACT + name, list(FLAGS))
        return FLAGS[text]
    if kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise _wrong(FACT + name, "a number") from None
    if "options" in row and text not in row["options"]:
        raise _wrong(FACT + name, sorted(row["options"]))
    return [text] if kind == "some_of" else text


def _wrong(name: str, why: Any) -> Problem:
    return Problem("body_invalid", detail=[{"field": name, "why": why}])
