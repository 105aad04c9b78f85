"""What the checks find in a book, each on one line: file and line, entry, what is wrong, the remedy; Chinese first."""

from collections.abc import Iterator
from pathlib import Path

from cli import library
from cli.checks.base import Book, Check, Found
from cli.checks.places import line_of, lines
from cli.checks.table import CHECKS
from workflows.place import Place


def check(name: str) -> list[str]:
    """All findings about a book, [] where a careful reader finds nothing."""
    book = read(name)
    files = {"book": library.BOOKS / f"{name}.toml", "clauses": library.CLAUSES / f"{name}.toml"}
    places = {kind: lines(path.read_text(encoding="utf-8")) for kind, path in files.items()}
    numbers = {str(row.get("ref")): n for n, row in enumerate(book.clauses, 1)}
    said = []
    for one, found in look(book):
        entry = f"clause[{numbers.get(found.entry, 0)}]" if found.file == "clauses" else found.entry
        said.append(line(one, found, _short(files[found.file]), line_of(places[found.file], entry)))
    return said


def read(name: str) -> Book:
    """A book with its clause list and the offices known to work under it: samples, and those of the installation."""
    paths = [*sorted(library.OFFICES.glob("*.toml")), *sorted(Place.of().offices.glob("*.toml"))]
    offices = [library.office(str(path)) for path in paths]
    mine = tuple(office for office in offices if isinstance(office.get("office"), dict) and office["office"].get("rulebook") == name)
    return Book(library.book(name), tuple(library.clauses(name)), mine)


def look(book: Book) -> Iterator[tuple[Check, Found]]:
    """Every finding with the check that made it; what is out of shape is said, and the other checks go on."""
    for one in CHECKS:
        try:
            yield from ((one, found) for found in dict.fromkeys(one.look(book)))
        except (TypeError, AttributeError, KeyError, ValueError, IndexError) as wrong:
            yield one, Found("book", f"形状不对,查不了“{one.zh}”({wrong})", f"is out of shape: '{one.en}' cannot be looked for ({wrong})")


def line(one: Check, found: Found, file: str, number: int) -> str:
    """One finding as text: an editor that knows `file:line` jumps there."""
    return f"{file}:{number} {found.entry}: {found.zh}。改法:{one.remedy_zh} / {found.en}. Remedy: {one.remedy_en}"


def _short(path: Path) -> str:
    return str(path.relative_to(library.ROOT)) if path.is_relative_to(library.ROOT) else str(path)
