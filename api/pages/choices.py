"""What may be chosen in a field of an act: the office's units and people, and the rows of the book that stand open now."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from api.pages import labels
from api.pages.render import Names
from domain.asking import Ask
from domain.chains import next_step, open_chains
from domain.clocks import alarms
from domain.gates import open_duties

Options = tuple[tuple[str, str], ...]


def _units(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((key, names.unit(key)) for key in ask.law.office.get("unit", {}))


def _people(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    rows: Mapping[str, Any] = ask.law.office.get("person", {})
    return ((key, f"{names.one(key)} · {names.unit(row.get('unit', ''))}") for key, row in rows.items())


def _addressees(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    """Units in hand first, among them those that the route names."""
    named = [one.removeprefix("unit:") for row in (ask.law.table("route") or {}).get("rows", ()) if row.get("do") == ask.command.act and ask.holds(row) and "to" in row for one in ask.who(row["to"]) if one.startswith("unit:")]
    first = [unit for unit in dict.fromkeys(named) if unit in ask.law.office.get("unit", {})]
    return ((key, names.unit(key)) for key in [*first, *(unit for unit in ask.law.office.get("unit", {}) if unit not in first)])


def _held(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    units = [str(part["unit"]) for part in ask.case.assignments.values() if part.get("unit") and not part.get("returned_at")]
    return ((unit, names.unit(unit)) for unit in dict.fromkeys(units))


def _rows(table: str) -> Callable[[Ask, Names], Iterable[tuple[str, str]]]:
    return lambda ask, names: ((key, names.word(row) or key) for key, row in ask.fitting(table))


def _ways(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((key, names.word(row) or key) for key, row in ask.fitting("again") if "where" not in row)


def _chains(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    wanted = ask.command.act == "propose"
    for name in open_chains(ask):
        step = next_step(ask, name)
        if step is not None and (step[2] == "propose") == wanted and ask.named(step[1]):
            yield name, names.row("chain", name)


def _duties(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((name, names.word(row) or name) for name, row in open_duties(ask) if "does" not in row and ("by" not in row or ask.named(row["by"])))


def _terms(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    able = {term for _, row in ask.fitting("extend") for term in row.get("of", ())}
    return ((clock.term, clock.en if names.lang == "en" and clock.en else clock.zh) for clock in alarms(ask.case, ask.law) if clock.state == "open" and clock.term in able)


def _whys(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((why, names.value("why", why)) for _, row in ask.fitting("extend") for why in row.get("why", ()))


def _scale(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    scale: Mapping[str, Any] = (ask.law.table("satisfy") or {}).get("scale", {})
    return ((key, names.word(row) if isinstance(row, Mapping) else str(row)) for key, row in scale.items())


def _modes(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    if ask.command.act == "supervise":
        modes: Mapping[str, Any] = (ask.law.table("supervise") or {}).get("modes", {})
        return ((key, names.word(row) or key) for key, row in modes.items())
    rows = [row for _, row in ask.fitting("answer") if "by" not in row or ask.named(row["by"])]
    known = {key: about for row in rows for key, about in row.get("modes", {}).items()}
    return ((key, names.word(about) or labels.of(labels.MODES, key, names.lang)) for key, about in known.items())


def _reasons(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    reasons: Mapping[str, Any] = (ask.law.table("supervise") or {}).get("reasons", {})
    return ((key, names.word(row) or key) for key, row in reasons.items() if ask.holds(row))


def _grounds(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    row = ask.law.row("order", ask.text("order"))
    return ((key, names.option("ground", key)) for key in row.get("grounds", ()))


def _values(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((str(one), str(one)) for one in ask.law.row("measure", ask.text("measure")).get("one_of", ()))


def _kinds_held(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((kind, kind) for _, row in ask.fitting("hold") for kind in row.get("kinds", ()))


def _items_held(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((key, str(item.get("description", key))) for key, item in ask.case.items.items() if not item.get("returned_at"))


def _ways_back(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((str(row["return"]["how"]), str(row["return"].get("zh", row["return"]["how"]))) for _, row in ask.fitting("hold") if row.get("return", {}).get("how"))


def _outcomes(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    outcomes: Any = ask.law.row("incident", ask.text("what")).get("outcomes", {})
    return ((key, names.word(row) if isinstance(row, Mapping) else str(row)) for key, row in outcomes.items()) if isinstance(outcomes, Mapping) else ((one, one) for one in outcomes)


def _told(table: str, column: str) -> Callable[[Ask, Names], Iterable[tuple[str, str]]]:
    def words(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
        return ((to, labels.of(labels.ROLES, to, names.lang)) for to in ask.law.row(table, ask.text("what")).get(column, ()))

    return words


def _mediums(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((one, labels.of(labels.MODES, one, names.lang)) for one in ask.law.row("form", ask.text("form")).get("medium", ()))


def _signs(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return _of(labels.SIGNATURES)(ask, names) if ask.law.row("form", ask.text("form")).get("sign") else ()


def _hows(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((one, labels.of(labels.MODES, one, names.lang)) for one in ask.law.row("serve", ask.text("what")).get("how", ()))


def _open_orders(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    kinds = dict.fromkeys(str(part["kind"]) for part in ask.case.orders.values() if not part.get("confirmed_at"))
    return ((kind, names.row("order", kind)) for kind in kinds)


def _facts_known(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((name, names.row("fact", name)) for name in ask.case.facts)


def _marks(ask: Ask, names: Names) -> Iterable[tuple[str, str]]:
    return ((name, names.event(name)) for name in ask.case.marks if name in labels.EVENTS)


def _of(table: Mapping[str, tuple[str, str]]) -> Callable[[Ask, Names], Iterable[tuple[str, str]]]:
    return lambda _, names: ((key, en if names.lang == "en" else zh) for key, (zh, en) in table.items())


# By field, then by act: '*' = every act that has the field.
CHOICES: dict[str, dict[str, Callable[[Ask, Names], Iterable[tuple[str, str]]]]] = {
    "unit": {"transfer": _addressees, "assign": _addressees, "forward": _addressees, "approve": _units, "propose": _units, "*": _held},
    "other_unit": {"*": _units}, "lead": {"joint": _units}, "support": {"*": _units},
    "person": {"transfer": _people, "submit": _people, "hand_over": _people, "recuse": _people, "measure": _people, "tell_leader": _people, "do": _people},
    "liaison": {"*": _people}, "handler": {"*": _people}, "for_person": {"*": _people}, "by": {"*": _people}, "custodian": {"*": _people},
    "to": {"reveal_contact": _people, "unmask": _people, "hand_over_item": _people, "report": _told("report", "to")},
    "decision": {"*": _of(labels.DECISIONS)}, "satisfaction": {"*": _scale}, "chain": {"*": _chains}, "duty": {"*": _duties}, "term": {"request_extension": _terms, "explain": _terms}, "why": {"*": _whys},
    "form": {"document": _rows("form")}, "measure": {"*": _rows("measure")}, "value": {"measure": _values}, "order": {"order": _rows("order"), "*": _open_orders},
    "what": {"publish": _rows("publish"), "report": _rows("report"), "serve": _rows("serve"), "incident": _rows("incident"), "unmask": _of({k: labels.SHOWN[k] for k in ("identity", "contact", "original")})},
    "ground": {"refuse": _rows("admit"), "order": _grounds}, "kind": {"turn_into": _rows("kind"), "hold_item": _kinds_held}, "finding": {"conclude": _rows("finding"), "answer_on_the_spot": _rows("finding")},
    "mode": {"*": _modes}, "reason": {"supervise": _reasons}, "item": {"*": _items_held}, "how": {"return_item": _ways_back, "serve": _hows}, "outcome": {"*": _outcomes},
    "reported_to": {"*": _told("incident", "tell")}, "way": {"appeal": _ways}, "relation": {"*": _of(labels.RELATIONS)}, "medium": {"*": _mediums}, "signature": {"document": _signs},
    "fact": {"correct": _facts_known}, "mark": {"correct": _marks},
}  # fmt: skip


def choices_of(ask: Ask, act: str, name: str, names: Names) -> Options:
    """The options of a field; () where it is free."""
    made = CHOICES.get(name, {})
    maker = made.get(act) or made.get("*")
    return tuple(dict(maker(ask, names)).items()) if maker is not None else ()
