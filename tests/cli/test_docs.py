"""Generated pages are up to date, examples in the docs run, and links lead somewhere."""

import re
import tomllib

import pytest

from cli import coverage_page, forms_page, library
from cli.docs import TARGET, acts_page
from domain.stories import run, variants


def test_acts_page_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == acts_page(), "run `python -m cli.docs`"


def test_coverage_page_is_up_to_date() -> None:
    assert coverage_page.TARGET.read_text(encoding="utf-8") == coverage_page.coverage_page(), "run `python -m cli.docs`"


@pytest.mark.parametrize("name", forms_page.PAGES)
def test_tables_of_forms_and_fields_are_up_to_date(name: str) -> None:
    assert (library.ROOT / name).read_text(encoding="utf-8") == forms_page.page(name), "run `python -m cli.docs`"


def test_few_books_take_no_new_cases_and_each_says_why() -> None:
    heads = [library.book(name)["book"] for name in library.books()]
    refusing = [head for head in heads if head["status"] in coverage_page.REFUSING]
    assert len(refusing) <= 6
    assert all(head.get("reading") for head in refusing)


def test_the_engine_tells_a_whole_story_of_every_book_that_takes_cases() -> None:
    told = {story["rulebook"] for _, story in library.walked()}
    assert {name for name in library.books() if name not in told} == {name for name in library.books() if library.book(name)["book"]["status"] == "incomplete"}


def test_the_story_in_the_manual_runs() -> None:
    for name in ("docs/stories.md", "docs/zh/stories.md"):
        text = (library.ROOT / name).read_text(encoding="utf-8")
        blocks = [block for block in re.findall(r"```toml\n(.*?)```", text, re.S) if block.startswith("story")]
        assert blocks, name
        for block in blocks:
            for story in variants(tomllib.loads(block)):
                out = run(story, library.law(story["rulebook"], story["office"]))
                assert out.checks
                assert out.failures == []


def test_links_in_the_docs_lead_somewhere() -> None:
    pages = [library.ROOT / "README.md", library.ROOT / "README.zh-CN.md", *(library.ROOT / "docs").rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


SETTING = re.compile(r"HUIYIN_[A-Z]+(?:_[A-Z]+)*")


def test_every_setting_stands_in_both_administrators_manuals() -> None:
    rooms = ("activities", "api", "cli", "domain", "engine", "worker", "workflows")
    files = [library.ROOT / "docker-compose.yml", *(path for room in rooms for path in (library.ROOT / room).rglob("*.py"))]
    used = {name for path in files for name in SETTING.findall(path.read_text(encoding="utf-8"))}
    assert len(used) > 10, "the search finds settings at all"
    for page in ("docs/administrators.md", "docs/zh/administrators.md"):
        rows = {match for line in (library.ROOT / page).read_text(encoding="utf-8").splitlines() if line.startswith("| `HUIYIN_") for match in SETTING.findall(line.split("|")[1])}
        assert used - rows == set(), f"{page}: add a row for each to the table of settings"
        assert rows - used == set(), f"{page}: nothing reads these any more"


def test_every_finding_of_doctor_is_explained_in_both_manuals() -> None:
    sources = [library.ROOT / "engine" / name for name in ("doctor.py", "engine_checks.py")]
    abouts = {name for path in sources for name in re.findall(r"\b(?:ok|warn|fail|say)\(\s*\"(\w+)\"", path.read_text(encoding="utf-8"))}
    assert {"engine", "keys", "calendar"} <= abouts
    for page in ("docs/administrators.md", "docs/zh/administrators.md"):
        text = (library.ROOT / page).read_text(encoding="utf-8")
        assert {name for name in abouts if f"| {name} |" not in text} == set(), page
