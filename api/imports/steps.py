"""The acts of an open row that had happened before it came in here: each at its own instant, none before the one it follows."""

from collections.abc import Mapping as Table
from typing import Any

from api.imports import values
from api.imports.mapping import MOST_STEPS, Step
from api.imports.planning import Deed
from api.imports.rows import Row
from domain.acts import ACTS

UNITS = frozenset({"unit", "lead", "support", "other_unit"})
PEOPLE = frozenset({"person", "for_person"})


def steps(row: Row) -> None:
    """Put the deeds of a row into its plan."""
    before, column, unit = row.plan.received_at, row.mapping.heading("received_on"), ""
    for step in row.mapping.act:
        found = row.moment(step.on)
        if found is None or before is None:
            continue
        at = row.at(step.on, *found)
        if found[1] is None and found[0] == before.date():
            at = max(at, before)
        if at < before:
            row.plan.wrong(step.on, "dates_out_of_order", {column: before.date().isoformat(), step.on: at.date().isoformat()})
        fields = _fields(row, step.fields, ACTS[step.act].fields)
        unit = str(fields.get("unit") or fields.get("lead") or unit)
        row.plan.deeds.append(Deed(step.act, at, _actor(row, step, unit), fields, step.on))
        before, column = max(at, before), step.on
    if len(row.plan.deeds) > MOST_STEPS:
        row.plan.wrong("act", "too_many_steps")


def _actor(row: Row, step: Step, unit: str) -> str:
    """Who decided a step: the unit's liaison, whom a cell or the mapping names, else the importer."""
    if step.by == "liaison":
        office = row.planner.law.office
        posted = [one for one, person in office.get("person", {}).items() if person.get("unit") == unit and "liaison" in person.get("posts", ())]
        return str(office.get("unit", {}).get(unit, {}).get("liaison") or next(iter(posted), ""))
    column, word = _filled(row, step.by)
    person = row.names.person(word) if word else row.planner.importer
    if not person:
        row.plan.wrong(column or step.by, "person_unknown")
    return person


def _fields(row: Row, given: Table[str, Any], known: Table[str, str]) -> dict[str, Any]:
    """The fields of a step with the cells filled in; what is empty is left out."""
    found = {name: _field(row, name, value, known.get(name, "")) for name, value in given.items()}
    return {name: value for name, value in found.items() if value not in ("", None, [], {})}


def _field(row: Row, name: str, value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        return _fields(row, value, {})
    if isinstance(value, list):
        return [one for each in value if (one := _field(row, name, each, kind))]
    if not isinstance(value, str):
        return value
    column, word = _filled(row, value)
    if not word:
        return ""
    if kind.startswith("date"):
        found = row.tried(column or name, values.moment, row.cells.get(column, word))
        return found[0].isoformat() if found else ""
    if name in UNITS:
        unit = row.names.unit(word)
        if not unit:
            row.plan.wrong(column or name, "unit_unknown", {"value": word[:80]})
        return unit
    return (row.names.person(word) or word) if name in PEOPLE else row.mapping.word(name, word)


def _filled(row: Row, text: str) -> tuple[str, str]:
    """A text with the cells it names filled in, and the last column it names."""
    column = ""
    for heading in row.planner.headings:
        mark = f"{{{heading}}}"
        if mark in text:
            column = heading
            text = text.replace(mark, str(row.tried(heading, values.text, row.cells.get(heading)) or ""))
    return column, text.strip()
