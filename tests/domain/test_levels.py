"""Level by level on a small law of its own: the next unit down, the taker's unit, duties that an event fulfils."""

from __future__ import annotations

from typing import Any

from domain.clocks import alarms
from domain.context import Context
from domain.core import Case, Command, bind, step
from domain.gates import open_duties
from tests.builders import at

OFFICE: dict[str, Any] = {
    "office": {"id": "o", "number": "{year}-{n}"},
    "unit": {
        "root": {"kind": "head"}, "town": {"kind": "branch", "parent": "root"}, "shop": {"kind": "outlet", "parent": "town"},
        "stray": {"kind": "outlet", "parent": "elsewhere"},
    },
    "person": {"clerk1": {"posts": ["clerk"], "unit": "root"}, "head1": {"posts": ["clerk"], "unit": "town"}, "worker": {"posts": [], "unit": "shop"}},
}  # fmt: skip
BOOK: dict[str, Any] = {
    "book": {"id": "b", "clause": "0"},
    "flow": {"accept": "auto", "register": "filed", "clause": "0"},
    "post": {"clerk": {"may": ["file", "transfer", "note", "do"], "clause": "1"}},
    "kind": {"complaint": {"clause": "1"}},
    "channel": {"letter": {"clause": "1"}},
    "route": {"rows": [{"do": "transfer", "to": "next_level", "clause": "5"}]},
    "duty": {
        "watch": {"on": "filed", "until": "noted", "by": "clerk", "within": {"working_days": 1}, "blocks": ["close"], "clause": "2"},
        "down": {"on": "filed", "until": ["transferred", "forwarded"], "does": "transfer", "by": "clerk", "blocks": ["close"], "clause": "2"},
    },
}  # fmt: skip


class Story:
    """A letter about one unit, one act a line."""

    def __init__(self, unit: str) -> None:
        self.law, self.case, self.n = bind(BOOK, OFFICE, []), Case.new("c", "o", "b"), 0
        self.send("clerk1", "file", channel="letter", respondents=[{"unit": unit}])

    def send(self, who: str, act: str, when: str = "Mon 2025-11-03 09:00", **fields: Any) -> str:
        """The code of the refusal, or the kind of the first event."""
        self.n += 1
        self.case, events = step(self.case, [Command(f"k{self.n}", act, fields, at(when), at(when), who)], at(when), self.law)
        first = next(e for e in events if e.command_id)
        return str(first.data["code"]) if first.kind == "refused" else first.kind

    def next(self) -> list[str]:
        return Context(self.case, self.law).who("next_level")


def test_a_letter_goes_down_one_level_at_a_time() -> None:
    story = Story("shop")
    assert story.next() == ["unit:town"]
    assert story.send("clerk1", "transfer", unit="shop", excerpt="x") == "wrong_addressee"
    assert story.send("clerk1", "transfer", unit="town", excerpt="x") == "transferred"
    assert story.next() == ["unit:shop"]
    assert story.send("head1", "transfer", unit="shop", excerpt="x") == "transferred"
    assert story.next() == []


def test_a_unit_outside_the_tree_has_no_next_level() -> None:
    assert Story("stray").next() == []


def test_the_unit_of_the_one_who_took_it_in() -> None:
    story = Story("shop")
    assert Context(story.case, story.law).fact("clerk_unit_kind") == "head"
    assert Context(Case.new("c", "o", "b"), story.law).fact("clerk_unit_kind") == ""


def test_an_event_fulfils_a_duty_and_stops_its_clock() -> None:
    story = Story("shop")
    assert [name for name, _ in open_duties(Context(story.case, story.law))] == ["watch", "down"]
    assert story.send("clerk1", "note", "Tue 2025-11-04 10:00", text="seen") == "noted"
    assert [name for name, _ in open_duties(Context(story.case, story.law))] == ["down"]
    [clock] = [c for c in alarms(story.case, story.law) if c.term == "duty:watch"]
    assert (clock.state, clock.met_at) == ("met", at("Tue 2025-11-04 10:00"))


def test_a_word_does_not_stand_for_the_act_that_a_duty_asks() -> None:
    story = Story("shop")
    assert story.send("clerk1", "do", duty="down") == "not_done_before"
    assert story.send("clerk1", "transfer", unit="town", excerpt="x") == "transferred"
    assert [name for name, _ in open_duties(Context(story.case, story.law))] == ["watch"]
