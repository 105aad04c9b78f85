"""A year's file as an administrator may get it wrong, the folder it is put into, and the API that reads it at once."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from api.offices import Offices
from cli import calendar_store, library
from cli.calendar_add import Unchanged, listed, put
from cli.calendar_file import BadCalendar, differences, read_notice, remarks

HEAD = 'year = 2031\nnumber = "国办发明电〔2030〕1号"\nissued_on = 2030-11-04\n'
NEW_YEAR = "{ zh = '元旦', en = 'New Year', first = 2031-01-01, last = 2031-01-03, make_up = [2031-01-04] }"


def written(folder: Path, text: str, name: str = "2031.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def good(folder: Path, last: int = 3, name: str = "2031.toml") -> Path:
    return written(folder, f"{HEAD}off = [\n  {NEW_YEAR.replace('2031-01-03', f'2031-01-0{last}')},\n]\n", name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year = 2031\nnumber", "不是 TOML"),
        ("number = '1'", "year is missing"),
        ("year = 1031", "year is missing"),
        ("year = 2031\noff = []", "number of the notice is missing"),
        ("year = 2031\nnumber = '1'", "date of the notice is missing"),
        ("year = 2031\nnumber = '1'\nissued_on = 2028-11-04", "neither year"),
        (f"{HEAD}off = []", "no days off"),
        (f"{HEAD}of = [{NEW_YEAR}]", "unknown key 'of'"),
        (f"{HEAD}off = [{NEW_YEAR.replace('make_up', 'makeup')}]", "unknown key 'makeup'"),
        (f"{HEAD}off = [{NEW_YEAR.replace('2031-01-04', '2031-01-06')}]", "2031.toml:4: 第 1 项 entry 1: 调休上班日 2031-01-06 是星期一"),
        (f"{HEAD}off = [\n{NEW_YEAR},\n{{ zh = '甲', en = 'x', first = 2031-01-03, last = 2031-01-05 }},\n]", "2031.toml:6: 第 2 项与第 1 项重叠于 2031-01-03"),
        (f"{HEAD}off = [{NEW_YEAR.replace('2031-01-03', '2031-01-04')}]", "2031-01-04 既放假又上班"),
        (f"{HEAD}off = [{NEW_YEAR.replace('last = 2031-01-03', 'last = 2031-03-03')}]", "longer than"),
        (f"{HEAD}off = [{NEW_YEAR.replace('last = 2031-01-03', 'last = 2030-12-31')}]", "ends before it begins"),
        (f"{HEAD}off = [{NEW_YEAR.replace('2031-01-01', '2029-12-31')}]", "outside the year"),
        (f"{HEAD}off = [{NEW_YEAR.replace('2031-01-01', '1')}]", "are dates"),
        (f"{HEAD}off = [{NEW_YEAR}, {NEW_YEAR.replace('2031-01-01', '2031-02-01').replace('2031-01-03', '2031-02-03')}]", "given twice"),
        (f"{HEAD}off = [{NEW_YEAR.replace('元旦', '')}]", "'zh' is missing"),
    ],
)
def test_what_is_wrong_is_said_with_line_and_entry(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadCalendar) as wrong:
        read_notice(written(tmp_path, text))
    assert said in str(wrong.value)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar) as wrong:
        read_notice(written(tmp_path, f"year = 2031\noff = [{NEW_YEAR.replace('2031-01-04', '2031-01-06')}]"))
    assert len(str(wrong.value).splitlines()) == 3, "number, date and make-up day"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadCalendar, match="cannot be read"):
        read_notice(tmp_path / "none.toml")


@pytest.mark.parametrize("path", sorted(library.CALENDARS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_projects_own_years_are_sound(path: Path) -> None:
    year = read_notice(path)
    assert str(year.year) == path.stem
    assert remarks(year) == []


def test_a_year_without_its_fixed_holidays_is_doubted(tmp_path: Path) -> None:
    assert [line for line in remarks(read_notice(good(tmp_path))) if "Labour Day" in line or "National Day" in line] != []


def test_the_same_content_is_harmless_and_another_needs_a_reason(tmp_path: Path) -> None:
    folder = tmp_path / "calendars"
    first = put(good(tmp_path), folder, replace=False, reason="")
    assert (first.fresh, first.replaced) == (True, False)
    again = put(good(tmp_path), folder, replace=False, reason="")
    assert (again.fresh, again.edition) == (False, first.edition)
    with pytest.raises(Unchanged, match="2031-01-02"):
        put(good(tmp_path, 1), folder, replace=True, reason=" ")
    assert calendar_store.in_force(folder, 2031) == first.year, "nothing has changed"
    second = put(good(tmp_path, 1), folder, replace=True, reason="更正")
    assert (second.fresh, second.replaced, second.reason) == (True, True, "更正")
    assert put(good(tmp_path, 1), folder, replace=False, reason="") == calendar_store.Added(second.year, second.edition, second.at, "更正", fresh=False, replaced=True)
    back = put(good(tmp_path), folder, replace=True, reason="恢复")
    assert back.edition not in (first.edition, second.edition), "going back is an edition of its own, else the cases would take it for the first"
    assert [entry["reason"] for entry in calendar_store.log(folder)] == ["", "更正", "恢复"]
    assert len(list(folder.glob("*.replaced"))) == 2
    assert any("更正 replaced: 恢复" in line for line in listed(folder))


def test_a_year_of_the_project_can_be_corrected_too(tmp_path: Path) -> None:
    number = library.calendars()[-1]["year"]
    text = (library.CALENDARS / f"{number}.toml").read_text(encoding="utf-8")
    same = put(written(tmp_path, text), tmp_path / "c", replace=False, reason="")
    assert not same.fresh
    assert not (tmp_path / "c").exists()


def test_days_that_change_are_named(tmp_path: Path) -> None:
    assert differences(read_notice(good(tmp_path)), read_notice(good(tmp_path, 2, "b.toml"))) == ["2031-01-03 放假 off → 平常 as usual"]


def test_the_api_binds_new_cases_to_an_added_year_without_a_restart(tmp_path: Path) -> None:
    offices, calendars = tmp_path / "offices", tmp_path / "calendars"
    offices.mkdir()
    shutil.copy(library.OFFICES / "community.toml", offices)
    laws = Offices(offices, calendars)
    assert list(laws) == ["community"]
    assert not laws["community"].calendar.is_published(2031)
    put(good(tmp_path), calendars, replace=False, reason="")
    assert laws["community"].calendar.is_published(2031)
    assert not laws["community"].calendar.is_workday(date(2031, 1, 1))
    written(calendars, "year = ", "2032.toml")
    assert laws["community"].calendar.is_published(2031), "a broken file leaves the calendar before in force"
