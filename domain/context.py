"""What conditions may ask of a case: facts of the book, built-in facts, parameters (vocabulary, section 2)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from domain import people
from domain.case import Case
from domain.conditions import holds
from domain.law import Law

T = TypeVar("T")


def kept(case: Case, law: Law) -> dict[Any, Any]:
    """What was computed of this very state under this law; empty again after every event."""
    known = case.known
    if known is None or known[0] is not law:
        known = case.known = (law, {"facts": {}})
    return known[1]


class Context:
    """One case under one law, for reading: facts, conditions, relations. All contexts of one state share what they found out."""

    def __init__(self, case: Case, law: Law) -> None:
        self.case, self.law = case, law
        self._kept = kept(case, law)
        self._seen: dict[str, Any] = self._kept["facts"]

    def _apart(self, seen: dict[str, Any]) -> None:
        """Share no longer: go on with this."""
        self._kept, self._seen = {"alone": True, "facts": seen}, seen

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """What `make` gives for this state, made once. Lists of it are nobody's own: whoever changes one takes a copy."""
        self._stands()
        try:
            found: T = self._kept[key]
        except KeyError:
            found = self._kept[key] = make()
        return found

    def _stands(self) -> None:
        """A context that outlives an event of its case goes on alone with what it has seen: the others see the new state."""
        known = self.case.known
        if self._kept is not (known and known[1]) and "alone" not in self._kept:
            self._apart(dict(self._seen))

    def fact(self, name: str) -> Any:
        """A fact's value: entered, derived from rows, built in, 'param.x', or the default; None where unknown."""
        if name in self._seen:
            return self._seen[name]
        self._stands()
        seen = self._seen
        seen[name] = None  # a fact that asks for itself is unknown, not endless
        try:
            value = seen[name] = self._read(name)
        except BaseException:
            del seen[name]
            raise
        return value

    def _read(self, name: str) -> Any:
        facts = self.case.sections["facts"]
        if name in facts:
            return facts[name]
        row = self.law.row("fact", name)
        for choice in row.get("rows", ()):
            if self.holds(choice) and "value" in choice:
                return choice["value"]
        built_in = BUILT_IN.get(name)
        if built_in is not None:
            return built_in(self)
        if name.startswith("param."):
            return self.param(name.removeprefix("param."))
        if name.startswith("event."):
            return name.removeprefix("event.") in self.case.marks
        return row.get("default")

    def param(self, name: str) -> Any:
        """The office's value of a parameter, else the book's default, else None."""
        row = self.law.row("param", name)
        return row.get("value", row.get("default"))

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row's conditions hold now."""
        if "when" in row or "any" in row or "unless" in row:
            return holds(row, self.fact, self.law.scale, self._is)
        return True

    def _is(self, name: str, relation: str) -> bool:
        actual = {"respondent": "respondent", "clerk": "clerk"}.get(name, name)
        return bool(set(self.who(actual)) & set(self.who(relation)))

    def fitting(self, table: str) -> list[tuple[str, dict[str, Any]]]:
        """The named rows of a mechanism that apply now, in the book's order."""
        return self.once(("fitting", table), lambda: [(key, row) for key, row in self.law.table(table).items() if self.holds(row)])

    def who(self, word: str | Iterable[Any]) -> list[str]:
        """Ids that a post, relation or list of them names now."""
        if isinstance(word, str):
            return list(self.once(("who", word), lambda: self._who(word)))
        return self._who(word)

    def _who(self, word: str | Iterable[Any]) -> list[str]:
        if isinstance(word, (list, tuple)) and word and isinstance(word[0], Mapping):  # rows: the first that holds says who
            word = next((row.get("is", ()) for row in word if self.holds(row)), ())
        if not isinstance(word, str):
            return list(dict.fromkeys(one for each in word for one in self.who(each)))
        if word.startswith(("param.", "roster.", "body.")):
            return self._held(*word.split(".", 1))
        post, _, last = word.rpartition(":")
        kind = self.law.row("fact", last).get("is")
        value = self.fact(last) if kind in ("unit", "person") and post != "unit" else None
        if value is None:
            return people.related(word, self.case, self.law.office, None if post else self.law.once(("holders", word), lambda law: people.holders(law.office, word)))
        named = [f"unit:{value}" if kind == "unit" else str(value)]  # a fact that names a unit or person is a relation too
        return people.composed(post, named, self.law.office) if post else named

    def _held(self, table: str, name: str) -> list[str]:
        """Whom the office's setting, the roster's row of the hour, or the list of a body's members names."""
        if table == "param":
            return self.who(self.param(name) or ())
        row = self.law.row(table, name)
        if table == "roster":
            return self.who(next((one.get("to", ()) for one in row.get("rows", ()) if self.holds(one)), ()))
        return list(dict.fromkeys([*self.who(row.get("chair", ())), *self.who(row.get("members", ()))]))

    def is_one(self, person: str, word: str | Iterable[str]) -> bool:
        """Whether a person is one of those whom a word names."""
        return people.is_one(person, self.who(word), self.law.office)

    def staff(self, word: str | Iterable[str]) -> list[str]:
        """Like `who`, with units replaced by their liaison or their staff with a post."""
        found: list[str] = []
        for one in self.who(word):
            found.extend(self._contacts(one.removeprefix("unit:")) if one.startswith("unit:") else [one])
        return list(dict.fromkeys(found))

    def closed_to(self) -> set[str]:
        """People and units to whom even the existence of the case is closed."""
        rows = [row for row in self.law.table("secret").values() if "existence" in row.get("hide", ()) and self.holds(row) and row.get("until") not in self.case.marks]
        return {one for row in rows for one in self.who(row.get("from", ()))}

    def _contacts(self, unit: str) -> list[str]:
        row = self.law.office.get("unit", {}).get(unit, {})
        if row.get("liaison"):
            return [row["liaison"]]
        staff = self.law.office.get("person", {})
        return [pid for pid, p in staff.items() if p.get("unit") == unit and p.get("posts")]


def hour_kind(law: Law, at: datetime) -> str:
    """Whether an instant lies in the office's hours: 'working', 'off_hours' on a working day, 'day_off'."""
    if not law.calendar.is_workday(at.date()):
        return "day_off"
    core = law.office.get("office", {})
    return "working" if str(core.get("opens", "00:00")) <= f"{at:%H:%M}" < str(core.get("closes", "24:00")) else "off_hours"


def _rank(c: Context) -> Any:
    known = c.law.office.get("person", {})
    ranks = [r.get("rank") or known.get(r.get("person", ""), {}).get("rank") for r in people.respondents(c.case)]
    if not ranks or any(r not in c.law.scale for r in ranks if r) or None in ranks or "" in ranks:
        highest = [r for r in ranks if r in c.law.scale]
        top = max(highest, key=c.law.scale.index, default=None)
        return top if top is not None and "" not in ranks and None not in ranks else None
    return max((str(r) for r in ranks), key=c.law.scale.index)


def _kind_of_respondent(c: Context) -> str:
    return "person" if any(r.get("person") or r.get("name") or r.get("staff_kind") for r in people.respondents(c.case)) else "unit"


def _attr(name: str, default: Any = None) -> Any:
    return lambda c: c.case.sections["attrs"].get(name, default)


def _above(c: Context) -> list[str]:
    """The respondents' units and all above them, 'office' where the office's root is among these (jurisdiction)."""
    units, found = c.law.office.get("unit", {}), list(people.respondent_units(c.case, c.law.office))
    for unit in found:
        found += [up for up in (units.get(unit, {}).get("parent"),) if up and up not in found]
    return [*found, *(["office"] if c.law.office.get("office", {}).get("root") in found else [])]


def _unit_kinds(c: Context) -> list[str]:
    units = c.law.office.get("unit", {})
    return [units.get(u, {}).get("kind", "") for u in people.respondent_units(c.case, c.law.office)]


def _kind_of_clerk(c: Context) -> str:
    unit = c.law.office.get("person", {}).get(c.case.attrs.get("clerk", ""), {}).get("unit", "")
    return str(c.law.office.get("unit", {}).get(unit, {}).get("kind", ""))


BUILT_IN: dict[str, Any] = {
    "phase": lambda c: c.case.phase,
    "respondent": lambda c: c.who("respondent"),
    "respondent_rank": _rank,
    "respondent_kind": _kind_of_respondent,
    "respondent_count": lambda c: len(people.respondents(c.case)),
    "respondent_units": lambda c: len(people.respondent_units(c.case, c.law.office)),
    "respondent_above": _above,
    "respondent_staff_kind": lambda c: [r.get("staff_kind", "") for r in people.respondents(c.case)],
    "unit_kind": _unit_kinds,
    "clerk_unit_kind": _kind_of_clerk,
    "handling_unit_kind": lambda c: [c.law.office.get("unit", {}).get(a.get("unit", ""), {}).get("kind", "") for a in people.active(c.case)],
    "found": _attr("found"),
    "extension_asked": lambda c: bool(c.case.attrs.get("extension_asked")),
    "hour_kind": lambda c: hour_kind(c.law, datetime.fromisoformat(c.case.attrs["received_at"])) if c.case.attrs.get("received_at") else None,
    "late": lambda c: any(name.startswith("overdue:") for name in c.case.marks),
    "anonymous": _attr("anonymous", False),
    "real_name": _attr("real_name", False),
    "has_contact": _attr("has_contact", True),
    "repeat_no": _attr("repeat_no", 0),
    "round": _attr("round", 1),
    "satisfaction": _attr("satisfaction"),
    **{name: _attr(name) for name in ("kind", "source", "channel", "disposition", "proxy", "outcome", "responsibility")},
}
