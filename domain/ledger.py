"""The ledger of an office and book: entries in, firings, proposals, duties and boards out. A fold of events like a case; pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from domain import people
from domain.asking import Draft, Refusal
from domain.case import GENESIS, Case, Command, Event, Mark, fold, instant, iso
from domain.clocks import clause_of
from domain.deadlines import TICK
from domain.decisions import event_of
from domain.law import Law
from domain.ledger_acts import LEDGER_RULES, LedgerAsk, board_entry, live
from domain.ledger_counters import count_now
from domain.ledger_entries import Entry, figure, fits
from domain.ledger_keep import keep_until
from domain.ledger_periods import DAY, midnight, months_on, period_of
from domain.ledger_recur import Occurrence, lapses, occurrences, open_duties, reach, standing
from domain.ledger_tally import carried, tally_of
from domain.ledger_watch import and_words, is_board, words
from domain.ledger_windows import Hit, rolling, unit
from domain.triggers import INTO_CASE

SECTIONS = ("about", "entries", "annulled", "fired", "proposals", "duties", "draws", "boards", "holds", "disposals", "rung")
OPEN = "open"
GRACE = timedelta(seconds=2)  # a ledger wakes a little after its instants: what is on its way arrives first
MEMORY = 2_000  # answers that are remembered whatever their age
NOBODY: Entry = {"key": "", "what": [], "case": "", "at": "", "subjects": {}, "facts": {}, "marks": {}}

__all__ = ["GRACE", "INTO_CASE", "OPEN", "SECTIONS", "count_now", "entry_command", "ledger_id", "live", "load", "new", "next_wake", "open_duties", "pruned", "retention", "take", "unsent"]


def ledger_id(office: str, book: str) -> str:
    """The id of a ledger, its workflow's too."""
    return f"ledger:{office}:{book}"


def new(office: str, book: str) -> Case:
    """A ledger that nobody has opened yet."""
    return Case(ledger_id(office, book), office, book, sections={name: {} for name in SECTIONS})


def load(raw: Mapping[str, Any]) -> Case:
    """The ledger that `Case.dump` wrote."""
    marks = {k: Mark(instant(a), instant(b), int(n)) for k, (a, b, n) in raw["marks"].items()}
    sections = {name: dict(raw["sections"].get(name, {})) for name in SECTIONS}
    return Case(raw["id"], raw["office"], raw["book"], raw["version"], raw.get("chain_head", GENESIS), marks, dict(raw["commands"]), sections)


def entry_command(entry: Entry, at: datetime) -> Command:
    """An entry of a case as what the ledger takes; its id is the entry's key, so twice is once."""
    return Command(entry["key"], "entry", {"entry": entry}, at, at, "system")


def take(ledger: Case, commands: Iterable[Command], now: datetime, law: Law) -> tuple[Case, list[Event]]:
    """Ring what is due, then each command with what follows from it; the given ledger stays as it is. A known id gives nothing."""
    queue = list(commands)
    if not queue and not _waits(ledger, now):
        return ledger, []
    after, events = ledger.copy(), []
    for command in queue:
        if after.decided(command.id):
            continue
        if not after.about:
            events.append(_put(after, Draft("opened").put("about", opened_at=iso(command.received_at), rung_until=iso(command.received_at)), command.received_at))
        events += ring(after, command.received_at, law)
        if command.act == OPEN:  # an office begins: from here on its periods count
            continue
        events += _one(after, command, law)
    if after.about:
        events += ring(after, now, law)
    return after, events


def _waits(ledger: Case, now: datetime) -> bool:
    """Whether time has gone on since the last look."""
    return bool(ledger.about) and now > instant(ledger.about["rung_until"])


def _one(ledger: Case, command: Command, law: Law) -> list[Event]:
    try:
        draft = _judged(ledger, command, law)
    except Refusal as no:
        return [_refused(ledger, command, no)]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as wrong:  # a shape no rule foresaw: said, not fatal
        return [_refused(ledger, command, Refusal("field_invalid", None, type(wrong).__name__))]
    draft.more = {**draft.more, "fields": {k: v for k, v in command.fields.items() if k not in ("entry", "rows")}}
    first = _put(ledger, draft, command.received_at, command)
    said = command.fields["entry"]["what"] if command.act == "entry" and first.kind == "entered" else None
    return [first, *_boards(ledger, command, law), *_settled(ledger, command.received_at, law, said)]


def _judged(ledger: Case, command: Command, law: Law) -> Draft:
    if command.flaw:
        raise Refusal(command.flaw, None, command.act[:80])
    if command.act == "entry" and command.actor == "system":
        entry = command.fields["entry"]
        return Draft("entered", ",".join(entry["what"])).put("entries", **{entry["key"]: entry})
    if command.act == "undelivered" and command.actor == "system":
        return _undelivered(ledger, command, law)
    if command.act == "delivered" and command.actor == "system":
        key = str(command.fields["fired"])
        return Draft("delivered", ledger.fired[key]["counter"]).put("fired", **{key: {"delivered": iso(command.received_at)}})
    if command.act not in LEDGER_RULES:
        raise Refusal("unknown_act", None, command.act[:80])
    if command.actor != "system" and command.actor not in law.office.get("person", {}):
        raise Refusal("not_known", None, command.actor)
    return LEDGER_RULES[command.act](LedgerAsk(ledger, command, law))


def _refused(ledger: Case, command: Command, no: Refusal) -> Event:
    draft = Draft("refused", "", no.clause)
    draft.more = {"act": command.act, "code": no.code} | {k: v for k, v in (("detail", no.detail), ("who", no.who)) if v}
    return _put(ledger, draft, command.received_at, command)


def _put(ledger: Case, draft: Draft, at: datetime, command: Command | None = None) -> Event:
    actor, typist, cid = (command.actor, command.entered_by, command.id) if command else ("system", "", "")
    event = event_of(ledger, draft, at, actor, command.post if command else "", typist if typist != actor else "", cid)
    tally = carried(ledger)
    fold(ledger, event)
    if tally:
        tally.follow(ledger, event)
    return event


def _boards(ledger: Case, command: Command, law: Law) -> Iterator[Event]:
    """What a case has published on a board stands there from now on."""
    entry = command.fields["entry"] if command.act == "entry" else NOBODY
    for what in entry["what"]:
        name = what.removeprefix("published:")
        row = law.row("publish", name) if name != what else {}
        if row and is_board(row):
            for subject in entry["subjects"].get(str(row.get("per", "person")), ()) or entry["subjects"].get("unit", ()):
                draft = Draft("posted", name, clause_of(row))
                try:
                    draft.put("boards", **{f"{name}:{subject}": board_entry(row, name, subject, command.received_at, law)})
                except Refusal as no:
                    draft = Draft("board_refused", name, no.clause)
                yield _put(ledger, draft, command.received_at)


def _settled(ledger: Case, at: datetime, law: Law, said: Iterable[str] | None = None) -> list[Event]:
    """New firings with what follows, and firings that annulled entries have taken back; after an entry only of counters that its words (`said`) touch."""
    events: list[Event] = []
    tally = tally_of(ledger, law)
    for name, count in tally.touched(said):
        row, touched = count.row, count.look()
        found = count.hits(touched)
        fired = {key: one for key, one in ledger.fired.items() if one["counter"] == name and not one["withdrawn"] and count.concerns(one, touched)}
        for key, one in fired.items():
            if not any(_same(one, hit, row, law) for hit in found) and any(e in ledger.annulled or tally.superseded(ledger, e) for e in one["entries"]):
                draft = Draft("unfired", name, clause_of(row)).put("fired", **{key: {"withdrawn": iso(at)}})
                draft.put("proposals", **{pid: {"state": "withdrawn"} for pid, p in ledger.proposals.items() if p["fired"] == key and p["state"] == "open"})
                events.append(_put(ledger, draft, at))
        for hit in found:
            if not any(_same(one, hit, row, law) for one in fired.values()):
                events += _fire(ledger, name, row, hit, at, law)
    return events


def _same(fired: Mapping[str, Any], hit: Hit, row: Mapping[str, Any], law: Law) -> bool:
    """One firing a window: of a calendar period by its name, else by the entries that both rest on."""
    if fired["subject"] != hit.subject:
        return False
    within = row.get("within") or {}
    if unit(within) or not within:
        return bool(fired["label"] == hit.label)
    return bool(set(fired["entries"]) & set(hit.entries))


def _fire(ledger: Case, name: str, row: Mapping[str, Any], hit: Hit, at: datetime, law: Law) -> list[Event]:
    again = sum(1 for one in ledger.fired.values() if one["counter"] == name and one["subject"] == hit.subject and one["label"] == hit.label)
    key = f"{name}:{hit.subject}:{hit.label}" + (f"#{again + 1}" if again else "")
    last = ledger.entries[hit.entries[-1]]
    one = {"counter": name, "subject": hit.subject, "label": hit.label, "count": hit.count, "at": iso(at), "reached": iso(hit.at), "entries": list(hit.entries), "case": last["case"], "withdrawn": "", "send": None, "delivered": ""}
    draft = Draft("fired", name, clause_of(row)).put("fired", **{key: one})
    exact = isinstance(row.get("at"), (int, float)) and not any("param" in str(v) for v in (row.get("within") or {}).values())
    rules = _rules(f"counter:{name}", last, law, {"count": hit.count})
    if exact and last["case"] and any(INTO_CASE & set(rule.get("then", {})) for _, rule in rules):
        one["send"] = draft.more["send"] = {"case": last["case"], "id": f"{ledger.id}:{key}", "act": "counted", "fields": {"counter": name, "subject": hit.subject, "count": hit.count, "window": hit.label, "fired": key}}
        rules = [(n, rule) for n, rule in rules if not INTO_CASE & set(rule.get("then", {}))]
    return [_put(ledger, draft, at), *_follow(ledger, rules, key, hit.subject, last, at, law, {"count": hit.count})]


def _undelivered(ledger: Case, command: Command, law: Law) -> Draft:
    """The case has ended: what should have happened in it is proposed to a person instead."""
    key = str(command.fields["fired"])
    one = ledger.fired[key]
    last = ledger.entries.get(one["entries"][-1], NOBODY)
    draft = Draft("undelivered", one["counter"]).put("fired", **{key: {"delivered": "-"}})
    for name, rule in _rules(f"counter:{one['counter']}", last, law, {"count": one["count"]}):
        if INTO_CASE & set(rule.get("then", {})):
            draft.put("proposals", **dict([_proposal(name, rule, key, one["subject"], last, command.received_at, law, {"count": one["count"]})]))
    return draft


def _rules(on: str, last: Entry, law: Law, more: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, row) for name, row in law.table("trigger").items() if on in words(row.get("on")) and fits(row, last, law, more)]


def _follow(ledger: Case, rules: list[tuple[str, dict[str, Any]]], key: str, subject: str, last: Entry, at: datetime, law: Law, more: Mapping[str, Any]) -> Iterator[Event]:
    for name, rule in rules:
        if "tell" in rule.get("then", {}):
            draft = Draft("told", name, clause_of(rule))
            draft.more["tell"] = people.related(rule["then"]["tell"], _stand_in(subject, law, last), law.office)
        else:
            pid, proposal = _proposal(name, rule, key, subject, last, at, law, more)
            draft = Draft("proposal", name, clause_of(rule)).put("proposals", **{pid: proposal})
            draft.more["tell"] = proposal["to"]
        yield _put(ledger, draft, at)


def _proposal(name: str, rule: Mapping[str, Any], key: str, subject: str, last: Entry, at: datetime, law: Law, more: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    kind, what = next((k, v) for k, v in rule.get("then", {}).items() if k != "ground")
    if kind == "propose":
        choice = words(what)
        what = next((m for m in choice if fits(law.row("measure", m), last, law, more)), choice[0])
    row = law.row({"propose": "measure", "issue": "order", "open": "kind"}.get(kind, "trigger"), str(what))
    word = rule.get("to", row.get("by", row.get("opened_by", ())))
    to = [one for one in people.related(word, _stand_in(subject, law, last), law.office) if one != "system"]
    return f"{name}:{key}", {
        "trigger": name, "kind": kind, "what": str(what), "subject": subject, "to": to, "case": last["case"], "fired": key, "at": iso(at),
        "state": "open", "count": more.get("count", 0), "ground": rule.get("then", {}).get("ground", ""), "clause": [*dict.fromkeys([*clause_of(rule), *clause_of(row)])],
    }  # fmt: skip


def _stand_in(subject: str, law: Law, last: Entry) -> Case:
    """Whom the count is about, as relations read it: a person, a unit, or whoever sits at a window."""
    staff = law.office.get("person", {})
    named = [{"person": subject, "unit": staff[subject].get("unit", "")}] if subject in staff else [{"unit": subject}] if subject in law.office.get("unit", {}) else []
    if not named:
        known = [{"person": p, "unit": staff.get(p, {}).get("unit", "")} for p in last["subjects"].get("person", ())]
        named = known or [{"unit": u} for u in last["subjects"].get("unit", ())]
    case = Case.new("", "", "")
    case.sections["attrs"]["respondents"] = named
    return case


def ring(ledger: Case, at: datetime, law: Law) -> list[Event]:
    """What time alone has made true since the last look: missed duties, quotas, boards that end; folded into the ledger."""
    since = instant(ledger.about["rung_until"])
    if at <= since:
        return []
    due: list[tuple[datetime, str, Draft, str]] = [(o.due.overdue_at, o.key, _missed(o), f"missed:{o.recur}") for o in lapses(ledger, law, since, at)]
    due += _quotas(ledger, law, since, at)
    due += _ended(ledger, since, at)
    events: list[Event] = []
    for when, key, draft, on in sorted(due, key=lambda one: (one[0], one[1])):
        if draft.kind.startswith("quota") and not _short(ledger, law, draft, when):
            continue
        draft.put("about", rung_until=iso(when))
        events.append(_put(ledger, draft, when))
        events += _follow(ledger, [(n, r) for n, r in _rules(on, NOBODY, law, {}) if not INTO_CASE & set(r.get("then", {})) - {"supervise"}], key, str(draft.more.get("unit", "")), NOBODY, when, law, {}) if on else ()
    ledger.sections["about"] = {**ledger.about, "rung_until": iso(at)}  # no event: it says only how far we have looked
    return events


def _missed(one: Occurrence) -> Draft:
    draft = Draft("missed", one.recur, one.clause).put("duties", **{one.key: {"state": "missed", "first": iso(one.period.start), "due": one.due.due_day.isoformat()}})
    draft.more |= {"period": one.period.label, "unit": one.unit, "who": list(one.who), "due_day": one.due.due_day.isoformat(), "tell": list(one.who)}
    return draft


def _quotas(ledger: Case, law: Law, since: datetime, at: datetime) -> Iterator[tuple[datetime, str, Draft, str]]:
    for name, row, word in law.once("quotas", _with_quota):
        period = period_of(word, since.date())
        while period.start <= at:
            warn = (row.get("warn") or {}).get("months")
            if warn:
                day = midnight(months_on(period.last, -int(warn)))
                if since < day <= at:
                    yield day, f"quota_warned:{name}:{period.label}", _quota("quota_warned", name, row, period.label), ""
            if since < period.end <= at:
                yield period.end, f"quota:{name}:{period.label}", _quota("quota_missed", name, row, period.label), f"quota:{name}"
            period = period_of(word, period.end.date())


def _with_quota(law: Law) -> list[tuple[str, dict[str, Any], str]]:
    return [(name, row, word) for name, row in law.table("counter").items() if "quota" in row and (word := unit(row.get("within") or {}))]


def _quota(kind: str, name: str, row: Mapping[str, Any], label: str) -> Draft:
    draft = Draft(kind, name, clause_of(row))
    draft.more |= {"period": label, "tell": []}
    return draft


def _short(ledger: Case, law: Law, draft: Draft, when: datetime) -> bool:
    """Whether the count is below the quota; says how many there are."""
    row = law.row("counter", draft.subject)
    moment = when if draft.kind == "quota_warned" else when - TICK
    count = count_now(row, live(ledger), law, "", moment)
    wanted = figure(row["quota"], law)
    draft.more |= {"count": count, "quota": wanted}
    return wanted is not None and count < float(wanted)


def _ended(ledger: Case, since: datetime, at: datetime) -> Iterator[tuple[datetime, str, Draft, str]]:
    for key, one in ledger.boards.items():
        end = midnight(date.fromisoformat(one["until"])) + DAY
        if not one["down"] and since < end <= at:
            yield end, f"board:{key}", Draft("board_ended", one["board"]).put("boards", **{key: {"down": iso(end)}}), ""


def next_wake(ledger: Case, law: Law, now: datetime) -> datetime | None:
    """When time alone will next make something true."""
    if not ledger.about:
        return None
    found = [o.due.overdue_at for o in occurrences(ledger, law, (now - reach(law)).date(), (now + reach(law)).date()) if o.state == "open" and o.due.overdue_at > now] if standing(law) else []
    found += [when for when, *_ in _quotas(ledger, law, now, now + reach(law) * 6)]
    found += [when for when, *_ in _ended(ledger, now, now + reach(law) * 60)]
    return min(found, default=None)


def unsent(ledger: Case) -> list[dict[str, Any]]:
    """Counts that were reached and of which the case has not been told yet."""
    return [{**one["send"], "fired": key} for key, one in ledger.fired.items() if one["send"] and not one["delivered"] and not one["withdrawn"]]


def pruned(ledger: Case, law: Law, now: datetime) -> Case:
    """The ledger without what no window, rhythm or answer can need any more; its version and chain stay."""
    after = ledger.copy()
    after.memo = None  # its tally knows entries that are gone
    rows = list(law.table("counter").values())
    names = {name for row in (*rows, *law.table("draw").values()) for key in ("counts", "less", "of", "always") for name in words(row.get(key)) if isinstance(row.get(key), (str, list))}
    names |= {name for row in rows for name in and_words(row)}
    longest = max([13, *(2 * max((rolling(row.get("within") or {}, law) or (12, 0))[0], 12) for row in rows)])
    endless = any(not row.get("within") for row in rows)
    since = iso(midnight(months_on(now.date(), -longest)))
    after.sections["entries"] = {k: e for k, e in ledger.entries.items() if names & set(e["what"]) and (endless or e["at"] >= since)}
    after.sections["duties"] = {k: d for k, d in ledger.duties.items() if d["state"] == "missed" or d["first"] >= since}
    after.sections["boards"] = {k: b for k, b in ledger.boards.items() if not b["down"] or b["down"] >= since}
    after.sections["proposals"] = {k: p for k, p in ledger.proposals.items() if p["state"] == "open" or p["at"] >= since}
    after.sections["fired"] = {k: f for k, f in ledger.fired.items() if f["at"] >= since or set(f["entries"]) & set(after.entries)}
    kept = {*after.entries, *list(ledger.commands)[-MEMORY:]}
    after.commands = {k: v for k, v in ledger.commands.items() if k in kept}
    return after


def retention(archived_at: datetime, law: Law) -> str:
    """The last day of a file's keeping as ISO text, '' where no period is set."""
    last = keep_until(archived_at, law)
    return last.isoformat() if last else ""

