"""What `huiyin due` answers, drawn: the README's picture, its errors, both languages, SVG as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from cli import library
from cli.due import DueError, answer, parse_start, run
from cli.due_grid import width
from cli.due_svg import draw_svg
from cli.due_text import draw
from domain.forecast import forecast
from tests.builders import at, day

KAIYANG = "kaiyang-one-window"


@pytest.mark.parametrize(
    ("grade", "start", "end", "clause"),
    [
        ("general", "Wed 2026-09-30 00:00", "Sat 2026-10-10", "六.1"),
        ("complex", "Wed 2026-09-30 00:00", "Tue 2026-10-13", "六.2"),
        ("general", "Fri 2026-02-13 17:00", "Wed 2026-02-25", "六.1"),
    ],
)
def test_the_grade_chooses_the_term(grade: str, start: str, end: str, clause: str) -> None:
    (found,) = forecast(library.law(KAIYANG, "kaiyang"), {"grade": grade}, at(start))
    assert (found.due.due_day, found.clause, found.start_event) == (day(end), (clause,), "accepted")


def test_the_picture_of_the_readme() -> None:
    (shown,) = answer(KAIYANG, ["grade=general"], "2026-09-30")
    text = draw(shown)
    for part in ("国庆节", "第1日", "第3日", "调休上班", "10[截止]", "2026-10-10 24:00 周六", "六.1", "民法典第201条", "国办发明电〔2025〕7号"):
        assert part in text
    assert max(width(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    assert "\x1b[" in draw(shown, colour=True)


def shown_of(book: str) -> list[Any]:
    """What is shown without a fact; a book all of whose terms ask for one shows nothing."""
    try:
        return list(answer(book, [], "2026-11-30 16:05"))
    except DueError:
        assert all("when" in row or "any" in row or {"param", "fact"} & set(row["limit"]) for row in library.book(book).get("term", {}).values())
        return []


@pytest.mark.parametrize("columns", [66, 80, 120])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_leaves_the_terminal(columns: int, lang: str) -> None:
    for book in library.books():
        for shown in shown_of(book):
            assert max(width(line) for line in draw(shown, False, columns, lang).splitlines()) <= columns


def test_a_vague_word_names_the_offices_figure() -> None:
    text = draw(answer(KAIYANG, [], "2026-09-30", term="record")[0])
    assert "“及时”由本机关定" in text


def test_a_provisional_date_says_so() -> None:
    assert "暂定" in draw(answer(KAIYANG, ["grade=general"], "2026-12-31")[0])
    assert "暂定" not in draw(answer(KAIYANG, ["grade=general"], "2026-12-28")[0])


def test_the_svg_is_text_without_fonts() -> None:
    svg = draw_svg(answer(KAIYANG, ["grade=general"], "2026-09-30")[0])
    root = ET.fromstring(svg)
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"第3日", "调休上班", "截止"} <= set(words)
    assert "@font-face" not in svg
    drawn = (library.ROOT / "docs" / "img" / "due.svg").read_text("utf-8")
    assert svg == drawn, "redraw: huiyin due --rulebook kaiyang-one-window --set grade=general --from 2026-09-30 --svg docs/img/due.svg"


@pytest.mark.parametrize(
    ("book", "settings", "start", "term", "says"),
    [
        ("no-such-book", [], "2026-09-30", "", "kaiyang-one-window"),
        (KAIYANG, ["grade=huge"], "2026-09-30", "", "general"),
        (KAIYANG, ["colour=red"], "2026-09-30", "", "grade"),
        (KAIYANG, ["grade"], "2026-09-30", "", "name=value"),
        (KAIYANG, [], "30.9.2026", "", "2026-09-30"),
        (KAIYANG, [], "2026-09-30", "nothing", "general"),
        (KAIYANG, [], "9999-12-31", "general", "9999"),
    ],
)
def test_a_question_that_has_no_answer_says_what_would(
    book: str, settings: list[str], start: str, term: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DueError, match=says):
        answer(book, settings, start, term=term)
    assert run(book, settings, start, term=term) == 2
    assert says in capsys.readouterr().err


def test_a_start_may_carry_a_zone() -> None:
    assert parse_start("2026-09-30T02:20:00+00:00") == at("Wed 2026-09-30 10:20")
