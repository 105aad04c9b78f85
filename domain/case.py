"""A case is the fold of its events. An event carries the patch that it makes, so a fold never needs the rules that decided it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from domain.workdays import ZONE

SECTIONS = (
    "attrs", "facts", "assignments", "chains", "forms", "items", "orders", "extensions",
    "rung", "done", "consents", "people", "revisions", "notes",
)  # fmt: skip
GENESIS = "0" * 64
REFUSED = "refused"
REMEMBERED = 4096  # instants and their texts: one act writes and reads its own a dozen times


def _writer() -> Callable[[Any], str]:
    """JSON with sorted keys and no spaces. `JSONEncoder.encode` sets its C encoder up anew for every text, which costs as much as the writing."""
    plain = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fast = getattr(json.encoder, "c_make_encoder", None)
    if fast is None:
        return plain.encode
    write = fast(None, plain.default, json.encoder.encode_basestring, None, ":", ",", True, False, True)
    return lambda value: "".join(write(value, 0))


_write = _writer()


@dataclass(slots=True)
class Event:
    """What became true: kind, legal instant, who decided and who typed, the clause, and the patch it makes."""

    seq: Final[int]  # final, not frozen: the type checker sees to it, at a third of the time that a frozen one takes to make
    kind: Final[str]
    at: Final[datetime]
    actor: Final[str]
    post: Final[str]
    entered_by: Final[str]
    command_id: Final[str]
    clause: Final[tuple[str, ...]]
    data: Final[dict[str, Any]]
    text: str = field(default="", init=False, repr=False, compare=False)  # its canonical text once somebody asked for it; data never changes
    names: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)  # the same of `names_of`

    @property
    def subject(self) -> str:
        """The term, form, chain, duty or order that the event is about, or ''."""
        return str(self.data.get("subject", ""))

    def dump(self) -> dict[str, Any]:
        """JSON-safe shape; instants as ISO text at +08:00."""
        return {
            "seq": self.seq, "kind": self.kind, "at": iso(self.at), "actor": self.actor, "post": self.post,
            "entered_by": self.entered_by, "command_id": self.command_id, "clause": list(self.clause), "data": self.data,
        }  # fmt: skip

    @staticmethod
    def load(raw: Mapping[str, Any]) -> "Event":
        """The event that `dump` wrote."""
        return Event(
            int(raw["seq"]), raw["kind"], instant(raw["at"]), raw["actor"], raw["post"], raw["entered_by"],
            raw["command_id"], tuple(raw["clause"]), dict(raw["data"]),
        )  # fmt: skip


@dataclass(slots=True)
class Command:
    """A wish to act, as the signed statement gives it; `flaw` names what made it unfit before the core saw it."""

    id: Final[str]
    act: Final[str]
    fields: Final[dict[str, Any]]
    received_at: Final[datetime]
    entered_at: Final[datetime]
    actor: Final[str]
    post: Final[str] = ""
    unit: Final[str] = ""
    entered_by: Final[str] = ""
    paper: Final[str] = ""
    flaw: Final[str] = ""

    def dump(self) -> dict[str, Any]:
        """JSON-safe shape; instants as ISO text."""
        return {
            "id": self.id, "act": self.act, "fields": self.fields, "received_at": iso(self.received_at),
            "entered_at": iso(self.entered_at), "actor": self.actor, "post": self.post, "unit": self.unit,
            "entered_by": self.entered_by, "paper": self.paper, "flaw": self.flaw,
        }  # fmt: skip

    @staticmethod
    def load(raw: Mapping[str, Any]) -> "Command":
        """The command that `dump` wrote; raises KeyError or ValueError on another shape."""
        return Command(
            str(raw["id"]), str(raw["act"]), dict(raw["fields"]), instant(raw["received_at"]), instant(raw["entered_at"]),
            str(raw["actor"]), str(raw.get("post", "")), str(raw.get("unit", "")), str(raw.get("entered_by", "")),
            str(raw.get("paper", "")), str(raw.get("flaw", "")),
        )  # fmt: skip


@dataclass(slots=True)
class Mark:
    """When something happened: first, last, how often."""

    first: datetime
    last: datetime
    count: int = 1


@dataclass(slots=True)
class Case:
    """The state of one case: sections of plain values, marks of what happened when, and the head of its hash chain."""

    id: str
    office: str
    book: str
    version: int = 0
    chain_head: str = GENESIS
    marks: dict[str, Mark] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    sections: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    known: tuple[Any, dict[Any, Any]] | None = field(default=None, repr=False, compare=False)  # a law, and what it makes of this very state; `fold` forgets it
    own: set[str] = field(default_factory=set, repr=False, compare=False)  # sections that no copy shares with it: `fold` changes those in place
    memo: Any = field(default=None, repr=False, compare=False)  # what else was computed, with what it was computed of: whoever reads it looks whether that still holds

    @staticmethod
    def new(id: str, office: str, book: str) -> "Case":  # noqa: A002 - the field's name
        """A case nobody has filed yet."""
        return Case(id, office, book)

    def __getattr__(self, name: str) -> Any:
        """Sections of other files (the ledger's) read as attributes too."""
        sections = object.__getattribute__(self, "sections")
        if name in sections:
            return sections[name]
        raise AttributeError(name)

    @property
    def phase(self) -> str:
        """One of the seven phases, 'none' before filing, 'archived' at the end."""
        phase: str = self.sections["attrs"].get("phase", "none")
        return phase

    @property
    def archived(self) -> bool:
        """Whether the case has ended."""
        return self.phase == "archived"

    @property
    def register_no(self) -> str:
        """The register number as the office writes it, or ''."""
        return str(self.sections["attrs"].get("register_no", ""))

    def decided(self, command_id: str) -> str:
        """The id under which this very wish was decided, or ''. What follows a '~' is the digest of its content: one wish has one content."""
        if command_id in self.commands:
            return command_id
        wish, mark, _ = command_id.partition("~")
        return next((one for one in self.commands if one.startswith(f"{wish}~")), "") if mark else ""

    def copy(self) -> "Case":
        """An independent case. Both share their sections until one of them folds an event into one; values are replaced, never changed in place."""
        self.own = set()
        return Case(
            self.id, self.office, self.book, self.version, self.chain_head, self.marks.copy(), self.commands.copy(), self.sections.copy(), self.known, memo=self.memo,
        )  # fmt: skip

    def supposed(self, patch: Mapping[str, Mapping[str, Any]]) -> "Case":
        """The case as it would be with these values of its sections."""
        case = self.copy()
        case.known = None
        for section, values in patch.items():
            case.sections[section] = {**case.sections[section], **values}
        return case

    def dump(self) -> dict[str, Any]:
        """JSON-safe shape for continue-as-new and tests."""
        return {
            "id": self.id, "office": self.office, "book": self.book, "version": self.version, "chain_head": self.chain_head,
            "marks": {k: [iso(m.first), iso(m.last), m.count] for k, m in self.marks.items()},
            "commands": self.commands, "sections": self.sections,
        }  # fmt: skip

    @staticmethod
    def load(raw: Mapping[str, Any]) -> "Case":
        """The case that `dump` wrote."""
        marks = {k: Mark(instant(a), instant(b), int(n)) for k, (a, b, n) in raw["marks"].items()}
        sections = {name: dict(raw["sections"].get(name, {})) for name in SECTIONS}
        return Case(raw["id"], raw["office"], raw["book"], raw["version"], raw["chain_head"], marks, dict(raw["commands"]), sections)


def _section(name: str) -> property:
    return property(lambda case: case.sections[name])


for _name in SECTIONS:  # a case's own, read as attributes most often: `case.facts`, `case.attrs`
    setattr(Case, _name, _section(_name))


def evolve(case: Case, event: Event) -> Case:
    """The case after one more event; raises ValueError when the event is not the next one."""
    after = case.copy()
    fold(after, event)
    return after


def fold(case: Case, event: Event) -> None:
    """Fold one event into a case of the caller's own."""
    if event.seq != case.version + 1:
        raise ValueError(f"event {event.seq} does not follow version {case.version}")
    if case.known and (event.kind != REFUSED or case.known[0].heeds(REFUSED)):  # a refusal is evidence; it changes nothing that a row asks for
        case.known = None
    case.chain_head = chained(case.chain_head, event)
    case.version = event.seq
    if event.command_id:
        case.commands.setdefault(event.command_id, event.kind if event.kind != "refused" else str(event.data.get("code", "refused")))
    marks = case.marks
    for name in names_of(event):
        old = marks.get(name)
        marks[name] = Mark(event.at, event.at) if old is None else Mark(old.first, event.at, old.count + 1)
    for section, changes in event.data.get("patch", {}).items():
        target = case.sections[section]
        if section not in case.own:
            target = case.sections[section] = target.copy()
            case.own.add(section)
        for key, value in changes.items():
            known = target.get(key)
            target[key] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value


def names_of(event: Event) -> tuple[str, ...]:
    """The names by which rows mean an event: kind, `kind:subject`, its marks, `set:fact` for each fact it sets, `found:value` for a finding."""
    if not event.names:
        event.names = tuple(dict.fromkeys(_names(event.kind, event.data)))
    return event.names


def _names(kind: str, data: Mapping[str, Any]) -> list[str]:
    patch, subject = data.get("patch", {}), data.get("subject")
    names = [kind, *data.get("marks", ())]
    if "facts" in patch:
        names += [f"set:{name}" for name in patch["facts"]]
    if subject:
        names.append(f"{kind}:{subject}")
    found = patch["attrs"].get("found") if "attrs" in patch else ""
    return [*names, "found", f"found:{found}"] if found else names


def chained(head: str, event: Event) -> str:
    """The next head of the hash chain (hex SHA-256 over the head and the event's canonical text)."""
    return hashlib.sha256((head + canonical(event)).encode()).hexdigest()


def canonical(event: Event) -> str:
    """The one text of an event that hashes, stores and compares alike everywhere."""
    if not event.text:
        event.text = _write(event.dump())
    return event.text


@lru_cache(REMEMBERED)
def iso(value: datetime) -> str:
    """ISO text at +08:00, always with the offset."""
    return (value if value.tzinfo is ZONE else value.astimezone(ZONE)).isoformat()


@lru_cache(REMEMBERED)
def instant(value: str | datetime) -> datetime:
    """An aware instant at +08:00; a text without an offset is read there; raises ValueError on other text."""
    parsed = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return parsed.replace(tzinfo=ZONE) if parsed.tzinfo is None else parsed.astimezone(ZONE)
