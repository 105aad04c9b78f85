"""The lesson in docs/rulebooks.md and docs/zh/rulebooks.md: its blocks are whole files that pass every check, and each mistake it names is found."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import library, rules, story_across, story_cover
from domain.law import NAMED, SINGLE, bind
from domain.stories import run, variants

NAME = "sample-hall"
PAGES = ("docs/rulebooks.md", "docs/zh/rulebooks.md")
Files = dict[str, str]
CACHED = (library.book, library.office, library.law, library._stories, library._boundaries, story_cover.told, story_across.across)


def page(name: str) -> str:
    return (library.ROOT / name).read_text(encoding="utf-8")


def lesson(name: str) -> Files:
    """The files that the blocks of a page make: those of the book follow one another, each story is a file."""
    files: Files = {}
    for block in re.findall(r"```toml\n(.*?)```", page(name), re.S):
        kind = re.match(r"# (clauses|book|office|story \d)", block)
        assert kind, block[:60]
        files[kind[1]] = files.get(kind[1], "") + block
    return files


def put(folder: Path, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay the files where the lesson says, with the library looking there."""
    places = {"BOOKS": "rulebooks", "CLAUSES": "rulebooks/clauses", "OFFICES": "offices", "STORIES": "stories"}
    for which, place in places.items():
        (folder / place / NAME if which == "STORIES" else folder / place).mkdir(parents=True, exist_ok=True)
        monkeypatch.setattr(library, which, folder / place)
    for kind, text in files.items():
        place = {"book": "rulebooks", "clauses": "rulebooks/clauses", "office": "offices"}.get(kind)
        target = folder / place / f"{NAME}.toml" if place else folder / "stories" / NAME / f"{kind}.toml"
        target.write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """What the library keeps of the project's own folders is not kept over a lesson, nor the other way round."""
    for kept in CACHED:
        kept.cache_clear()
    yield
    for kept in CACHED:
        kept.cache_clear()


def test_both_pages_teach_the_same_files() -> None:
    english, chinese = (lesson(name) for name in PAGES)
    assert english == chinese
    assert set(english) == {"clauses", "book", "office", "story 1", "story 2", "story 3", "story 4"}


@pytest.mark.parametrize("name", PAGES)
def test_the_lesson_passes_every_check(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, lesson(name), monkeypatch)
    assert rules.check(NAME) == []
    assert rules.check_office(NAME) == []
    told = library.stories(NAME)
    assert len(told) == 6
    for _, story in told:
        out = run(story, library.law(NAME, NAME))
        assert out.checks, story["story"]
        assert out.failures == [], story["story"]
    assert len(library.boundaries(NAME)) == 8
    assert [run(one, library.law(NAME, NAME)).failures for _, one in library.boundaries(NAME)] == [[]] * 8
    assert [*story_cover.lines(NAME, every=False), *story_across.lines(NAME, every=False)] == []
    proofs = rules.prove(NAME)
    assert len(proofs) == rules.coverage(NAME)["enforced"] == 12
    assert [ref for ref, proof in proofs.items() if not proof] == []


@pytest.mark.parametrize("name", PAGES)
def test_an_open_figure_refuses_as_the_lesson_says(name: str) -> None:
    files = lesson(name)
    office = tomllib.loads(files["office"])
    del office["param"]["hard_days"]
    law = bind(tomllib.loads(files["book"]), office, list(library.calendars()))
    story = next(variants(tomllib.loads(files["story 3"])))
    first = {**story["act"][0], "refused": "param_missing", "clause": "第五条 b"}
    out = run({**story, "act": [first], "expect": [{"phase": "none"}]}, law)
    assert out.failures == []
    assert out.checks


def swap(kind: str, old: str, new: str) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        assert old in files[kind], old
        return {**files, kind: files[kind].replace(old, new, 1)}

    return change


MISTAKES: dict[str, Callable[[Files], Files]] = {
    "clause not in the list": swap("book", 'code = "excerpt_missing", clause = "第四条 a"', 'code = "excerpt_missing", clause = "第四条 z"'),
    "needs a clause or office = true": swap("book", ', to = ["contact:handling_unit"], clause = "第四条 a"', ', to = ["contact:handling_unit"]'),
    "no such act": swap("book", '"sign_in"', '"signin"'),
    "no such code": swap("book", '"excerpt_missing"', '"extract_missing"'),
    "needs 'from' and 'until'": swap("book", 'from = "finished", ', ""),
    "no such term": swap("book", "term.feedback", 'urge.one = { before = ["units"], at = { working_days = 1 }, by = "clerk", to = "handling_unit", office = true }\nterm.feedback'),
    "can be sent on without being accepted": swap("book", 'gate.accepted = { act = "transfer", needs = ["event:accepted"], code = "not_done_before", clause = "第四条 a" }\n', ""),
    "can never be reached": swap("book", 'rows = [{ do = "transfer"', 'rows = [{ do = "own" }, { do = "transfer"'),
    "no such fact": swap("book", '["field:excerpt"]', '["fact:excerpt"]'),
    "unknown table": swap("book", "gate.excerpt", "gates.excerpt"),
    "status must be one of": swap("clauses", 'status = "void"', 'status = "done"'),
    "needs 'where'": swap("clauses", "where =", "remark ="),
    "not set": swap("office", '"及时" =', '"立即" ='),
    "nothing can be filed": swap("office", "param = { hard_days = { working_days = 10 } }", ""),
    "nobody holds it": swap("office", 'posts = ["leader"]', "posts = []"),
    "lacks 'contact'": swap("office", 'posts = ["contact"]', "posts = []"),
}


@pytest.mark.parametrize("words", MISTAKES)
def test_each_mistake_that_the_lesson_names_is_found(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, MISTAKES[words](lesson(PAGES[0])), monkeypatch)
    found = [*rules.check(NAME), *rules.check_office(NAME)]
    assert any(words in line for line in found), found
    assert all(f"`{words}`" in page(name) for name in PAGES)


def test_a_row_that_adds_nothing_is_not_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = swap("book", 'hide = ["identity", "contact"], only_to = ["clerk"]', 'hide = ["identity"], from = ["respondent"]')
    put(tmp_path, idle(lesson(PAGES[0])), monkeypatch)
    assert rules.prove(NAME, "第七条") == {"第七条": ""}


def test_the_chinese_reference_has_a_sound_row_for_every_mechanism() -> None:
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| `(.+)` \|$", page(PAGES[1]), re.M)
    assert {mechanism for mechanism, _ in rows} == {*NAMED, *SINGLE}
    for mechanism, text in rows:
        row: dict[str, Any] = tomllib.loads(text)
        assert list(row) == [mechanism]
        assert "clause" in str(row[mechanism]), text
