"""Who decides alone and may be complained of: `office check` says so without calling it a mistake, and the core agrees that such a case waits."""

import copy
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import library
from cli.doctor import alone
from cli.main import app
from cli.office_warnings import warnings
from domain.core import bind
from domain.stories import run
from workflows.place import Place

BOOK, TODAY = "district-e-supervision", date(2026, 11, 25)
ALONE = {"li", "qian", "zhao"}


def warned(change: Any = lambda office, book: None) -> dict[str, str]:
    office, book = copy.deepcopy(library.office("district")), copy.deepcopy(library.book(BOOK))
    change(office, book)
    return {line.split(":")[0].removeprefix("person "): line for line in warnings(book, office, TODAY)}


def test_each_who_decides_alone_is_named_with_what_and_who_may_help() -> None:
    found = warned()
    assert set(found) == ALONE, "the substitutes of the sample are long over"
    assert "自办批准〔办理制度 6 b〕" in found["zhao"]
    assert "黄牌" in found["li"]
    assert "通报批评" not in "".join(found.values()), "two posts may decide that, held by two people"
    assert "由 luo 指定" in found["li"], "who may name a substitute in the case, and never li"
    assert "by li, luo" in found["zhao"]
    assert "Remedy: a second holder of the post, or a standing substitute" in found["zhao"]


def second(office: dict[str, Any], _: Any) -> None:
    office["person"]["sun"]["posts"] = ["leader_in_charge"]


def standing(office: dict[str, Any], _: Any) -> None:
    office["substitute"].append({"for": "zhao", "by": "sun", "from": "2026-11-01", "until": "2026-11-25"})


def over(office: dict[str, Any], _: Any) -> None:
    office["substitute"].append({"for": "zhao", "by": "sun", "from": "2026-11-01", "until": "2026-11-24"})


def nobody_names(_: Any, book: dict[str, Any]) -> None:
    for row in book["post"].values():
        row["may"] = [act for act in row["may"] if act != "substitute"]


@pytest.mark.parametrize(("change", "left"), [(second, ALONE - {"zhao"}), (standing, ALONE - {"zhao"}), (over, ALONE), (nobody_names, ALONE)], ids=["second holder", "substitute", "substitute over", "nobody names"])
def test_a_second_holder_or_a_standing_substitute_ends_it(change: Any, left: set[str]) -> None:
    found = warned(change)
    assert set(found) == left
    assert all(("nobody may name one" in line) == (change is nobody_names) for line in found.values())


def test_the_core_agrees() -> None:
    """A case about the only leader: his own approval is refused, his standing substitute's is not."""
    story = copy.deepcopy(next(one for _, one in library.stories(BOOK) if one["story"] == "district-own-feedback-late"))
    story["act"] = story["act"][:5]
    story["act"][0]["with"]["respondents"] = [{"person": "zhao", "unit": "land"}]
    story |= {"expect": [], "until": ""}
    story["act"][4]["refused"] = "recused"
    office = copy.deepcopy(library.office("district"))
    office["person"]["zhao"] |= {"unit": "land", "rank": "科员"}  # no other chain for his rank
    assert run(story, bind(library.book(BOOK), office, list(library.calendars()))).failures == []
    office["substitute"].append({"for": "zhao", "by": "sun", "from": "2025-11-01", "until": "2025-11-30"})
    story["act"][4] |= {"who": "sun", "refused": ""}
    assert run(story, bind(library.book(BOOK), office, list(library.calendars()))).failures == []


def test_the_commands_warn_and_do_not_fail(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["office", "check", "district"])
    assert done.exit_code == 0
    assert "! district: person zhao: 一人决定" in done.output
    assert "0 处问题 findings, 3 处提醒 warnings" in done.output
    shutil.copy(library.OFFICES / "district.toml", tmp_path)
    shutil.copy(library.OFFICES / "kaiyang.toml", tmp_path)
    (one,) = alone(replace(Place.of({}), offices=tmp_path), TODAY)
    assert one.level == "warn"
    assert "district 3, kaiyang 2" in one.en
    (tmp_path / "district.toml").write_text("broken", encoding="utf-8")
    assert alone(replace(Place.of({}), offices=tmp_path), TODAY) == []
