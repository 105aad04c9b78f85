"""The closed lists agree with each other: acts and their rules, codes and their use, clauses and their reasons."""

from __future__ import annotations

import ast
import re
from collections import Counter
from itertools import chain as flat

import pytest

from cli import library, rules
from cli.library import ROOT
from domain.acts import ACTS, DISPOSITIONS, PHASES
from domain.aside import plain
from domain.codes import CODES
from domain.decisions import RULES
from domain.law import NAMED, SINGLE
from domain.story_ledger import LEDGER_ACTS

PLAIN = {"promise", "progress", "add_material", "report_retaliation", "note", "disclose"}
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def raised() -> set[str]:
    """Every text that stands as the code of a refusal in the core, defaults and tables of choices among them."""
    found: set[str] = set()
    for path in sorted((ROOT / "domain").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Refusal", "Refused") and node.args:
                found |= set(_texts(node.args[0]))
    return found


def _texts(node: ast.expr) -> list[str]:
    """The texts that an expression can be: both arms of a choice, a row's default, a table's values; never a key."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    if isinstance(node, ast.Subscript):
        return _texts(node.value)
    if isinstance(node, ast.Dict):
        return list(flat.from_iterable(_texts(value) for value in node.values))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
        return _texts(node.args[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and len(node.args) == 2:
        return _texts(node.args[1])
    return []


def test_every_code_that_the_core_raises_is_explained() -> None:
    found = raised()
    assert len(found) > 60, "the search finds codes at all"
    assert found - set(CODES) == set()


def test_codes_are_unique_and_say_what_to_do_in_both_languages() -> None:
    rows = [line.split("|")[0].strip() for line in (ROOT / "domain" / "codes.py").read_text(encoding="utf-8").splitlines() if line.count("|") == 5]
    assert [code for code, n in Counter(rows).items() if n > 1] == []
    assert set(rows) == set(CODES)
    assert [code for code, row in CODES.items() if not CODE.fullmatch(code) or not all(row[1:]) or row.status not in (403, 409, 422)] == []


@pytest.mark.parametrize("book", library.books())
def test_every_code_that_a_book_names_is_explained(book: str) -> None:
    rows = library.book(book)
    named = {row["code"] for table in ("admit", "gate", "recuse") for row in rows.get(table, {}).values() if "code" in row}
    assert named - set(CODES) == set()


def test_every_act_has_a_rule_or_is_plain() -> None:
    assert set(RULES) <= set(ACTS)
    assert {act for act in ACTS if RULES.get(act, plain) is plain} == PLAIN
    assert set(DISPOSITIONS) <= set(ACTS)


def test_acts_are_sound() -> None:
    shapes = {"text", "flag", "table", "list", "date", "any"}
    assert [name for name, act in ACTS.items() if {kind.rstrip("*") for kind in act.fields.values()} - shapes] == []
    assert [name for name, act in ACTS.items() if not set(act.phases) <= {*PHASES, "none", "archived"}] == []
    events = [act.event for act in ACTS.values()]
    assert len(events) == len(set(events)), "two acts with one event could not be told apart"


@pytest.mark.parametrize("book", library.books())
def test_posts_of_a_book_know_their_acts_and_mechanisms(book: str) -> None:
    rows = library.book(book)
    assert set(rows) <= {*NAMED, *SINGLE}
    assert [(post, act) for post, row in rows.get("post", {}).items() for act in row.get("may", ()) if act not in ACTS and act not in LEDGER_ACTS] == []


@pytest.mark.parametrize("book", sorted(path.stem for path in library.CLAUSES.glob("*.toml")))
def test_every_clause_has_a_status_and_its_reason(book: str) -> None:
    reasons = {"human": "where", "later": "why", "void": "why"}
    clauses = library.clauses(book)
    assert [c["ref"] for c in clauses if c.get("status") not in {*rules.STATUSES}] == []
    assert [c["ref"] for c in clauses if c["status"] in reasons and not c.get(reasons[c["status"]])] == []
    assert [ref for ref, n in Counter(c["ref"] for c in clauses).items() if n > 1] == []
    assert [c["ref"] for c in clauses if not (c.get("zh") and c.get("en"))] == []
