"""A key that nobody reads is found in every table of every book, however deep, with file, line, entry, the key that was meant, and the remedy."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import library, rules, rules_schema
from cli.checks.base import Book
from cli.checks.keys import unknown_keys
from cli.checks.vocabulary import CONSEQUENCES, effects
from cli.rule_keys import ROWS, SHAPES, keys_in, keys_of
from domain.law import NAMED, SINGLE

STRANGE = "no_such_key"
CONDITIONS = ("when", "unless", "any")  # their keys are facts, which the check of conditions looks at
NAMES = ("options", "columns", "modes", "items", "contents", "reasons", "outcomes")  # their keys are names of the book's own; what stands under them is a table again
FREE = ("steps", "scale", "default")


def tables(value: Any, path: str, *, named: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table with fixed keys inside a value, with its path."""
    if isinstance(value, dict):
        if not named:
            yield path, value
        for key, part in list(value.items()):
            if named or key not in (*CONDITIONS, *FREE) or (path.startswith("term") and key == "any" and path.endswith((".from", ".until"))):
                yield from tables(part, f"{path}.{key}", named=key in NAMES and not named)
    elif isinstance(value, list):
        for n, part in enumerate(value, 1):
            yield from tables(part, f"{path}[{n}]")


@pytest.mark.parametrize("name", library.books())
def test_a_strange_key_is_found_wherever_it_stands(name: str) -> None:
    rows = copy.deepcopy(library.book(name))
    wanted = set()
    for table, value in rows.items():
        for path, one in list(tables(value, table, named=table in NAMED)):
            one[STRANGE] = "x"
            wanted.add(f"{path}.{STRANGE}")
    found = {one.entry for look in (unknown_keys, effects) for one in look(Book(rows))}
    assert len(wanted) > 5
    assert wanted - found == set()
    assert list(unknown_keys(Book(library.book(name)))) == []


def test_a_finding_names_file_line_key_and_what_was_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (library.BOOKS / "community-centre.toml").read_text(encoding="utf-8")
    broken = text.replace('items.met = { zh = "是否同投诉人见面", na = true', 'items.met = { zh = "是否同投诉人见面", naa = true')
    (tmp_path / "clauses").mkdir()
    (tmp_path / "community-centre.toml").write_text(broken, encoding="utf-8")
    (tmp_path / "clauses" / "community-centre.toml").write_text((library.CLAUSES / "community-centre.toml").read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(library, "BOOKS", tmp_path)
    monkeypatch.setattr(library, "CLAUSES", tmp_path / "clauses")
    library.book.cache_clear()
    try:
        (line,) = rules.check("community-centre")
    finally:
        library.book.cache_clear()
    number = 1 + broken[: broken.index("naa = true")].count("\n")
    assert f"community-centre.toml:{number} check.closing.items.met.naa: 没有此栏“naa”,应是“na”吗" in line
    assert "did you mean 'na'?" in line
    assert "Remedy: mend the name" in line


def test_one_list_for_the_check_and_for_the_schema() -> None:
    schema = rules_schema.schema()
    assert {*ROWS} <= {*NAMED, *SINGLE}
    for table in NAMED:
        row = schema["properties"][table]["additionalProperties"]
        assert set(row["properties"]) == set(keys_of(table))
        assert row["additionalProperties"] is False
    for shape in SHAPES:
        assert set(schema["$defs"][shape]["properties"]) == set(keys_in(shape))
        assert schema["$defs"][shape]["additionalProperties"] is False
    assert CONSEQUENCES.keys() < keys_in("then").keys()
    used = {shape.lstrip("[{") for keys in [*map(keys_of, (*NAMED, *SINGLE)), *map(keys_in, SHAPES)] for shape in keys.values() if shape}
    assert used - {"condition", "facts", "fields"} == set(SHAPES)
