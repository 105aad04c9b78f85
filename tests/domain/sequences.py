"""Random histories for the properties: real acts of the stories, mutated, in odd order, by anybody, at awkward instants."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import strategies as st

from cli import library
from domain.acts import ACTS
from domain.core import Case, Command, Event, Law, step
from domain.stories import commands
from domain.workdays import ZONE

BOOKS = sorted({str(story["rulebook"]) for _, story in library.stories()})  # a book without stories has no way into a case yet
OUTSIDERS = ("complainant", "public", "system", "stranger", "")
STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=ZONE)
    for text in ("2025-09-30T17:01", "2025-09-28T09:00", "2025-12-31T23:59:59", "2026-02-13T16:30", "2026-02-14T00:00", "2026-12-30T08:00")
)
GAPS = tuple(timedelta(minutes=m) for m in (0, 1, 30, 240, 1440, 1440, 4320, 14400, 57600))
TEXTS = ("", "情况属实", "x" * 21_000, "2025-10-09", "2026-02-30", "unit:", "a1", "i1", "false", "\u0000", "{}", "-1", "9999-12-31", "0001-01-01")
ABSURD: tuple[Any, ...] = (None, "", [], {}, 0, -1, 2.5, True, False, "nobody", ["x"], [{"x": []}], {"x": {"y": 1}}, [None], {"": None}, 10**30, "9999-12-31", "0001-01-01", {"person": {}}, {"year": 2027})


@cache
def law_of(book: str) -> Law:
    return library.law(book, library.office_for(book))


@cache
def told(book: str) -> tuple[tuple[Command, ...], ...]:
    """The commands of each story of a book: the ways that lead deep into a case."""
    return tuple(tuple(commands(story)) for _, story in library.stories(book))


@cache
def examples(act: str) -> tuple[dict[str, Any], ...]:
    """Every set of fields that a story gives to an act, each once."""
    found = [command.fields for book in BOOKS for one in told(book) for command in one if command.act == act]
    return tuple(json.loads(text) for text in sorted({json.dumps(fields, ensure_ascii=False, sort_keys=True) for fields in found}))


@cache
def words(book: str) -> tuple[str, ...]:
    """Ids that mean something in a book or its office: people, units, terms, forms, duties, chains and so on."""
    law = law_of(book)
    tables = ("form", "term", "duty", "chain", "admit", "finding", "order", "measure", "publish", "report", "incident", "kind", "channel", "fact", "answer", "satisfy")
    named = [key for table in tables for key in law.table(table)] + [*law.office["unit"], *law.office["person"]]
    return tuple(dict.fromkeys([*named, "agree", "reject", "return", "satisfied", "repeat_of", "accepted", "filed", "calendar", "office", *TEXTS]))


@st.composite
def fields_of(draw: st.DrawFn, book: str, act: str) -> dict[str, Any]:
    """Plausible fields (a story's, or of the kinds that the act asks for), sometimes spoilt by one absurd value."""
    known = examples(act)
    fields = dict(draw(st.sampled_from(known))) if known and draw(st.integers(0, 3)) else {}
    row = ACTS.get(act)
    for name, kind in row.fields.items() if row else ():
        if name not in fields and kind.endswith("*"):
            fields[name] = draw(_value(book, kind.rstrip("*")))
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from([*(row.fields if row else ()), "surplus"]))
        fields[name] = draw(st.one_of(st.sampled_from(ABSURD), st.sampled_from(words(book))))
    return fields


def _value(book: str, kind: str) -> st.SearchStrategy[Any]:
    facts = law_of(book).table("fact")
    tables: list[Any] = [{name: option} for name, row in facts.items() for option in [*row.get("options", {}), True, "9999-12-31", ["x"]]]
    shapes: dict[str, Any] = {
        "flag": [True, False],
        "date": ["2025-10-09", "2026-01-01", "2026-03-02", "2027-01-04", "9999-12-31", "not a day"],
        "table": [{}, {"x": "yes"}, *tables],
        "list": [[], ["x"], ["unit:tax", {}], [{"person": "zhou"}]],
        "any": [*ABSURD, "2025-10-09T09:00:00+08:00", "2025-10-01"],
    }
    return st.sampled_from(shapes.get(kind, words(book)))


@st.composite
def histories(draw: st.DrawFn, book: str, longest: int = 12) -> list[Command]:
    """A story (where it was, or moved to an awkward instant) with what anybody may send in between and after."""
    story = draw(st.sampled_from(told(book)))
    start = story[0].received_at if draw(st.booleans()) else draw(st.sampled_from(STARTS))
    found: list[Command] = []
    odd = draw(st.lists(st.integers(1, len(story) + 4), min_size=1, max_size=longest))
    for n, one in enumerate(story[: draw(st.integers(1, len(story)))], 1):
        found.append(_moved(one, start - story[0].received_at))
        found += [draw(_strange(book, found[-1], f"r{n}-{k}")) for k in range(odd.count(n))]
    for k in range(sum(n > len(story) for n in odd)):
        found.append(draw(_strange(book, found[-1], f"r{k}")))
    return found


@st.composite
def _strange(draw: st.DrawFn, book: str, last: Command, new_id: str) -> Command:
    law = law_of(book)
    act = draw(st.sampled_from((*ACTS, "no_such_act")))
    able = [pid for pid, person in law.office["person"].items() if any(act in law.row("post", post).get("may", ()) for post in person.get("posts", ()))]
    able += ["system"] * (act in ("revise", "correct"))
    actor = draw(st.sampled_from((*able, *able, *able, *law.office["person"], *OUTSIDERS)))
    entered = max(last.received_at, last.entered_at) + draw(st.sampled_from(GAPS))
    received = entered - draw(st.sampled_from((timedelta(0), timedelta(0), timedelta(0), timedelta(hours=5), timedelta(days=20), timedelta(days=40))))
    flaw = draw(st.sampled_from(("", "", "", "", "", "", "", "", "malformed", "undecryptable", "unsigned_act")))
    return Command(new_id if draw(st.integers(0, 9)) else last.id, act, draw(fields_of(book, act)), received, entered, actor, flaw=flaw)


def _moved(command: Command, shift: timedelta) -> Command:
    return Command(**{**{name: getattr(command, name) for name in Command.__slots__}, "received_at": command.received_at + shift, "entered_at": command.entered_at + shift})


def walk(book: str, history: list[Command]) -> list[tuple[Case, Command, Case, list[Event]]]:
    """(before, command, after, events) for each command, through the machine."""
    law = law_of(book)
    case = Case.new("c1", law.office["office"]["id"], book)
    steps = []
    for command in history:
        after, events = step(case, [command], max(command.received_at, command.entered_at), law)
        steps.append((case, command, after, events))
        case = after
    return steps


def text(value: Any) -> str:
    """One text of a JSON value, for comparing."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
