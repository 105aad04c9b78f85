"""What every file keeps to: small, without a path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from cli.library import ROOT

LIMIT = 400
# Written in parts, so that this file does not find itself.
PRIVATE = re.compile("|".join(("/" + "work/", "/tmp/" + "brief", r"/home/[a-z]+/", r"/Users/[A-Za-z]+/", r"[A-Z]:\\Users")))
TEXTS = {".py", ".md", ".toml", ".sql", ".j2", ".yml", ".yaml", ".cfg", ".sh", ".html", ".css", ".js", ""}


def files() -> list[Path]:
    """The files of the project as git has them."""
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in out.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_source_file_is_long() -> None:
    long = {str(path.relative_to(ROOT)): n for path in files() if path.suffix in (".py", ".sql") and (n := len(path.read_text(encoding="utf-8").splitlines())) > LIMIT}
    assert long == {}


def test_no_path_of_a_machine_stands_in_the_project() -> None:
    found = []
    for path in files():
        if path.suffix in TEXTS and path.name != "uv.lock":
            for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found += [f"{path.relative_to(ROOT)}:{n}: {line.strip()[:80]}"] if PRIVATE.search(line) else []
    assert found == []


def test_every_package_file_says_what_it_is_for() -> None:
    silent = [str(p.relative_to(ROOT)) for p in files() if p.suffix == ".py" and p.name != "__init__.py" and not p.read_text(encoding="utf-8").lstrip("#!").lstrip().startswith('"""')]
    assert silent == []
