"""One row of an old register as what it becomes: a read-only record, or a case with the acts that had happened by then, or the reasons why neither."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.imports.findings import Finding
from api.imports.mapping import CLOSED, FIELDS, OPEN, Mapping
from api.imports.reading import plain
from api.imports.words import Names
from domain.acts import ACTS
from domain.core import Law


@dataclass(frozen=True)
class Deed:
    """A step of a row: which act, when, by whom, with what, and the column that says so."""

    act: str
    at: datetime
    actor: str
    fields: dict[str, Any]
    column: str


@dataclass
class Plan:
    """What a row becomes. Identity, text, outcome and the names of people complained of are in clear: whoever keeps them seals them."""

    row: int
    sort: str = "case"  # 'record', 'case', 'refused'
    number: str = ""
    received_at: datetime | None = None
    closed_at: datetime | None = None
    about: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, str] = field(default_factory=dict)
    text: str = ""
    outcome: str = ""
    other: dict[str, str] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What a row is known by, in whatever file it comes again: the old number, and the year in which it was received."""
        return f"{self.received_at.year if self.received_at else 0}/{self.number}"

    def wrong(self, column: str, code: str, detail: Any = None) -> None:
        """Say what is wrong with a cell, once."""
        self.sort = "refused"
        if any((one.column, one.code) == (column, code) for one in self.findings):
            return
        self.findings.append(Finding(self.row, column, code, detail))


class Planner:
    """The rows of one register under one law and mapping, for one importer."""

    def __init__(self, law: Law, mapping: Mapping, headings: list[str], *, importer: str, mac: bool = False) -> None:
        self.law, self.mapping, self.importer, self.mac = law, mapping, importer, mac
        self.names = Names(law, mapping)
        self.headings = [name for name in headings if name]
        self.opens = str(law.office.get("office", {}).get("opens") or "09:00")
        self.closed = {plain(one) for one in (*mapping.closed_words, *CLOSED)} - {plain(one) for one in mapping.open_words}
        self.open = {plain(one) for one in (*mapping.open_words, *OPEN)} - {plain(one) for one in mapping.closed_words}

    def flaws(self) -> list[Finding]:
        """What is wrong with the mapping itself, before any row."""
        used = [*self.mapping.columns, *(step.on for step in self.mapping.act)]
        found = [Finding(0, name, "heading_unknown", {"headings": self.headings}) for name in dict.fromkeys(used) if name not in self.headings]
        named = [*self.mapping.columns.values(), *self.mapping.constants]
        facts = {f"fact:{name}" for name in self.law.table("fact")}
        found += [Finding(0, name, "field_unknown", {"known": [*FIELDS, *sorted(facts)]}) for name in dict.fromkeys(named) if name not in FIELDS and name not in facts]
        found += [Finding(0, step.act, "unknown_act") for step in self.mapping.act if step.act not in ACTS or step.act == "file"]
        if not self.mapping.heading("received_on"):
            found.append(Finding(0, FIELDS["received_on"], "column_missing"))
        return found

    def plan(self, row: int, cells: Table[str, Any], now: datetime) -> Plan:
        """What a row becomes; every finding about it is in the plan."""
        from api.imports.rows import Row
        from api.imports.steps import steps

        one = Row(self, Plan(row), cells, now)
        one.read()
        if one.plan.sort == "case":
            steps(one)
        return one.plan
