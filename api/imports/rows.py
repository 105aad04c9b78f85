"""The cells of one row as number, instants, words of the rulebook, people; each that cannot be read is a finding of its column."""

from collections.abc import Callable
from collections.abc import Mapping as Table
from datetime import date, datetime, time, timedelta
from typing import Any

from api.imports import values
from api.imports.mapping import IDENTITY
from api.imports.planning import Plan, Planner
from api.imports.reading import plain
from api.imports.values import Wrong
from api.imports.words import parts
from domain.acts import TEXT_LIMIT
from workflows import contract

NOBODY = frozenset({"匿名", "不详", "无名氏", "未留", "无"})
AHEAD = timedelta(minutes=5)  # clocks of two machines differ
OPENED = (*IDENTITY, "text", "outcome")  # what has a place of its own in what is sealed


class Row:
    """One row being read into its plan."""

    def __init__(self, planner: Planner, plan: Plan, cells: Table[str, Any], now: datetime) -> None:
        self.planner, self.plan, self.cells, self.now = planner, plan, cells, now
        self.mapping, self.names = planner.mapping, planner.names

    def read(self) -> None:
        """All but the steps."""
        for heading, value in self.cells.items():
            self.tried(heading, _fit, value)
        if self.plan.findings:
            return
        self.plan.number = self.word("number")[:200] or f"第{self.plan.row}行"
        self.instants()
        self.about()
        self.people()
        self.words()
        self.sort()

    def tried(self, column: str, read: Callable[..., Any], *given: Any, detail: Any = None) -> Any:
        """What a reader makes of a cell, or a finding and None."""
        try:
            return read(*given)
        except Wrong as wrong:
            self.plan.wrong(column, str(wrong), detail)
            return None

    def word(self, name: str) -> str:
        """The text of a field's cell, else its constant."""
        heading = self.mapping.heading(name)
        found = self.tried(heading, values.text, self.cells.get(heading)) if heading else ""
        return str(found or self.mapping.constants.get(name, ""))

    def moment(self, column: str) -> tuple[date, time | None] | None:
        """The day of a cell and its time, None where it is empty or cannot be read."""
        value = self.cells.get(column)
        if value in (None, ""):
            return None
        found: tuple[date, time | None] | None = self.tried(column, lambda: values.moment(value, mac=self.planner.mac), detail=shown(value)[:40])
        return found

    def at(self, column: str, day: date, clock: time | None) -> datetime:
        """The instant that a cell means; a day without a time begins when the office opens. What lies ahead is said."""
        found = values.instant_of(day, clock, self.planner.opens)
        if clock is None and day == self.now.date():
            found = min(found, self.now)
        if found > self.now + AHEAD:
            self.plan.wrong(column, "date_ahead", day.isoformat())
        return found

    def instants(self) -> None:
        """When it was received and closed."""
        received, closed = self.mapping.heading("received_on"), self.mapping.heading("closed_on")
        if self.cells.get(received) in (None, ""):
            self.plan.wrong(received, "cell_missing")
        found = self.moment(received)
        if found is None:
            return
        column = self.mapping.heading("received_time")
        clock = self.tried(column, values.clock, self.cells.get(column), detail=shown(self.cells.get(column))[:40]) if column else None
        self.plan.received_at = self.at(received, found[0], clock or found[1])
        ended = self.moment(closed) if closed else None
        if ended is None:
            return
        self.plan.closed_at = max(self.at(closed, *ended), self.plan.received_at)
        if ended[0] < found[0]:
            self.plan.wrong(closed, "dates_out_of_order", {received: found[0].isoformat(), closed: ended[0].isoformat()})

    def about(self) -> None:
        """Kind, channel, source and facts as the rulebook has them; clerk and units as the office has them."""
        about, book = self.plan.about, self.planner.law
        for name in ("kind", "channel", "source"):
            if word := self.word(name):
                known = [str(row.get("zh") or key) for key, row in book.table(name).items()]
                about[name] = self.tried(self.mapping.heading(name) or name, self.names.row, name, word, detail={"value": word[:80], "known": known})
        given = {name: (heading, self.cells.get(heading)) for heading, name in self.mapping.columns.items() if name.startswith("fact:")}
        given |= {name: (name, value) for name, value in self.mapping.constants.items() if name.startswith("fact:") and given.get(name, ("", None))[1] in (None, "")}
        about["facts"] = {
            name.removeprefix("fact:"): self.tried(heading, self.names.fact, name.removeprefix("fact:"), value, detail={"value": shown(value)[:80], "known": self.names.options(name.removeprefix("fact:"))})
            for name, (heading, value) in given.items()
            if value not in (None, "")
        }
        about["clerk"] = self.names.person(self.word("clerk"))
        about["units"] = [unit for word in parts(self.word("unit")) if (unit := self.names.unit(word))]

    def people(self) -> None:
        """Who complains, and of whom: people of the office by id, others by name; a unit that stands alone."""
        for name in IDENTITY:
            heading = self.mapping.heading(name)
            read = values.number if name in ("telephone", "id_number") else values.text
            if heading and (found := self.tried(heading, read, self.cells.get(heading))):
                self.plan.identity[name] = str(found)
        unnamed = self.plan.identity.get("name", "") in NOBODY
        if unnamed:
            self.plan.identity.pop("name")
        heading = self.mapping.heading("anonymous")
        marked = self.tried(heading, values.flag, self.cells.get(heading), detail=shown(self.cells.get(heading))[:20]) if heading else False
        self.plan.about["anonymous"] = bool(marked) or unnamed
        unit, known = self.names.unit(self.word("respondent_unit")), self.planner.law.office.get("person", {})
        accused = [self.names.person(word) or word for word in parts(self.word("respondent"))]
        found_units = [{"unit": unit}] if unit else []
        self.plan.about["respondents"] = [{"person": one} if one in known else {"name": one[:200], **({"unit": unit} if unit else {})} for one in accused] or found_units

    def words(self) -> None:
        """What was said and how it ended; every other cell stays beside it as it stands."""
        remark, content = self.word("satisfaction"), self.word("remark")
        self.plan.text = "\n".join(one for one in (self.word("text"), f"备注:{content}" if content else "") if one)
        self.plan.outcome = "\n".join(one for one in (self.word("outcome"), f"满意度:{remark}" if remark else "") if one)
        for name in ("text", "outcome"):
            if len(getattr(self.plan, name)) > TEXT_LIMIT:
                self.plan.wrong(self.mapping.heading(name), "field_too_long")
        apart = {heading for heading, name in self.mapping.columns.items() if name in (*OPENED, "ignore")}
        self.plan.other = {heading: text for heading, value in self.cells.items() if heading not in apart and (text := shown(value))}

    def sort(self) -> None:
        """Closed or open: by its state, else by its closing day; what contradicts itself is said."""
        heading, ended = self.mapping.heading("status"), self.plan.closed_at is not None
        word = plain(self.word("status"))
        closed = word in self.planner.closed if word else ended
        if word and (closed == (word in self.planner.open) or (ended and not closed)):
            self.plan.wrong(heading or "status", "status_unclear", {"value": word[:40]})
        if not self.plan.findings:
            self.plan.sort = "record" if closed else "case"


def shown(value: Any) -> str:
    """A cell as it stands in the file."""
    try:
        return values.text(value)
    except Wrong:
        return str(value)


def _fit(value: Any) -> None:
    try:
        contract.fit(value if isinstance(value, str) else "")
    except contract.Malformed:
        raise Wrong("malformed") from None
