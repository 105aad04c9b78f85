"""Acts that follow a decision: serve it, comply with an order, visit again, redo, show what is closed (vocabulary: notice, order, satisfy, assign, secret)."""

from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import iso
from domain.clocks import clause_of
from domain.facts import file_forms, set_facts
from domain.gates import lacking
from domain.people import active

SHOWN = ("identity", "contact", "original")


def serve(ask: Ask) -> Draft:
    """送达: what the book lists, by whom it says, to all it names, in its way and with proof; a clock may start here."""
    what = ask.text("what")
    row = ask.law.row("serve", what)
    if not row or not ask.holds(row):
        raise Refusal("value_undefined", row, {"what": what, "listed": sorted(name for name, _ in ask.fitting("serve"))})
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, what, ask.who(row["by"]))
    missing = [need for need in row.get("needs", ()) if lacking(ask, need)]
    if missing:
        raise Refusal("not_done_before", row, missing)
    if "how" in row and ask.text("how") not in row["how"]:
        raise Refusal("wrong_medium", row, {"given": ask.text("how"), "listed": list(row["how"])})
    if row.get("proof") and not ask.text("proof"):
        raise Refusal("proof_missing", row, what)
    to = ask.who(row["to"]) if "to" in row else []
    draft = Draft("served", what, clause_of(row)).put("facts", **set_facts(ask, ask.fields.get("facts") or {}))
    return draft.put("notes", **{f"served:{what}": {"to": to, "at": iso(ask.command.received_at), "how": ask.text("how"), "proof": ask.text("proof")}})


def comply(ask: Ask) -> Draft:
    """回复整改: the addressee of an order reports that it is done; whether it is, its issuer confirms."""
    kind = ask.text("order")
    row = ask.law.row("order", kind)
    nothing: tuple[str, dict[str, Any]] = ("", {})
    number, part = next(((oid, o) for oid, o in ask.case.orders.items() if o["kind"] == kind and not o.get("complied_at")), nothing)
    if not number:
        raise Refusal("order_not_open", row, kind)
    if part.get("to") and not ask.named(part["to"]):
        raise Refusal("wrong_person", row, kind, list(part["to"]))
    ask.need(list(row.get("needs", ())), row)
    facts = set_facts(ask, ask.fields.get("facts") or {})
    forms = file_forms(ask, ask.fields.get("forms") or {}, facts)
    draft = Draft("complied", kind, clause_of(row), marks=[f"sent:{name}" for name in forms]).put("facts", **facts).put("forms", **forms)
    return draft.put("orders", **{number: {"complied_at": iso(ask.command.received_at), "report": ask.text("text"), "proof": ask.text("proof")}})


def return_visit(ask: Ask) -> Draft:
    """回访: what the complainant thinks of it afterwards; a bad mark opens the case again where the text says so."""
    about = ask.law.table("satisfy")
    row = about.get("visit") or {}
    if not row or not ask.holds(row):
        raise Refusal("nothing_to_answer", about, "return_visit")
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_person", row, None, ask.who(row["by"]))
    if str(row.get("after", "fed_back")) not in ask.case.marks:
        raise Refusal("not_done_before", row, [row.get("after", "fed_back")])
    given, scale = ask.text("satisfaction"), about.get("scale", {})
    if given and scale and given not in scale:
        raise Refusal("value_undefined", about, {"satisfaction": given, "listed": list(scale)})
    draft = Draft("return_visited", "", clause_of(row) or clause_of(about)).put("attrs", satisfaction=given, satisfaction_source="return_visit")
    draft.put("facts", **set_facts(ask, ask.fields.get("facts") or {}))
    if given in row.get("reopens", ()):
        again(ask, draft)
        draft.marks.append("reopened")
    return draft


def redo(ask: Ask) -> Draft:
    """责令重办: who assigned it sends one report, or all, back for another round; the clocks of the case run on."""
    row = ask.law.table("assign").get("redo") or {}
    if not row or not ask.holds(row):
        raise Refusal("return_closed", ask.law.table("assign"), "redo")
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("not_your_act", row, None, ask.who(row["by"]))
    unit = ask.text("unit")
    if not any(part.get("reported_at") and unit in ("", part.get("unit")) for part in active(ask.case)) and not ask.case.attrs.get("own_by"):
        raise Refusal("not_concluded", row, unit)
    draft = Draft("sent_back", "redo", clause_of(row))
    again(ask, draft, unit)
    return draft


def again(ask: Ask, draft: Draft, unit: str = "") -> None:
    """Another round: the phase is 办理 again, reported assignments (of one unit, if named) are open and received now."""
    draft.phase = "handling"
    draft.put("attrs", round=int(ask.fact("round") or 1) + 1)
    for aid, part in ask.case.assignments.items():
        if part.get("reported_at") and not part.get("returned_at") and unit in ("", part.get("unit")):
            draft.put("assignments", **{aid: {"reported_at": "", "received_at": iso(ask.command.received_at), "round": part.get("round", 1) + 1}})


def unmask(ask: Ask) -> Draft:
    """查阅保密内容: identity, contact or original shown to one person, with the reason, on the record; as the rows that close it allow.

    Never to whom the complaint is about, and to their unit only with the complainant's consent, in every book.
    """
    what = ask.text("what")
    if what not in SHOWN:
        raise Refusal("value_undefined", None, {"what": what, "listed": list(SHOWN)})
    if ask.is_one(ask.text("to"), "respondent_unit") and ask.text("to") not in ask.who("respondent") and not ask.text("consent"):
        raise Refusal("consent_missing", None, what)
    clause = _opened(ask, what)
    shown: list[Any] = [*ask.case.people.get("unmasked", []), {"to": ask.text("to"), "what": what}]
    return Draft("unmasked", what, clause).put("people", unmasked=shown)


def reveal_contact(ask: Ask) -> Draft:
    """告知联系方式: the contact alone, for whoever must reach the complainant: also the unit complained of where it handles the case, never the accused."""
    return Draft("contact_revealed", "", _opened(ask, "contact")).put("people", revealed=[*ask.case.people.get("revealed", []), ask.text("to")])


def _opened(ask: Ask, what: str) -> tuple[str, ...]:
    """The clauses of the rows that close what is to be shown; refuses where it may not be shown to this person."""
    to = ask.text("to")
    if to not in ask.law.office.get("person", {}):
        raise Refusal("not_known", None, to)
    if to in ask.who("respondent"):
        raise Refusal("secret", None, what)
    check_opening(ask, what)
    rows = [row for _, row in ask.fitting("secret") if what in row.get("hide", ())]
    return tuple(dict.fromkeys(c for row in rows for c in clause_of(row)))


def check_opening(ask: Ask, what: str) -> None:
    """Refuse to show what a secret closes, unless it opens by need (a reason), the complainant's consent, or an approval."""
    for _, row in ask.fitting("secret"):
        opens = row.get("opens")
        if opens is None or what not in row.get("hide", ()):
            continue
        if opens == "never":
            raise Refusal("secret", row, what)
        if opens == "need" and not ask.text("reason"):
            raise Refusal("reason_missing", row, what)
        if opens == "consent" and what not in ask.case.consents and not ask.text("consent"):
            raise Refusal("consent_missing", row, what)
        if opens in ask.law.table("chain") and f"approved:{opens}" not in ask.case.marks:
            raise Refusal("approval_missing", row, opens)


def amount(ask: Ask, row: dict[str, Any]) -> Any:
    """The amount of a measure (months, points, money), within the range that its row gives; None where it has none."""
    span = row.get("range")
    if not span:
        return None
    given = ask.fields.get("amount")
    sound = isinstance(given, (int, float)) and not isinstance(given, bool)
    if not sound or not span.get("at_least", given) <= given <= span.get("at_most", given):
        raise Refusal("out_of_range", row, span)
    return given


