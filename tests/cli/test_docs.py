"""Generated pages are up to date, examples in the docs run, and links lead somewhere."""

import re
import tomllib

from cli import library
from cli.docs import TARGET, acts_page
from domain.stories import run, variants


def test_acts_page_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == acts_page(), "run `python -m cli.docs`"


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
