"""Which ledgers a worker feeds: those of the offices in its folder whose books look across cases, as the files are now."""

import os
from pathlib import Path

from cli import library
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
    assert laws() is first
    file.write_text(source.replace("common_threshold = 2", "common_threshold = 3"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert laws()["kaiyang"][1].row("param", "common_threshold")["value"] == 3
