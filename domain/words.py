"""By which words a case is found, each with the readers to whom it is open; deny by default, by the same rules as view and timeline.

Identity and the complainant's own words are at no level. `levels_of` says which levels a reader may look in, and which kinds of content
must be open to them for it; a level is never wider than what the reader's view and timeline show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.acts import SEALED
from domain.case import Case, Event
from domain.context import Context
from domain.law import Law, current
from domain.people import barred, respondent_units, respondents
from domain.telling import HIDES
from domain.views import HIDEABLE, Reader, closed_rules, shown_facts

NUMBER, OPEN, STAFF, CLOSED = "number", "open", "staff", "sealed"
ACCUSED = "staff"  # the kind by which the accused and the withdrawn are kept from what colleagues write
NEVER = frozenset(name for kind in ("identity", "contact", "original", "evidence") for name in HIDES[kind])
NEEDS = {NUMBER: (), OPEN: (), STAFF: (ACCUSED, "form", "evidence", "progress"), CLOSED: (ACCUSED, "form", "evidence", "progress", "identity", "contact", "original")}


@dataclass(frozen=True)
class Words:
    """Texts by level (those of CLOSED still sealed), the facts of the view, and the rules that close staff words to some."""

    levels: dict[str, list[str]]
    facts: dict[str, Any]
    closed: list[dict[str, Any]]


def words_of(case: Case, events: Iterable[Event], law: Law) -> Words:
    """All words of a case by which somebody may find it."""
    law = current(law, case)
    context = Context(case, law)
    facts = shown_facts(context)
    texts = [text for event in events if event.actor in law.office.get("person", {}) for text in _texts(_fields(event))]
    levels = {
        NUMBER: [case.register_no] if case.register_no != "#" else [],
        OPEN: [title(law, "kind", case.attrs.get("kind")), *titles(facts, law)],
        STAFF: [*(text for text in texts if not text.startswith(SEALED)), *_names(context)],
        CLOSED: [text for text in texts if text.startswith(SEALED)],
    }
    for part in case.assignments.values():
        for whose in (f"unit:{part['unit']}" if part.get("unit") else "", part.get("person", "")):
            if whose:
                levels.setdefault(f"@{whose}", []).extend(text for text in _texts(part) if not text.startswith(SEALED))
    away = sorted({*context.who(["respondent", "respondent_unit"]), *barred(case)})
    return Words({name: [text for text in found if text] for name, found in levels.items()}, facts, [*closed_rules(context, *HIDEABLE), {"hide": [ACCUSED], "from": away}])


def levels_of(reader: Reader) -> dict[str, tuple[str, ...]]:
    """The levels a reader may look in, each with the kinds of content that must be open to them."""
    if reader.outside:
        wider = () if reader.role == "admin" else (OPEN, *(f"@{name}" for name in sorted(reader.names)))
        return dict.fromkeys((NUMBER, *wider), ())
    return {level: NEEDS[level] for level in (NUMBER, OPEN, STAFF, *((CLOSED,) if reader.looks_over else ()))}


def said(shown: Mapping[str, Any], heard: Iterable[Mapping[str, Any]], law: Law) -> list[str]:
    """Every text that a view and a timeline say to their reader, with the words that stand for their codes."""
    known = {key: row.get("zh", "") for key, row in law.office.get("unit", {}).items()} | {key: row.get("name", "") for key, row in law.office.get("person", {}).items()}
    texts = [*_texts(shown, all_of=True), *_texts(list(heard), all_of=True)]
    names = [known[code] for text in dict.fromkeys(texts) if (code := text.removeprefix("unit:")) in known]
    coded = [title(law, table, shown.get(table)) for table in ("kind", "channel", "source")]
    return [text for text in (*texts, *names, *coded, *titles(shown.get("facts", {}), law)) if text]


def titles(facts: Mapping[str, Any], law: Law) -> list[str]:
    """Values of facts in words: the titles of options, and texts as they are."""
    found = []
    for name, value in facts.items():
        options = law.row("fact", name).get("options", {})
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                found.append(str(options[one].get("zh", "")) if one in options else one)
    return found


def _names(context: Context) -> list[str]:
    """Channel and source, units and staff that have to do with the case, by their names."""
    case, office = context.case, context.law.office
    units = [*respondent_units(case, office), *(part["unit"] for part in case.assignments.values() if part.get("unit"))]
    people = [row["person"] for row in respondents(case) if row.get("person")]
    return [
        title(context.law, "channel", case.attrs.get("channel")), title(context.law, "source", case.attrs.get("source")),
        *(str(office.get("unit", {}).get(one, {}).get("zh", "")) for one in dict.fromkeys(units)), *(str(office.get("person", {}).get(one, {}).get("name", "")) for one in dict.fromkeys(people)),
    ]  # fmt: skip


def title(law: Law, table: str, key: Any) -> str:
    """The word of a row of the book, '' where there is none."""
    return str(law.row(table, str(key)).get("zh", "")) if key else ""


def _fields(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event.data.get("fields", {}).items() if name not in NEVER}


def _texts(value: Any, *, all_of: bool = False) -> list[str]:
    """The texts within a value; codes, ids and dates only with `all_of`. What is sealed is a text too."""
    found: list[str] = []
    _gather(value, found, all_of)
    return found


def _gather(value: Any, found: list[str], all_of: bool) -> None:
    if isinstance(value, str):
        if all_of or value.startswith(SEALED) or not value.isascii():
            found.append(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            _gather(one, found, all_of)
    elif isinstance(value, (list, tuple)):
        for one in value:
            _gather(one, found, all_of)
