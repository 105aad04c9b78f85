"""A closed row of an old register as a case that is over: no clock, no task; who may see it is decided by the view, as for every case."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.acts import SEALED
from domain.case import Case, Event, fold, iso
from domain.context import Context
from domain.law import Law
from domain.people import barred
from domain.views import HIDEABLE, Reader, closed_rules, closed_to, concerned_ids
from domain.words import CLOSED, NUMBER, OPEN, STAFF, Words, title, titles


def old_record(name: str, about: Mapping[str, Any], law: Law) -> Case:
    """The case that a record was: `about` has old_no, received_at, closed_at, kind, channel, source, clerk, respondents, units, facts, identity, digests, original."""
    office, people = law.office, law.office.get("person", {})
    case = Case.new(name, str(office["office"]["id"]), str(law.table("book").get("id", "")))
    respondents = []
    for row in about.get("respondents", ()):
        known = people.get(row.get("person", ""), {})
        respondents.append({**{key: known[key] for key in ("unit", "rank", "staff_kind", "window") if known.get(key)}, **row})
    ended = about.get("closed_at") or about["received_at"]
    parts = {f"a{n}": {"unit": unit, "sent_at": iso(about["received_at"]), "reported_at": iso(ended), "round": 1} for n, unit in enumerate(about.get("units", ()), 1)}
    attrs = {
        "phase": "archived", "old_no": about["old_no"], "received_at": iso(about["received_at"]), "closed_at": iso(about["closed_at"]) if about.get("closed_at") else None,
        "kind": about.get("kind"), "channel": about.get("channel"), "source": about.get("source"), "clerk": about.get("clerk", ""), "respondents": respondents, "round": 1,
        "identity": about.get("identity", ""), "digests": list(about.get("digests", ())), "summary_sha": about.get("original", ""), "anonymous": bool(about.get("anonymous")),
    }  # fmt: skip
    patch = {"attrs": attrs, "facts": dict(about.get("facts", {})), "assignments": parts}
    fold(case, Event(1, "old_record", about["received_at"], "system", "", "", "", (), {"patch": patch}))
    return case


def who_may_know(case: Case, law: Law) -> dict[str, Any]:
    """Who may know of a record and of what in it: the same as the row of a case has, all its secrets, and whom it accuses."""
    context = Context(case, law)
    accused = sorted(context.who(["respondent", "respondent_unit"]))
    return {"concerned": sorted(concerned_ids(context)), "barred": sorted(barred(case)), "closed": closed_rules(context, *HIDEABLE), "accused": accused}


def hidden_inside(known: Mapping[str, Any], reader: Reader) -> set[str]:
    """What the view would hide of a record from a reader who is not outside, of `who_may_know` alone: a file of ten thousand needs no law for each."""
    hidden = {kind for rule in known["closed"] if closed_to(rule, reader) for kind in rule["hide"]}
    if not reader.looks_over or not reader.names.isdisjoint(known["accused"]):
        hidden |= {"identity", "contact", "original"}
    return hidden


def words_of(number: str, about: Mapping[str, Any], units: Iterable[str], outcome: str, known: Mapping[str, Any], law: Law) -> Words:
    """All words by which somebody may find a record: of what its line in the list shows, and under the rules by which it does. What is sealed is at the level of what is sealed."""
    office, people = law.office.get("unit", {}), law.office.get("person", {})
    respondents, facts = list(about.get("respondents", ())), dict(about.get("facts", {}))
    named = [str(row["name"]) for row in respondents if row.get("name")]
    places = [*units, *(row["unit"] for row in respondents if row.get("unit"))]
    levels = {
        NUMBER: [number],
        OPEN: [title(law, "kind", about.get("kind")), *titles(facts, law)],
        STAFF: [
            title(law, "channel", about.get("channel")), title(law, "source", about.get("source")), *(str(office.get(one, {}).get("zh", "")) for one in places),
            *(str(people.get(row["person"], {}).get("name", "")) for row in respondents if row.get("person")), *(one for one in named if not one.startswith(SEALED)),
        ],
        CLOSED: [one for one in (*named, outcome) if one.startswith(SEALED)],
    }  # fmt: skip
    closed = [*known["closed"], {"hide": ["identity", "contact", "original"], "from": known["accused"]}]
    return Words({level: [text for text in texts if text] for level, texts in levels.items()}, facts, closed)


def levels_of(reader: Reader) -> dict[str, tuple[str, ...]]:
    """The levels of records that a reader may look in, each with the kinds of content that must be open to them (domain.words, of cases)."""
    if reader.outside:
        return {} if reader.role == "admin" else {NUMBER: (), OPEN: ()}
    return {NUMBER: (), OPEN: (), STAFF: (), **({CLOSED: ("original",)} if reader.looks_over else {})}
