"""The form of an act has a box for all that any story's person ever filled in, with the choice they made; a filled form gives back the same fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from api.office import Seen
from api.pages import labels
from api.pages.boxes import NOT_GIVEN, Box, fields_of, sheet
from api.pages.render import Names
from cli import library
from domain.case import Case
from domain.core import reader_of, view
from domain.openings import SYSTEMS
from tests.domain.test_openings import STORIES, told

# What pages take in another way: files, the numbers of other cases' lists, what the API seals or a page of its own asks.
ELSEWHERE = {"sha", "attachments", "respondents", "digests", "identity"}
PREFIX = {"facts": "fact", "items": "item", "contents": "content", "fields": "column"}


def typed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What somebody would have typed to give these fields."""
    given: dict[str, Any] = {}
    for name, value in fields.items():
        if name == "forms":
            given |= {_named(f"form.{form}.{column}", one): _typed(one) for form, columns in value.items() for column, one in columns.items()}
        elif name in PREFIX:
            given |= {_named(f"{PREFIX[name]}.{key}", one): _typed(one) for key, one in value.items()}
            given |= {f"na.{key}": one.get("reason", "") for key, one in value.items() if name == "items" and isinstance(one, Mapping)}
        else:
            given[f"f.{name}"] = _typed(value)
    return given


def _named(box: str, value: Any) -> str:
    return f"{NOT_GIVEN}{box}" if isinstance(value, Mapping) and value.get("not_given") else box


def _typed(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("not_given"):
        return value["not_given"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "na" if value.get("na") else value
    return "\n".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value if isinstance(value, list) else str(value)


def meant(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without empty ones and without what pages take elsewhere."""
    kept = {name: value for name, value in fields.items() if name not in ELSEWHERE and value not in (None, "", [], {})}
    for name in ("facts", "contents", "fields"):
        if name in kept:
            kept[name] = {key: one for key, one in kept[name].items() if one not in (None, "")}
    if "items" in kept:
        kept["items"] = {key: {"na": True, "reason": one.get("reason", "")} if isinstance(one, Mapping) else one for key, one in kept["items"].items()}
    if "forms" in kept:
        kept["forms"] = {form: {key: one for key, one in columns.items() if one not in (None, "")} for form, columns in kept["forms"].items()}
        kept["forms"] = {form: columns for form, columns in kept["forms"].items() if columns}
    return {name: value for name, value in kept.items() if value != {}}


def lines_as_lists(boxes: list[Box], given: dict[str, Any]) -> dict[str, Any]:
    """Ticked boxes come as a list, typed lines as one text."""
    ticked = {box.name for box in boxes if box.kind == "some"}
    return {name: (value.split("\n") if name in ticked and isinstance(value, str) else value) for name, value in given.items()}


@pytest.mark.parametrize("office", sorted({story["office"] for story in STORIES}))
def test_every_act_of_every_story_can_be_filled_in(office: str) -> None:
    wrong = []
    for story in STORIES:
        if story["office"] != office:
            continue
        law = library.law(story["rulebook"], office)
        for case, command in told(story, law):
            if command.act in SYSTEMS or command.actor in ("system", "complainant", "public"):
                continue
            given = typed(command.fields)
            found = _seen(case, command.actor, law)
            made = sheet(found, command.act, "zh", given, command.received_at)
            got = fields_of(made, lines_as_lists(list(made.boxes), given), {})
            want = {name: ("\n".join(value) if isinstance(value, list) and isinstance(got.get(name), str) else value) for name, value in meant(command.fields).items()}
            if got != want:
                wrong.append((story["story"], command.act, {k: v for k, v in want.items() if got.get(k) != v}, {k: v for k, v in got.items() if want.get(k) != v}))
    assert wrong == []


@pytest.mark.parametrize("office", ["kaiyang", "district", "community"])
def test_each_choice_offered_is_one_that_the_act_takes(office: str) -> None:
    """A field whose choices come from the book offers what the story chose."""
    wrong = []
    for story in STORIES:
        if story["office"] != office:
            continue
        law = library.law(story["rulebook"], office)
        for case, command in told(story, law):
            if command.act in SYSTEMS or command.actor in ("system", "complainant", "public"):
                continue
            made = sheet(_seen(case, command.actor, law), command.act, "zh", typed(command.fields), command.received_at)
            for box in [*made.boxes, *([made.about] if made.about else [])]:
                group, _, name = box.name.partition(".")
                value = command.fields.get(name) if group == "f" else (command.fields.get("facts") or {}).get(name) if group == "fact" else None
                if box.options and value not in (None, "", []) and not isinstance(value, bool):
                    wrong += [(story["story"], command.act, box.name, one) for one in (value if isinstance(value, list) else [value]) if one not in {key.partition("#")[0] for key in dict(box.options)} | set(dict(box.options))]
    assert wrong == []


def _seen(case: Case, person: str, law: Any) -> Seen:
    reader = reader_of(person, law)
    return Seen(case, [], law, reader, view(case, reader, law) or {})


def test_what_a_book_names_in_a_table_of_its_own_is_said_as_the_book_says_it() -> None:
    names = Names(library.law("tieshan-efficiency-complaint-system", "tieshan"), "zh")
    assert names.value("reason", "routine") == "督办检查"
    assert names.value("reason", "窗口人手不足") == "窗口人手不足", "free words stay as they are"


def test_every_reason_for_more_time_that_a_book_lists_has_its_words() -> None:
    listed = {why for book in library.books() for row in library.book(book).get("extend", {}).values() for why in row.get("why", ())}
    assert listed and listed == set(labels.WHYS)
