"""What `rules new` writes is sound at once, whatever the title, and stands in nobody's way."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from cli import library, rules, rules_schema
from cli.main import app
from domain.stories import run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, folder in (("BOOKS", "rulebooks"), ("CLAUSES", "rulebooks/clauses"), ("OFFICES", "offices"), ("STORIES", "stories")):
        monkeypatch.setattr(library, name, tmp_path / folder)
    caches = (library.book, library.office, library.law, library._stories)
    for one in caches:
        one.cache_clear()
    yield tmp_path
    for one in caches:
        one.cache_clear()


def new(book: str = "county-test", title: str = "某县投诉办法", office: str = "newcounty") -> tuple[int, str]:
    done = CliRunner().invoke(app, ["rules", "new", book, "--title", title, "--office", office])
    return done.exit_code, done.output


@pytest.mark.parametrize("title", ["某县投诉办法", '“一窗”"2+2"\\模式 {{ 7 }}\n第二行 # 试行'])
def test_a_new_book_is_sound_at_once(place: Path, title: str) -> None:
    code, said = new(title=title)
    assert code == 0, said
    assert library.book("county-test")["book"]["title"] == title
    assert rules.check("county-test") == []
    assert rules.check_office("newcounty") == []
    assert list(jsonschema.Draft202012Validator(rules_schema.schema()).iter_errors(library.book("county-test"))) == []
    ((_, story),) = library.stories("county-test")
    out = run(story, library.law("county-test", "newcounty"))
    assert out.failures == []
    assert out.checks >= 5
    proofs = rules.prove("county-test")
    assert [ref for ref, proof in proofs.items() if not proof] == []
    assert rules.coverage("county-test", proofs) == {"book": "county-test", "clauses": 5, "enforced": 4, "human": 0, "later": 0, "void": 1, "unaccounted": 0, "proved": 4}
    assert all(path.read_text(encoding="utf-8").startswith("#") for path in place.rglob("*.toml"))


@pytest.mark.parametrize("there", ["rulebooks/county-test.toml", "rulebooks/clauses/county-test.toml", "offices/newcounty.toml", "stories/newcounty/full.toml"])
def test_what_exists_stays_and_nothing_is_written(place: Path, there: str) -> None:
    (place / there).parent.mkdir(parents=True, exist_ok=True)
    (place / there).write_text("mine", encoding="utf-8")
    code, said = new()
    assert code == 2
    assert Path(there).name in said.replace("\n", "")
    assert [(path, path.read_text(encoding="utf-8")) for path in place.rglob("*.toml")] == [(place / there, "mine")]


@pytest.mark.parametrize(("book", "title", "office"), [("../x", "t", "o"), ("x", "t", "a/b"), ("X", "t", "o"), ("x", "  ", "o"), ("", "t", "o")])
def test_names_that_cannot_be_are_refused(place: Path, book: str, title: str, office: str) -> None:
    assert new(book, title, office)[0] == 2
    assert list(place.rglob("*")) == []
