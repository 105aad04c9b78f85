"""The acts of a ledger: what people enter, take back, fulfil, draw, decide, put up, keep and dispose of; each gives one draft or a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain import people
from domain.asking import Draft, Refusal
from domain.case import Case, Command, instant, iso
from domain.clocks import clause_of
from domain.law import Law
from domain.ledger_draws import drawn, population
from domain.ledger_entries import Entry
from domain.ledger_keep import ends_on, keep_until
from domain.ledger_periods import written
from domain.ledger_recur import Occurrence, occurrences, standing
from domain.ledger_watch import is_board, words
from domain.other_case import derived, ready

OWN = ("what", "at", "rows", "case")  # fields of `enter` that are no facts


@dataclass(slots=True)
class LedgerAsk:
    """One command before one ledger."""

    ledger: Case
    command: Command
    law: Law

    @property
    def fields(self) -> dict[str, Any]:
        """What came with it."""
        return self.command.fields

    def text(self, name: str) -> str:
        """A text field, '' where not given."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def identities(self) -> list[str]:
        """The actor and those they stand in for."""
        return [self.command.actor, *people.standing_in(self.law.office, Case.new("", "", ""), self.command.actor, self.command.received_at)]

    def named(self, among: list[str]) -> bool:
        """Whether the actor is one of these ids, in person, by substitution or as one of a unit's staff."""
        return self.command.actor == "system" or any(people.is_one(one, among, self.law.office) for one in self.identities())

    def may(self) -> None:
        """Refuse unless a post of the actor has the act on its list."""
        allowed = [post for post, row in self.law.table("post").items() if self.command.act in row.get("may", ())]
        staff = self.law.office.get("person", {})
        held = {post for one in self.identities() for post in staff.get(one, {}).get("posts", ())}
        if self.command.actor != "system" and not held & set(allowed):
            raise Refusal("not_your_act", None, None, allowed)

    def by(self, row: Mapping[str, Any], code: str) -> None:
        """Refuse unless the row's own `by` names the actor, or the row has none and a post of theirs may."""
        if "by" not in row:
            return self.may()
        who = people.related(row["by"], Case.new("", "", ""), self.law.office)
        if not self.named(who):
            raise Refusal(code, row, None, who)
        return None

    def need(self, names: list[str], row: Mapping[str, Any] | None = None) -> None:
        """Refuse unless these fields are filled."""
        missing = [name for name in names if self.fields.get(name) in (None, "", [], {})]
        if missing:
            raise Refusal("field_missing", row, missing)


def enter(ask: LedgerAsk) -> Draft:
    """登记: a measurement, an inspection, an alarm: one entry, or several rows of one kind."""
    what = ask.text("what")
    form = ask.law.row("form", what)
    if not form and what not in ask.law.watch.names:
        raise Refusal("value_undefined", None, {"what": what, "listed": sorted(ask.law.watch.names)})
    ask.by(form, "wrong_person")
    rows = ask.fields.get("rows") or [{}]
    shared = {key: value for key, value in ask.fields.items() if key != "rows"}
    draft = Draft("entered", what, clause_of(form))
    for n, row in enumerate(rows, 1):
        given = {**shared, **row}
        _columns(form, given)
        key = ask.command.id if len(rows) == 1 else f"{ask.command.id}.{n}"
        draft.put("entries", **{key: _entered(ask, key, what, given)})
    return draft


def _columns(form: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    for name, column in form.get("columns", {}).items():
        value = given.get(name)
        if column.get("required") and (value in (None, "", []) or (isinstance(value, Mapping) and not column.get("not_given"))):
            raise Refusal("field_missing", column if column.get("clause") else form, [name])


def _entered(ask: LedgerAsk, key: str, what: str, given: Mapping[str, Any]) -> Entry:
    at = iso(instant(str(given["at"]))) if given.get("at") else iso(ask.command.received_at)
    staff = ask.law.office.get("person", {}).get(str(given.get("person", "")), {})
    named = {"unit": staff.get("unit"), "window": staff.get("window"), **{k: v for k, v in given.items() if k in ask.law.watch.subjects}}
    subjects = {per: [str(one) for one in (value if isinstance(value, list) else [value])] for per, value in named.items() if value not in (None, "")}
    facts = {name: value for name, value in given.items() if name not in OWN}
    return {"key": key, "what": [what], "case": str(given.get("case", "")), "at": at, "subjects": subjects, "facts": facts, "marks": {}}


def annul(ask: LedgerAsk) -> Draft:
    """撤销登记: the entry stays readable and leaves every count."""
    ask.may()
    ask.need(["reason"])
    of = ask.text("of")
    keys = [key for key, e in ask.ledger.entries.items() if key == ask.text("entry") or (of and e["case"] == of)]
    keys = [key for key in keys if key not in ask.ledger.annulled]
    if not keys:
        raise Refusal("no_such_entry", None, ask.text("entry") or of)
    return Draft("annulled", keys[0]).put("annulled", **dict.fromkeys(keys, ask.text("reason")))


def fulfil(ask: LedgerAsk) -> Draft:
    """办理定期事项: the duty of one period, in time or late; a missed one is done late, never skipped."""
    name = ask.text("recur")
    row = standing(ask.law).get(name)
    if row is None:
        raise Refusal("value_undefined", None, {"recur": name, "listed": sorted(standing(ask.law))})
    one = _owed(ask, name)
    if not ask.named(list(one.who)):
        raise Refusal("wrong_person", row, name, list(one.who))
    ask.need(list(row.get("needs", ())), row)
    to = [w for w in words(row.get("to")) if "to" in ask.fields and w not in ask.fields["to"]]
    if to:
        raise Refusal("report_addressee", row, to)
    at = ask.command.received_at
    state = "done" if at < one.due.overdue_at else "late"
    draft = Draft("fulfilled", name, one.clause).put("duties", **{one.key: {"state": state, "at": iso(at), "by": ask.command.actor, "first": iso(one.period.start)}})
    draft.more |= {"period": one.period.label, "state": state, "tell": list(one.to)}
    return draft


def _owed(ask: LedgerAsk, name: str) -> Occurrence:
    """The occurrence that is meant: of the period and unit named, else the one of now, else the earliest that was missed."""
    label, unit, now = ask.text("period"), ask.text("unit"), ask.command.received_at
    span = written(label) if label else None
    missed = [instant(r["first"]).date() for r in ask.ledger.duties.values() if r["state"] == "missed"]
    first = span.first if span else min([now.date(), *missed])
    all_of = [o for o in occurrences(ask.ledger, ask.law, first, span.last if span else now.date()) if o.recur == name and (not unit or o.unit == unit)]
    mine = [o for o in all_of if o.period.start <= now and (not label or o.period.label == label) and ask.named(list(o.who))] or [o for o in all_of if o.period.start <= now and (not label or o.period.label == label)]
    owed = [o for o in mine if o.state in ("open", "missed")]
    if not owed:
        raise Refusal("already_done" if mine else "nothing_due", ask.law.row("recur", name), label or name)
    return next((o for o in owed if o.period.first <= now.date() <= o.period.last), owed[0])


def draw(ask: LedgerAsk) -> Draft:
    """抽取: by lot under a recorded seed, or by hand where the book lets people choose."""
    name, at = ask.text("draw"), ask.command.received_at
    row = ask.law.row("draw", name)
    if not row:
        raise Refusal("value_undefined", None, {"draw": name, "listed": sorted(ask.law.table("draw"))})
    ask.by(row, "not_issuer")
    ask.need(list(row.get("needs", ())), row)
    if "supervisor" in row.get("needs", ()) and ask.fields["supervisor"] in (ask.fields.get("team") or []):
        raise Refusal("no_supervisor", row, ask.fields["supervisor"])
    entries = live(ask.ledger)
    seed = ask.text("seed") or f"{ask.command.id}:{ask.ledger.chain_head}"
    members = ask.fields.get("members")
    if members:
        among = population(name, entries, ask.law, at)
        outside = [one for one in members if one not in among]
        if outside or not row.get("by_hand"):
            raise Refusal("not_in_population", row, outside or list(members))
        got = {"population": among, "always": [], "drawn": list(members)}
    else:
        result = drawn(name, ask.ledger, entries, ask.law, at, seed)
        if result is None:
            raise Refusal("param_missing", row, name)
        if not result.population:
            raise Refusal("not_in_population", row, [])
        got = {"population": list(result.population), "always": list(result.always), "drawn": list(result.drawn)}
    one = {"draw": name, "at": iso(at), "by": ask.command.actor, "seed": "" if members else seed, **got}
    return Draft("drawn", name, clause_of(row)).put("draws", **{ask.command.id: one})


def decide(ask: LedgerAsk) -> Draft:
    """决定: a named person says yes or no to what the ledger proposes; nothing happens by itself."""
    pid = ask.text("proposal")
    matching = [key for key, p in ask.ledger.proposals.items() if pid in (key, p["trigger"], p["what"])]
    pick = next((key for key in matching if ask.ledger.proposals[key]["state"] == "open"), next(iter(matching), ""))
    if not pick:
        raise Refusal("no_such_proposal", None, {"proposal": pid, "open": [k for k, p in ask.ledger.proposals.items() if p["state"] == "open"]})
    one = ask.ledger.proposals[pick]
    about = {"clause": tuple(one["clause"])}
    if one["state"] != "open":
        raise Refusal("already_decided", about, pick)
    if not one["to"]:
        raise Refusal("no_decider", about, pick)
    if not ask.named(list(one["to"])):
        raise Refusal("not_issuer", about, pick, list(one["to"]))
    if ask.command.actor == one["subject"]:  # nobody decides what is to become of themselves
        raise Refusal("recused", about, pick, [who for who in one["to"] if who != ask.command.actor])
    if ask.text("decision") not in ("agree", "reject"):
        raise Refusal("value_undefined", about, {"decision": ["agree", "reject"]})
    agreed = ask.text("decision") == "agree"
    if not agreed:
        ask.need(["reason"], about)
    row = ask.law.row("measure", one["what"]) if one["kind"] == "propose" else {}
    value = ask.text("value")
    if agreed and row.get("one_of") and value not in row["one_of"]:
        raise Refusal("value_undefined", row, {"value": list(row["one_of"])})
    end = ends_on(row, ask.command.received_at, ask.law)
    said = {"state": "agreed" if agreed else "rejected", "decided_by": ask.command.actor, "decided_at": iso(ask.command.received_at), "value": value, "until": end.isoformat() if end else ""}
    draft = Draft("decided", one["what"], (*one["clause"], *clause_of(row))).put("proposals", **{pick: said})
    if agreed and one["kind"] in ("open", "issue", "supervise", "open_duty"):
        draft.more["do"] = {"kind": one["kind"], "what": one["what"], "subject": one["subject"], "case": one["case"], "proposal": pick}
    if agreed and one["kind"] == "open" and (whole := _other_case(ask, pick, one)):
        draft.more["open"] = whole
    return draft


def _other_case(ask: LedgerAsk, pick: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """The case that was decided upon, about whom was counted, linked to the case that completed the count; {} where a person files it."""
    office = ask.law.office
    about = [one["subject"]] if one["subject"] in office.get("person", {}) else [f"unit:{one['subject']}"] if one["subject"] in office.get("unit", {}) else []
    what = {"kind": one["what"], "relation": "about", "ground": one["ground"]}
    child = (derived(f"{ask.ledger.id}:{pick}"), ask.ledger.office, ask.ledger.book)
    return ready(ask.law, child, what, {"case": one["case"], "relation": "about", "by": ask.command.actor}, about, ask.command.received_at)


def post_up(ask: LedgerAsk) -> Draft:
    """上榜: what the book lists, by whom it says, with a last day; never a complainant."""
    name = ask.text("board")
    row = ask.law.row("publish", name)
    if not row or not is_board(row):
        raise Refusal("not_publishable", row, {"board": name})
    ask.by(row, "not_issuer")
    subject = ask.text("person") or ask.text("unit")
    if not subject:
        raise Refusal("field_missing", row, ["person"])
    draft = Draft("posted", name, clause_of(row))
    draft.put("boards", **{f"{name}:{subject}": board_entry(row, name, subject, ask.command.received_at, ask.law)})
    return draft


def board_entry(row: Mapping[str, Any], name: str, subject: str, at: Any, law: Law) -> dict[str, Any]:
    """One entry of a board; refused where nobody has set its end."""
    end = ends_on(row, at, law)
    if end is None:
        raise Refusal("param_missing", row, f"publish.{name}.until")
    return {"board": name, "subject": subject, "at": iso(at), "until": end.isoformat(), "down": ""}


def take_down(ask: LedgerAsk) -> Draft:
    """撤榜: before its day, with a reason."""
    name, subject = ask.text("board"), ask.text("person") or ask.text("unit")
    row = ask.law.row("publish", name)
    ask.by(row, "not_issuer")
    ask.need(["reason"], row)
    key = f"{name}:{subject}"
    if key not in ask.ledger.boards or ask.ledger.boards[key]["down"]:
        raise Refusal("no_such_entry", row, key)
    return Draft("board_ended", name, clause_of(row)).put("boards", **{key: {"down": iso(ask.command.received_at)}})


def keep_hold(ask: LedgerAsk) -> Draft:
    """暂停销毁: a file that is needed is kept whatever its day says."""
    row = ask.law.table("archive").get("keep") or {}
    ask.by(row, "not_issuer")
    ask.need(["of", "reason"], row)
    return Draft("held", ask.text("of"), clause_of(row)).put("holds", **{ask.text("of"): {"reason": ask.text("reason"), "lifted": ""}})


def lift_hold(ask: LedgerAsk) -> Draft:
    """解除暂停销毁."""
    row = ask.law.table("archive").get("keep") or {}
    ask.by(row, "not_issuer")
    ask.need(["of", "reason"], row)
    if not _held(ask.ledger, ask.text("of")):
        raise Refusal("no_such_entry", row, ask.text("of"))
    return Draft("hold_lifted", ask.text("of"), clause_of(row)).put("holds", **{ask.text("of"): {"lifted": iso(ask.command.received_at)}})


def dispose(ask: LedgerAsk) -> Draft:
    """销毁档案: after its last day, not under a hold, one person proposes and another one does it."""
    row = ask.law.table("archive").get("keep") or {}
    ask.by(row, "not_issuer")
    ask.need(["of", "reason"], row)
    of, archived = ask.text("of"), ask.text("archived_at")
    last = keep_until(instant(archived), ask.law) if archived else None
    if _held(ask.ledger, of):
        raise Refusal("legal_hold", row, ask.ledger.holds[of]["reason"])
    if archived and last is None:
        raise Refusal("param_missing", row, "archive.keep")
    if last is None or ask.command.received_at.date() <= last:
        raise Refusal("too_early", row, last.isoformat() if last else "not archived")
    first = ask.ledger.disposals.get(of)
    if first is None:
        return Draft("disposal_proposed", of, clause_of(row)).put("disposals", **{of: {"by": ask.command.actor, "done": ""}})
    if first["done"]:
        raise Refusal("already_done", row, of)
    if first["by"] == ask.command.actor:
        raise Refusal("own_work", row, of)
    return Draft("disposed", of, clause_of(row)).put("disposals", **{of: {"done": iso(ask.command.received_at), "second": ask.command.actor}})


def _held(ledger: Case, of: str) -> bool:
    return of in ledger.holds and not ledger.holds[of]["lifted"]


def live(ledger: Case) -> list[Entry]:
    """Entries that were not taken back."""
    return [entry for key, entry in ledger.entries.items() if key not in ledger.annulled]


LEDGER_RULES: dict[str, Callable[[LedgerAsk], Draft]] = {
    "enter": enter, "annul": annul, "fulfil": fulfil, "draw": draw, "decide": decide, "post_up": post_up, "take_down": take_down,
    "keep_hold": keep_hold, "lift_hold": lift_hold, "dispose": dispose,
}  # fmt: skip
