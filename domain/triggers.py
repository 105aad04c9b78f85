"""Triggers: what follows by the text itself. Proposals go to a person; only what the text makes automatic is issued (vocabulary: trigger)."""

from typing import Any

from domain.aside import issue
from domain.asking import Ask, Draft
from domain.case import iso
from domain.clocks import clause_of
from domain.law import Law
from domain.ledger_watch import words
from domain.other_case import opened

INTO_CASE = frozenset({"issue", "supervise", "flag", "open_duty", "link", "find"})  # what a count brings about inside the case that completed it


def fired(ask: Ask) -> Draft | None:
    """The event of the first trigger that is due and has not fired yet."""
    for name, row in ask.law.once("triggers", _of_cases):
        mark = _mark(ask, row.get("on", ""))
        if mark is None:
            continue
        key = f"trigger:{name}:{mark.count}" if row.get("each") else f"trigger:{name}"
        if key in ask.case.rung or not ask.holds(row):
            continue
        draft = _consequence(ask, row)
        draft.more["trigger"] = name
        return draft.put("rung", **{key: iso(ask.command.received_at)})
    return None


def _of_cases(law: Law) -> list[tuple[str, dict[str, Any]]]:
    """The triggers that a case asks; a proposal across cases is the ledger's."""
    rows = law.table("trigger").items()
    return [(name, row) for name, row in rows if INTO_CASE & set(row.get("then", {})) or not any(str(on).startswith("counter:") for on in words(row.get("on")))]


def _mark(ask: Ask, on: Any) -> Any:
    if isinstance(on, list):
        return next((mark for one in on if (mark := _mark(ask, one)) is not None), None)
    if on.endswith(":*"):
        return next((m for n, m in ask.case.marks.items() if n.startswith(on[:-1])), None)
    return ask.case.marks.get(on)


def _consequence(ask: Ask, row: dict[str, Any]) -> Draft:
    then = row.get("then", {})
    clause = clause_of(row)
    if "supervise" in then:
        records = ask.case.attrs.get("supervisions", [])
        record = {"n": len(records) + 1, "reason": then["supervise"], "mode": "", "finding": "", "serious": bool(then.get("serious"))}
        return Draft("supervised", str(then["supervise"]), clause).put("attrs", supervisions=[*records, record])
    if "issue" in then:
        kind = str(then["issue"])
        order = ask.law.row("order", kind)
        draft = issue(kind, order, ask.command.received_at, len(ask.case.orders) + 1, str(then.get("ground", "")), "", ask.who(order.get("to", ())))
        draft.clause = clause or draft.clause
        return draft
    if "find" in then:
        return Draft("found", str(then["find"]), clause).put("attrs", found=then["find"])
    if "flag" in then:
        return Draft("flagged", "", clause).put("facts", **then["flag"])
    if "tell" in then:
        draft = Draft("triggered", "", clause)
        draft.more["tell"] = then["tell"]
        return draft
    if "propose" in then:
        wanted: dict[str, Any] = {"measure": str(then["propose"]), "ground": str(then.get("ground", "")), "to": then.get("to", row.get("to", ""))}
        if "respondent" in then:  # whom it is about, as things stand now
            wanted["about"] = ask.who(then["respondent"])
        return Draft("measure_proposed", str(then["propose"]), clause).put("attrs", proposals=[*ask.case.attrs.get("proposals", []), wanted])
    if "open" in then:  # a case of another kind, linked to this one
        what = {"kind": then["open"], "relation": then.get("relation", "about"), "ground": then.get("ground", "")}
        return opened(ask, Draft("opens", str(then["open"]), clause), what, "", ask.who(then.get("respondent", ())))
    return Draft("triggered", str(then.get("open_duty", then.get("link", ""))), clause, marks=[f"opened:{then['open_duty']}"] if "open_duty" in then else [])
