"""One command before one case: what the rules of the acts need to judge it, and how they refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.acts import ACTS, SEALED, SEALED_LIMIT, TEXT_LIMIT
from domain.case import Case, Command
from domain.clocks import clause_of
from domain.context import Context, hour_kind
from domain.first import comes_first
from domain.law import Law
from domain.people import barred, is_one, standing_in

FILED = frozenset({"kind", "channel", "source", "anonymous", "real_name", "has_contact", "proxy"})
SHAPES: dict[str, Any] = {"text": str, "flag": bool, "table": dict, "list": list, "date": str, "any": object}
REQUIRED = {name: tuple(field for field, kind in act.fields.items() if kind.endswith("*")) for name, act in ACTS.items()}
SINCE, UNTIL = date(1949, 10, 1), date(2199, 12, 31)  # a day beyond is a slip of the pen


class Refusal(Exception):
    """The answer no: code, clause, detail and who may instead."""

    def __init__(self, code: str, row: Mapping[str, Any] | None = None, detail: Any = None, who: list[str] | None = None) -> None:
        super().__init__(code)
        self.code, self.detail, self.who = code, detail, who or []
        self.clause = clause_of(row or {})


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer yes, with its events, numbered and folded onwards from the case, and the case after them."""

    events: tuple[Any, ...]
    after: Case = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no, with its clause; `who` may do it instead."""

    code: str
    clause: tuple[str, ...] = ()
    detail: Any = None
    who: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """An event before it has its number: kind, subject, clause, patch, further marks, phase."""

    kind: str
    subject: str = ""
    clause: tuple[str, ...] = ()
    patch: dict[str, dict[str, Any]] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    phase: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def put(self, section: str, **values: Any) -> "Draft":
        """Add to the patch of a section."""
        self.patch.setdefault(section, {}).update(values)
        return self


class Ask(Context):
    """A command in its context: who asks, for whom, with what."""

    def __init__(self, case: Case, command: Command, law: Law) -> None:
        super().__init__(case, law)
        self.command, self.fields = command, command.fields
        self.filing = command.act == "file" and case.phase == "none"  # while it is being filed a case is what the filing says
        if self.filing:  # what it says is nobody else's
            self._apart({})
        self.act = ACTS[command.act]
        self.person = command.actor
        self.identities = [command.actor, *standing_in(law.office, case, command.actor, command.received_at)]
        self.acted_for = ""

    def _read(self, name: str) -> Any:
        if self.filing:
            facts = self.fields.get("facts")
            if name == "hour_kind":
                return hour_kind(self.law, self.command.received_at)
            if name in FILED and name in self.fields:
                return self.fields[name]
            if isinstance(facts, Mapping) and name in facts:
                return facts[name]
        return super()._read(name)

    def named(self, word: Any) -> bool:
        """Whether the actor, or somebody they stand in for, is one whom a word of the book names."""
        among = self.who(word)
        if (word == "first_asked" if isinstance(word, str) else "first_asked" in word) and comes_first(self, self.person):
            return True
        for identity in self.identities:
            if is_one(identity, among, self.law.office):
                if identity != self.person:
                    self.acted_for = identity
                return True
        return False

    def posts(self) -> list[str]:
        """The posts the actor holds here, those of people they stand in for among them."""
        people = self.law.office.get("person", {})
        return list(dict.fromkeys(p for one in self.identities for p in people.get(one, {}).get("posts", ())))

    def may(self) -> list[str]:
        """Posts of the book that may do this act at all."""
        act = self.command.act
        return list(self.law.once(("may", act), lambda law: [post for post, row in law.table("post").items() if act in row.get("may", ())]))

    def text(self, name: str) -> str:
        """A text field, '' where not given."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def need(self, names: list[str], row: Mapping[str, Any] | None = None, code: str = "field_missing") -> None:
        """Refuse unless all the named fields are filled."""
        missing = [name for name in names if self.fields.get(name) in (None, "", [], {})]
        if missing:
            raise Refusal(code, row, missing)

    @property
    def unit(self) -> str:
        """The actor's unit in the office file, '' for outsiders."""
        return str(self.law.office.get("person", {}).get(self.person, {}).get("unit", ""))


def check_fields(ask: Ask) -> None:
    """Required fields are there, known fields have their kind and size; anything else is refused by name."""
    known = ask.act.fields
    unknown = ask.fields.keys() - known.keys()
    if unknown and (unknown := unknown - extra_fields(ask)):
        raise Refusal("field_unknown", None, sorted(unknown))
    ask.need([name for name in REQUIRED[ask.command.act] if ask.fields.get(name) is not False])
    wrong = [name for name, value in ask.fields.items() if name in known and not _fits(value, known[name].rstrip("*"))]
    if wrong:
        raise Refusal("field_invalid", None, sorted(wrong))
    long = [name for name, value in ask.fields.items() if isinstance(value, str) and len(value) > _most(name, value)]
    if long:
        raise Refusal("field_too_long", None, sorted(long))


def _most(name: str, value: str) -> int:
    return SEALED_LIMIT if name == "identity" or value.startswith(SEALED) else TEXT_LIMIT


def extra_fields(ask: Ask) -> set[str]:
    """A duty, an urging record or an answer may ask for fields of its own."""
    extra = set(ask.law.once(("fields", ask.command.act), lambda law: _asked_of(law, ask.command.act)))
    if ask.command.act == "do":
        extra |= set(ask.law.row("duty", ask.text("duty")).get("needs", ()))
    if ask.command.act == "urge":
        for row in ask.law.table("urge").values():
            extra |= set(ask.law.row("form", row.get("form", "")).get("columns", {}))
    if ask.command.act == "hand_back":
        extra |= {need.removeprefix("field:") for need in ask.law.table("assign").get("return", {}).get("needs", ())}
    if ask.command.act == "comply":
        extra |= set(ask.law.row("order", ask.text("order")).get("needs", ()))
    if ask.command.act == "incident":
        extra |= set(ask.law.row("incident", ask.text("what")).get("needs", ()))
    return extra


def _asked_of(law: Law, act: str) -> set[str]:
    """Fields that the routes and gates of a book ask of an act."""
    extra: set[str] = set()
    for row in (law.table("route") or {}).get("rows", ()):
        if {"answer": "answer_on_the_spot"}.get(row.get("do", ""), row.get("do")) == act:
            extra |= {need.removeprefix("field:") for need in row.get("needs", ())}
    for row in law.table("gate").values():
        acts = row.get("act", ())
        if act in ([acts] if isinstance(acts, str) else acts):
            extra |= {need.removeprefix("field:") for need in row.get("needs", ()) if need.startswith("field:")}
    return extra


def _fits(value: Any, kind: str) -> bool:
    if value is None:
        return True
    if not isinstance(value, SHAPES[kind]):
        return False
    return kind != "date" or _is_day(value)


def _is_day(text: str) -> bool:
    try:
        return SINCE <= date.fromisoformat(text[:10]) <= UNTIL
    except ValueError:
        return False


def check_person(ask: Ask) -> None:
    """Who asks is known, has not withdrawn, and holds a post that may (unless the act's own rule judges)."""
    act, person = ask.command.act, ask.person
    if person in ("complainant", "public"):
        if act not in COMPLAINT_ACTS or (person == "public" and act != "file"):
            raise Refusal("not_your_act", None, None, ask.may())
        return
    if person == "system":
        return
    if person not in ask.law.office.get("person", {}):
        raise Refusal("not_known", None, person)
    if person in barred(ask.case):
        raise Refusal("recused", next((r for r in ask.law.table("recuse").values() if r.get("act", "*") == "*"), None), person)
    for row in ask.law.once(("recuse", act), lambda law: _recusals(law, act)):
        if ask.holds(row) and person in ask.who(row.get("bars", "respondent")):
            raise Refusal(str(row.get("code", "recused")), row, person)
    if act not in RESPONDENT_ACTS and person in ask.who("respondent"):
        raise Refusal("recused", None, person)
    if ask.act.judged or act in OPEN_ACTS:
        return
    allowed = ask.may()
    for identity in ask.identities:
        posts = ask.law.office["person"].get(identity, {}).get("posts", ())
        if any(post in allowed for post in posts):
            ask.acted_for = identity if identity != person else ""
            return
    raise Refusal("not_your_act", None, None, allowed)


def _recusals(law: Law, act: str) -> list[dict[str, Any]]:
    """The rows that bar people from an act."""
    if act in NEVER_BARRED:
        return []
    return [row for row in law.table("recuse").values() if (acts := row.get("act", "*")) == "*" or act in acts]


COMPLAINT_ACTS = frozenset({"file", "supplement", "rate", "feedback", "withdraw", "appeal", "add_material", "report_retaliation", "consent"})
OPEN_ACTS = frozenset({"note", "recuse", "add_material"})
NEVER_BARRED = frozenset({"note", "recuse", "add_material", "appeal"})
RESPONDENT_ACTS = frozenset({"note", "add_material", "appeal", "recuse", "do", "comply"})
