"""What a binary says of itself decides; ours comes first among the kept ones."""

from pathlib import Path

import pytest

from engine.build import NotBuilt, build, keep
from engine.find import cached, find, look
from engine.progress import Progress
from engine.versions import OLDEST, VERSION, identify


def program(path: Path, prints: str, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bin_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only folder on PATH besides /bin; cache and setting are empty."""
    monkeypatch.delenv("HUIYIN_ENGINE", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "bin"


def test_a_command_line_counts_by_the_server_inside(bin_folder: Path) -> None:
    program(bin_folder / "temporal", "temporal version 9.9.9 (Server 1.31.0, UI 2.50.0)")
    tried: list[str] = []
    assert look(tried) is None
    assert "1.31.0" in tried[0]
    program(bin_folder / "temporal", "temporal version 1.6.0 (Server 1.32.0, UI 2.54.1)")
    found = look()
    assert found is not None
    assert (found.kind, found.number) == ("cli", "1.32.0")


def test_the_cache_prefers_our_version(bin_folder: Path) -> None:
    newer = keep(program(bin_folder / "x", "temporal version 1.34.0"), "temporal-server", "1.34.0")
    ours = keep(program(bin_folder / "x", f"temporal version {VERSION}"), "temporal-server", VERSION)
    assert cached() == [ours, newer]


def test_a_go_that_is_too_old_is_told_in_one_line(bin_folder: Path) -> None:
    says = "go: go.temporal.io/server@v1.32.2 requires go >= 1.26.10 (running go 1.26.8; GOTOOLCHAIN=local)"
    program(bin_folder / "go", says, code=1)
    with pytest.raises(NotBuilt, match=r"requires go >= 1\.26\.10 \(running go 1\.26\.8"):
        build("temporal-server", Progress(quiet=True))


@pytest.mark.engine
def test_the_one_of_this_machine() -> None:
    found = find()
    assert found.version >= OLDEST
    assert identify(found.path) == found
