"""Acts beside the phases: duties, documents, supervision, orders, items, incidents, recusal, closing."""

from collections.abc import Mapping
from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import iso
from domain.clocks import clause_of
from domain.context import Context
from domain.facts import check_columns, file_forms, set_facts
from domain.gates import lacking, open_duties
from domain.ledger_keep import ends_on
from domain.parts import of_name
from domain.proposals import left, opens, proposed
from domain.serving import amount


def do(ask: Ask) -> Draft:
    """办理待办: a duty that is open, by the person who owes it, with what it needs."""
    rows = dict(open_duties(ask))
    meant = of_name(ask.text("duty"), rows)  # where each assignment has its own: the asker's
    name = next((one for one in meant if "by" not in rows[one] or ask.named(rows[one]["by"])), next(iter(meant), ask.text("duty")))
    what = name.partition("#")[0]
    if name not in rows:
        known = ask.law.row("duty", name)
        raise Refusal("no_such_duty", known, {"open": sorted(rows)})
    row = rows[name]
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, name, ask.who(row["by"]))
    if ask.text("waived"):
        if not row.get("waivable"):
            raise Refusal("duty_open", row, name)
        return Draft("waived", what, clause_of(row)).put("done", **{name: iso(ask.command.received_at)})
    if "until" in row and "does" in row:  # a word does not stand for the act itself
        raise Refusal("not_done_before", row, row["until"])
    ask.need(list(row.get("needs", ())), row)
    return Draft("done", what, clause_of(row)).put("done", **{name: iso(ask.command.received_at)})


def document(ask: Ask) -> Draft:
    """出具文书: a form of the book with its columns; a later one stands beside the earlier."""
    name = ask.text("form")
    row = ask.law.table("form").get(name)
    if row is None or not ask.holds(row):
        raise Refusal("value_undefined", row, {"form": name})
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, name, ask.who(row["by"]))
    facts = set_facts(ask, ask.fields.get("facts") or {})
    columns = ask.fields.get("fields") or {}
    check_columns(ask, row, columns, facts)
    draft = Draft("sent", name, clause_of(row), marks=_signed(ask, name, row)).put("facts", **facts)
    earlier = ask.case.forms.get(name, {})
    return draft.put("forms", **{name: {"fields": columns, "at": iso(ask.command.received_at), "by": ask.person, "number": int(earlier.get("number", 0)) + 1}})


def _signed(ask: Ask, name: str, row: Mapping[str, Any]) -> list[str]:
    """The marks of medium and signature that a form asks for: signed:form, or refused:form with a reason."""
    if "medium" in row and ask.text("medium") not in row["medium"]:
        raise Refusal("wrong_medium", row, {"given": ask.text("medium"), "listed": list(row["medium"])})
    signature = ask.text("signature")
    if row.get("sign") and (signature not in ("signed", "refused", "noted") or (signature != "signed" and not ask.text("reason"))):
        raise Refusal("unsigned", row, name)
    return [f"{signature}:{name}"] if signature else []


def explain(ask: Ask) -> Draft:
    """说明情况: told, and nothing moves."""
    return Draft("explained", ask.text("term")).put("notes", **{f"explained:{ask.command.id}": ask.text("text")})


def instruct(ask: Ask) -> Draft:
    """批示: a leader's free instruction, with a limit of its own where it sets one."""
    facts = set_facts(ask, ask.fields.get("facts") or {})
    draft = Draft("instructed").put("facts", **facts).put("attrs", instruction=ask.text("text"), instructed_by=ask.person)
    if ask.text("limit_on"):
        draft.put("facts", limit_on=ask.text("limit_on"))
    return draft


def supervise(ask: Ask) -> Draft:
    """督查: beside the phases; it stops nothing."""
    row = ask.law.table("supervise")
    if not row or not ask.holds(row):
        raise Refusal("not_supervisable", row)
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, None, ask.who(row["by"]))
    reason, mode = ask.text("reason"), ask.text("mode")
    reasons, modes = row.get("reasons", {}), row.get("modes", {})
    if not reason or (reason in reasons and reasons[reason].get("text") and not ask.text("text")):
        raise Refusal("reason_missing", reasons.get(reason, row))
    if reasons and (reason not in reasons or not ask.holds(reasons[reason])):
        raise Refusal("value_undefined", row, {"reason": reason, "listed": sorted(reasons)})
    if mode and modes and mode not in modes:
        raise Refusal("value_undefined", row, {"mode": mode, "listed": sorted(modes)})
    clause = (*clause_of(reasons.get(reason, {})), *clause_of(modes.get(mode, {}))) or clause_of(row)
    draft = Draft("supervised", reason, clause)
    number = len(ask.case.attrs.get("supervisions", [])) + 1
    record = {"n": number, "reason": reason, "mode": mode, "finding": ask.text("finding"), "serious": bool(ask.fields.get("serious"))}
    return draft.put("attrs", supervisions=[*ask.case.attrs.get("supervisions", []), record], supervision_found=ask.text("finding"), supervision_serious=bool(ask.fields.get("serious")))


def order(ask: Ask) -> Draft:
    """责令: number, addressee and date; a lapse is a trigger."""
    kind = ask.text("order")
    row = ask.law.row("order", kind)
    if not row:
        raise Refusal("no_such_order", None, {"order": kind, "listed": sorted(ask.law.table("order"))})
    if not ask.holds(row):
        raise Refusal("no_such_order", row, kind)
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_issuer", row, kind, ask.who(row["by"]))
    grounds = row.get("grounds")
    if grounds and ask.text("ground") not in grounds:
        raise Refusal("value_undefined", row, {"ground": ask.text("ground")})
    due_on = ask.text("due_on")
    by_hand = "entered" in row.get("due", {})
    if by_hand and not due_on:
        raise Refusal("no_due_date", row, "due_on")
    if due_on and not ask.text("basis") and not by_hand:
        raise Refusal("reason_missing", row, "basis")
    return issue(kind, row, ask.command.received_at, len(ask.case.orders) + 1, ask.text("ground"), due_on, ask.who(row.get("to", ())))


def issue(kind: str, row: dict[str, Any], at: Any, number: int, ground: str, due_on: str, to: list[str]) -> Draft:
    """The event of an order, by a person or by a trigger."""
    part = {"kind": kind, "issued_at": iso(at), "ground": ground, "legal_correction_date": due_on, "to": to, "series": row.get("series", "")}
    return Draft("order_issued", kind, clause_of(row), marks=[f"served:{kind}"]).put("orders", **{f"o{number}": part})


def order_ended(row: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    """When an order came to its end: confirmed by its issuer, or complied with where the row says that this is enough; '' while open."""
    return str(part.get("confirmed_at") or (part.get("complied_at") if row.get("ends") == "complied" else "") or "")


def confirm(ask: Ask) -> Draft:
    """确认整改: by the issuer, with proof."""
    kind = ask.text("order")
    row = ask.law.row("order", kind)
    number = next((oid for oid, o in ask.case.orders.items() if o["kind"] == kind and not o.get("confirmed_at")), "")
    if not number:
        raise Refusal("order_not_open", row, kind)
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_issuer", row, kind, ask.who(row["by"]))
    return Draft("confirmed", kind, clause_of(row)).put("orders", **{number: {"confirmed_at": iso(ask.command.received_at), "proof": ask.text("proof")}})


def measure(ask: Ask) -> Draft:
    """处理措施: proposed or decided by a named person; the software executes nothing."""
    name = ask.text("measure")
    decided_case = opens(ask, name)
    if decided_case is not None:
        return decided_case
    row = ask.law.row("measure", name)
    if not row or (ask.text("value") not in row.get("one_of", [ask.text("value")]) and not ask.text("declined")):
        raise Refusal("value_undefined", row, {"measure": name, "listed": sorted(ask.law.table("measure"))})
    if ask.text("declined"):  # what is not taken needs nothing first
        return _declined(ask, name, row)
    if name in ask.law.row("finding", str(ask.fact("found"))).get("bars", ()) or not ask.holds(row):
        raise Refusal("measure_barred", row if not ask.holds(row) else ask.law.row("finding", str(ask.fact("found"))), name)
    missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
    if missing:
        raise Refusal(str(row.get("code", "not_verified")), row, row["needs"])
    _decider(ask, name, row)
    if not ask.text("person"):
        raise Refusal("field_missing", None, ["person"])
    given = amount(ask, row)
    decided = {"measure": name, "value": ask.text("value"), "person": ask.text("person"), **({} if given is None else {"amount": given})}
    return Draft("measured", name, clause_of(row)).put("attrs", measures=[*ask.case.attrs.get("measures", []), decided], **left(ask, name))


def _decider(ask: Ask, name: str, row: dict[str, Any]) -> None:
    if "by" in row and not ask.who(row["by"]):
        raise Refusal("no_decider", row, name)
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_issuer", row, name, ask.who(row["by"]))


def _declined(ask: Ask, name: str, row: dict[str, Any]) -> Draft:
    _decider(ask, name, row)
    if row.get("must"):
        raise Refusal("measure_barred", row, {"must": name})
    return Draft("measure_declined", name, clause_of(row)).put("attrs", **left(ask, name))


def publish(ask: Ask) -> Draft:
    """公布: only what the book lists, by whom it says, after its approvals; never a complainant."""
    return _told(ask, "publish", "published")


def report(ask: Ask) -> Draft:
    """报告: to every addressee that the clause names."""
    row = ask.law.row("report", ask.text("what"))
    missing = [to for to in row.get("to", ()) if to not in (ask.fields.get("to") or [])]
    draft = _told(ask, "report", "reported")
    if missing:
        raise Refusal("report_addressee", row, missing)
    return draft


def _told(ask: Ask, table: str, event: str) -> Draft:
    name = ask.text("what")
    row = ask.law.row(table, name)
    if not row or not ask.holds(row):
        raise Refusal("not_publishable" if table == "publish" and row else "value_undefined", row, {"what": name, "listed": sorted(ask.law.table(table))})
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_issuer", row, name, ask.who(row["by"]))
    missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
    if missing:
        raise Refusal("approval_missing" if any(n.startswith("approved:") for n in missing) else "content_missing", row, missing)
    if "until" in row and ends_on(row, ask.command.received_at, ask.law) is None:
        raise Refusal("param_missing", row, f"{table}.{name}.until")
    return Draft(event, name, clause_of(row))


def hold_item(ask: Ask) -> Draft:
    """登记物品: cash, originals, material; each with its custodian."""
    from domain.intake import _item

    item = {k: v for k, v in ask.fields.items() if k in ("kind", "description", "number", "amount", "custodian")}
    held = _item(ask, item)
    return Draft("item_held", "", tuple(held["clause"])).put("items", **{f"i{len(ask.case.items) + 1}": held})


def _open_item(ask: Ask) -> tuple[str, dict[str, Any]]:
    iid = ask.text("item")
    item = ask.case.items.get(iid)
    if item is None or item.get("returned_at"):
        raise Refusal("no_such_item", None, {"item": iid, "open": [k for k, i in ask.case.items.items() if not i.get("returned_at")]})
    row = next((r for _, r in ask.fitting("hold") if item.get("kind") in r.get("kinds", ())), {})
    return iid, row


def hand_over_item(ask: Ask) -> Draft:
    """移交物品: every hand-over is an event."""
    iid, row = _open_item(ask)
    return Draft("item_handed_over", iid, clause_of(row)).put("items", **{iid: {"custodian": ask.text("to")}})


def return_item(ask: Ask) -> Draft:
    """退还物品: in the way the text names, with its proof."""
    iid, row = _open_item(ask)
    way = row.get("return", {})
    about = way if way.get("clause") else row
    if way.get("how") and ask.text("how") != way["how"]:
        raise Refusal("value_undefined", about, {"how": way["how"]})
    if way.get("proof") and not ask.text("proof"):
        raise Refusal("no_proof", about, iid)
    return Draft("item_returned", iid, clause_of(about)).put("items", **{iid: {"returned_at": iso(ask.command.received_at), "proof": ask.text("proof")}})


def incident(ask: Ask) -> Draft:
    """情况记录: trouble at the counter; the complaint keeps its clocks."""
    rows = ask.law.table("incident")
    name = ask.text("what")
    if name not in rows:
        raise Refusal("incident_unlisted", None, sorted(rows))
    row = rows[name]
    ask.need(list(row.get("needs", ())), row)
    outcomes = row.get("outcomes", {})
    if ask.text("outcome") and outcomes and ask.text("outcome") not in outcomes:
        raise Refusal("value_undefined", row, {"outcome": ask.text("outcome"), "listed": sorted(outcomes)})
    missing = [to for to in row.get("tell", ()) if to not in (ask.fields.get("reported_to") or [])]
    if missing:
        raise Refusal("report_addressee", row, missing)
    picked = outcomes.get(ask.text("outcome"), {})
    return Draft("incident_recorded", name, (*clause_of(row), *(clause_of(picked) if isinstance(picked, dict) else ())))


def recuse(ask: Ask) -> Draft:
    """回避: by oneself, else by whoever the book lets decide it (everybody where it says nothing); the clocks go on."""
    person = ask.text("person")
    if person not in ask.law.office.get("person", {}):
        raise Refusal("not_known", None, person)
    row = recusal(ask)
    if person != ask.person and "decided_by" in row and not ask.named(row["decided_by"]):
        raise Refusal("not_your_act", row, person, ask.who(row["decided_by"]))
    return Draft("recused_person", person, clause_of(row)).put("people", recused=[*ask.case.people.get("recused", []), person])


def recusal(context: Context) -> dict[str, Any]:
    """The row about withdrawing from the case as a whole, not from one act; {} where the book has none."""
    return next((row for _, row in context.fitting("recuse") if row.get("act", "*") == "*"), {})


def substitute(ask: Ask) -> Draft:
    """指定替代: who acts for whom, from when until when."""
    people = ask.law.office.get("person", {})
    unknown = [p for p in (ask.text("for_person"), ask.text("by")) if p not in people]
    if unknown:
        raise Refusal("not_known", None, unknown)
    row = {"for": ask.text("for_person"), "by": ask.text("by"), "from": ask.text("from") or "0", "until": ask.text("until") or "9"}
    return Draft("substituted", row["for"]).put("people", substitutes=[*ask.case.people.get("substitutes", []), row])


def link(ask: Ask) -> Draft:
    """关联: groups, not merges; each keeps number, clock and answer."""
    relation = ask.text("relation")
    if relation not in ("repeat_of", "duplicate_of", "appeal_of", "about", "group", "led_to"):
        raise Refusal("field_invalid", None, ["relation"])
    if ask.text("case") == ask.case.id:
        raise Refusal("link_self")
    links = [*ask.case.attrs.get("links", []), {"relation": relation, "case": ask.text("case")}]
    repeats = sum(1 for one in links if one["relation"] == "repeat_of")
    return Draft("linked", relation).put("attrs", links=links, repeat_no=repeats)


def close(ask: Ask) -> Draft:
    """结案: nothing due may be open."""
    from domain.answering import answers_due

    owed = answers_due(ask)
    if owed:
        raise Refusal("not_done_before", next((r for _, r in ask.fitting("answer") if r.get("event", "fed_back") in owed), {}), owed)
    _items_closed(ask)
    if any(not order_ended(ask.law.row("order", o["kind"]), o) and "due" in ask.law.row("order", o["kind"]) for o in ask.case.orders.values()):
        raise Refusal("order_not_open", None, "open orders")
    return Draft("closed", "", (), phase="closed", marks=["ended"]).put("attrs", outcome=ask.case.attrs.get("outcome") or "answered", closed_at=iso(ask.command.received_at))


def archive(ask: Ask) -> Draft:
    """归档: with all that the text wants in the file."""
    _items_closed(ask)
    undecided = [name for name, _, who in proposed(ask) if who]
    if undecided:
        raise Refusal("duty_open", next(r for n, r, _ in proposed(ask) if n == undecided[0]), undecided)
    row = ask.law.table("archive")
    if ask.case.attrs.get("outcome") not in ("not_accepted", "guided", "forwarded", "withdrawn", "diverted"):
        missing = [need for need in row.get("contents", ()) if lacking(ask, need)]
        if missing:
            raise Refusal("contents_missing", row, missing)
    forms = file_forms(ask, ask.fields.get("forms") or {}, {})
    return Draft("archived", "", clause_of(row), phase="archived", marks=[f"sent:{name}" for name in forms]).put("forms", **forms)


def _items_closed(ask: Ask) -> None:
    open_items = [iid for iid, item in ask.case.items.items() if not item.get("returned_at")]
    if open_items:
        row = next((r for _, r in ask.fitting("hold")), {})
        way = row.get("return", {})
        raise Refusal("items_open", way if way.get("clause") else row, open_items)


def counted(ask: Ask) -> Draft:
    """累计: the ledger of the office says that a counter has reached its figure with this case."""
    name = ask.text("counter")
    row = ask.law.row("counter", name)
    if ask.person != "system":
        raise Refusal("not_your_act", row)
    if not row:
        raise Refusal("value_undefined", None, {"counter": name, "listed": sorted(ask.law.table("counter"))})
    return Draft("counter", name, clause_of(row)).put("attrs", counters={**ask.case.attrs.get("counters", {}), name: ask.fields.get("count")})


def plain(ask: Ask) -> Draft:
    """An act that only records: note, progress, material, disclosure, promise."""
    draft = Draft(ask.act.event, "", ())
    if ask.command.act == "promise":
        draft.put("facts", **{"promised_on": ask.text("until")} if "promised_on" in ask.law.table("fact") else {})
    if ask.command.act == "disclose":
        draft.put("attrs", disclosed=True, retaliation=bool(ask.fields.get("retaliation")))
    if ask.command.act == "report_retaliation":
        draft.put("attrs", retaliation=True)
    return draft
