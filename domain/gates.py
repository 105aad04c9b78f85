"""Gates: an act needs certain events, documents, facts or consents first; open duties, items and orders hold others back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.acts import ACTS
from domain.asking import Ask, Refusal
from domain.case import instant
from domain.clocks import alarms, begun_duties, duty_begun, duty_done
from domain.context import Context
from domain.law import Law
from domain.parts import ever_done, part_duties, recurring


def check_gates(ask: Ask) -> None:
    """Refuse an act whose gate is not satisfied; each gate has its own code."""
    act = ask.command.act
    for row in ask.law.once(("gates", act), lambda law: _gates_of(law, act)):
        if not ask.holds(row) or not _given(ask, row):
            continue
        if "only_by" in row and ask.person != "system" and not ask.named(row["only_by"]):
            raise Refusal(str(row.get("code", "not_your_act")), row, None, ask.who(row["only_by"]))
        _sequence(ask, row)
        _words(ask, row)
        missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
        if missing:
            raise Refusal(str(row.get("code", "not_done_before")), row, missing)
        if "to" in row and not _addressed(ask, row):
            raise Refusal(str(row.get("code", "wrong_addressee")), row, None, ask.who(row["to"]))
    for name, row in ask.law.once(("forms", act), lambda law: [(n, r) for n, r in law.table("form").items() if act in r.get("needed_for", ())]):
        missed = name not in ask.case.forms and name not in (ask.fields.get("forms") or {})
        if missed and ask.holds(row):
            raise Refusal("form_missing", row, name)
    _in_time(ask)


def _gates_of(law: Law, act: str) -> list[dict[str, Any]]:
    """The gates that an act passes."""
    found = []
    for row in law.table("gate").values():
        acts = row.get("act", "*")
        acts = [acts] if isinstance(acts, str) else acts
        if act in acts or ("*" in acts and act not in row.get("except", ())):
            found.append(row)
    return found


def _in_time(ask: Ask) -> None:
    """Refuse an act outside the window that a term opens for it, or before the day that a floor keeps it from."""
    act = ask.command.act
    for name, row in ask.law.once(("terms", act), lambda law: [(n, r) for n, r in law.table("term").items() if act in r.get("act", ())]):
        if not ask.holds(row):
            continue
        clock = next((one for one in alarms(ask.case, ask.law) if one.term == name), None)
        late = clock is None or ask.command.received_at >= clock.overdue_at
        if row.get("nature") == "window" and late:
            raise Refusal("outside_window", row, clock.due_day if clock else row.get("from"))
        if row.get("nature") == "floor" and not late:
            raise Refusal("too_early", row, clock.due_day if clock else "")


def _words(ask: Ask, row: Mapping[str, Any]) -> None:
    """Refuse an act whose own texts hold an expression that the row bars."""
    texts = [value for value in ask.fields.values() if isinstance(value, str)]
    used = [word for word in row.get("bars_words", ()) if any(word in text for text in texts)]
    if used:
        raise Refusal(str(row.get("code", "words_barred")), row, used)


def check_duties(ask: Ask) -> None:
    """Refuse an act that an open duty blocks."""
    act = ask.command.act
    if not ask.law.once(("blocked", act), lambda law: _is_blocked(law, act)):
        return
    for name, row in open_duties(ask):
        if act in row.get("blocks", ("close",)) and row.get("does") != act:
            raise Refusal("duty_open", row, name, ask.who(row.get("by", ())))


def _is_blocked(law: Law, act: str) -> bool:
    """Whether any duty of the book can block an act at all; one that comes again blocks only what it names."""
    rows = [row.get("blocks", ("close",)) for row in law.table("duty").values()] + [row.get("blocks", ()) for row in law.table("recur").values()]
    return any(act in blocks for blocks in rows)


def _given(ask: Ask, row: Mapping[str, Any]) -> bool:
    """A gate with `given` is about an act that carries these fields: `true` = filled, else the value or one of the values."""
    for name, wanted in row.get("given", {}).items():
        value = ask.fields.get(name)
        if (value in (None, "", [], {})) if wanted is True else value not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True


def _sequence(ask: Ask, row: Mapping[str, Any]) -> None:
    names = row.get("sequence")
    if not names:
        return
    source = {**ask.fields, **(ask.fields.get("recording") or {})}
    values = [source.get(name) for name in names]
    if not any(values) or values[-1] is None:
        return
    try:
        instants = [instant(str(v)) for v in values]
    except ValueError:
        raise Refusal(str(row.get("code", "field_missing")), row, list(names)) from None
    if instants != sorted(instants):
        raise Refusal(str(row.get("code", "field_missing")), row, list(names))


def _addressed(ask: Ask, row: Mapping[str, Any]) -> bool:
    to = ask.text("to") or ask.text("person") or (f"unit:{ask.text('unit')}" if ask.text("unit") else "")
    return not to or to in ask.who(row["to"])


def lacking(ask: Ask, need: str) -> bool:
    """Whether a need of a gate is still open: 'field:x', 'event:x', 'form:x', 'fact:x', 'approved:x', 'done:x', 'finding' and so on."""
    kind, _, name = need.partition(":")
    check = NEEDS.get(kind)
    return check(ask, name) if check else need not in ask.case.marks


NEEDS: dict[str, Callable[[Ask, str], bool]] = {
    "field": lambda ask, name: ask.fields.get(name) in (None, "", [], {}),
    "fact": lambda ask, name: ask.fact(name) in (None, "") and (ask.fields.get("facts") or {}).get(name) in (None, ""),
    "event": lambda ask, name: name not in ask.case.marks,
    "form": lambda ask, name: name not in ask.case.forms and name not in (ask.fields.get("forms") or {}),
    "approved": lambda ask, name: f"approved:{name}" not in ask.case.marks,
    "done": lambda ask, name: name not in ask.case.done and not ever_done(ask.case, name, [one for one, _ in open_duties(ask)]),
    "consent": lambda ask, name: name not in ask.case.consents,
    "finding": lambda ask, _name: not (ask.fact("found") or ask.fields.get("finding")),
    "found": lambda ask, _name: ask.fact("found") not in ("true", "partly"),
    "never": lambda _ask, _name: True,  # a row that closes its act for good, and says so
    "no_open": lambda ask, _name: bool(open_duties(ask)) or any(not i.get("returned_at") for i in ask.case.items.values()),
}


def open_duties(context: Context) -> list[tuple[str, dict[str, Any]]]:
    """Duties that an event has opened and nobody has done yet; a duty counts as done from its own act on."""
    return context.once("duties", lambda: _open_duties(context))


def _open_duties(context: Context) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for name, row in begun_duties(context):
        if row.get("per") == "assignment":
            found += [(one.name, one.row) for one in part_duties(context, name, row) if one.met is None and context.holds(row)]
            continue
        started = duty_begun(context.case, row)
        if started is not None and duty_done(context.case, name, row, started) is None and context.holds(row) and not _done_by_act(context, row, started):
            found.append((name, row))
    return found + [(one.name, one.row) for one in recurring(context) if one.met is None and context.holds(one.row)]


def _done_by_act(context: Context, row: Mapping[str, Any], started: datetime) -> bool:
    if "until" in row:  # an event fulfils it, and no act by its name alone
        return any(name in context.case.marks for name in _listed(row["until"]))
    act = ACTS.get(row.get("does", ""))
    mark = context.case.marks.get(act.event) if act is not None else None
    return mark is not None and (not row.get("again") or mark.last >= started)


def _listed(names: str | Iterable[str]) -> Iterable[str]:
    return (names,) if isinstance(names, str) else names


def first(rows: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The first row, {} if none."""
    return next((row for _, row in rows), {})
