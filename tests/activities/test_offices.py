"""The office files of a worker: what an administrator mends holds at once, and a slip of the pen loses nothing."""

import os
from pathlib import Path

import pytest

from worker.offices import Offices


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
