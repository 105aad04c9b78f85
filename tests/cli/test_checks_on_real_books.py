"""`rules check` on the books in force: broken where a reader would stumble it says so, and no shape of a file stops it."""

from __future__ import annotations

import copy
import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cli import library, rules
from cli.checks.base import Book, walk, words
from cli.checks.events import MARKS
from cli.checks.places import lines
from cli.checks.report import look, read
from domain.acts import ACTS
from domain.asking import COMPLAINT_ACTS
from tests.soundbook import TEXT

BOOKS = library.books()
# An event that one act alone brings, so that nobody brings it once no post may do the act.
ONLY_BY = {row.event: act for act, row in ACTS.items() if not row.judged and act not in COMPLAINT_ACTS and [one.event for one in ACTS.values()].count(row.event) == 1}
OTHERWISE = {"accepted", "registered", "closed", "archived", "own", "unit_received", "fed_back", "finished"} | {mark for act, marks in MARKS.items() for mark in marks if ACTS[act].event != mark}


def without_act(book: Book, act: str) -> Book:
    rows = copy.deepcopy(dict(book.rows))
    for row in rows["post"].values():
        row["may"] = [one for one in row["may"] if one != act]
    return Book(rows, book.clauses, book.offices)


@pytest.mark.parametrize("name", BOOKS)
def test_a_term_whose_end_nobody_may_bring_any_more_is_found(name: str) -> None:
    book = read(name)
    ends = {(f"term.{key}", str(row["until"])) for key, row in book.named("term") if isinstance(row["until"], str) and not row.get("per") and row["until"] in ONLY_BY and row["until"] not in OTHERWISE}
    for entry, event in sorted(ends):
        found = {(one.name, what.entry) for one, what in look(without_act(book, ONLY_BY[event]))}
        assert ("endless", entry) in found, (entry, event)


def test_terms_of_the_books_were_broken_at_all() -> None:
    events = {str(row["until"]) for name in BOOKS for _, row in Book(library.book(name)).named("term") if isinstance(row["until"], str)}
    assert len(events & set(ONLY_BY) - OTHERWISE) >= 3


@pytest.mark.parametrize("name", BOOKS)
def test_a_mistyped_value_in_a_condition_is_found(name: str) -> None:
    rows = copy.deepcopy(dict(library.book(name)))
    table, word = next(((row, key) for _, part in walk(rows) for row in [part.get("when")] if isinstance(row, dict) for key in row if isinstance(row[key], str) and rows.get("fact", {}).get(key, {}).get("options")), ({}, ""))
    if not word:
        pytest.skip("no condition of this book asks for an option")
    table[word] = "mistyped"
    assert "conditions" in {one.name for one, _ in look(Book(rows, tuple(library.clauses(name))))}


@pytest.mark.parametrize("name", BOOKS)
def test_no_shape_of_a_file_stops_the_checks(name: str) -> None:
    chance = random.Random(name)
    for _ in range(12):
        rows = copy.deepcopy(dict(library.book(name)))
        places = [(part, key) for path, part in walk(rows) if path for key in part]
        for table, key in chance.sample(places, min(3, len(places))):
            table[key] = chance.choice([7, "x", [], {}, [1], {"y": 1}, True, None, ["when", {"by": 3}], {"rows": [4]}])
        assert all(what.zh and what.en and one.remedy_zh for one, what in look(Book(rows, ({"ref": 3},), read(name).offices)))


def test_every_entry_of_every_file_has_its_line() -> None:
    for path in [*library.BOOKS.glob("*.toml"), *library.CLAUSES.glob("*.toml"), *library.OFFICES.glob("*.toml")]:
        text = path.read_text(encoding="utf-8")
        known = lines(text)
        rows = text.splitlines()
        for entry, part in walk(tomllib.loads(text)):
            for key in part:
                assert key in rows[known[f"{entry}.{key}" if entry else key] - 1], (path.name, entry, key)


def test_a_finding_names_file_line_entry_and_remedy_chinese_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BOOKS", "CLAUSES", "OFFICES"):
        (tmp_path / name).mkdir()
        monkeypatch.setattr(library, name, tmp_path / name)
    library.book.cache_clear()
    text = TEXT.replace('until = "concluded"', 'until = "progressed"')
    (tmp_path / "BOOKS" / "small.toml").write_text(text, encoding="utf-8")
    (tmp_path / "CLAUSES" / "small.toml").write_text('[[clause]]\nref = "一"\nstatus = "done"\nzh = "样例"\nen = "a sample"\n', encoding="utf-8")
    found = rules.check("small")
    library.book.cache_clear()
    at = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith("term.unit"))
    ended = next(line for line in found if "term.unit" in line)
    assert ended.startswith(f"{tmp_path / 'BOOKS' / 'small.toml'}:{at} term.unit: 终点永远不会到来")
    assert re.search(r"改法:.+ / its end can never come: nothing brings about progressed\. Remedy: give a post", ended)
    assert any(line.startswith(f"{tmp_path / 'CLAUSES' / 'small.toml'}:1 一: 状态须为") for line in found)
    assert len(found) == 2


def test_words_of_a_moment_are_found_at_any_depth() -> None:
    moment: Any = {"all": ["a", {"any": ["b", ["c"]]}]}
    assert words(moment) == ["a", "b", "c"]
