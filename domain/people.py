"""Who is who in one office, and who stands in which relation to a case. People are ids; names stay in the office file."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from domain.case import Case

OUTSIDERS = ("complainant", "public", "system", "proxy")


def active(case: Case) -> list[dict[str, Any]]:
    """The assignments (承办) that are still somebody's: not returned and not taken over."""
    return [a for a in case.assignments.values() if not a.get("returned_at") and not a.get("taken_over_at")]


def holders(office: Mapping[str, Any], post: str, unit: str = "") -> list[str]:
    """Persons holding a post, in one unit if named; sorted as in the office file."""
    people: Mapping[str, Any] = office.get("person", {})
    return [pid for pid, p in people.items() if post in p.get("posts", ()) and (not unit or p.get("unit") == unit)]


def standing_in(office: Mapping[str, Any], case: Case, person: str, at: datetime) -> list[str]:
    """Whom a person stands in for at an instant (design, section 4).

    A standing substitute never acts for somebody who has withdrawn; one named in the case by somebody else does.
    """
    if person in OUTSIDERS:
        return []
    mine = [r for r in office.get("substitute", ()) if r["by"] == person]
    away = barred(case) if mine else []
    named = case.people.get("substitutes", ())
    return [r["for"] for r in (*(r for r in mine if r["for"] not in away), *named) if r["by"] == person and _in_force(r, at)]


def replaced(who: Iterable[str], case: Case) -> list[str]:
    """The people of a list who may still act: without those who have withdrawn, with the substitutes named in the case."""
    out, rows = barred(case), case.people.get("substitutes", ())
    found = [one for one in who if one not in out] + [r["by"] for one in who if one in out for r in rows if r["for"] == one]
    return list(dict.fromkeys(found))


def _in_force(row: Mapping[str, Any], at: datetime) -> bool:
    return bool(row.get("from", "0") <= at.date().isoformat() <= row.get("until", "9"))


def barred(case: Case) -> list[str]:
    """Persons who have withdrawn from the case or were ordered to."""
    return list(case.people.get("recused", ()))


def respondents(case: Case) -> list[dict[str, Any]]:
    """The persons and units complained of, as filed."""
    return list(case.attrs.get("respondents", ()))


def respondent_units(case: Case, office: Mapping[str, Any]) -> list[str]:
    """Units complained of, each once, the units of the persons complained of among them."""
    people = office.get("person", {})
    named = [r.get("unit") or people.get(r.get("person", ""), {}).get("unit", "") for r in respondents(case)]
    return list(dict.fromkeys(u for u in named if u))


def related(who: str | Iterable[str], case: Case, office: Mapping[str, Any], held: list[str] | None = None) -> list[str]:
    """Ids of persons ('wang'), units ('unit:tax') and outsiders ('complainant') that a word of a rulebook names now; `held`: its holders, if known."""
    if not isinstance(who, str):
        return list(dict.fromkeys(one for word in who for one in related(word, case, office)))
    if ":" in who and not who.startswith("unit:"):
        post, relation = who.split(":", 1)
        return composed(post, related(relation, case, office), office)
    held = holders(office, who) if held is None else held  # a post of the book goes before a relation of the same name
    if held:
        return list(held)
    named = _NAMED.get(who)
    if named is not None:
        return list(named(case, office))
    if who in OUTSIDERS or who.startswith("unit:"):
        return [who]
    if who in office.get("unit", {}):
        return [f"unit:{who}"]
    return [who] if who in office.get("person", {}) else []


def composed(post: str, base: list[str], office: Mapping[str, Any]) -> list[str]:
    """Whoever stands in a relation to units or people: holders of a post there, or what the unit's own row names (head, parent)."""
    people, units = office.get("person", {}), office.get("unit", {})
    found: list[str] = []
    for one in base:
        unit = one.removeprefix("unit:") if one.startswith("unit:") else people.get(one, {}).get("unit", "")
        row = units.get(unit, {})
        role = {"principal": "head", "leader_in_charge": "leader"}.get(post, post)
        if row.get(role):
            found.append(f"unit:{row[role]}" if row[role] in units else row[role])
        else:
            found.extend(holders(office, post, unit))
    return list(dict.fromkeys(found))


def _units_of(case: Case, roles: tuple[str, ...] = ()) -> list[str]:
    return list(dict.fromkeys(f"unit:{a['unit']}" for a in active(case) if a.get("unit") and (not roles or a.get("role") in roles)))


def _handlers(case: Case, office: Mapping[str, Any]) -> list[str]:
    own = case.attrs.get("own_by")
    named = [a["person"] for a in active(case) if a.get("person")]
    return list(dict.fromkeys([*([own] if own else []), *named, *_units_of(case)]))


def _superiors(case: Case, office: Mapping[str, Any]) -> list[str]:
    units = office.get("unit", {})
    above = [units.get(u, {}).get("superior") or units.get(u, {}).get("parent", "") for u in respondent_units(case, office)]
    return list(dict.fromkeys(f"unit:{u}" for u in above if u))


def _next_level(case: Case, office: Mapping[str, Any]) -> list[str]:
    """The unit below the present holder, or below the office it belongs to, on the way down to the unit complained of (逐级下发)."""
    last = next((a["unit"] for a in reversed(active(case)) if a.get("unit")), office.get("person", {}).get(case.attrs.get("clerk", ""), {}).get("unit", ""))
    holder, found = _upwards(last, office), []
    for unit in respondent_units(case, office):
        way = _upwards(unit, office)
        met = next((one for one in holder if one in way), "")
        if met and met != unit:
            found.append(f"unit:{way[way.index(met) - 1]}")
    return list(dict.fromkeys(found))


def _upwards(unit: str, office: Mapping[str, Any]) -> list[str]:
    units, way = office.get("unit", {}), [unit]
    while (above := units.get(way[-1], {}).get("parent", "")) in units and above not in way:
        way.append(above)
    return way


def _attr(name: str) -> Any:
    def read(case: Case, office: Mapping[str, Any]) -> list[str]:
        value = case.attrs.get(name)
        return [value] if value else []

    return read


_NAMED: dict[str, Any] = {
    "respondent": lambda case, office: [r["person"] for r in respondents(case) if r.get("person")],
    "respondent_unit": lambda case, office: [f"unit:{u}" for u in respondent_units(case, office)],
    "superior_of_respondent": _superiors,
    "next_level": _next_level,
    "handling_unit": lambda case, office: _units_of(case),
    "lead_unit": lambda case, office: _units_of(case, ("lead", "own", "")),
    "support_unit": lambda case, office: _units_of(case, ("support",)),
    "handler": _handlers,
    "other_parties": lambda case, office: list(case.attrs.get("other_parties", ())),
    "clerk": _attr("clerk"),
    "first_asked": _attr("first_asked"),
    "author": lambda case, office: list(case.attrs.get("authors", ())),
    "proposer": _attr("proposer"),
    "assigner": _attr("assigner"),
    "source": _attr("source_person"),
}
RELATIONS = frozenset(_NAMED)


def is_one(person: str, among: Iterable[str], office: Mapping[str, Any]) -> bool:
    """Whether a person is named among ids, in person or as one of a unit named there."""
    unit = office.get("person", {}).get(person, {}).get("unit", "")
    names = set(among)
    return person in names or (bool(unit) and f"unit:{unit}" in names)
