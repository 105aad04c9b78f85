"""The form of an act: which boxes, with which choices, made from the act's fields and the book's rows; and the fields that a filled form gives."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from api.office import Seen
from api.pages.choices import choices_of
from api.pages.dates import instant_words
from api.pages.labels import FIELDS, of
from api.pages.render import Names
from domain.acts import ACTS
from domain.asking import Ask, extra_fields
from domain.case import Command
from domain.core import current
from domain.handling import next_check, not_applicable
from domain.openings import ABOUT
from domain.people import active

LONG = frozenset({"text", "report", "opinion", "reason", "excerpt", "explanation", "note", "remark", "call_note", "suggestions", "measures", "explained", "demand", "description", "declined"})
NOT_GIVEN = "none:"  # before a column's name: the box for the reason why it is not given
LATE = frozenset({"evidence", "sha", "attachments", "forms", "facts", "items", "contents", "fields", "respondents"})  # they have boxes of their own, or a page
CHOSEN = {"do": "duty", "approve": "chain", "propose": "chain", "request_extension": "term", **{act: name for act, (name, _) in ABOUT.items()}}


@dataclass(frozen=True)
class Box:
    """One question. kind: line, long, yesno, date, one, some, lines, number; `options` = (value, label)."""

    name: str
    label: str
    kind: str = "line"
    options: tuple[tuple[str, str], ...] = ()
    required: bool = False
    value: Any = ""
    hint: str = ""
    clause: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Boxes under one heading; `open` = not folded away."""

    title: str
    boxes: tuple[Box, ...]
    open: bool = True
    clause: tuple[str, ...] = ()


@dataclass
class Sheet:
    """The form of one act before one person: what it is about (`about` = the field that chooses, with its options), and its groups."""

    act: str
    about: Box | None = None
    groups: list[Group] = field(default_factory=list)

    @property
    def boxes(self) -> Iterable[Box]:
        """All boxes."""
        return (box for group in self.groups for box in group.boxes)


def sheet(found: Seen, act: str, lang: str, given: Mapping[str, Any], at: Any) -> Sheet:
    """The form of an act as it stands now; `given` = what was chosen or typed before (names as in the form)."""
    law = current(found.law, found.case)
    names = Names(law, lang)
    chosen = CHOSEN.get(act, "")
    ask = Ask(found.case, Command("", act, {chosen: given.get(f"f.{chosen}", "")} if chosen else {}, at, at, found.reader.person), law)
    made = Sheet(act)
    if chosen:
        options = choices_of(ask, act, chosen, names)
        picked = str(given.get(f"f.{chosen}") or (options[0][0] if len(options) == 1 else ""))
        made.about = Box(f"f.{chosen}", of(FIELDS, chosen, lang), "one", options, required=act not in ("approve", "propose", "request_extension"), value=picked)
        ask.command.fields[chosen] = picked
        if options and not picked and len(options) > 1 and made.about.required:
            return made
    own = tuple(_plain(ask, act, names, given, lang))
    if own:
        made.groups.append(Group("", own))
    given = {**{f"fact.{name}": value for name, value in found.shown.get("facts", {}).items()}, **given}  # what the view hides is not filled in either
    for more in (_items, _contents, _columns, _facts, _forms):
        made.groups += [group for group in more(ask, act, names, given) if group.boxes]
    return made


def _plain(ask: Ask, act: str, names: Names, given: Mapping[str, Any], lang: str) -> Iterable[Box]:
    about, chosen = ACTS[act].fields, CHOSEN.get(act, "")
    asked = _asked(ask, act)
    for name, kind in {**about, **dict.fromkeys(sorted(extra_fields(ask) - set(about)), "text")}.items():
        if (name in LATE and name != "evidence") or name == chosen:
            continue
        box = f"f.{name}"
        options = choices_of(ask, act, name, names)
        shape = kind.rstrip("*")
        what = "some" if shape == "list" and options else "one" if options else {"flag": "yesno", "date": "date", "list": "lines"}.get(shape, "long" if name in LONG else "line")
        yield Box(box, of(FIELDS, name, lang), what, options, required=kind.endswith("*") or name in asked, value=given.get(box, ""))


def _asked(ask: Ask, act: str) -> set[str]:
    """Fields that a row of the book asks of this act now, beside those it always needs."""
    rows: list[Mapping[str, Any]] = [row for _, row in ask.fitting("gate") if act in ([row["act"]] if isinstance(row.get("act"), str) else row.get("act", ()))]
    rows += [row for row in (ask.law.table("route") or {}).get("rows", ()) if row.get("do") == act and ask.holds(row)]
    found = {need.removeprefix("field:") for row in rows for need in row.get("needs", ()) if ":" not in need or need.startswith("field:")}
    if act == "do":
        found |= set(ask.law.row("duty", ask.text("duty")).get("needs", ()))
    if act == "refuse":
        found |= set(ask.law.row("admit", ask.text("ground")).get("say", ()))
    if act in ("transfer", "assign", "joint"):
        found.add("excerpt")
    if act in ("feedback", "answer_on_the_spot"):
        mine = next((row for _, row in ask.fitting("answer") if row.get("event", "fed_back") == ACTS[act].event and ("by" not in row or ask.named(row["by"]))), {})
        found |= {*(("mode",) if mine.get("modes") else ()), *mine.get("contents", ())}
    return found


def _items(ask: Ask, act: str, names: Names, given: Mapping[str, Any]) -> Iterable[Group]:
    due = next_check(ask) if act == "review" else None
    if due is None:
        return
    name, row = due
    yes, no, na = ("yes", "no", "not applicable") if names.lang == "en" else ("是", "否", "不适用")
    boxes = []
    for item, about in row.get("items", {}).items():
        may = not_applicable(row, about)
        options = (("yes", yes), ("no", no), *((("na", na),) if may else ()))
        boxes.append(Box(f"item.{item}", names.word(about) or item, "one", options, required=True, value=given.get(f"item.{item}", ""), clause=_clause(about)))
        if may == "reason":
            boxes.append(Box(f"na.{item}", "why not applicable" if names.lang == "en" else "不适用的理由", value=given.get(f"na.{item}", "")))
    yield Group(names.row("check", name), tuple(boxes), clause=_clause(row))


def _contents(ask: Ask, act: str, names: Names, given: Mapping[str, Any]) -> Iterable[Group]:
    """The reply elements that the book asks of an answer."""
    if act not in ("feedback", "answer_on_the_spot"):
        return
    event = ACTS[act].event
    rows = [row for _, row in ask.fitting("answer") if row.get("event", "fed_back") == event and ("by" not in row or ask.named(row["by"]))]
    wanted = rows[0].get("contents", {}) if rows else {}
    known = {**ACTS[act].fields}
    boxes = []
    for name in wanted:
        about = wanted[name] if isinstance(wanted, Mapping) else {}
        if name not in known:
            box = f"content.{name}"
            boxes.append(Box(box, (names.word(about) if isinstance(about, Mapping) else str(about)) or names.field(name), "long", required=True, value=given.get(box, ""), clause=_clause(about)))
    yield Group("what the answer must say" if names.lang == "en" else "答复应写明", tuple(boxes), clause=_clause(rows[0]) if rows else ())


def _columns(ask: Ask, act: str, names: Names, given: Mapping[str, Any]) -> Iterable[Group]:
    """The columns of the document that is being made, and of an urging record."""
    name = ask.text("form") if act == "document" else ""
    if act == "urge":
        name = next((str(row.get("form", "")) for _, row in ask.fitting("urge") if row.get("form")), "")
    row = ask.law.row("form", name)
    prefix = "column" if act == "document" else f"form.{name}"
    filled = _urged(ask, names) if act == "urge" else {}
    own = {key for key in row.get("columns", {}) if act == "urge" and key in ACTS["urge"].fields and key not in filled}
    yield Group(names.word(row) or name, _columns_of(prefix, row, names, given, filled, own), clause=_clause(row))


def _urged(ask: Ask, names: Names) -> dict[str, str]:
    """What the urging record fills in by itself: time, count, unit and handler; state and progress are a person's."""
    part: Mapping[str, Any] = next((one for one in active(ask.case) if not one.get("reported_at")), {})
    unit = str(part.get("unit", ""))
    handler = part.get("person") or part.get("liaison") or next(iter(ask.staff(f"unit:{unit}")), "")
    return {"time": instant_words(ask.command.received_at, names.lang), "number": str(int(ask.case.attrs.get("urged", 0)) + 1), "unit": names.unit(unit), "handler": names.one(handler)}


def _columns_of(prefix: str, row: Mapping[str, Any], names: Names, given: Mapping[str, Any], filled: Mapping[str, str] | None = None, without: Iterable[str] = ()) -> tuple[Box, ...]:
    """The boxes of a form's columns; where the text allows it, one more for why a column is not given."""
    boxes: list[Box] = []
    for key, about in row.get("columns", {}).items():
        if key in without:
            continue
        own = (filled or {}).get(key, "")
        box = _column(f"{prefix}.{key}", about, names, given, filled=bool(own))
        box = replace(box, hint=f"{box.hint}: {own}") if own else box
        allowed = bool(about.get("not_given"))
        boxes.append(replace(box, required=box.required and not allowed))
        if allowed:
            why = f"{NOT_GIVEN}{box.name}"
            boxes.append(Box(why, f"{box.label}: " + ("why not given" if names.lang == "en" else "未提供的原因"), value=given.get(why, "")))
    return tuple(boxes)


def _column(box: str, about: Mapping[str, Any], names: Names, given: Mapping[str, Any], filled: bool) -> Box:
    own = bool(about.get("from")) or filled
    hint = ("left empty, it fills itself" if names.lang == "en" else "不填则自动填写") if own else ""
    if about.get("sealed"):
        hint = "stays in the sealed identity" if names.lang == "en" else "只在密封的身份材料中,不写在此"
    options = tuple((key, names.word(row) if isinstance(row, Mapping) else str(row)) for key, row in about.get("options", {}).items()) if isinstance(about.get("options"), Mapping) else ()
    return Box(box, names.word(about) or box.rpartition(".")[2], "one" if options else "line", options, required=bool(about.get("required")) and not own and not about.get("sealed"), value=given.get(box, ""), hint=hint, clause=_clause(about))


def _facts(ask: Ask, act: str, names: Names, given: Mapping[str, Any]) -> Iterable[Group]:
    if "facts" not in ACTS[act].fields:
        return
    chain = ask.law.row("chain", ask.text("chain")) if act in ("approve", "propose") else {}
    free = set(chain.get("sets", ()))
    needed = {need.removeprefix("fact:") for _, row in ask.fitting("gate") for need in row.get("needs", ()) if need.startswith("fact:") and act in ([row["act"]] if isinstance(row.get("act"), str) else row.get("act", ()))}
    boxes = [fact_box(name, row, names, given.get(f"fact.{name}", ""), required=name in needed or name in free) for name, row in ask.law.table("fact").items() if name in free or _may_set(ask, row)]
    must, rest = [box for box in boxes if box.required], [box for box in boxes if not box.required]
    title = "facts" if names.lang == "en" else "认定事项"
    yield Group(title, tuple(must))
    yield Group(("other " if names.lang == "en" else "其他") + title, tuple(rest), open=act == "classify")


def _may_set(ask: Ask, row: Mapping[str, Any]) -> bool:
    return ("by" in row and ask.named(row["by"])) or ("by" not in row and "rows" not in row)


def fact_box(name: str, row: Mapping[str, Any], names: Names, value: Any = "", *, required: bool = False) -> Box:
    """The box of one fact of the book."""
    kind = str(row.get("is", "one_of" if "options" in row else "text"))
    office = names.law.office if names.law is not None else {}
    listed = {"unit": [(key, names.unit(key)) for key in office.get("unit", {})], "person": [(key, names.one(key)) for key in office.get("person", {})]}.get(kind)
    options = tuple(listed if listed is not None else [(key, names.word(one) or key) for key, one in row.get("options", {}).items()])
    shape = {"one_of": "one", "some_of": "some", "flag": "yesno", "number": "number", "date": "date", "unit": "one", "person": "one"}.get(kind, "line")
    shown = {True: "yes", False: "no"}.get(value, "") if shape == "yesno" and not isinstance(value, str) else ("" if value is None else value)
    return Box(f"fact.{name}", names.word(row) or name, shape, options, required=required, value=shown, hint=str(row.get("reading", "") if names.lang != "en" else ""), clause=_clause(row))


def _forms(ask: Ask, act: str, names: Names, given: Mapping[str, Any]) -> Iterable[Group]:
    if "forms" not in ACTS[act].fields or act == "urge":
        return
    for name, row in ask.law.table("form").items():
        wanted = act in row.get("needed_for", ())
        if ("by" in row and not ask.named(row["by"])) or not (wanted or ask.holds(row)):
            continue
        needed = wanted and ask.holds(row) and name not in ask.case.forms
        boxes = _columns_of(f"form.{name}", row, names, given)
        yield Group(names.word(row) or name, boxes if needed else tuple(replace(box, required=False) for box in boxes), open=needed, clause=_clause(row))


def _clause(row: Any) -> tuple[str, ...]:
    refs = row.get("clause", ()) if isinstance(row, Mapping) else ()
    return (refs,) if isinstance(refs, str) else tuple(refs)


def fields_of(made: Sheet, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the act from a filled form: nothing for an empty box, only facts that differ from `before`."""
    fields: dict[str, Any] = {}
    every = [*made.boxes, *([made.about] if made.about is not None else [])]
    for box in every:
        value = READ[box.kind](given.get(box.name, ""))
        if value in (None, "", []):
            continue
        missing = box.name.startswith(NOT_GIVEN)
        group, _, name = box.name.removeprefix(NOT_GIVEN).partition(".")
        if missing:
            value = {"not_given": value}
            if given.get(box.name.removeprefix(NOT_GIVEN)):
                continue
        if group == "f":
            fields[name] = value
        elif group == "fact" and value != before.get(name):
            fields.setdefault("facts", {})[name] = value
        elif group == "form":
            form, _, column = name.partition(".")
            fields.setdefault("forms", {}).setdefault(form, {})[column] = value
        elif group in PLACES:
            fields.setdefault(PLACES[group], {})[name] = value
        elif group == "item":
            fields.setdefault("items", {})[name] = {"na": True, "reason": str(given.get(f"na.{name}", ""))} if value == "na" else value
    return fields


PLACES = {"content": "contents", "column": "fields"}


def _many(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if one]


def _number(value: Any) -> Any:
    text = str(value).strip()
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


READ: dict[str, Callable[[Any], Any]] = {
    "line": lambda value: _last(value).strip(), "long": lambda value: _last(value).strip().replace("\r\n", "\n"), "one": lambda value: _last(value).strip(), "date": lambda value: _last(value).strip(),
    "yesno": lambda value: {"yes": True, "no": False}.get(_last(value)), "some": _many, "number": _number,
    "lines": lambda value: [line.strip() for line in _last(value).splitlines() if line.strip()],
}  # fmt: skip


def _last(value: Any) -> str:
    return str(value[-1] if isinstance(value, list) and value else value or "")

