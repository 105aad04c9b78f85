"""All the states of the facts that a few conditions can tell apart: the core's own evaluator runs over them, so a check means what the core means."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from cli.checks.base import Book, Row, conditions
from domain.acts import PHASES
from domain.conditions import holds

MOST = 40_000
OTHER = "—"  # a value that no condition names
LISTED = frozenset({"respondent_staff_kind", "unit_kind", "handling_unit_kind", "respondent_above", "respondent"})
NEVER_OPEN = frozenset({"kind", "phase", "anonymous", "real_name", "has_contact", "late", "extension_asked", "hour_kind", "respondent_kind", "round", "repeat_no", "respondent_count", "respondent_units"})
CLOSED: Mapping[str, tuple[Any, ...]] = {
    "phase": ("none", *PHASES, "archived"), "hour_kind": ("working", "off_hours", "day_off"), "respondent_kind": ("person", "unit"),
    **dict.fromkeys(("anonymous", "real_name", "has_contact", "late", "extension_asked"), (True, False)),
}  # fmt: skip
UNSET: Mapping[str, tuple[Any, ...]] = {"choice": (True, False), "number": (2,), "ratio": (0.5,), "term": ({"working_days": 3},)}


class Worlds:
    """The states that the conditions of some rows tell apart; `whole` says whether all of them were looked at."""

    def __init__(self, book: Book, rows: Iterable[Row]) -> None:
        self.book, self.scale = book, tuple(book.table("rank").get("scale", ()))
        self.wanted: dict[str, list[Any]] = {}
        self._gather(rows)
        self.free = {name: self._values(name) for name in self.wanted if not self._derived(name)}
        self.whole = math.prod(len(values) for values in self.free.values()) <= MOST

    def each(self) -> Iterator["World"]:
        """Every state; none where they are too many to be looked at."""
        if self.whole:
            names = list(self.free)
            for values in product(*self.free.values()):
                yield World(self, dict(zip(names, values, strict=True)))

    def _derived(self, name: str) -> bool:
        row = self.book.table("fact").get(name)
        return isinstance(row, Mapping) and bool(row.get("rows")) and "by" not in row

    def _gather(self, rows: Iterable[Row]) -> None:
        open_rows: list[Any] = list(rows)
        while open_rows:
            for _, table in conditions(open_rows.pop()):
                for name, wanted in table.items():
                    new = name not in self.wanted
                    self.wanted.setdefault(name, []).append(wanted)
                    for one in wanted.values() if isinstance(wanted, Mapping) else ():
                        if isinstance(one, str) and one.startswith("param."):
                            self.wanted.setdefault(one, [])
                    if new and self._derived(name):
                        open_rows.append({"rows": self.book.table("fact")[name]["rows"]})

    def _values(self, name: str) -> list[Any]:
        wanted = [one for each in self.wanted[name] for one in (each if isinstance(each, list) else [each])]
        plain = list(dict.fromkeys(one for one in wanted if not isinstance(one, Mapping)))
        figures = [(op, one) for each in wanted if isinstance(each, Mapping) for op, one in each.items()]
        plain += [one for op, one in figures if op in ("has", "under") and one not in plain]
        if name.startswith("event.") or any(op == "is" for op, _ in figures):
            return [True, False]
        if name.startswith("param."):
            return self._params(name.removeprefix("param."))
        numbers = sorted({n for op, one in figures for n in self._around(one)})
        row = self.book.table("fact").get(name)
        row = row if isinstance(row, Mapping) else {}
        if row.get("is") == "some_of" or name in LISTED or any(op in ("has", "under") for op, _ in figures):
            some = plain or list(row.get("options", ()))[:1]
            return [[], *([one] for one in some), some, *([] if row.get("options") else [[OTHER]])]
        if numbers:
            ranked = list(self.scale) if any(isinstance(one, str) and one in self.scale for _, one in figures) else numbers
            return [*dict.fromkeys([*ranked, *plain, *([] if name in NEVER_OPEN else [None])])]
        known = self._known(name, row, plain)
        return [*dict.fromkeys([*known, *([] if name in NEVER_OPEN or "default" in row else [None])])]

    def _known(self, name: str, row: Row, plain: list[Any]) -> list[Any]:
        if name in CLOSED:
            return list(CLOSED[name])
        if row.get("is") == "flag" or (plain and all(isinstance(one, bool) for one in plain)):
            return [True, False]
        listed = {"kind": self.book.table("kind"), "channel": self.book.table("channel"), "source": self.book.table("source")}.get(name, row.get("options"))
        if listed:  # the values that conditions name, and one for all the rest
            rest = next((one for one in listed if one not in plain), None)
            return [*plain, *([rest] if rest is not None else []), *([row["default"]] if "default" in row else [])]
        return [*plain, OTHER]

    def _params(self, name: str) -> list[Any]:
        row = self.book.table("param").get(name, {})
        set_by = [office.get("param", {}).get(name) for office in self.book.offices]
        values = [row.get("default"), *set_by, *UNSET.get(str(row.get("is")), (OTHER,))]  # what it is, and what another office may set
        return [one for n, one in enumerate(values) if one not in values[:n]]

    def _around(self, figure: Any) -> list[Any]:
        if isinstance(figure, str) and figure.startswith("param."):
            return [n for one in self._params(figure.removeprefix("param.")) for n in self._around(one)]
        if isinstance(figure, bool) or not isinstance(figure, (int, float)):
            return [n for n, one in enumerate(self.scale) if one == figure]
        return [figure - 1, figure, figure + 1]


class World:
    """One state: what each fact is, those derived from others among them."""

    def __init__(self, worlds: Worlds, values: dict[str, Any]) -> None:
        self.worlds, self.values = worlds, values

    def fact(self, name: str) -> Any:
        """A fact's value here."""
        if name not in self.values:
            self.values[name] = None
            row = self.worlds.book.table("fact").get(name, {})
            fits = next((one for one in row.get("rows", ()) if self.holds(one) and "value" in one), None)
            self.values[name] = fits["value"] if fits is not None else row.get("default")
        value = self.values[name]
        if value is None:
            row = self.worlds.book.table("fact").get(name)
            return row.get("default") if isinstance(row, Mapping) else None
        return value

    def holds(self, row: Row) -> bool:
        """Whether a row's conditions hold here."""
        return holds(row, self.fact, self.worlds.scale, lambda name, _: bool(self.values.get(name)))

    def said(self) -> str:
        """The state in words of the book."""
        return ", ".join(f"{name} = {value}" for name, value in self.values.items() if value is not None and name in self.worlds.free)
