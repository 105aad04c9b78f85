"""What a reader may see of a case, deny by default (design, section 5). One function for pages, lists, counts, notices, exports and errors."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from domain.answering import answers_due
from domain.case import Case
from domain.clocks import alarms
from domain.context import Context
from domain.gates import open_duties
from domain.law import Law, current
from domain.people import active, barred
from domain.tasks import tasks

INSIDE = frozenset({"intake", "centre_head", "leader_in_charge", "principal", "supervisor"})
WITHHELD = {
    "identity": ("identity", "digests"),
    "contact": ("contact",),
    "original": ("original", "attachments", "summary_sha"),
    "form": ("forms",),
    "evidence": ("evidence",),
    "progress": ("clocks", "tasks", "timeline", "phase"),
}
HIDEABLE = ("existence", *WITHHELD)
UNIT_SHOWS = ("case", "register_no", "old_no", "phase", "kind", "facts", "disposition", "round", "contact", "orders")
ADMIN_SHOWS = ("case", "register_no", "phase")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, as of today: a person of the office file, 'complainant', or 'public'; `stands_for` are those they substitute now."""

    person: str
    posts: tuple[str, ...] = ()
    unit: str = ""
    role: str = ""
    roles: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()
    acts_as: tuple[str, ...] = ()  # ids of those in whose place they read now: what is closed to one of these is closed to them

    @property
    def own(self) -> frozenset[str]:
        """The ids of this reader alone: the person and the unit."""
        return frozenset({self.person, f"unit:{self.unit}"} if self.unit else {self.person})

    @property
    def names(self) -> frozenset[str]:
        """The ids by which a relation of the book means this reader: the person and the unit, and those in whose place they read."""
        return self.own | frozenset(self.acts_as)

    @property
    def looks_over(self) -> bool:
        """Whether a role of theirs looks over all cases of the office (each still through the view)."""
        return not INSIDE.isdisjoint(self.roles)

    @property
    def outside(self) -> bool:
        """Whether they see only what concerns them: a unit, not the office and not its auditor."""
        return not self.looks_over and "auditor" not in self.roles


def reader_of(person: str, law: Law, stands_for: Iterable[str] = ()) -> Reader:
    """The reader that a person of the office file is; outsiders as they are."""
    row = law.office.get("person", {}).get(person, {})
    posts = tuple(row.get("posts", ()))
    roles = tuple(role for post in posts if (role := str(law.row("post", post).get("role", ""))))
    return Reader(person, posts, str(row.get("unit", "")), next(iter(roles), ""), roles, tuple(stands_for))


def in_place(reader: Reader, law: Law) -> list[Reader]:
    """Who somebody without an own post that looks over cases reads as, on the days on which they stand in for people who have one: for each of these, and for all together last.

    They see what that person may see by their post, and nothing of a case from which one of both has withdrawn, or which is closed to one of both.
    """
    people, found = law.office.get("person", {}), list[Reader]()
    if not reader.outside:
        return []
    for one in reader.stands_for:
        meant = reader_of(one, law)
        if one in people and not meant.outside:
            found.append(Reader(reader.person, meant.posts, reader.unit, meant.role, meant.roles, reader.stands_for, tuple(sorted(meant.names))))
    if len(found) > 1:
        roles, posts, ids = (tuple(dict.fromkeys(name for one in found for name in getattr(one, kind))) for kind in ("roles", "posts", "acts_as"))
        found.append(Reader(reader.person, posts, reader.unit, next(iter(roles), ""), roles, reader.stands_for, ids))
    return found


def widest(case: Case, reader: Reader, law: Law, now_in_force: Law) -> tuple[Reader, dict[str, Any]] | None:
    """What somebody sees of a case, and as whom: in the place of those they stand in for where that shows it, else by themselves. `now_in_force` = the law of new cases, whose office says who is who."""
    for one in (*in_place(reader, now_in_force), reader):
        shown = view(case, one, law)
        if shown is not None:
            return one, shown
    return None


def view(case: Case, reader: Reader, law: Law) -> dict[str, Any] | None:
    """The case as this reader may see it; None where even its existence is closed to them."""
    if case.phase == "none" or reader.person == "public":
        return None
    law = current(law, case)
    context = Context(case, law)
    if reader.person == "complainant":
        return _complainants(context)
    hidden = hidden_from(context, reader)
    if "existence" in hidden or not concerned(context, reader):
        return None
    shown = _full(context)
    for kind in hidden:
        for key in WITHHELD.get(kind, ()):
            shown.pop(key, None)
    _strip_columns(shown, context, hidden)
    shown["links"] = [{name: one[name] for name in ("relation", "case")} for one in shown["links"] if reader.names.isdisjoint(one.get("about", ()))]
    return _units(shown, context, reader) if reader.outside else shown


def _strip_columns(shown: dict[str, Any], context: Context, hidden: set[str]) -> None:
    """What a reader may not see does not come back as a column of a register that fills itself."""
    for name, columns in shown.get("forms", {}).items():
        known = context.law.row("form", name).get("columns", {})
        closed = [column for column in columns if known.get(column, {}).get("from") in hidden]
        for column in closed:
            columns.pop(column)


def concerned(context: Context, reader: Reader) -> bool:
    """Whether the case is any of the reader's business: by role, as its handler, or because something waits for them."""
    if reader.acts_as and not reader.names.isdisjoint(barred(context.case)):
        return False
    if not reader.outside:
        return True
    if reader.person in barred(context.case):
        return False
    return not (reader.names | set(reader.stands_for)).isdisjoint(concerned_ids(context))


def concerned_ids(context: Context) -> set[str]:
    """Persons and units whom the case concerns beside those who look over it: handlers, and whoever something waits for."""
    waiting = {who for task in tasks(context.case, context.law) for who in task.who}
    return (waiting | set(context.who("handler"))) - set(barred(context.case))


def closed_rules(context: Context, *kinds: str) -> list[dict[str, Any]]:
    """The secrets of the book that hold now and hide one of the kinds: whom each closes, opens or excepts, by id."""
    found = []
    for row in context.law.table("secret").values():
        if set(kinds).isdisjoint(row.get("hide", ())) or not context.holds(row) or (row.get("until") and row["until"] in context.case.marks):
            continue
        found.append({"hide": sorted(row["hide"]), **{name: sorted(context.who(row[name])) for name in ("from", "only_to", "except") if name in row}})
    return found


def closes(rule: Mapping[str, Any], names: frozenset[str]) -> bool:
    """Whether a rule of `closed_rules` closes what it hides to these ids."""
    closed = not names.isdisjoint(rule.get("from", ())) or ("only_to" in rule and names.isdisjoint(rule["only_to"]))
    return closed and names.isdisjoint(rule.get("except", ()))


def closed_to(rule: Mapping[str, Any], reader: Reader) -> bool:
    """Whether a rule closes what it hides to a reader. In somebody's place they are excepted only from what does not mean themselves."""
    return closes(rule, reader.names) or (bool(reader.acts_as) and closes({name: ids for name, ids in rule.items() if name != "only_to"}, reader.own))


def is_accused(context: Context, reader: Reader) -> bool:
    """Whether the reader, or their unit, is complained of."""
    return not reader.names.isdisjoint(context.who(["respondent", "respondent_unit"]))


def hidden_from(context: Context, reader: Reader) -> set[str]:
    """The kinds of content that this reader may not see."""
    hidden: set[str] = set()
    if is_accused(context, reader) or not reader.looks_over:
        hidden |= {"identity", "contact", "original"}
    if reader.person in barred(context.case):
        hidden |= {"identity", "contact", "original", "evidence", "form"}
    for rule in closed_rules(context, *HIDEABLE):
        if closed_to(rule, reader):
            hidden |= set(rule["hide"])
    hidden -= {one["what"] for one in context.case.people.get("unmasked", ()) if one["to"] == reader.person}
    if reader.person in context.case.people.get("revealed", ()):
        hidden -= {"contact"}
    return hidden


def _full(context: Context) -> dict[str, Any]:
    case, attrs = context.case, context.case.attrs
    return {
        "case": case.id, "register_no": case.register_no, "phase": case.phase, "kind": attrs.get("kind"), "channel": attrs.get("channel"),
        "source": attrs.get("source"), "received_at": attrs.get("received_at"), "disposition": attrs.get("disposition"),
        "outcome": attrs.get("outcome"), "found": attrs.get("found"), "round": attrs.get("round"), "satisfaction": attrs.get("satisfaction"), "satisfaction_source": attrs.get("satisfaction_source"),
        "facts": shown_facts(context), "respondents": attrs.get("respondents", []), "assignments": dict(case.assignments), "forms": _forms(context),
        "identity": attrs.get("identity", ""), "contact": attrs.get("has_contact", True), "original": attrs.get("summary_sha", ""),
        "attachments": attrs.get("attachments", []), "digests": attrs.get("digests", []), "evidence": attrs.get("evidence", []),
        "items": dict(case.items), "orders": dict(case.orders), "links": attrs.get("links", []), "measures": attrs.get("measures", []),
        "supervisions": attrs.get("supervisions", []), "opinion": attrs.get("last_opinion") or attrs.get("proposed_opinion", ""),
        "clocks": [_clock(c) for c in alarms(case, context.law)], "tasks": [asdict(t) for t in tasks(case, context.law)],
        "duties": [name for name, _ in open_duties(context)], "answers_due": answers_due(context),
        **({"old_no": attrs["old_no"]} if attrs.get("old_no") else {}),
    }  # fmt: skip


def shown_facts(context: Context) -> dict[str, Any]:
    """Every fact that is known of the case: entered, derived, or the book's default."""
    derived = {name: context.fact(name) for name, row in context.law.table("fact").items() if "rows" in row or "default" in row}
    return {k: v for k, v in {**derived, **context.case.facts}.items() if v is not None}


def _clock(clock: Any) -> dict[str, Any]:
    return {
        "key": clock.key, "zh": clock.zh, "en": clock.en, "start": clock.start.isoformat(), "due_day": clock.due_day, "state": clock.state,
        "overdue_at": clock.overdue_at.isoformat(), "provisional": clock.provisional, "clause": list(clock.clause), "policy": clock.policy,
    }  # fmt: skip


def _forms(context: Context) -> dict[str, Any]:
    """Forms with the columns that fill themselves as the case goes (vocabulary: form)."""
    shown: dict[str, Any] = {}
    for name, row in context.fitting("form"):
        filled = dict(context.case.forms.get(name, {}).get("fields", {}))
        for column, about in row.get("columns", {}).items():
            source = about.get("from", "")
            value = _source(context, source) if source and not filled.get(column) else None
            if value not in (None, ""):
                filled[column] = value
        if filled:
            shown[name] = filled
    return shown


def _source(context: Context, source: str) -> Any:
    mark = context.case.marks.get(source)
    if mark is not None:
        return mark.first.isoformat()
    special = {
        "register_no": context.case.register_no,
        "units": [a["unit"] for a in active(context.case) if a.get("unit")],
        "identity": context.case.attrs.get("identity"),
        "content": context.case.attrs.get("summary_sha"),
    }
    return special.get(source) or context.fact(source) or context.case.attrs.get(source)


def _units(shown: dict[str, Any], context: Context, reader: Reader) -> dict[str, Any]:
    """A handling unit sees the excerpt made for it and its own work, not the file (design, section 5)."""
    mine = {k: a for k, a in context.case.assignments.items() if a.get("unit") == reader.unit or a.get("person") == reader.person}
    part = {key: shown[key] for key in UNIT_SHOWS if key in shown}
    names = reader.names | set(reader.stands_for)
    waiting = {"tasks": [t for t in shown["tasks"] if not names.isdisjoint(t["who"])]} if "tasks" in shown else {}
    if reader.role == "admin":  # they see to the system, not to the complaint
        return {**{key: shown[key] for key in ADMIN_SHOWS if key in shown}, **waiting}
    clocks = {"clocks": shown["clocks"]} if "clocks" in shown else {}
    return {**part, "assignments": mine, **waiting, **clocks}


def may_show(reader: Reader, key: str) -> bool:
    """Whether the view of this reader can hold a key at all, whatever the case: what it cannot hold cannot be filtered by either."""
    if not reader.outside:
        return True
    return key in ((*ADMIN_SHOWS, "tasks") if reader.role == "admin" else (*UNIT_SHOWS, "assignments", "tasks", "clocks"))


def _complainants(context: Context) -> dict[str, Any]:
    case, attrs = context.case, context.case.attrs
    running = [_clock(c) for c in alarms(case, context.law) if c.state == "open" and not c.term.startswith(("duty:", "order:"))]
    return {
        "register_no": case.register_no, "phase": case.phase, "received_at": attrs.get("received_at"), "outcome": attrs.get("outcome"),
        "found": attrs.get("found") if "fed_back" in case.marks else None, "clocks": running, "satisfaction": attrs.get("satisfaction"), "satisfaction_source": attrs.get("satisfaction_source"),
        "asked_for": attrs.get("asked_for", []), "withdrawal": attrs.get("withdrawal"), "items": dict(case.items),
    }  # fmt: skip
