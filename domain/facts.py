"""Setting facts: the right person, a known option, a reason where asked, in time (vocabulary: fact). Forms and their columns."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain.acts import PHASES
from domain.asking import SINCE, UNTIL, Ask, Refusal
from domain.case import iso
from domain.clocks import mark_at
from domain.gates import lacking
from domain.limits import deadline, resolve

SEALED = "sealed"  # what a column says when its value stands in the sealed identity and nowhere else
SHAPES: dict[str, Any] = {"flag": bool, "number": (int, float), "text": str, "date": str, "unit": str, "person": str, "some_of": list}


def set_facts(ask: Ask, facts: Mapping[str, Any], *, free: tuple[str, ...] = ()) -> dict[str, Any]:
    """The patch of facts that an act sets; `free` names facts that this act may set whoever acts (an approver's)."""
    patch: dict[str, Any] = {}
    for name, value in facts.items():
        row = ask.law.table("fact").get(name)
        if row is None:
            raise Refusal("value_undefined", None, name)
        if name not in free:
            _allowed(ask, name, row)
        patch[name] = value
        for option in _options(ask, name, row, value):
            patch.update(option.get("sets", {}))
    patch.update(facts)
    return patch


def _allowed(ask: Ask, name: str, row: Mapping[str, Any]) -> None:
    if "rows" in row and "by" not in row:
        raise Refusal("not_yours_to_set", row, name)
    if "by" in row and not ask.named(row["by"]) and ask.person != "system":
        raise Refusal("not_yours_to_set", row, name, ask.who(row["by"]))
    if row.get("reason") and not ask.text("reason"):
        raise Refusal("reason_missing", row, name)
    if not ask.holds(row):  # asked of other cases only
        raise Refusal("value_undefined", row, name)
    missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
    if missing:
        raise Refusal("form_missing" if missing[0].startswith("form:") else "fact_missing", row, missing)
    until = row.get("until")
    if until in PHASES and ask.case.phase in PHASES and PHASES.index(ask.case.phase) > PHASES.index(until):
        raise Refusal("too_late_to_set", row, name)


def _options(ask: Ask, name: str, row: Mapping[str, Any], value: Any) -> list[Mapping[str, Any]]:
    kind = row.get("is", "one_of" if "options" in row else "text")
    if kind in ("one_of", "some_of"):
        chosen = value if isinstance(value, list) else [value]
        options = row.get("options", {})
        for one in chosen:
            if not isinstance(one, str) or one not in options:
                raise Refusal("value_undefined", row, {name: one})
        for one in chosen:
            for need in options[one].get("needs", ()):
                other = need.removeprefix("fact:")
                given = ask.fields.get("facts") or {}
                if given.get(other) in (None, "") and ask.fact(other) in (None, ""):
                    raise Refusal("fact_missing", options[one], other)
        return [options[one] for one in chosen]
    shape = SHAPES.get(kind)
    if shape is not None and not (isinstance(value, shape) and (kind == "flag" or not isinstance(value, bool))):
        raise Refusal("field_invalid", row, name)
    if kind == "date":
        try:
            sound = SINCE <= date.fromisoformat(str(value)[:10]) <= UNTIL
        except ValueError:
            sound = False
        if not sound:
            raise Refusal("field_invalid", row, name)
        _capped(ask, row, str(value)[:10])
    return []


def _capped(ask: Ask, row: Mapping[str, Any], day: str) -> None:
    """Refuse a date later than the most that the text allows, counted from the event that the row names."""
    most = row.get("at_most")
    if not most:
        return
    start = mark_at(ask.case, str(most.get("from", "filed"))) or ask.command.received_at
    end = deadline(resolve({k: v for k, v in most.items() if k != "from"}, ask), start, ask.law)
    if end is not None and day > end.due_day.isoformat():
        raise Refusal("over_cap", row, {"latest": end.due_day.isoformat()})


def file_forms(ask: Ask, forms: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The patch of forms filled within an act; a required column is there, or 'not given' with a reason where allowed."""
    patch: dict[str, Any] = {}
    for name, columns in forms.items():
        row = ask.law.table("form").get(name)
        if row is None or not isinstance(columns, Mapping):
            raise Refusal("value_undefined", None, name)
        if "by" in row and not ask.named(row["by"]):
            raise Refusal("wrong_person", row, name, ask.who(row["by"]))
        check_columns(ask, row, columns, facts)
        patch[name] = {"fields": dict(columns), "at": iso(ask.command.received_at), "by": ask.person}
    return patch


def check_columns(ask: Ask, row: Mapping[str, Any], columns: Mapping[str, Any], facts: Mapping[str, Any], code: str = "field_missing") -> None:
    """Refuse a form with an unknown column or without a required one."""
    known = row.get("columns", {})
    unknown = sorted(set(columns) - set(known))
    if unknown:
        raise Refusal("field_unknown", row, unknown)
    for name, column in known.items():
        value = columns.get(name)
        if column.get("sealed") and isinstance(value, str) and value != SEALED:
            raise Refusal("field_invalid", column if column.get("clause") else row, {"column": name, "write": SEALED})
        if isinstance(value, Mapping):
            if not (column.get("not_given") and value.get("not_given")):
                raise Refusal(code, column if column.get("clause") else row, [name])
        elif column.get("required") and value in (None, "", []) and not _fills_itself(ask, column, facts):
            missing = [n for n, c in known.items() if c.get("required") and columns.get(n) in (None, "", []) and not _fills_itself(ask, c, facts)]
            raise Refusal(code, column if column.get("clause") else row, missing)


def _fills_itself(ask: Ask, column: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    source = column.get("from", "")
    return bool(source) and (facts.get(source) not in (None, "") or ask.fact(source) not in (None, "") or source in ask.law.table("fact") or _is_event(source))


def _is_event(source: str) -> bool:
    return source.replace("_", "").replace(":", "").isalpha()
