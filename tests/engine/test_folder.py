"""The data folder: its kind, its one holder, who may look into it."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from engine.folder import Folder, WrongFolder, held, home, open_folder


def test_a_real_folder_is_not_used_for_the_demo_nor_the_other_way(tmp_path: Path) -> None:
    for kind, other in (("real", "demo"), ("demo", "real")):
        open_folder(tmp_path / kind, kind)  # type: ignore[arg-type]
        with pytest.raises(WrongFolder, match=str(tmp_path / kind)):
            open_folder(tmp_path / kind, other)  # type: ignore[arg-type]
        open_folder(tmp_path / kind, kind)  # type: ignore[arg-type]


def test_folder_and_keys_are_ours_alone(tmp_path: Path) -> None:
    folder = open_folder(tmp_path / "data", "real")
    for path in (folder.path, folder.keys, folder.files, folder.logs):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_home_is_the_setting_or_the_users_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_HOME", str(tmp_path))
    assert home() == tmp_path
    monkeypatch.delenv("HUIYIN_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path / ".local" / "share" / "huiyin"


def test_what_was_remembered_survives_a_cut_file(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, "real")
    folder.remember({"api": 8080})
    folder.remember({"engine": 7233})
    assert folder.remembered() == {"api": 8080, "engine": 7233}
    folder.state_file.write_text("{")
    assert folder.remembered() == {}


def try_to_hold(folder: Folder, answer: "multiprocessing.queues.Queue[str]") -> None:
    try:
        with held(folder):
            answer.put("held")
    except WrongFolder as refusal:
        answer.put(str(refusal))


def test_one_start_at_a_time(tmp_path: Path) -> None:
    folder = open_folder(tmp_path, "real")
    spawn = multiprocessing.get_context("spawn")
    answer = spawn.Queue()
    with held(folder):
        other = spawn.Process(target=try_to_hold, args=(folder, answer))
        other.start()
        assert "in use by another process" in answer.get(timeout=20)
        other.join()
    with held(folder):
        pass
