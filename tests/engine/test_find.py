"""The order in which an engine is looked for, with small programs that only say their version."""

from pathlib import Path

import pytest

from engine import find as ways
from engine.build import NotBuilt, cache_of
from engine.progress import Progress
from engine.versions import Engine

QUIET = Progress(quiet=True)


def server(path: Path, version: str) -> Path:
    """A program that says the version a Temporal server says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "temporal version {version}"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with an empty PATH (but for sh) and an empty cache."""
    monkeypatch.delenv("HUIYIN_ENGINE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_setting_then_path_then_cache(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = server(cache_of() / "temporal-server", "1.32.1")
    assert ways.find(QUIET).path == kept
    on_path = server(world / "bin" / "temporal-server", "1.32.4")
    assert ways.find(QUIET) == Engine(on_path, "server", (1, 32, 4))
    named = server(world / "mine", "1.33.0")
    monkeypatch.setenv("HUIYIN_ENGINE", str(named))
    assert ways.find(QUIET).path == named


def test_an_old_server_on_path_is_passed_over(world: Path) -> None:
    server(world / "bin" / "temporal-server", "1.31.9")
    kept = server(cache_of() / "temporal-server", "1.32.1")
    assert ways.find(QUIET).path == kept


def test_an_old_server_in_the_setting_is_refused(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server(cache_of() / "temporal-server", "1.32.1")
    monkeypatch.setenv("HUIYIN_ENGINE", str(server(world / "old", "1.29.0")))
    with pytest.raises(ways.NoEngine, match=r"1\.29\.0"):
        ways.find(QUIET)


def test_download_then_build_then_the_list_of_ways(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def no_download(progress: Progress) -> str:
        asked.append("download")
        return "no network"

    def no_build(name: str, progress: Progress) -> Path:
        asked.append(name)
        raise NotBuilt("没有 Go  no Go on PATH")

    monkeypatch.setattr(ways, "download", no_download)
    monkeypatch.setattr(ways, "build", no_build)
    with pytest.raises(ways.NoEngine) as caught:
        ways.find(QUIET)
    assert asked == ["download", "temporal-server"]
    assert "no network" in str(caught.value)
    assert "no Go on PATH" in str(caught.value)


def test_without_go_the_build_says_so(world: Path) -> None:
    from engine.build import build

    with pytest.raises(NotBuilt, match="no Go on PATH"):
        build("temporal-server", QUIET)
