"""Who may import whom: the core stands alone, the shell around it never reaches sideways."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from cli.library import ROOT

PARTS = ("domain", "workflows", "activities", "worker", "api", "cli", "engine")
MAY: dict[str, tuple[str, ...]] = {
    "domain": (),
    "workflows": ("domain", "activities.types", "activities.names"),
    "activities": ("domain",),
    "worker": ("domain", "workflows", "activities"),
    # names, wire format and connection of the workflow, never what runs it
    "api": ("domain", "activities.types", "activities.connections", "cli.library", "cli.office_findings", "cli.show", "cli.book_diff", *(f"workflows.{name}" for name in ("actorkeys", "contract", "complaint", "keychange", "attributes", "policies", "converter", "keptfile", "keyfile", "place", "plugin", "published", "revision", "roster", "secretfile"))),
}
CLOCKS = {"now", "today", "utcnow", "uuid4", "uuid1", "urandom", "getenv", "environ", "open", "print", "input", "exec", "eval"}
OUTSIDE_SANDBOX = {"actorkeys.py", "converter.py", "keychange.py", "keptfile.py", "keyfile.py", "place.py", "published.py", "roster.py", "secretfile.py"}  # they run in the client and the worker, never in a replay
OUTSIDE = {"os", "random", "time", "uuid", "logging", "pathlib", "socket", "subprocess", "threading", "asyncio", "secrets", "urllib", "shutil", "tempfile"}


def sources(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Modules a file imports, `from a import b` counted as a.b too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{path}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(module: str, allowed: tuple[str, ...]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("part", MAY)
def test_a_part_imports_only_what_it_may(part: str) -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in sources(part)
        for module in imported(path)
        if module.split(".")[0] in PARTS and module.split(".")[0] != part and not within(module, MAY[part])
    }
    assert wrong == set()


def test_the_core_needs_the_standard_library_only() -> None:
    wrong = {
        f"{path.name}: {module}"
        for path in sources("domain")
        for module in imported(path)
        if (top := module.split(".")[0]) != "domain" and (top not in sys.stdlib_module_names or top in OUTSIDE)
    }
    assert wrong == set()


def test_the_core_has_no_clock_no_chance_and_no_files() -> None:
    wrong = set()
    for path in sources("domain"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name in CLOCKS and not (isinstance(node, ast.Name) and name == "now"):  # `now` is what the core calls the instant it is given
                wrong.add(f"{path.name}:{node.lineno} {name}")
    assert wrong == set()


def test_a_workflow_has_its_time_and_chance_from_the_engine() -> None:
    wrong = set()
    for path in sources("workflows"):
        if path.name in OUTSIDE_SANDBOX:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow", "uuid4", "urandom"} and ast.unparse(node.value) not in ("workflow", "self"):
                wrong.add(f"{path.name}:{node.lineno} {ast.unparse(node)}")
    assert wrong == set()
