"""Who may import whom, what the core may not touch, and that every refusal has its words."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import library
from domain.acts import ACTS
from domain.codes import CODES
from domain.decisions import RULES

ROOMS = ("domain", "workflows", "activities", "worker", "api", "cli", "engine")
MAY = {
    "domain": {"domain"},
    "workflows": {"domain", "workflows", "activities"},
    "activities": {"domain", "activities"},
    "worker": {"domain", "workflows", "activities", "worker"},
    "api": {"domain", "workflows", "api"},
}
BANNED = ("datetime.now(", "date.today(", "utcnow(", "time.time(", "random.", "uuid4(", "open(", "os.environ")


def files(room: str) -> list[Path]:
    return sorted((library.ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("room", sorted(MAY))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = [(path.name, name) for path in files(room) for name in imported(path) if name.split(".")[0] in ROOMS and name.split(".")[0] not in MAY[room]]
    if room == "api":
        wrong = [one for one in wrong if one != ("__main__.py", "cli")]  # the process that serves reads the office files
    assert wrong == []


def test_the_core_is_pure() -> None:
    libraries = [(path.name, name) for path in files("domain") for name in imported(path) if name.split(".")[0] not in {*sys.stdlib_module_names, "domain"}]
    assert libraries == []
    calls = [(path.name, word) for path in files("domain") for word in BANNED if re.search(rf"(?<![\w.]){re.escape(word)}", path.read_text(encoding="utf-8"))]
    assert calls == []


def test_only_the_record_writes_cases_and_only_queries_read_them() -> None:
    writes = re.compile(r"(insert into|update|delete from)\s+(cases|events|outcomes)\b", re.IGNORECASE)
    assert [path.name for room in ("api", "activities", "worker", "workflows") for path in files(room) if writes.search(path.read_text(encoding="utf-8"))] == []
    reads = re.compile(r"\bfrom\s+(cases|events)\b", re.IGNORECASE)
    assert [path.name for path in files("api") if path.name != "queries.py" and reads.search(path.read_text(encoding="utf-8"))] == []


def test_every_refusal_has_its_words() -> None:
    raised = {code for path in files("domain") for code in re.findall(r'Refusal\("([a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert sorted(raised - set(CODES)) == []


def test_every_rule_belongs_to_an_act_and_every_event_to_one_act() -> None:
    assert set(RULES) <= set(ACTS)
    events = [act.event for act in ACTS.values()]
    assert len(events) == len(set(events))


def test_files_stay_small() -> None:
    long = [(str(path.relative_to(library.ROOT)), lines) for room in (*ROOMS, "tests") for path in files(room) if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400]
    assert long == []
