"""The form of every book: what a complainant may fill in is what the core takes, and what the page says before sending holds for all of them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from api.filing import PUBLIC, Filing
from api.pages import filing_form as form
from api.pages.complain import outlook
from api.pages.render import Names
from cli import library
from domain.asking import Refused

OFFICES = sorted(path.stem for path in (library.ROOT / "examples" / "offices").glob("*.toml"))


@cache
def law_of(office: str) -> Any:
    return library.law(library.office(office)["office"]["rulebook"], office)


def answers(law: Any, kind: str) -> dict[str, Any]:
    """Something in every box that the complainant has."""
    given: dict[str, Any] = {"channel": form.channel_by_page(law), "kind": kind, "text": "发生的事", "mode": "real", "i.name": "示例·某某", "i.telephone": "13800000000"}
    for _ in range(3):  # an answer may open further boxes
        must, rest = form.fact_boxes(law, PUBLIC, given, Names(law, "zh"))
        for box in (*must, *rest):
            if not given.get(box.name):
                given[box.name] = [box.options[0][0]] if box.kind == "some" else box.options[0][0] if box.options else {"yesno": "no", "number": "1", "date": "2026-11-20"}.get(box.kind, "某处")
    return given


@pytest.mark.parametrize("office", OFFICES)
def test_what_the_form_asks_is_what_the_core_takes(office: str) -> None:
    law = law_of(office)
    names = Names(law, "zh")
    if not form.channel_by_page(law):
        return  # this book knows no way to write through a page: the page says so and names the telephone
    for kind, _ in form.kinds(law, PUBLIC, names):
        given = answers(law, kind)
        found = outlook(law, Filing.model_validate(form.filing_of(law, given)))
        if isinstance(found, Refused):
            assert found.code in {"book_incomplete", "book_lapsed", "param_missing", "before_in_force", "channel_not_listed", "form_missing", "not_your_act"}, (kind, found)
            continue
        assert found["sights"] or not any(row.get("role") for row in law.table("post").values()), (office, kind)
        about = [one for one in found["sights"] if one.group in ("respondent", "respondent_unit_handling", "handling_unit")]
        assert {one.sees[what] for one in about for what in ("identity", "original")} <= {"none"}, (office, kind)
        assert len(form.questions(law, given, names)) >= 3


def test_most_books_take_a_complaint_through_a_page() -> None:
    able = []
    for office in OFFICES:
        law = law_of(office)
        if form.channel_by_page(law) and any(not isinstance(outlook(law, Filing.model_validate(form.filing_of(law, answers(law, kind)))), Refused) for kind, _ in form.kinds(law, PUBLIC, Names(law, "zh"))):
            able.append(office)
    assert {"kaiyang", "district", "community"} <= set(able)
    assert len(able) >= 20, able


def test_a_name_of_the_office_file_closes_its_person_out_and_a_doubtful_one_nobody() -> None:
    law = law_of("kaiyang")
    assert form.person_named(law, "周窗口") == form.person_named(law, "示例·周窗口", "tax") == "zhou"
    assert form.person_named(law, "周窗口", "housing") == form.person_named(law, "周") == form.person_named(law, "") == ""


def test_what_came_back_in_a_hidden_field_is_only_words() -> None:
    assert form.unpacked(form.packed({"text": "x", "go": "check", "key": "k", "fact.a": ["1", "2"]})) == {"text": "x", "fact.a": ["1", "2"]}
    assert form.unpacked("[1]") == form.unpacked("{") == form.unpacked('{"text": 1, "a": {"b": 1}}') == {}
