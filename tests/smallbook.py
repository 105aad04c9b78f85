"""A law of three rows and an office of six people, for tests of one mechanism each."""

from __future__ import annotations

from typing import Any

from domain.core import Case, Command, Event, alarms, bind, current, reader_of, step, tasks, view
from tests.builders import at

OFFICE: dict[str, Any] = {
    "office": {"id": "o", "number": "{year}-{n}", "opens": "09:00", "closes": "17:00"},
    "vague": {"及时": {"working_days": 1}},
    "unit": {"centre": {"kind": "centre"}, "tax": {"kind": "unit", "liaison": "tina"}, "land": {"kind": "unit", "liaison": "lars"}},
    "person": {
        "clerk1": {"posts": ["clerk"], "unit": "centre"}, "head1": {"posts": ["head"], "unit": "centre"},
        "tina": {"posts": ["liaison"], "unit": "tax"}, "lars": {"posts": ["liaison"], "unit": "land"}, "rita": {"posts": [], "unit": "tax"},
        "odd": {"posts": [], "unit": "land"},
    },
}  # fmt: skip
MAY = ["file", "accept", "refuse", "classify", "turn_into", "own", "transfer", "conclude", "feedback", "close", "appeal", "archive", "sign_in", "progress"]
BOOK: dict[str, Any] = {
    "book": {"id": "b", "clause": "0"},
    "flow": {"accept": "act", "register": "accepted", "archive": "act", "clause": "0"},
    "post": {"clerk": {"may": MAY, "clause": "1"}, "head": {"may": MAY, "clause": "1"}, "liaison": {"may": ["conclude", "sign_in", "progress"], "clause": "1"}},
    "kind": {"complaint": {"clause": "k"}},
    "channel": {"telephone": {"clause": "1"}},
}  # fmt: skip


class Small:
    """One case under the small law with some tables more; every act is one line."""

    def __init__(self, _file: dict[str, Any] | None = None, _who: str = "clerk1", _when: str = "Mon 2025-11-03 09:00", **tables: Any) -> None:
        self.law, self.case, self.n, self.events = bind({**BOOK, **tables}, OFFICE, []), Case.new("c", "o", "b"), 0, list[Event]()
        self.clause: tuple[str, ...] = ()
        self.first = self.send(_who, "file", _when, **{"channel": "telephone", **(_file or {})})

    def send(self, who: str, act: str, when: str = "Mon 2025-11-03 09:00", **fields: Any) -> str:
        """The code of the refusal, or the kind of the act's event."""
        self.n += 1
        self.case, events = step(self.case, [Command(f"k{self.n}", act, fields, at(when), at(when), who)], at(when), self.law)
        self.events += events
        mine = next(e for e in events if e.command_id)
        self.clause = mine.clause
        return str(mine.data["code"]) if mine.kind == "refused" else mine.kind

    def concluded(self, when: str = "Mon 2025-11-03 09:00") -> Small:
        """Accepted, handled by the office itself, concluded."""
        for act, fields in (("accept", {}), ("own", {}), ("conclude", {"report": "查清"})):
            assert self.send("clerk1", act, when, **fields) in ("accepted", "own", "concluded")
        return self

    def pass_to(self, when: str) -> list[str]:
        """What rings until then, as kind:subject."""
        self.case, events = step(self.case, [], at(when), self.law)
        return [f"{e.kind}:{e.subject}" for e in events]

    def due(self, term: str) -> str:
        """The due day of a term that runs, '' where none does."""
        return next((c.due_day for c in alarms(self.case, current(self.law, self.case)) if c.term == term and c.state == "open"), "")

    def dues(self, term: str) -> dict[str, str]:
        """The due days of a term that each part has its own of, by part."""
        return {c.subject: c.due_day for c in alarms(self.case, current(self.law, self.case)) if c.term == term}

    def state(self, term: str) -> str:
        """Open, met, late or ended."""
        return next((c.state for c in alarms(self.case, current(self.law, self.case)) if c.term == term), "")

    def waiting(self) -> dict[str, list[str]]:
        """Who is waited for, by act."""
        return {f"{t.act}:{t.subject}" if t.subject else t.act: list(t.who) for t in tasks(self.case, self.law)}

    def seen(self, reader: str) -> Any:
        """The case as somebody sees it."""
        return view(self.case, reader_of(reader, self.law), self.law)
