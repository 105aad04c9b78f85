"""Which books came with the system: every one of today is on its list, a changed one is not, and one that an upgrade has replaced still is."""

import copy
import re
from pathlib import Path

import pytest

from cli import library, shipped
from domain.core import law_value

LAWS = [(name, office) for name in library.books() for office in [library.office_for(name)]]


@pytest.mark.parametrize("name", library.books())
def test_every_book_is_on_its_list_once(name: str) -> None:
    lines = (library.BOOKS / shipped.FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert shipped.rules_hash(library.book(name)) in lines, "run python -m cli.docs"
    assert len(set(lines)) == len(lines)
    assert all(re.fullmatch("[0-9a-f]{64}", line) for line in lines)


@pytest.mark.parametrize(("name", "office"), LAWS, ids=[name for name, _ in LAWS])
def test_a_law_of_a_sample_office_is_a_shipped_book(name: str, office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    law = law_value(library.law(name, office))
    assert shipped.is_shipped(law)
    later = copy.deepcopy(library.book(name))
    later["post"]["new"] = {"may": ["note"], "office": True}
    monkeypatch.setattr(library, "book", lambda _: later)
    assert shipped.is_shipped(law), "known by its hash alone, without what the office merged into it"


def test_a_book_that_somebody_changed_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    law = law_value(library.law("kaiyang-one-window", "kaiyang"))
    law["book"]["term"]["general"]["limit"] = {"working_days": 30}
    assert not shipped.is_shipped(law)
    own = copy.deepcopy(library.book("kaiyang-one-window"))
    own["term"]["general"]["limit"] = {"working_days": 30}
    monkeypatch.setattr(library, "book", lambda _: own)
    assert not shipped.is_shipped(law), "lying in the folder does not make it shipped"
    law["book"]["book"]["id"] = "no-such-book"
    assert not shipped.is_shipped(law)


def test_a_hash_is_added_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small.toml").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(library, "BOOKS", tmp_path)
    monkeypatch.setattr(library, "book", lambda _: {"x": 1, "zh": "字"})
    assert [path.name for path in shipped.added()] == ["small.txt"]
    assert shipped.added() == []
    monkeypatch.setattr(library, "book", lambda _: {"x": 2})
    shipped.added()
    assert shipped.known("small") == {shipped.rules_hash({"x": 1}), shipped.rules_hash({"x": 2})}
