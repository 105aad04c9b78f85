"""Acts of the handling unit and of who watches it: receive, return, hand over, progress, extend, conclude, review, urge."""

from collections.abc import Mapping
from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import instant, iso
from domain.chains import is_approved
from domain.clocks import Clock, alarms, clause_of, mark_at
from domain.context import Context
from domain.facts import check_columns, file_forms, set_facts
from domain.limits import deadline, on_day
from domain.people import active


def mine(ask: Ask) -> str:
    """The id of the assignment that the actor's unit (or the unit named) holds; refuses where there is none."""
    wanted = ask.text("unit")
    for aid, part in ask.case.assignments.items():
        if part.get("returned_at") or part.get("taken_over_at") or (wanted and part.get("unit") != wanted):
            continue
        if _holds(ask, part):
            return str(aid)
    raise Refusal("not_held_by_you" if active(ask.case) else "no_assignment", None, None, ask.who("handler"))


def _holds(ask: Ask, part: dict[str, Any]) -> bool:
    people = ask.law.office.get("person", {})
    return any(one == part.get("person") or (part.get("unit") and people.get(one, {}).get("unit") == part["unit"]) for one in ask.identities)


def _handles(ask: Ask) -> str:
    """The actor's assignment, or '' where the office handles the case itself and the actor may."""
    if ask.case.attrs.get("disposition") == "own" and not active(ask.case):
        return ""
    return mine(ask)


def sign_in(ask: Ask) -> Draft:
    """签收: the unit's own clock starts here."""
    aid = mine(ask)
    if ask.case.assignments[aid].get("received_at"):
        raise Refusal("wrong_phase", None, "unit_received")
    return Draft("unit_received", aid, clause_of(ask.law.table("assign"))).put("assignments", **{aid: {"received_at": iso(ask.command.received_at)}})


def hand_back(ask: Ask) -> Draft:
    """退单: with a reason and another unit, within its time and as often as the text allows; whoever passed it on must pass it on anew."""
    aid = mine(ask)
    row = ask.law.table("assign").get("return", {})
    if row.get("open") is False:
        raise Refusal("return_closed", row, aid)
    earlier = sum(1 for part in ask.case.assignments.values() if part.get("returned_at"))
    if "at_most" in row and earlier >= int(row["at_most"]):  # then who passes it on settles it
        raise Refusal("return_closed", row, {"returned": earlier})
    ask.need([name.removeprefix("field:") for name in row.get("needs", ())], row)
    start = ask.case.assignments[aid].get("received_at") or ask.case.assignments[aid]["sent_at"]
    if "within" in row:
        end = deadline([row["within"]], instant(start), ask.law)
        if end is not None and ask.command.received_at >= end.overdue_at:
            raise Refusal("too_late", row, end.due_day.isoformat())
    if ask.text("other_unit") not in ask.law.office.get("unit", {}):
        raise Refusal("unit_unknown", row, ask.text("other_unit"))
    return Draft("returned", aid, clause_of(row)).put("assignments", **{aid: {"returned_at": iso(ask.command.received_at), "other_unit": ask.text("other_unit")}})


def hand_over(ask: Ask) -> Draft:
    """移交承办人: a named person of the unit."""
    aid = _handles(ask)
    if ask.text("person") not in ask.law.office.get("person", {}):
        raise Refusal("not_known", None, ask.text("person"))
    draft = Draft("handed_over", aid)
    return draft.put("assignments", **{aid: {"handed_at": iso(ask.command.received_at), "person": ask.text("person")}}) if aid else draft.put("attrs", own_by=ask.text("person"))


def tell_leader(ask: Ask) -> Draft:
    """报告领导: why the matter cannot be handed over."""
    aid = _handles(ask)
    draft = Draft("leader_told", aid)
    return draft.put("assignments", **{aid: {"told_at": iso(ask.command.received_at)}}) if aid else draft


def take_over(ask: Ask) -> Draft:
    """收回自办: every open assignment ends, the office handles the case itself."""
    draft = Draft("taken_over", phase="handling" if ask.case.phase == "review" else "").put("attrs", disposition="own", own_by=ask.person)
    for aid, part in ask.case.assignments.items():
        if not part.get("returned_at"):
            draft.put("assignments", **{aid: {"taken_over_at": iso(ask.command.received_at)}})
    return draft


def conclude(ask: Ask) -> Draft:
    """办结报告: finding, report and what the finding asks for; the last report of all ends the handling."""
    aid = _handles(ask)
    if aid and ask.case.assignments[aid].get("reported_at"):
        raise Refusal("wrong_phase", None, "concluded")
    facts = set_facts(ask, ask.fields.get("facts") or {})
    finding, row = _finding(ask)
    forms = file_forms(ask, ask.fields.get("forms") or {}, facts)
    draft = Draft("concluded", aid, clause_of(row)).put("facts", **facts).put("forms", **forms)
    draft.marks += [f"set:{name}" for name in facts] + [f"sent:{name}" for name in forms]
    authors = list(dict.fromkeys([*ask.case.attrs.get("authors", []), ask.person]))
    draft.put("attrs", authors=authors, **({"found": finding} if finding else {}))
    if aid:
        draft.put("assignments", **{aid: {"reported_at": iso(ask.command.received_at)}})
    left = [a for key, a in ask.case.assignments.items() if key != aid and not a.get("returned_at") and not a.get("taken_over_at") and not a.get("reported_at")]
    if not left:
        checks = Context(ask.case.supposed(draft.patch), ask.law).fitting("check")
        draft.phase = "review" if checks else "answering"
        draft.marks += [] if checks else ["finished"]
    return draft


def _finding(ask: Ask) -> tuple[str, dict[str, Any]]:
    rows = dict(ask.fitting("finding"))  # an enquiry, which no row fits, needs no finding
    given = ask.text("finding")
    if not rows and not (given and ask.law.table("finding")):
        return given, {}
    if not given:
        if ask.case.attrs.get("found") and active(ask.case):
            return "", {}
        raise Refusal("finding_missing", next(iter(rows.values())), sorted(rows))
    if given not in rows or not ask.holds(rows[given]):
        raise Refusal("value_undefined", None, {"finding": given, "listed": sorted(rows)})
    row = rows[given]
    from domain.gates import lacking

    missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
    if missing:
        raise Refusal("field_missing", row, [m.removeprefix("field:") for m in missing])
    return given, row


def next_check(context: Context) -> tuple[str, dict[str, Any]] | None:
    """The check whose turn it is: the first that fits and has not been passed in this round."""
    return next(((name, row) for name, row in context.fitting("check") if not _passed(context, name)), None)


def _passed(context: Context, name: str) -> bool:
    return bool(context.case.attrs.get("checks", {}).get(name) == (context.fact("round") or 1))


def not_applicable(row: Mapping[str, Any], about: Mapping[str, Any]) -> Any:
    """Whether an item of a check may be set aside as not applicable: the item says so, else its check for all of them."""
    return about.get("na", row.get("na"))


def review(ask: Ask) -> Draft:
    """审核: each item answered; any no sends the case back for another round, the clock runs on."""
    rows = ask.fitting("check")
    if not rows:
        raise Refusal("not_concluded")
    name, row = next_check(ask) or rows[-1]
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, name, ask.who(row["by"]))
    bars = row.get("bars")
    if bars and any(identity in ask.who(bars) for identity in ask.identities):
        raise Refusal("own_work", row, ask.person)
    answers = ask.fields["items"]
    wrong = sorted(set(answers) - set(row.get("items", {})))
    if wrong:
        raise Refusal("value_undefined", row, wrong)
    noes = []
    for item, about in row.get("items", {}).items():
        given = answers.get(item)
        may = not_applicable(row, about)
        na = isinstance(given, dict) and bool(given.get("na")) and bool(may)
        if na and may == "reason" and not given.get("reason"):
            raise Refusal("reason_missing", about if about.get("clause") else row, item)
        if given not in ("yes", "no") and not na:
            raise Refusal("item_open", about if about.get("clause") else row, item)
        if given == "no":
            noes.append(item)
    left = len(rows) > 1 and [one for one, _ in rows if one != name and not _passed(ask, one)]
    draft = Draft("sent_back" if noes else ("checked" if left else "reviewed"), name, clause_of(row)).put("attrs", reviewer=ask.person)
    draft.more["items"] = answers
    if left and not noes:
        return draft.put("attrs", checks={name: ask.fact("round") or 1})
    if not noes:
        draft.phase, draft.marks = "answering", ["finished"]
        return draft
    draft.phase = "handling"
    if row.get("on_fail") == "take_over":
        for aid, part in ask.case.assignments.items():
            if not part.get("returned_at"):
                draft.put("assignments", **{aid: {"taken_over_at": iso(ask.command.received_at)}})
        return draft.put("attrs", disposition="own", own_by=ask.person, round=int(ask.fact("round") or 1) + 1)
    draft.put("attrs", round=int(ask.fact("round") or 1) + 1)
    for aid, part in ask.case.assignments.items():
        if part.get("reported_at") and not part.get("returned_at"):
            draft.put("assignments", **{aid: {"reported_at": "", "received_at": iso(ask.command.received_at), "round": part.get("round", 1) + 1}})
    return draft


def request_extension(ask: Ask) -> Draft:
    """延期: by a row of the book for that term, before it is due, explained and understood where the text says so, capped in all."""
    clocks = [c for c in alarms(ask.case, ask.law) if c.state == "open"]
    term = ask.text("term") or next((c.term for c in clocks if not c.term.startswith(("duty:", "order:"))), "")
    rows = [(n, r) for n, r in ask.fitting("extend") if term in r.get("of", ())]
    if not rows:
        raise Refusal("no_extension", ask.law.row("term", term), term)
    clock = _meant(ask, [c for c in clocks if c.term == term])
    name, row = _for_reason(rows, ask.text("why"))
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_your_act", row, term, ask.who(row["by"]))
    if clock is None or (row.get("asked") == "before_due" and ask.command.received_at >= clock.overdue_at):
        raise Refusal("too_late", row, term)
    if row.get("why") and ask.text("why") not in row["why"]:
        raise Refusal("why_not_listed", row, {"listed": row["why"]})
    earlier = ask.case.extensions.get(clock.key) or ask.case.extensions.get(term) or {}
    times = earlier.get("n", 1) if earlier.get("until") else 0
    if times >= int(row.get("times", 1)):
        raise Refusal("twice", row, term)
    needs = [n for n in row.get("needs", ()) if n != "understood"]
    if [n for n in needs if not ask.fields.get(n)]:
        raise Refusal("not_told", row, needs)
    if "understood" in row.get("needs", ()) and "understood" not in ask.fields:
        raise Refusal("not_told", row, ["understood"])
    if row.get("effect", "move") == "explain":
        return Draft("explained", term, clause_of(row)).put("extensions", **{clock.key: {"row": name, "explained": ask.text("explained")}})
    if "understood" in row.get("needs", ()) and ask.fields.get("understood") is not True:
        return Draft("extension_declined", term, clause_of(row)).put("extensions", **{clock.key: {"row": name, "declined": True}})
    until = ask.text("until")
    adds = row.get("adds")
    if isinstance(adds, dict):  # counted from the end that moves: so much exactly, or at most
        most = deadline([adds.get("up_to", adds)], clock.due_at, ask.law)
        until = until or ("" if most is None or "up_to" in adds else most.due_day.isoformat())
        if most is not None and (until[:10] > most.due_day.isoformat() or ("up_to" not in adds and until[:10] < most.due_day.isoformat())):
            raise Refusal("over_cap", row, {"until": most.due_day.isoformat()})
    if not until:
        raise Refusal("field_missing", row, ["until"])
    if "in_all" in row:
        limit = {k: v for k, v in row["in_all"].items() if k != "from"}
        cap = deadline([limit], mark_at(ask.case, row["in_all"].get("from", "")) or clock.start, ask.law)
        end = on_day(until, clock.start, ask.law)
        if cap is not None and end.overdue_at > cap.overdue_at:
            raise Refusal("over_cap", row, {"latest": cap.due_day.isoformat()})
    if until[:10] <= clock.due_day:
        raise Refusal("field_invalid", row, ["until"])
    beside = [c for c in clocks if c.term in row.get("of", ()) and (not clock.subject or c.subject in ("", clock.subject)) and c.due_day < until[:10]]
    moved = {c.key: {"row": name, "until": until[:10], "why": ask.text("why"), **({"n": times + 1} if times else {})} for c in beside}
    if "chain" not in row:
        return Draft("extended", term, clause_of(row)).put("extensions", **moved)
    asked = {"term": term, "chain": row["chain"], "clause": list(clause_of(row)), "moved": moved}  # nothing moves before the last yes
    return Draft("extension_asked", term, clause_of(row)).put("attrs", extension_asked=asked).put("chains", **{row["chain"]: {"steps": [], "rejected": False}})


def _for_reason(rows: list[tuple[str, dict[str, Any]]], why: str) -> tuple[str, dict[str, Any]]:
    """The row for a term that lists the reason given, else the first that asks for none, else the first."""
    listing = next((one for one in rows if why in one[1].get("why", ())), None)
    return listing or next((one for one in rows if "why" not in one[1]), rows[0])


def _meant(ask: Ask, found: list[Clock]) -> Clock | None:
    """The clock that an extension is for: the only one, else that of the unit named or of the asker's own; one unit's time is not another's."""
    parts = ask.case.assignments
    unit = ask.text("unit") or (ask.unit if len(found) > 1 else "")
    mine = [c for c in found if not unit or parts.get(c.subject, {}).get("unit", unit) == unit]
    if len(mine) > 1 and mine[0].subject in parts:
        raise Refusal("field_missing", ask.law.row("term", mine[0].term), ["unit"])
    if found and not mine:
        raise Refusal("field_missing" if not ask.text("unit") else "no_assignment", ask.law.row("term", found[0].term), ["unit"])
    return next(iter(mine), None)


def extension_granted(ask: Ask) -> Draft | None:
    """The extension that was asked for takes effect by itself once its chain has approved it."""
    asked = ask.case.attrs.get("extension_asked")
    if not asked or not is_approved(ask, asked["chain"]):
        return None
    return Draft("extended", asked["term"], tuple(asked["clause"])).put("extensions", **asked["moved"]).put("attrs", extension_asked="")


def urge(ask: Ask) -> Draft:
    """催办: a person's act with a written record (催办单); an alarm alone is none."""
    rows = ask.fitting("urge")
    if not rows or not [a for a in active(ask.case) if not a.get("reported_at")]:
        raise Refusal("nothing_to_urge", rows[0][1] if rows else None)
    name, row = next(((n, r) for n, r in rows if ask.named(r.get("by", ()))), rows[0])
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_your_act", row, name, ask.who(row["by"]))
    form = ask.law.row("form", row.get("form", ""))
    given = {**ask.fields, **((ask.fields.get("forms") or {}).get(row.get("form", "")) or {})}
    columns = {k: v for k, v in given.items() if k in form.get("columns", {})}
    filled = {"time": iso(ask.command.received_at), "number": int(ask.case.attrs.get("urged", 0)) + 1}
    part = next(a for a in active(ask.case) if not a.get("reported_at"))
    filled |= {"unit": part.get("unit", ""), "handler": part.get("person") or part.get("liaison") or next(iter(ask.staff(f"unit:{part.get('unit', '')}")), "")}
    columns = {**{k: v for k, v in filled.items() if k in form.get("columns", {}) and v}, **columns}
    if form:
        check_columns(ask, form, columns, {}, "urge_fields_missing")
    draft = Draft("urged", name, clause_of(row)).put("attrs", urged=filled["number"])
    if form:
        draft.put("forms", **{row["form"]: {"fields": columns, "at": filled["time"], "by": ask.person}})
        draft.marks.append(f"sent:{row['form']}")
    return draft
