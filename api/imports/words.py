"""Words of a register as ids of the office and the rulebook: people, units, channels, kinds, facts."""

import re
from collections.abc import Mapping as Table
from typing import Any

from api.imports import values
from api.imports.mapping import Mapping
from api.imports.reading import plain
from api.imports.values import Wrong
from domain.core import Law

SEVERAL = re.compile(r"[、,,;;/\n]+")


class Names:
    """The names of one office under one mapping."""

    def __init__(self, law: Law, mapping: Mapping) -> None:
        self.law, self.mapping = law, mapping
        self.people = _index(law.office.get("person", {}), "name")
        self.units = _index(law.office.get("unit", {}), "zh")

    def person(self, value: str) -> str:
        """The id of a person, '' where the office has none of that name."""
        return self.people.get(plain(self.mapping.word("person", value)), "")

    def unit(self, value: str) -> str:
        """The id of a unit, '' where unknown."""
        return self.units.get(plain(self.mapping.word("unit", value)), "")

    def row(self, table: str, value: str) -> str:
        """The key of a named row of the book (channel, kind, source); raises Wrong value_unknown."""
        word = plain(self.mapping.word(table, value))
        rows = self.law.table(table)
        if table == "source" and word in ("self", "群众", "本人", "自行"):
            return "self"
        return _one(word, {key: str(row.get("zh", "")) for key, row in rows.items()})

    def fact(self, name: str, value: Any) -> Any:
        """A fact's value as the book has it; raises Wrong."""
        row = self.law.row("fact", name)
        kind = row.get("is", "one_of" if "options" in row else "text")
        if kind == "flag":
            return values.flag(value)
        if kind == "date":
            return values.moment(value)[0].isoformat()
        word = self.mapping.word(f"fact:{name}", values.text(value))
        if kind == "number":
            return _number(word)
        options = {key: str(one.get("zh", "")) for key, one in row.get("options", {}).items()}
        if kind == "one_of":
            return _one(plain(word), options)
        if kind == "some_of":
            return [_one(plain(one), options) for one in parts(word)]
        if kind in ("unit", "person"):
            return _known(self.unit(word) if kind == "unit" else self.person(word))
        return word


    def options(self, name: str) -> list[str]:
        """What a fact may be, as the book calls it; [] where it is not chosen from a list."""
        return [str(one.get("zh") or key) for key, one in self.law.row("fact", name).get("options", {}).items()]


def parts(value: str) -> list[str]:
    """Several names in one cell."""
    return [one.strip() for one in SEVERAL.split(value) if one.strip()]


def _index(rows: Table[str, Any], name: str) -> dict[str, str]:
    """Ids by id, by name, and by what follows the last point of a name (示例·王受理) where that is one alone."""
    found: dict[str, str] = {}
    short: dict[str, list[str]] = {}
    for key, row in rows.items():
        full = plain(row.get(name, ""))
        short.setdefault(full.rpartition("·")[2], []).append(key)
        found[full] = key
    found |= {word: keys[0] for word, keys in short.items() if word and len(keys) == 1 and word not in found}
    return {**found, **{plain(key): key for key in rows}}


def _one(word: str, options: Table[str, str]) -> str:
    names = {key: plain(zh) for key, zh in options.items()}
    exact = [key for key, zh in names.items() if word in (plain(key), zh)]
    near = exact or [key for key, zh in names.items() if word and zh and (zh.startswith(word) or word.startswith(zh))]
    if len(near) != 1:
        raise Wrong("value_unknown")
    return near[0]


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise Wrong("value_unknown") from None


def _known(name: str) -> str:
    if not name:
        raise Wrong("value_unknown")
    return name
