"""Which ledgers a worker feeds: those of the offices in its folder whose books look across cases, as the files are now."""

import os
from pathlib import Path

from cli import library
from domain.versions import content
from tests.shelves import put_in_force
from worker.ledgers import Laws
from worker.offices import Offices


def test_laws_are_read_again_only_when_a_file_changes(tmp_path: Path) -> None:
    source = (library.OFFICES / "kaiyang.toml").read_text(encoding="utf-8")
    file = tmp_path / "kaiyang.toml"
    file.write_text(source, encoding="utf-8")
    (tmp_path / "empty.toml").write_text('[office]\nid = "empty"\n', encoding="utf-8")
    laws = Laws(Offices(tmp_path, every=0), tmp_path / "none")
    first = laws()
    assert list(first) == ["kaiyang"]
    assert first["kaiyang"][0] == "kaiyang-one-window"
    assert laws()["kaiyang"] is first["kaiyang"]
    assert laws.of("kaiyang") is first["kaiyang"][1]
    assert laws.of("empty") is None
    file.write_text(source.replace("common_threshold = 2", "common_threshold = 3"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert laws()["kaiyang"][1].row("param", "common_threshold")["value"] == 3


def test_a_ledger_counts_under_the_published_text(tmp_path: Path) -> None:
    office, keys = library.toml(library.OFFICES / "kaiyang.toml"), tmp_path / "keys"
    (tmp_path / "kaiyang.toml").write_text((library.OFFICES / "kaiyang.toml").read_text(encoding="utf-8"), encoding="utf-8")
    laws = Laws(Offices(tmp_path, every=0), tmp_path / "none", keys)
    folder = laws()["kaiyang"][1]
    terms = {**office, "param": {**office.get("param", {}), "common_threshold": 5}}
    put_in_force(keys, "kaiyang", "kaiyang-one-window", content(library.book("kaiyang-one-window"), [], terms))
    book, law = laws()["kaiyang"]
    assert (book, law.table("book")["version"], law.row("param", "common_threshold")["value"]) == ("kaiyang-one-window", 1, 5)
    assert folder.row("param", "common_threshold")["value"] == 2
    assert law.office["person"] == folder.office["person"]
