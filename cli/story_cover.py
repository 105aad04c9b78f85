"""`huiyin rules stories`: of each term, approval, extension, secret and refusal of a book, which story tells it, and from which sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cli import library
from domain.clocks import SILENT, clause_of
from domain.law import Law, bind
from domain.stories import run

SIDES: dict[str, tuple[tuple[str, str, str], ...]] = {  # what has to be told of a row: key, words
    "term": (("kept", "未逾期", "kept"), ("late", "逾期", "late")),
    "chain": (("passed", "批准", "approved"), ("refused", "越次或未批被拒", "refused")),
    "extend": (("passed", "获准", "granted"), ("refused", "被拒", "refused")),
    "secret": (("told", "看不到或打开", "hidden or opened"),),
    "admit": (("refused", "不受理或须转", "refused or turned"),),
    "gate": (("refused", "被拒", "refused"),),
}
BOUNDS = {"window": "kept", "floor": "late"}  # done within the one, after the other
EXTENDED = frozenset({"too_late", "over_cap", "why_not_listed", "twice", "not_told", "not_your_act", "field_missing", "field_invalid", "approval_missing", "no_extension"})


@dataclass
class Told:
    """One row of a book, with the stories that tell each of its sides."""

    table: str
    key: str
    row: Mapping[str, Any]
    sides: dict[str, list[str]] = field(default_factory=dict)

    unset: bool = False  # hangs on a figure that no sample office sets: nothing runs

    @property
    def open(self) -> list[str]:
        """The sides that no story tells."""
        return [side for side in self.wanted if not self.sides.get(side)]

    @property
    def wanted(self) -> list[str]:
        """The sides that this row has: a window or a floor is refused rather than late, and what only counts is never late."""
        if self.table == "term" and self.row.get("nature") in BOUNDS:
            return ["refused", BOUNDS[str(self.row["nature"])]]
        if self.unset:
            return []
        return [side for side, _, _ in SIDES[self.table]]

    def add(self, side: str, story: str) -> None:
        """Note a story that tells a side."""
        if story not in self.sides.setdefault(side, []):
            self.sides[side].append(story)


@cache
def told(name: str) -> tuple[Told, ...]:
    """Every row of a book that stories must tell, in the book's order."""
    book = library.book(name)
    rows = [Told(table, key, row) for table in SIDES for key, row in (book.get(table) or {}).items() if isinstance(row, Mapping)]
    rows += [Told("term", f"{key}.{n}", {**{k: v for k, v in table.items() if k != "rows"}, **row}) for key, table in (book.get("limits") or {}).items() for n, row in enumerate(table["rows"], 1)]
    for one in rows:
        one.unset = one.table == "term" and not _runs(name, one.row)
    for _, story in library.stories(name):
        heard = Heard(story, library.law(name, story["office"]))
        for one in rows:
            for side in LOOK[one.table](one, heard):
                one.add(side, story["story"])
            if one.table == "gate" and one.open and BY_ITSELF & set(_acts(one.row)) and heard.sound and not heard.without("gate", one.key):
                one.add("refused", story["story"])  # nobody asks: the case stays where it is until the gate is satisfied
    for _, story in library.boundaries(name):  # they stop at the end of a term and tell nothing else
        heard = Heard(story, library.law(name, story["office"]))
        for one in (row for row in rows if row.table == "term"):
            for side in _term(one, heard):
                one.add(side, story["story"])
    return tuple(rows)


BY_ITSELF = frozenset({"accept", "close", "archive"})  # what a case does by itself as soon as it may


def _acts(row: Mapping[str, Any]) -> list[str]:
    acts = row.get("act", "*")
    return [acts] if isinstance(acts, str) else list(acts)


def _runs(name: str, row: Mapping[str, Any]) -> bool:
    """Whether a sample office gives the figure, and the setting, that a term needs to run at all."""
    params = library.book(name).get("param") or {}
    offices = [library.office(story["office"]) for _, story in library.stories(name)]
    wanted = {key.removeprefix("param."): value for key, value in (row.get("when") or {}).items() if key.startswith("param.")}
    figure = row["limit"].get("param")
    for office in offices:
        values = {key: (office.get("param") or {}).get(key, about.get("default")) for key, about in params.items()}
        if (not figure or values.get(figure)) and all(isinstance(value, dict) or values.get(key) == value for key, value in wanted.items()):
            return True
    return False


class Heard:
    """A story as it ran: what its rows are looked for in."""

    def __init__(self, story: Mapping[str, Any], law: Law) -> None:
        self.story, self.law = story, law
        out = run(story, law)
        self.sound = not out.failures
        self.events = [event for step in out.steps for event in step.events]
        self.refused = [event for event in self.events if event.kind == "refused"]
        self.name = out.id
        self.every_clock = [clock for step in out.steps for clock in step.clocks]
        self.clocks = {(clock.term, clock.clause, clock.zh, clock.state) for clock in self.every_clock}
        self.extended = {str(part.get("row")) for step in out.steps for part in step.case.extensions.values() if not part.get("declined")}
        expected = story.get("expect", ())
        self.names = {str(name) for one in expected for kind in ("events", "no_events") for name in one.get(kind, ())}
        self.silent = {str(name) for one in expected for name in one.get("no_events", ())}
        self.timed = {str(clock.get("term")) for one in expected for clock in one.get("clocks", ())}
        self.dated = {(str(clock.get("term")), str(clock["due"]).split()[-2 if ":" in str(clock["due"]) else -1]) for one in expected for clock in one.get("clocks", ()) if clock.get("due")}
        self.looks = any("view" in one for one in expected) or any(act["do"] in ("unmask", "reveal_contact") for act in story.get("act", ()))

    def without(self, table: str, key: str) -> bool:
        """Whether the story comes out as it expects although a row is gone."""
        book = {**self.law.book, table: {name: row for name, row in self.law.book[table].items() if name != key}}
        return not run(self.story, bind(book, self.law.office, list(self.law.calendars))).failures


def _term(one: Told, heard: Heard) -> Iterator[str]:
    """Kept (met, or looked at while it was not yet late) and late, where the story's own expectations look at the term."""
    name = one.key.partition(".")[0]
    states = {state for term, clause, zh, state in heard.clocks if term == name and clause == clause_of(one.row) and zh == str(one.row.get("zh", name))}
    bounds = one.row.get("nature") in BOUNDS  # their stories look at the act, not at the clock
    if states and (bounds or name in heard.timed or f"overdue:{name}" in heard.names):
        yield from ("kept",) if "met" in states or f"overdue:{name}" in heard.silent else ()
        rang = any(event.kind == "overdue" and event.subject == name for event in heard.events)
        yield from ("late",) if "late" in states or (rang and one.row.get("nature") not in SILENT) else ()
    if any(event.data["code"] in ("outside_window", "too_early") and set(event.clause) & set(clause_of(one.row)) for event in heard.refused):
        yield "refused"


def _chain(one: Told, heard: Heard) -> Iterator[str]:
    if any(f"approved:{one.key}" in event.data.get("marks", ()) for event in heard.events):
        yield "passed"
    if any(event.data["code"] in UNAPPROVED and event.data.get("detail") in (one.key, [f"approved:{one.key}"]) for event in heard.refused):
        yield "refused"


UNAPPROVED = frozenset({"approval_missing", "out_of_turn", "not_approver", "approval_refused", "already_decided"})


def _extend(one: Told, heard: Heard) -> Iterator[str]:
    if one.key in heard.extended:
        yield "passed"
    if any(event.data["act"] == "request_extension" and event.data["code"] in EXTENDED and set(event.clause) & set(clause_of(one.row)) for event in heard.refused):
        yield "refused"


def _admit(one: Told, heard: Heard) -> Iterator[str]:
    turned = [event for event in heard.refused if event.data["act"] in ("accept", "refuse", "turn_into") and event.data.get("detail") in (one.key, one.row.get("turns_into"))]
    if any(set(event.clause) & set(clause_of(one.row)) for event in turned) or any(event.kind == "not_accepted" and event.subject == one.key for event in heard.events):
        yield "refused"


def _gate(one: Told, heard: Heard) -> Iterator[str]:
    acts, code = _acts(one.row), one.row.get("code", next((code for key, code in USUAL if key in one.row), "not_done_before"))
    if any(event.data["code"] == code and tuple(event.clause) == clause_of(one.row) and (event.data["act"] in acts or "*" in acts) for event in heard.refused):
        yield "refused"


USUAL = (("only_by", "not_your_act"), ("bars_words", "words_barred"), ("to", "wrong_addressee"), ("sequence", "field_missing"))


def _secret(one: Told, heard: Heard) -> Iterator[str]:
    """A secret is told where the expectations of the story fail without it."""
    if heard.sound and heard.looks and not heard.without("secret", one.key):
        yield "told"


LOOK = {"term": _term, "chain": _chain, "extend": _extend, "secret": _secret, "admit": _admit, "gate": _gate}


def lines(name: str, *, every: bool = True) -> Iterator[str]:
    """One line a row: ✓ or ✗, the row with its clauses, and for each side the stories that tell it; only what is open, if asked."""
    words = {(table, side): (zh, en) for table, sides in SIDES.items() for side, zh, en in sides}
    words |= {("term", "refused"): ("期间之外被拒", "refused outside")}
    for one in told(name):
        if not one.open and not every:
            continue
        said = [f"{zh} {en}: {', '.join(one.sides.get(side, ['—'])[:3])}" for side in one.wanted for zh, en in [words[one.table, side]]]
        why = said or ["样例机构未定数字,不计时 / no sample office has set it: nothing runs"]
        yield f"{'✗' if one.open else '✓'} {one.table}.{one.key} ({'、'.join(clause_of(one.row)) or '本单位 office'})  {'; '.join(why)}"


def counts(name: str) -> dict[str, tuple[int, int]]:
    """By table: rows told from all sides, and all."""
    found = told(name)
    return {table: (sum(1 for one in found if one.table == table and not one.open), sum(1 for one in found if one.table == table)) for table in SIDES}
