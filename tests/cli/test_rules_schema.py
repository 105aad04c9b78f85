"""The schema for editors: every book fits it, the mistakes of a tired writer do not, and it knows every mechanism."""

import copy
import json
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from cli import library, rule_keys, rules_schema
from cli.main import app
from domain.law import NAMED, SINGLE

JUDGE = jsonschema.Draft202012Validator(rules_schema.schema())


def said(book: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in JUDGE.iter_errors(book)]


def test_it_is_a_schema_of_all_mechanisms() -> None:
    jsonschema.Draft202012Validator.check_schema(rules_schema.schema())
    assert {*rules_schema.schema()["properties"]} == {*NAMED, *SINGLE}
    assert {*rule_keys.ROWS, *rules_schema.REQUIRED} <= {*NAMED, *SINGLE}


@pytest.mark.parametrize("name", library.books())
def test_every_book_fits(name: str) -> None:
    assert said(library.book(name)) == []


GONE = object()
MISTAKES: list[tuple[str, Any]] = [
    ("terms", {}),
    ("post.room_clerk.may", ["acept"]),
    ("post.room_clerk.may", GONE),
    ("gate.recording.act", "fille"),
    ("gate.recording.code", "no_such_code"),
    ("term.general.from", GONE),
    ("term.general.limit", {"working_day": 3}),
    ("term.general.limit", {"working_days": 3, "days": 5}),
    ("term.general.limit", {"working_days": 0}),
    ("term.general.limit", {}),
    ("term.general.limit", {"end_of": "fortnight"}),
    ("term.general.limit", {"first_of": [{"fact": "x"}, {"day": 1}]}),
    ("term.general.clause", []),
    ("term.general.clauze", "六.1"),
    ("term.general.until", {"eny": ["finished"]}),
    ("fact.ground.options", {"g1": {"zh": "有", "needz": []}}),
    ("fact.respondent_name.rows", [{"value": "x", "wenn": {}}]),
    ("duty.contact.by", [{"when": {"channel": "web"}, "was": "clerk"}]),
    ("form.closing_record.columns.window", {"zh": "窗口", "requird": True}),
    ("assign.return", {"opened": True}),
    ("term.general.when", {}),
    ("term.general.office", False),
    ("chain.major.before", ["transferr"]),
    ("chain.major.rows", [{"step": []}]),
    ("route.rows", [{"do": "send"}]),
    ("form.closing_record.kind", "sheet"),
    ("flow.accept", "yes"),
    ("flow.archive", GONE),
    ("book.status", "valid"),
    ("book.id", "Kaiyang Book"),
    ("book.gaps", [{"what": "x", "reading": "y"}]),
]


@pytest.mark.parametrize(("path", "value"), MISTAKES, ids=lambda one: "gone" if one is GONE else str(one)[:40])
def test_a_mistake_is_marked_where_it_is(path: str, value: Any) -> None:
    book = copy.deepcopy(library.book("kaiyang-one-window"))
    *way, last = path.split(".")
    spot = book
    for step in way:
        spot = spot[step]
    if value is GONE:
        del spot[last]
    else:
        spot[last] = value
    found = said(book)
    assert found
    assert all(way == [] or line.startswith(f"$.{'.'.join(way)}") for line in found)


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(app, ["rules", "schema"])
    assert done.exit_code == 0
    assert json.loads(done.output) == rules_schema.schema()
