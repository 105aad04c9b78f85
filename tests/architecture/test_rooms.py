"""One writer and one reader of the cases: `activities` records, the modules `api/queries*.py` select."""

import re
from pathlib import Path

from cli.library import ROOT

WRITES = re.compile(r"(insert into|update|delete from)\s+(cases|events|outcomes)\b", re.IGNORECASE)
KEEPS = re.compile(r"(insert into|update|delete from)\s+(archives|archive_queue)\b", re.IGNORECASE)
READS = re.compile(r"\bfrom\s+(cases|events)\b", re.IGNORECASE)


def found(pattern: re.Pattern[str], *rooms: str) -> list[str]:
    paths: list[Path] = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    return [path.name for path in paths if pattern.search(path.read_text(encoding="utf-8"))]


def test_no_python_writes_cases_but_through_the_records_function() -> None:
    assert found(WRITES, "api", "activities", "worker", "workflows") == []


def test_only_queries_reads_cases_for_the_api() -> None:
    assert [name for name in found(READS, "api") if not name.startswith("queries")] == []


def test_only_the_keeper_of_histories_writes_what_was_kept() -> None:
    assert found(KEEPS, "api", "activities", "worker", "workflows", "cli") == ["archives.py"]
