"""Random histories for the properties: real acts of the stories, mutated, in odd order, by anybody, at awkward instants."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from hypothesis import strategies as st

from cli import library
from domain.acts import ACTS
from domain.core import Case, Command, Event, Law, current, step, tasks
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
    tables = ("form", "term", "duty", "chain", "admit", "finding", "order", "measure", "publish", "report", "incident", "kind", "channel", "fact", "answer", "satisfy", "serve", "again", "limits")
    named = [key for table in tables for key in law.table(table)] + [*law.office["unit"], *law.office["person"]]
    return tuple(dict.fromkeys([*named, "agree", "reject", "return", "satisfied", "repeat_of", "accepted", "filed", "calendar", "office", *TEXTS]))


def fields_of(chance: Random, book: str, act: str) -> dict[str, Any]:
    """Plausible fields (a story's, or of the kinds that the act asks for), sometimes spoilt by one absurd value."""
    known = examples(act)
    fields = dict(chance.choice(known)) if known and chance.random() < 0.7 else {}
    row = ACTS.get(act)
    for name, kind in row.fields.items() if row else ():
        if name not in fields and (kind.endswith("*") or chance.random() < 0.1):
            fields[name] = _value(chance, book, name, kind.rstrip("*"))
    if chance.random() < 0.15:
        name = chance.choice([*(row.fields if row else ()), "surplus"])
        fields[name] = chance.choice([*ABSURD, *words(book)])
    return fields


def _value(chance: Random, book: str, name: str, kind: str) -> Any:
    law = law_of(book)
    facts = [{fact: option} for fact, row in law.table("fact").items() for option in [*row.get("options", {}), True, "9999-12-31", ["x"]]]
    named = {"person": "person", "unit": "unit", "to": "person", "by": "person", "for_person": "person", "other_unit": "unit", "lead": "unit"}.get(name)
    if named and chance.random() < 0.8:
        return chance.choice([*law.office[named]])
    shapes: dict[str, Any] = {
        "flag": [True, False],
        "date": ["2025-10-09", "2026-01-01", "2026-03-02", "2027-01-04", "9999-12-31", "not a day"],
        "table": [{}, {"x": "yes"}, *facts],
        "list": [[], ["x"], ["unit:tax", {}], [{"person": "zhou"}]],
        "any": [*ABSURD, "2025-10-09T09:00:00+08:00", "2025-10-01"],
    }
    return chance.choice(shapes.get(kind, words(book)))


SEEDS = st.integers(0, 2**32)


Step = tuple[Case, Command, Case, list[Event]]  # before, what was sent, after, what it brought


@st.composite
def histories(draw: st.DrawFn, book: str, longest: int = 12) -> list[Step]:
    """A story (where it was, or moved to an awkward instant), gone through the machine, with what anybody may send in between and after."""
    chance = Random(draw(SEEDS))
    story = chance.choice(told(book))
    start = story[0].received_at if chance.random() < 0.5 else chance.choice(STARTS)
    begun = [_moved(one, start - story[0].received_at) for one in story[: chance.randint(1, len(story))]]
    odd = draw(st.lists(SEEDS, min_size=1, max_size=longest))
    places = [(chance.randint(1, len(begun)) if chance.random() < 0.4 else len(begun), seed) for seed in odd]
    steps: list[Step] = []
    for n, one in enumerate(begun, 1):
        steps += walk(book, [one], steps[-1][2] if steps else None)
        for seed in (seed for place, seed in places if place == n):
            _, last, case, _ = steps[-1]
            steps += walk(book, [strange(Random(seed), case, last, f"r{len(steps)}")], case)
    return steps


def strange(chance: Random, case: Case, last: Command, new_id: str) -> Command:
    """What somebody may send after another act: mostly an act of the phase, by somebody who may, now."""
    law = law_of(case.book)
    open_now = [act for act, row in ACTS.items() if case.phase in row.phases]
    act, actor = chance.choice(open_now if open_now and chance.random() < 0.8 else (*ACTS, "no_such_act")), ""
    waiting = [(task.act, who) for task in tasks(case, current(law, case)) for who in task.who]
    if waiting and chance.random() < 0.3:
        act, actor = chance.choice(waiting)
    able = [pid for pid, person in law.office["person"].items() if any(act in law.row("post", post).get("may", ()) for post in person.get("posts", ()))]
    able += ["system"] * (act in ("revise", "correct"))
    actor = actor or (chance.choice(able) if able and chance.random() < 0.8 else chance.choice((*law.office["person"], *OUTSIDERS)))
    entered = max(last.received_at, last.entered_at) + chance.choice(GAPS)
    late = chance.choice((timedelta(hours=5), timedelta(days=20), timedelta(days=40))) if chance.random() < 0.15 else timedelta(0)
    flaw = chance.choice(("malformed", "undecryptable", "unsigned_act")) if chance.random() < 0.03 else ""
    return Command(new_id if chance.random() < 0.95 else last.id, act, fields_of(chance, case.book, act), entered - late, entered, actor, flaw=flaw)


def _moved(command: Command, shift: timedelta) -> Command:
    return Command(**{**{name: getattr(command, name) for name in Command.__slots__}, "received_at": command.received_at + shift, "entered_at": command.entered_at + shift})


def walk(book: str, history: list[Command], case: Case | None = None) -> list[Step]:
    """Each command through the machine, from the case given or from a new one."""
    law = law_of(book)
    case = case or Case.new("c1", law.office["office"]["id"], book)
    steps = []
    for command in history:
        after, events = step(case, [command], max(command.received_at, command.entered_at), law)
        steps.append((case, command, after, events))
        case = after
    return steps


def text(value: Any) -> str:
    """One text of a JSON value, for comparing."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
