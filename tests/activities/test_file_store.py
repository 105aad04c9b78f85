"""Files are whole or absent, private, and never outside their folder."""

import os
from pathlib import Path

import pytest

from activities.files import Folder
from activities.histories import BrokenFile, key_of, unpacked


def test_a_file_is_whole_private_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    files = Folder(tmp_path / "files")
    files.put("histories/ab/first.json", b"first")
    assert {path.stat().st_mode & 0o777 for path in (files.root, files.root / "histories", files.root / "histories" / "ab")} == {0o700}
    files.path("histories/ab/first.json").unlink()
    (tmp_path / "files" / "histories" / "ab" / ".x.json.4711.part").write_bytes(b"half")  # of a writer that was killed
    files.put("histories/ab/x.json", b"one")
    files.put("histories/ab/x.json", b"two")
    assert files.get("histories/ab/x.json") == b"two"
    path = files.path("histories/ab/x.json")
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["x.json"]
    files.set_aside("histories/ab/x.json", "damaged-1")
    files.set_aside("histories/ab/x.json", "damaged-1")  # again: nothing there, nothing happens
    assert os.listdir(path.parent) == ["x.json.damaged-1"]
    with pytest.raises(FileNotFoundError):
        files.get("histories/ab/x.json")


@pytest.mark.parametrize("key", ["", "/etc/passwd", "histories/../../x", ".."])
def test_a_key_stays_in_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        Folder(tmp_path).put(key, b"x")


def test_keys_of_cases_are_names_of_files() -> None:
    assert key_of("case-0123").endswith("/case-0123.json")
    for odd in ("district/whole#1", "../x", "案件", ".hidden", "a" * 300):
        folder, name = key_of(odd).split("/")[1:]
        assert len(folder) == 2 and len(name) == 64 + len(".json")


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[1]", b'{"format":"huiyin-history-1","case":"other","runs":[]}', b'{"format":"huiyin-history-1","case":"c","runs":[]}'])
def test_what_is_no_history_is_said(data: bytes) -> None:
    with pytest.raises(BrokenFile):
        unpacked("c", data)
