"""`huiyin rules publish, confirm, withdraw, versions, diff` and what `doctor` says, on a real record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from activities.migrate import migrate
from cli import library, life
from cli.book_diff import compared
from cli.main import app
from cli.show import PARTS
from domain.versions import content
from domain.workdays import ZONE
from tests.workflows.conftest import database as _database

database = _database
BOOK = "community-centre"


@dataclass
class Hall:
    """An installation with one office, for commands."""

    env: dict[str, str]
    file: Path

    def huiyin(self, *words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(words), env=self.env)
        return done.exit_code, done.output

    def rules(self, name: str, *words: str, by: str = "") -> tuple[int, str]:
        who = ("--by", by, "--reason", "市里修订,会议通过") if by else ()
        return self.huiyin("rules", name, *words, "--office", "community", *who)

    def pending(self) -> str:
        lines = self.rules("versions")[1].splitlines()
        start = next(n for n, line in enumerate(lines) if "waits" in line)
        return next(line.split()[-1] for line in lines[start:] if "content SHA-256" in line)

    def edit(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new, 1), encoding="utf-8")


def people(file: Path) -> tuple[str, str, str]:
    """A proposer, another who may confirm, and somebody who may neither."""
    from domain.versions import publishers

    office = library.toml(file)
    book = library.book(BOOK)
    one, two = publishers("confirmed", book, office)[:2]
    neither = next(key for key in office["person"] if key not in publishers("proposed", book, office))
    return one, two, neither


@pytest.fixture
async def hall(database: str, tmp_path: Path) -> Hall:
    await migrate(database)
    offices = tmp_path / "offices"
    offices.mkdir()
    file = offices / "community.toml"
    file.write_text((library.OFFICES / "community.toml").read_text(encoding="utf-8"), encoding="utf-8")
    env = {"HUIYIN_HOME": str(tmp_path / "home"), "HUIYIN_KEYS": str(tmp_path / "keys"), "HUIYIN_OFFICES": str(offices), "HUIYIN_DATABASE_URL": database, "PYTHONWARNINGS": "ignore"}
    return Hall(env, file)


def day(more: int = 0) -> str:
    return (datetime.now(ZONE) + timedelta(days=more)).date().isoformat()


@pytest.mark.database
def test_from_draft_to_superseded(hall: Hall) -> None:
    one, two, neither = people(hall.file)
    assert "未公布" in hall.rules("versions")[1]
    assert "未经两人公布:community" in hall.huiyin("doctor")[1]
    code, said = hall.rules("publish", BOOK, "--from", "2020-01-01", by=neither)
    assert (code, "not_publisher" in said, one in said) == (2, True, True)
    assert "version_not_pending" in hall.rules("confirm", "--hash", "0" * 64, by=two)[1]

    assert hall.rules("publish", BOOK, "--from", "2020-01-01", by=one)[0] == 0
    digest = hall.pending()
    assert "same_person" in hall.rules("confirm", "--hash", digest, by=one)[1]
    assert "version_hash" in hall.rules("confirm", "--hash", digest[::-1], by=two)[1]
    assert "a proposal waits" in hall.huiyin("doctor")[1]
    code, said = hall.rules("confirm", "--hash", digest[:16], by=two)
    assert (code, "第 1 版 version 1  施行中 in force" in said, "files are version 1" in said) == (0, True, True), said

    word = next(line for line in hall.file.read_text(encoding="utf-8").splitlines() if "working_days" in line)
    hall.edit(word, word.replace("working_days = ", "working_days = 4", 1))
    assert "draft: the files differ from version 1" in hall.rules("versions")[1]
    assert "community: the files differ" in hall.huiyin("doctor")[1]
    code, said = hall.rules("diff", "1", "draft")
    assert (code, "个工作日 → 4" in said, "terms of the office" in said) == (0, True, True), said
    assert "version_dates" in hall.rules("publish", BOOK, "--from", day(-1), by=one)[1]
    code, said = hall.rules("publish", BOOK, "--from", day(1), by=one)
    assert (code, "supersedes version 1" in said, "个工作日 → 4" in said) == (0, True, True), said
    assert hall.rules("withdraw", by=two)[0] == 0
    assert hall.rules("publish", BOOK, "--from", day(1), by=two)[0] == 0
    assert hall.rules("confirm", "--hash", hall.pending(), by=one)[0] == 0
    told = hall.rules("versions", BOOK)[1]
    assert f"第 1 版 version 1  施行中 in force  {BOOK}  施行 in force 2020-01-01 – {day()}" in told
    assert f"第 2 版 version 2  已公布,未到施行日 published, not begun  {BOOK}  施行 in force {day(1)} – …" in told
    assert "已撤回 withdrawn" in told
    code, said = hall.rules("publish", BOOK, "--again", "1", "--from", day(), by=one)
    assert code == 0, said
    assert hall.rules("confirm", "--hash", hall.pending(), by=two)[0] == 0
    assert "第 2 版 version 2  已被取代 superseded" in hall.rules("versions")[1]


@pytest.mark.database
def test_a_text_with_findings_is_not_put_forward(hall: Hall) -> None:
    one, _, _ = people(hall.file)
    hall.edit('rulebook = "community-centre"', 'rulebook = "kaiyang-one-window"')
    assert "book_unsound" in hall.rules("publish", BOOK, by=one)[1]
    hall.edit('rulebook = "kaiyang-one-window"', 'rulebook = "community-centre"')
    hall.edit("posts = [", 'posts = ["nobody", ')
    code, said = hall.rules("publish", BOOK, "--from", "2020-01-01", by=one)
    assert (code, "book_unsound" in said, "no such post 'nobody'" in said) == (2, True, True), said
    assert hall.huiyin("rules", "versions", "--office", "nowhere")[0] == 2


def test_files_and_books_are_compared_without_an_office() -> None:
    assert life.difference(None, None, BOOK, BOOK) == ["内容相同 the same text"]
    told = life.difference(None, None, "kaiyang-one-window", "district-e-supervision")
    assert any(line.startswith("  + ") and "〔" in line for line in told)
    with pytest.raises(life.NotDone, match="--office"):
        life.difference(None, None, "1", BOOK)


def text(**more: object) -> str:
    book = {
        "book": {"id": "b", "title": "办法"}, "post": {"clerk": {"zh": "接待员", "may": ["file", "accept"], "clause": "二"}},
        "term": {"case": {"zh": "办结", "from": "filed", "until": "closed", "limit": {"working_days": 10}, "clause": "一"}},
        "route": {"rows": [{"when": {"grade": "hard"}, "do": "own", "clause": "三"}, {"do": "transfer", "to": "respondent_unit", "clause": "四"}]}, **more,
    }  # fmt: skip
    return content(book, [{"ref": "一", "zh": "十日", "en": "ten", "status": "enforced"}], {})


TERM = {"zh": "办结", "from": "filed", "until": "closed", "limit": {"working_days": 10}, "clause": "一"}
CHANGES: dict[str, tuple[dict[str, object], list[str]]] = {
    "limit": ({"term": {"case": {**TERM, "limit": {"months": 1}}}}, ["  ~ 办结 [case] 〔一〕", "      时限: 10个工作日 → 1个月"]),
    "clause": ({"term": {"case": {**TERM, "clause": "九"}}}, ["      条款 clause: 一 → 九"]),
    "reading": ({"term": {"case": {**TERM, "reading": "自收到之日"}}}, ["      读法 reading: (无 none) → 自收到之日"]),
    "new row": ({"term": {"case": TERM, "more": {**TERM, "zh": "答复", "clause": "五"}}}, ["  + 答复 [more] 〔五〕"]),
    "row gone": ({"post": {}}, ["  - 接待员 [clerk] 〔二〕"]),
    "a route in front": ({"route": {"rows": [{"when": {"grade": "new"}, "do": "own", "clause": "六"}, {"when": {"grade": "hard"}, "do": "own", "clause": "三"}, {"do": "transfer", "to": "respondent_unit", "clause": "四"}]}}, ["  + grade为new [1] 〔六〕"]),
    "title": ({"book": {"id": "b", "title": "新办法"}}, ["      名称 name: 办法 → 新办法"]),
    "order": ({"post": {"other": {"zh": "乙", "clause": "二"}, "clerk": {"zh": "接待员", "may": ["file", "accept"], "clause": "二"}}}, ["  + 乙 [other] 〔二〕"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_said_in_words_with_its_clause(name: str) -> None:
    more, wanted = CHANGES[name]
    told = compared(text(), text(**more))
    assert [line for line in wanted if line not in told] == [], told


def test_a_change_without_words_of_its_own_is_said_as_data() -> None:
    told = compared(text(), text(strange={"x": {"deep": 1}}))
    assert any("book.strange" in line for line in told), told
    assert compared(text(), text()) == []


@pytest.mark.parametrize("book", library.books())
def test_no_table_of_any_book_is_left_out_of_a_comparison(book: str) -> None:
    rows = library.book(book)
    told = compared(content(rows, library.clauses(book), {}), content({"book": rows["book"]}, library.clauses(book), {}))
    assert [table for table, part in rows.items() if table != "book" and part and f"## {PARTS[table]}" not in told] == []
