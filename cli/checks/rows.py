"""Rows that nothing reaches, and rows that contradict each other."""

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, groupby
from typing import Any

from cli.checks.base import CONDITIONS, Book, Found, Row, around, conditions, lists, words
from cli.checks.worlds import Worlds
from domain.conditions import OPERATORS
from domain.law import NAMED


def unreachable(book: Book) -> Iterator[Found]:
    """A row of a list, or of a set of terms, that is never the first to hold."""
    for kind, path, outer, rows in lists(book):
        yield from _never(book, rows, [f"{path}[{n}]" for n in range(1, len(rows) + 1)], outer if kind in ("chain", "limits") else {}, choice=kind == "route")
    for name, group in sorted(_sets(book).items()):
        yield from _never(book, [row for _, row in group], [f"term.{key}" for key, _ in group], {}, why=name)
    first = list(book.named("first"))
    yield from _never(book, [row for _, row in first], [f"first.{key}" for key, _ in first], {})


def _sets(book: Book) -> dict[str, list[tuple[str, Row]]]:
    found: dict[str, list[tuple[str, Row]]] = {}
    for key, row in book.named("term"):
        if row.get("set"):
            found.setdefault(str(row["set"]), []).append((key, row))
    return found


def _never(book: Book, rows: list[Row], paths: list[str], outer: Row, *, choice: bool = False, why: str = "") -> Iterator[Found]:
    left = set(range(len(rows)))
    if len(rows) < 2 and not around(outer):
        return  # one row alone: `impossible` judges it
    before = _open_before(rows)
    worlds = Worlds(book, [around(outer), *map(around, rows)])
    for world in worlds.each():
        if not left:
            return
        if not world.holds(outer):
            continue
        for n, row in enumerate(rows):
            if world.holds(row):
                left.discard(n)
                if not (choice and row.get("choice")):
                    break
    for n in sorted(left):
        if worlds.whole or n in before:
            earlier = f"{paths[before[n]]}" if n in before else (f"set = {why}" if why else "…")
            yield Found(paths[n], f"永远到不了:前面的行({earlier})已经全部占去", f"can never be reached: the rows before it ({earlier}) take everything")


def _open_before(rows: list[Row]) -> dict[int, int]:
    """For each row the earlier one without any condition, which takes everything."""
    bare = next((n for n, row in enumerate(rows) if not any(row.get(word) for word in CONDITIONS) and not row.get("choice")), None)
    return {} if bare is None else dict.fromkeys(range(bare + 1, len(rows)), bare)


def impossible(book: Book) -> Iterator[Found]:
    """A row whose own conditions exclude each other."""
    for table in NAMED:
        for key, row in book.named(table):
            if not around(row) or any(op not in OPERATORS for _, one in conditions(around(row)) for wanted in one.values() if isinstance(wanted, Mapping) for op in wanted):
                continue
            worlds = Worlds(book, [around(row)])
            if worlds.whole and not any(world.holds(row) for world in worlds.each()):
                yield Found(f"{table}.{key}", "条件互相矛盾,永远不成立", "its conditions exclude each other: it never holds")


def overlapping(book: Book) -> Iterator[Found]:
    """Two rows of which only one can be meant, and both hold for the same facts."""
    for (one, first), (other, second), why_zh, why_en in _rivals(book):
        worlds = Worlds(book, [around(first), around(second)])
        both = next((world for world in worlds.each() if world.holds(first) and world.holds(second)), None)
        if both is not None:
            at = both.said() or "总是 / always"
            yield Found(one, f"与 {other} 同时成立({at}):{why_zh}", f"holds together with {other} ({at}): {why_en}")


Rival = tuple[tuple[str, Row], tuple[str, Row], str, str]


def _rivals(book: Book) -> Iterator[Rival]:
    for table, same, differ, why_zh, why_en in RIVALS:
        rows = [(key, row) for key, row in book.named(table) if same(row) is not None]
        for (one, first), (other, second) in combinations(rows, 2):
            if _meet(same(first), same(second)) and differ(first, second):
                yield (f"{table}.{one}", first), (f"{table}.{other}", second), why_zh, why_en


def _meet(one: Any, other: Any) -> bool:
    return bool(one & other) if isinstance(one, frozenset) else one == other


def _clock(row: Row) -> Any:
    """Of terms side by side those that measure the same stretch of the same thing, and are not of one set."""
    return None if row.get("set") or row.get("beside") or row.get("nature", "must") != "must" else (row.get("per", ""), str(row.get("from")), str(row.get("until")), str(row.get("of")))


def _spot(row: Row) -> Any:
    return "spot" if row.get("event") == "answered_on_the_spot" else None


def _giver(row: Row) -> Any:
    return None if row.get("consent") or row.get("event") == "answered_on_the_spot" else frozenset((str(row.get("event", "fed_back")), by) for by in words(row.get("by")))


def _other(*names: str) -> Callable[[Row, Row], bool]:
    return lambda one, two: any(one.get(name) != two.get(name) for name in names)


def _apart(one: Row, two: Row) -> bool:
    return not set(words(one["only_by"])) & set(words(two["only_by"]))


RIVALS: tuple[tuple[str, Callable[[Row], Any], Callable[[Row, Row], bool], str, str], ...] = (
    ("term", _clock, _other("limit"), "同一段时间有两个期限", "one stretch of time has two limits"),
    ("extend", lambda row: frozenset((term, why) for term in words(row.get("of")) for why in (words(row.get("why")) or [""])), _other("adds", "why", "times", "chain", "effect", "by", "in_all"), "同一期限有两种延法,只有前一行生效", "one term is extended in two ways, and only the first is used"),
    ("answer", _spot, _other("by", "contents", "modes"), "当场答复只按前一行", "an answer on the spot takes the first only"),
    ("answer", _giver, _other("contents", "modes"), "同一人答复,只按前一行的要求", "the same giver answers by the first only"),
    ("admit", lambda row: "turns" if "turns_into" in row else None, _other("turns_into"), "应转为的类别不止一个", "it must be turned into two kinds"),
    ("hold", lambda row: frozenset(words(row.get("kinds"))), _other("return"), "同一物品有两种退还办法,只有前一行生效", "one item is returned in two ways, and only the first is used"),
    ("gate", lambda row: frozenset(words(row.get("act"))) if "only_by" in row and not row.get("given") else None, _apart, "此操作只由甲办、又只由乙办,无人可办", "the act is only one's and only another's: nobody can do it"),
)


def doubled(book: Book) -> Iterator[Found]:
    """The same row written twice under two names."""
    for table in NAMED:
        rows = sorted(((str({k: v for k, v in row.items() if k not in ("zh", "en", "reading", "clause")}), key) for key, row in book.named(table) if len(row) > 3 and table not in ("channel", "source", "unit_kind", "param")), key=lambda one: one[0])
        for _, same in groupby(rows, key=lambda one: one[0]):
            keys = [key for _, key in same]
            if len(keys) > 1 and table in ("term", "gate", "chain", "trigger", "extend", "urge"):
                yield Found(f"{table}.{keys[1]}", f"与 {table}.{keys[0]} 完全相同", f"says the same as {table}.{keys[0]}")

