"""The office files of a worker: what an administrator mends holds at once, and a slip of the pen loses nothing."""

import os
from pathlib import Path

import pytest

from cli import library
from domain.versions import content
from tests.shelves import put_in_force
from worker.offices import Offices
from workflows.published import Shelf
from workflows.published import write as keep


def write(path: Path, text: str, stamp: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (stamp, stamp))


def test_a_mended_address_holds_and_a_broken_file_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "o.toml"
    write(path, '[office]\nid = "o"\n[person.li]\nnotify = ["json://old"]\n[unit.land]\nnotify = ["json://unit"]\n', 1)
    offices = Offices(tmp_path, every=0.0)
    assert offices.addresses("o", "li") == ["json://old"]
    assert offices.addresses("o", "unit:land") == ["json://unit"]
    assert offices.addresses("o", "land") == offices.addresses("elsewhere", "li") == []
    write(path, '[office]\nid = "o"\n[person.li]\nnotify = ["json://new", "json://new"]\n', 2)
    assert offices.addresses("o", "li") == ["json://new"]
    write(path, "[office\n", 3)
    assert offices.addresses("o", "li") == ["json://new"]
    assert "o.toml" in caplog.text
    path.unlink()
    assert offices.all() == {}


def test_notices_are_called_what_the_published_text_calls_them(tmp_path: Path) -> None:
    name, keys = "district-e-supervision", tmp_path / "keys"
    write(tmp_path / "o.toml", f'[office]\nid = "o"\nrulebook = "{name}"\n', 1)
    book = library.book(name)
    form = next(iter(book["notice"]))
    offices = Offices(tmp_path, every=0.0, keys=keys)
    before = offices.words("o", form)
    assert before == (name, book["notice"][form]["zh"], before[2])
    text = content({**book, "notice": {form: {**book["notice"][form], "zh": "公布的名称"}}}, [], {})
    shelf = put_in_force(keys, "o", name, text)
    assert offices.words("o", form)[:2] == (name, "公布的名称")
    keep(keys, Shelf(shelf.entries, {}))
    assert offices.words("o", form)[:2] == before[:2], "a text that is not there cannot be read out"
