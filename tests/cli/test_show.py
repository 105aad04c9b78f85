"""A book shown to people: nothing of it is left out, what the text leaves open is said, and nothing in it becomes markup."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import library, show
from cli.main import app
from cli.show_words import LEDGER_ACTS, Words
from domain.law import NAMED, SINGLE
from domain.ledger_acts import LEDGER_RULES


def page(name: str) -> show.Sheet:
    return show.sheet(library.book(name), library.clauses(name))


def escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(text))


def test_every_mechanism_has_its_part() -> None:
    assert {*show.PARTS, "book"} == {*NAMED, *SINGLE}


@pytest.mark.parametrize("name", library.books())
def test_no_rule_stands_under_its_key_alone(name: str) -> None:
    untitled = [(title, row.key) for title, rows in page(name).parts for row in rows if row.zh == row.key]
    assert untitled == []


def readings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return ([value["reading"]] if isinstance(value.get("reading"), str) else []) + [one for part in value.values() for one in readings(part)]
    return [one for part in value for one in readings(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", library.books())
def test_a_book_shows_whole(name: str) -> None:
    book, text, markup = library.book(name), show.shown(name), show.html(page(name))
    for row in library.clauses(name):
        assert f"[{row['ref']}]" in text
        assert f'<th scope="row">{escaped(row["ref"])}</th><td>{escaped(row["zh"])}<br>' in markup
    for table in NAMED:
        for key, row in (book.get(table) or {}).items():
            if isinstance(row, dict):
                assert f"[{key}]" in text, f"{table}.{key}"
                assert f"<code>{escaped(key)}</code>" in markup, f"{table}.{key}"
    assert [one for one in readings(book) if one not in text or escaped(one) not in markup] == []
    said = {row.key: row for row in page(name).gaps}
    assert {f"param.{key}" for key, row in (book.get("param") or {}).items() if "default" not in row} <= said.keys()
    gaps = [row for row in page(name).gaps if row.key == "book.gaps"]
    assert [(row.zh, row.reading) for row in gaps] == [(gap["what"], gap["reading"]) for gap in book["book"].get("gaps", ())]


@pytest.mark.parametrize("name", library.books())
def test_the_page_stands_by_itself_and_can_be_signed(name: str) -> None:
    markup = show.html(page(name))
    assert not [word for word in ("<script", "<link", "<img", "src=", "href=", "url(", "@import", ">None<") if word in markup]
    assert "@page { size: A4" in markup
    end = markup[markup.index("<footer") :]
    assert all(word in end for word in ("审核", "批准", "日期", page(name).hashes[0][1], page(name).hashes[1][1]))


def test_what_a_book_says_never_becomes_markup() -> None:
    evil = '<script>alert("1")</script>'
    book = {"book": {"title": evil, "gaps": [{"what": evil, "reading": evil}]}, "post": {"a": {"zh": evil, "may": ["accept", evil], "reading": evil}}}
    markup = show.html(show.sheet(book, [{"ref": evil, "zh": evil, "en": evil, "status": "human", "where": evil}]))
    assert "<script" not in markup
    assert markup.count("&lt;script&gt;") >= 9


def test_any_change_of_the_book_changes_what_is_signed() -> None:
    book = library.book("kaiyang-one-window")
    term = {**book["term"], "general": {**book["term"]["general"], "limit": {"working_days": 4}}}
    before, after = (show.sheet(one, []).hashes for one in (book, {**book, "term": term}))
    assert before[0] != after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize(
    ("table", "key", "said"),
    [
        ("term", "general", [("时限", "3个工作日"), ("自", "受理"), ("至", "办结"), ("当", "件别为一般性投诉举报且受理范围为窗口单位或工作人员")]),
        ("chain", "referral", [("依次", "步骤 投诉室工作人员拟办 → 中心分管领导决定〔五(二)4 b〕"), ("须先于", "转送")]),
        ("answer", "unit_direct", [("由", "承办单位·窗口单位首席代表"), ("给", "投诉人")]),
        ("publish", "red_black", [("至", "由本单位定(param.board_days)")]),
        ("counter", "person_year", [("达到", "3")]),
    ],
)
def test_rows_in_words(table: str, key: str, said: list[tuple[str, str]]) -> None:
    book = library.book("kaiyang-one-window")
    assert set(said) <= set(Words(book).fields(book[table][key]))


def test_from_is_an_event_of_a_term_and_people_of_a_secret() -> None:
    rows = {row.key: dict(row.fields) for title, part in page("district-e-supervision").parts if title.startswith("保密") for row in part}
    assert rows["complainant"]["不给"] == "被投诉人、被投诉单位、承办单位"


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"working_days": [7, 10]}, "7至10个工作日"),
        ({"day_of_next_month": 7, "itself": False}, "次月7日,该日不计在内"),
        ({"end_of": "quarter"}, "季度末"),
        ({"vague": "及时"}, "“及时”(时限由本单位的词表定)"),
        ({"first_of": [{"fact": "grade"}, {"days": 5}]}, "先有数者:按所填 件别、5日"),
    ],
)
def test_limits_in_words(limit: dict[str, Any], said: str) -> None:
    assert Words(library.book("kaiyang-one-window")).limit(limit) == said


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["rules", "show", "kaiyang-one-window", "--html", str(path)])
    assert done.exit_code == 0
    assert path.read_text(encoding="utf-8") == show.html(page("kaiyang-one-window"))
    wrong = CliRunner().invoke(app, ["rules", "show", "no-such-book"])
    assert wrong.exit_code == 2


def test_every_act_of_the_ledger_has_its_name() -> None:
    assert set(LEDGER_ACTS) == set(LEDGER_RULES)
