"""`huiyin rules schema`: the rulebook file as a JSON Schema, for editors that complete and mark while one writes; `rules check` knows more."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cli.rule_keys import NEEDED, OF_THE_BOOK, SHAPES, keys_in, keys_of
from cli.show import PARTS
from cli.show_words import LABELS
from domain.acts import ACTS
from domain.codes import CODES
from domain.deadlines import PERIODS, UNITS
from domain.law import NAMED, SINGLE
from domain.limits import CHOICES, SOURCES
from domain.story_ledger import LEDGER_ACTS

Schema = dict[str, Any]
STATUSES = ("in_force", "partial", "incomplete", "lapsed")
TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
TABLE: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}
WHO: Schema = {"anyOf": [TEXT, {"type": "array", "items": {"anyOf": [TEXT, TABLE]}}]}
MOMENT: Schema = {"anyOf": [TEXT, TEXTS, TABLE]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


# What a field is in every table that has it; a table's own are in OWN.
FIELDS: dict[str, Schema] = {
    **dict.fromkeys(("zh", "en", "reading", "role", "set", "series", "event", "consent", "opens", "what", "named_by", "keeps_until", "on_fail", "where"), TEXT),
    **dict.fromkeys(("by", "only_to", "except", "only_by", "opened_by", "bars", "decided_by"), WHO),
    **dict.fromkeys(("on", "from", "until", "counts"), MOMENT),
    **dict.fromkeys(("complainant", "respondent", "registers", "required", "choice"), FLAG),
    **dict.fromkeys(("may", "act", "needed_for", "blocks"), _ref("acts")),
    **dict.fromkeys(("limit", "in_all", "receive_limit", "at_most"), _ref("limit")),
    **dict.fromkeys(("when", "unless"), _ref("condition")),
    "any": {"type": "array", "items": _ref("condition"), "minItems": 1},
    "rows": {"type": "array", "items": TABLE, "minItems": 1},
    "clause": _ref("clause"), "office": {"const": True}, "at_once": {"const": True}, "does": _ref("act"), "code": {"enum": sorted(CODES)}, "needs": {"anyOf": [TEXT, TEXTS]},
    "times": {"type": "integer", "minimum": 1}, "hide": TEXTS, "contents": {"anyOf": [TEXTS, TABLE]},
}  # fmt: skip
REQUIRED = {
    "post": "may", "gate": "act", "term": "from until limit", "limits": "rows from until", "duty": "on by", "order": "by to", "measure": "by", "counter": "counts", "trigger": "on then",
    "notice": "on to", "param": "is", "admit": "when by", "form": "kind columns", "answer": "by to event", "secret": "hide", "recur": "every by", "chain": "rows", "kpi": "what",
    "recuse": "act bars", "check": "by items", "extend": "of effect", "hold": "kinds return", "route": "rows", "first": "by keeps_until",
}  # fmt: skip
# by table or by shape (cli/rule_keys.py)
OWN: dict[tuple[str, str], Schema] = {
    ("chain", "before"): _ref("acts"), ("urge", "before"): TEXTS, ("post", "holders"): {"type": "integer", "minimum": 1}, ("kind", "channel"): {"const": False}, ("kind", "channels"): TEXTS,
    ("form", "kind"): {"enum": ["register", "slip", "letter", "report", "record"]}, ("chain_row", "steps"): {"type": "array", "minItems": 1, "items": TABLE}, ("route_row", "do"): {"enum": sorted([*ACTS, "answer"])}, ("limits_row", "per"): {"enum": ["assignment", "order", "item", "step", "case", ""]},
    ("duty", "per"): {"const": "assignment"}, ("recuse", "then"): WHO, ("extend", "adds"): {"anyOf": [_ref("limit"), {"const": "entered"}, {"type": "object", "required": ["up_to"], "properties": {"up_to": _ref("limit")}, "additionalProperties": False}]},
    **{("flow", word): {"enum": ["auto", "act"]} for word in ("accept", "close", "archive")}, ("flow", "register"): {"enum": ["filed", "accepted", "registered"]}, ("handing_back", "at_most"): {"type": "integer", "minimum": 0},
    ("book", "id"): {"type": "string", "pattern": "^[0-9a-z]+(-[0-9a-z]+)*$"}, ("book", "status"): {"enum": list(STATUSES)}, ("book", "title"): {"type": "string", "minLength": 1}, ("book", "needs"): TEXTS,
    **{("moment", word): {"type": "array", "minItems": 1, "items": {"anyOf": [TEXT, _ref("moment")]}} for word in ("any", "all")}, ("then", "respondent"): WHO, ("range", "at_most"): {"anyOf": [{"type": "number"}, _ref("figure")]},
    **{("gap", word): TEXT for word in ("what", "reading", "why", "param")},
}  # fmt: skip
NEVER_TEXT = ("limit", "in_all", "receive_limit", "at_most", "within", "due", "floor", "up_to")  # a limit or a window is always a table; an `until` or `every` may be a word


def schema() -> Schema:
    """The whole schema (JSON Schema 2020-12)."""
    tables: Schema = {name: {"type": "object", "description": PARTS[name], "additionalProperties": _row(name)} for name in NAMED}
    singles: Schema = {name: _row(name) | {"description": PARTS.get(name, "制度 the book")} for name in SINGLE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "制度文件 rulebook",
        "type": "object",
        "properties": {**singles, **tables},
        "required": ["book", "post", "kind"],
        "additionalProperties": False,
        "$defs": _shared(),
    }


def _row(table: str) -> Schema:
    needed = "id title status" if table == "book" else "accept register close archive" if table == "flow" else REQUIRED.get(table, "")
    return _table(table, keys_of(table), needed)


def _inner(shape: str) -> Schema:
    return _table(shape, keys_in(shape), NEEDED.get(shape, ""))


def _table(owner: str, keys: Mapping[str, str], needed: str) -> Schema:
    fields = {name: {"description": LABELS.get(name, name), **_field(owner, name, shape)} for name, shape in keys.items()}
    return {"type": "object", "properties": fields, "additionalProperties": False, **({"required": needed.split()} if needed else {})}


def _field(owner: str, name: str, shape: str) -> Schema:
    """What stands under a key: its own schema, else the tables that its shape allows, else what the key is everywhere."""
    if (owner, name) in OWN:
        return OWN[owner, name]
    inside = shape.lstrip("[{")
    if not shape or inside == "condition":
        return FIELDS.get(name, {})
    one = TABLE if inside in OF_THE_BOOK else _ref(inside)
    if shape.startswith("{"):
        names: Schema = {"type": "object", "additionalProperties": {"anyOf": [one, TEXT]}}
        return {"anyOf": [TEXTS, names]} if name == "contents" else names
    if inside == "who":
        return {"anyOf": [TEXT, {"type": "array", "items": {"anyOf": [TEXT, one]}}]}
    if shape.startswith("["):
        return {"type": "array", "items": one, "minItems": 1}
    return one if name in NEVER_TEXT else {"anyOf": [{"type": ["string", "number", "boolean", "array"]}, one]}


def _shared() -> Schema:
    acts = sorted({*ACTS, *LEDGER_ACTS, "*", "send_back"})
    return {
        "act": {"enum": acts},
        "acts": {"anyOf": [_ref("act"), {"type": "array", "items": _ref("act")}]},
        "clause": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}]},
        "condition": {"type": "object", "minProperties": 1},
        **{shape: _inner(shape) for shape in SHAPES},
        "limit": _limit(),
    }


def _limit() -> Schema:
    figure: Schema = {"type": "integer", "minimum": 1}
    kinds: Schema = {
        **{name: {"anyOf": [figure, {"type": "array", "items": figure, "minItems": 1, "maxItems": 2}]} for name in UNITS},
        **dict.fromkeys(SOURCES, TEXT),
        **{name: {"type": "array", "items": _ref("limit"), "minItems": 1} for name in CHOICES},
        "same_day": {"const": True}, "entered": {"const": True}, "end_of": {"enum": list(PERIODS)},
    }  # fmt: skip
    beside: Schema = {"itself": FLAG, "at_most": _ref("limit"), "from": MOMENT, "key": TEXT, "clause": _ref("clause"), "unit": {"enum": list(UNITS)}}
    return {"type": "object", "properties": kinds | beside, "additionalProperties": False, "oneOf": _one_of(kinds)}


def _one_of(names: Iterable[str]) -> list[Schema]:
    return [{"required": [name]} for name in names]


def printed() -> str:
    """The schema as text."""
    return json.dumps(schema(), ensure_ascii=False, indent=2)
