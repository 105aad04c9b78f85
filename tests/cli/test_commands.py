"""The commands as a person types them, in a process of their own."""

import json
import subprocess
import sys

import pytest

from cli import library, rules


def huiyin(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cli.main", *words], capture_output=True, text=True, check=False, cwd=library.ROOT, timeout=60)


def test_due_draws_the_count_over_national_day() -> None:
    out = huiyin("due", "--rulebook", "kaiyang-one-window", "--set", "grade=general", "--from", "2026-09-30")
    assert out.returncode == 0
    assert "2026-10-10 24:00" in out.stdout  # 8, 9 and the make-up Saturday 10 October
    assert "六.1" in out.stdout
    assert "国庆节" in out.stdout


def test_due_says_what_is_wrong_in_both_languages() -> None:
    out = huiyin("due", "--rulebook", "no-such-book", "--from", "2026-09-30")
    assert out.returncode == 2
    assert "kaiyang-one-window" in out.stderr


def test_simulate_prints_events_dates_and_refusals() -> None:
    out = huiyin("simulate", "examples/stories/district/whole-transfer.toml", "--json")
    assert out.returncode == 0
    (told,) = json.loads(out.stdout)
    kinds = [event["kind"] for step in told["steps"] for event in step["events"]]
    assert kinds[0] == "filed"
    assert kinds[-1] == "archived"
    assert any(event["kind"] == "refused" and event["clause"] for step in told["steps"] for event in step["events"])
    assert told["ok"]


def test_simulate_names_a_wrong_weekday(tmp_path: object) -> None:
    from pathlib import Path

    story = Path(str(tmp_path)) / "wrong.toml"
    story.write_text('story = "x"\nrulebook = "kaiyang-one-window"\noffice = "kaiyang"\n[[act]]\nat = "Mon 2025-09-30 10:20"\nwho = "wang"\ndo = "file"\n', encoding="utf-8")
    out = huiyin("simulate", str(story))
    assert out.returncode == 2
    assert "is a Tue" in out.stderr


@pytest.mark.parametrize("book", library.books())
def test_book_is_sound(book: str) -> None:
    assert rules.check(book) == []


SAMPLES = sorted(path.stem for path in library.OFFICES.glob("*.toml"))


@pytest.mark.parametrize("office", [one for one in SAMPLES if not one.endswith("-unset")])
def test_office_is_complete(office: str) -> None:
    assert rules.check_office(office) == []


@pytest.mark.parametrize("office", [one for one in SAMPLES if one.endswith("-unset")])
def test_what_an_unfinished_office_lacks_is_named(office: str) -> None:
    assert any("缺少" in finding for finding in rules.check_office(office))


@pytest.mark.parametrize("book", library.books())
def test_every_enforced_clause_is_proved(book: str) -> None:
    proofs = rules.prove(book)
    assert [ref for ref, proof in proofs.items() if not proof] == []
    assert rules.coverage(book, proofs)["unaccounted"] == 0


def test_taking_a_clause_out_is_seen() -> None:
    book = library.book("kaiyang-one-window")
    assert "general" in book["term"]
    assert "general" not in rules.without(book, "六.1")["term"]
