"""`huiyin rules schema`: the rulebook file as a JSON Schema, for editors that complete and mark while one writes; `rules check` knows more."""

import json
from collections.abc import Iterable
from typing import Any

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
NAMES: Schema = {"type": "object", "additionalProperties": {"anyOf": [TABLE, TEXT]}}
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
    **dict.fromkeys(("options", "columns", "modes", "items"), NAMES),
    **dict.fromkeys(("when", "unless"), _ref("condition")),
    "any": {"type": "array", "items": _ref("condition"), "minItems": 1},
    "rows": {"type": "array", "items": TABLE, "minItems": 1},
    "clause": _ref("clause"), "office": {"const": True}, "at_once": {"const": True}, "does": _ref("act"), "code": {"enum": sorted(CODES)}, "needs": {"anyOf": [TEXT, TEXTS]},
    "times": {"type": "integer", "minimum": 1}, "hide": TEXTS, "contents": {"anyOf": [TEXTS, TABLE]},
}  # fmt: skip
COMMON = ("zh", "en", "clause", "office", "reading", "when", "any", "unless", "by", "needs", "rows")
FURTHER = {
    "post": "may role named_by holders per", "unit_kind": "requires", "kind": "complainant respondent opened_by feedback flow source turns channel channels", "channel": "opens_at declares",
    "fact": "is options default reason until at_most sets", "form": "kind needed_for columns sign medium", "admit": "code say registers turns_into",
    "term": "from until limit set beside per nature runs roll of act", "limits": "from until", "extend": "of why times asked in_all adds chain effect", "urge": "before at to form every on",
    "chain": "before on sets given shares reopens_on", "gate": "act except code given only_by to sequence bars_words", "recuse": "act bars code then decided_by", "first": "keeps_until also absent outside",
    "duty": "on until within blocks does again waivable per", "finding": "bars", "check": "bars na items on_fail", "answer": "to event consent contents modes",
    "secret": "hide from only_to except opens until", "hold": "kinds return", "order": "kind series to due grounds ends", "trigger": "on then to each",
    "measure": "one_of to until range must code", "publish": "board on where per until strip", "report": "to", "incident": "tell outcomes", "notice": "on to form at_once", "serve": "to how proof",
    "counter": "counts per dated within at less warn quota sums and each", "recur": "every due per to on until blocks", "kpi": "what count of duration mean target excludes per formula rank dated", "draw": "of per share count always coverage within by_hand",
    "param": "is default keys", "again": "from within kind to times relation where", "body": "chair members",
}  # fmt: skip
REQUIRED = {
    "post": "may", "gate": "act", "term": "from until limit", "limits": "rows from until", "duty": "on by", "order": "by to", "measure": "by", "counter": "counts", "trigger": "on then",
    "notice": "on to", "param": "is", "admit": "when by", "form": "kind columns", "answer": "by to event", "secret": "hide", "recur": "every by", "chain": "rows", "kpi": "what",
    "recuse": "act bars", "check": "by items", "extend": "of effect", "hold": "kinds return", "route": "rows", "first": "by keeps_until",
}  # fmt: skip
OWN: dict[tuple[str, str], Schema] = {
    ("chain", "before"): _ref("acts"), ("urge", "before"): TEXTS, ("post", "holders"): {"type": "integer", "minimum": 1}, ("kind", "flow"): TABLE, ("kind", "channel"): {"const": False}, ("kind", "channels"): TEXTS,
    ("form", "kind"): {"enum": ["register", "slip", "letter", "report", "record"]}, ("fact", "rows"): {"type": "array", "items": {"type": "object", "required": ["value"]}},
    ("chain", "rows"): {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["steps"], "properties": {"steps": {"type": "array", "minItems": 1, "items": TABLE}}}},
    ("route", "rows"): {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["do"], "properties": {"do": {"enum": sorted([*ACTS, "answer"])}, "when": _ref("condition"), "clause": _ref("clause")}}},
    ("duty", "within"): _ref("limit"), ("duty", "per"): {"const": "assignment"}, ("recuse", "then"): WHO, ("order", "due"): _ref("limit"), ("recur", "due"): _ref("limit"), ("extend", "adds"): {"anyOf": [_ref("limit"), {"const": "entered"}, {"type": "object", "required": ["up_to"], "properties": {"up_to": _ref("limit")}, "additionalProperties": False}]},
    ("flow", "accept"): {"enum": ["auto", "act"]}, ("flow", "close"): {"enum": ["auto", "act"]}, ("flow", "archive"): {"enum": ["auto", "act"]},
    ("flow", "register"): {"enum": ["filed", "accepted", "registered"]},
    ("book", "id"): {"type": "string", "pattern": "^[0-9a-z]+(-[0-9a-z]+)*$"}, ("book", "status"): {"enum": list(STATUSES)}, ("book", "title"): {"type": "string", "minLength": 1},
    ("book", "needs"): TEXTS, ("book", "gaps"): {"type": "array", "items": {"type": "object", "required": ["what", "reading", "why"], "properties": dict.fromkeys(("what", "reading", "why", "param"), TEXT)}},
}  # fmt: skip
SINGLES = {
    "book": "id title status gaps issuer source number issued_on in_force_from in_force_until based_on interpreter binds", "flow": "accept register opinion close archive start dispose", "route": "rows",
    "assign": "receive receive_limit return redo", "satisfy": "scale visit scores", "archive": "contents keep", "supervise": "reasons modes", "rank": "scale",
}  # fmt: skip


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
    named = (*COMMON, *FURTHER.get(table, "").split(), *SINGLES.get(table, "").split())
    fields = {name: {"description": LABELS.get(name, name), **OWN.get((table, name), FIELDS.get(name, {}))} for name in named}
    needed = "id title status" if table == "book" else "accept register close archive" if table == "flow" else REQUIRED.get(table, "")
    return {"type": "object", "properties": fields, **({"required": needed.split()} if needed else {})}


def _shared() -> Schema:
    acts = sorted({*ACTS, *LEDGER_ACTS, "*", "send_back"})
    return {
        "act": {"enum": acts},
        "acts": {"anyOf": [_ref("act"), {"type": "array", "items": _ref("act")}]},
        "clause": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}]},
        "condition": {"type": "object", "minProperties": 1},
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
