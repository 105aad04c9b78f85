"""What every check reads and says: a book with its clause list and offices in, findings out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Row = Mapping[str, Any]
CONDITIONS = ("when", "any", "unless")
NAMES = ("columns", "options", "modes", "items", "reasons", "outcomes", "scale", "sets", "flag")


class Found(NamedTuple):
    """One finding: the entry as a path in the file, and what is wrong with it in both languages."""

    entry: str
    zh: str
    en: str
    file: str = "book"


@dataclass(frozen=True)
class Book:
    """A rulebook as its file says, its clause list, the offices that work under it."""

    rows: Row
    clauses: tuple[Row, ...] = ()
    offices: tuple[Row, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # what several checks ask, computed once

    def table(self, name: str) -> Row:
        """A table of the book, {} where it has none or it is no table."""
        value = self.rows.get(name)
        return value if isinstance(value, Mapping) else {}

    def named(self, table: str) -> Iterator[tuple[str, Row]]:
        """The named rows of a mechanism."""
        return ((key, row) for key, row in self.table(table).items() if isinstance(row, Mapping))

    def once(self, name: str, make: Callable[["Book"], Any]) -> Any:
        """What `make` says of this book, kept."""
        if name not in self.kept:
            self.kept[name] = make(self)
        return self.kept[name]


class Check(NamedTuple):
    """One check: its name, what it finds, how to mend that, and the function that looks."""

    name: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str
    look: Callable[[Book], Iterator[Found]]


def words(value: Any) -> list[str]:
    """The words of a field that takes one, a list, or { any / all / since = [...] }."""
    if isinstance(value, str):
        return [value] if value else []
    if isinstance(value, Mapping):
        return [word for part in value.values() for word in words(part)]
    return [word for part in value for word in words(part)] if isinstance(value, (list, tuple)) else []


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Row]]:
    """Every table inside a value, itself among them, with its path."""
    if isinstance(value, Mapping):
        yield path, value
        for key, part in value.items():
            yield from walk(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for n, part in enumerate(value, 1):
            yield from walk(part, f"{path}[{n}]")


def conditions(value: Any, path: str = "") -> Iterator[tuple[str, Row]]:
    """Every table of conditions inside a value: each `when`, `unless` and choice of `any`."""
    for where, row in walk(value, path):
        if where.rpartition(".")[2] in NAMES:
            continue  # names of the book's own: a column may be called "when"
        for word in ("when", "unless"):
            if isinstance(row.get(word), Mapping):
                yield f"{where}.{word}" if where else word, row[word]
        if isinstance(row.get("any"), list):
            yield from ((f"{where}.any[{n}]" if where else f"any[{n}]", one) for n, one in enumerate(row["any"], 1) if isinstance(one, Mapping))


def lists(book: Book) -> Iterator[tuple[str, str, Row, list[Row]]]:
    """Every list of which the first row that fits is taken: its kind, path, the row around it, its rows."""
    for table in ("chain", "limits", "fact", "roster"):
        for key, row in book.named(table):
            if isinstance(row.get("rows"), list):
                yield table, f"{table}.{key}.rows", row, [one for one in row["rows"] if isinstance(one, Mapping)]
    rows = book.table("route").get("rows")
    if isinstance(rows, list):
        yield "route", "route.rows", {}, [one for one in rows if isinstance(one, Mapping)]
    for path, row in walk(book.rows):
        for word in ("by", "to", "only_by"):
            choice = row.get(word)
            if isinstance(choice, list) and choice and isinstance(choice[0], Mapping):
                yield "who", f"{path}.{word}", row, [one for one in choice if isinstance(one, Mapping)]


def around(row: Row) -> Row:
    """The conditions of a row, without the rest of it."""
    return {word: row[word] for word in CONDITIONS if word in row}
