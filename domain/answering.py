"""Acts of the answer: to the complainant, the source, the superior; satisfaction; withdrawal, appeal."""

from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import iso
from domain.clocks import clause_of
from domain.context import Context
from domain.facts import set_facts
from domain.people import active
from domain.routing import bound_row

DUE = ("fed_back", "replied_to_source", "reported_up")


def answers_due(context: Context) -> list[str]:
    """Answer events that this case still owes: every applicable giver's, one of each event; none to nobody's address."""
    silent = context.fact("has_contact") is False or context.law.row("kind", str(context.fact("kind") or "")).get("feedback") is False
    owed = []
    for _, row in context.fitting("answer"):
        event = row.get("event", "fed_back")
        if event in DUE and event not in owed and not _given(context, event) and not row.get("consent"):
            if not (event == "fed_back" and silent):
                owed.append(event)
    if not context.law.table("answer") and not _given(context, "fed_back") and not silent:
        owed.append("fed_back")
    return owed


def _given(context: Context, event: str) -> bool:
    """Whether the answer was given, and the case not handled anew since."""
    marks = context.case.marks
    again = marks.get("reopened")
    return event in marks and (again is None or marks[event].last > again.last)


def givers(context: Context, event: str) -> list[str]:
    """Who may give an answer now, without consent first."""
    return [one for _, row in context.fitting("answer") if row.get("event", "fed_back") == event and not row.get("consent") for one in context.who(row.get("by", ()))]


def feedback(ask: Ask) -> Draft:
    """反馈: by the giver of the row that applies, in a way it lists, with what that way needs."""
    if ask.person in ("complainant", "public"):
        return rate(ask)
    return _answer(ask, "fed_back")


def reply_to_source(ask: Ask) -> Draft:
    """回复来源单位."""
    return _answer(ask, "replied_to_source")


def report_up(ask: Ask) -> Draft:
    """上报结果 to the superior that assigned the case."""
    return _answer(ask, "reported_up")


def answer_on_the_spot(ask: Ask) -> Draft:
    """当场答复: settled and answered in one act, no further clock."""
    rows = [r for _, r in ask.fitting("answer") if r.get("event") == "answered_on_the_spot"]
    if ask.law.table("answer") and not rows:
        raise Refusal("route_closed", None, "answer_on_the_spot")
    row = rows[0] if rows else {}
    way = bound_row(ask, "answer")
    if "by" in row and not ask.named(row["by"]):
        raise Refusal("wrong_giver", row, None, ask.who(row["by"]))
    _contents(ask, row)
    facts = set_facts(ask, ask.fields.get("facts") or {})
    draft = Draft("answered_on_the_spot", "", tuple(dict.fromkeys((*clause_of(row), *clause_of(way)))), phase="following", marks=["concluded", "finished", "fed_back"])
    draft.put("facts", **facts).put("attrs", disposition="on_the_spot", satisfaction=_satisfaction(ask), **({"found": ask.text("finding")} if ask.text("finding") else {}))
    return draft


def _answer(ask: Ask, event: str) -> Draft:
    rows = [(n, r) for n, r in ask.fitting("answer") if r.get("event", "fed_back") == event]
    if not rows:
        if ask.law.table("answer") or event != "fed_back":
            raise Refusal("nothing_to_answer", None, event)
        rows = [("default", {})]
    fitting = [(n, r) for n, r in rows if "by" not in r or ask.named(r["by"])]
    if not fitting:
        free = [(n, r) for n, r in rows if not r.get("consent")] or rows
        raise Refusal("wrong_giver", free[0][1], None, givers(ask, event))
    allowed = [(n, r) for n, r in fitting if not r.get("consent") or r["consent"] in ask.case.consents]
    if not allowed:
        raise Refusal("consent_missing", fitting[0][1], fitting[0][1]["consent"])
    name, row = allowed[0]
    if event == "fed_back" and ask.law.table("check") and ask.fitting("check") and "reviewed" not in ask.case.marks:
        raise Refusal("not_yet_reviewed", row, name)
    if event == "fed_back" and "finished" not in ask.case.marks and "concluded" not in ask.case.marks:
        raise Refusal("not_done_before", row, ["concluded"])
    owing = [part.get("unit") or part.get("person", "") for part in active(ask.case) if not part.get("reported_at")]
    if event == "fed_back" and owing:  # one of several has concluded: the others still owe their reports
        raise Refusal("not_done_before", row, {"concluded": owing})
    _contents(ask, row)
    draft = Draft(event, name, clause_of(row), phase="following" if event == "fed_back" and ask.case.phase == "answering" else "")
    draft.put("facts", **set_facts(ask, ask.fields.get("facts") or {}))
    satisfaction = _satisfaction(ask)
    if satisfaction:
        draft.put("attrs", satisfaction=satisfaction, satisfaction_source="entered_by_handler")
    draft.put("attrs", answered_by=ask.person)
    return draft


def _contents(ask: Ask, row: dict[str, Any]) -> None:
    modes, mode = row.get("modes", {}), ask.text("mode")
    if modes:
        if mode not in modes:
            raise Refusal("mode_not_listed", row, {"given": mode, "listed": sorted(modes)})
        about = modes[mode]
        missing = [n for n in about.get("needs", ()) if ask.fields.get(n) in (None, "", [])]
        if missing:
            raise Refusal("satisfaction_missing" if missing == ["satisfaction"] else "content_missing", about if about.get("clause") else row, missing)
    contents = {**(ask.fields.get("contents") or {}), **{k: v for k, v in ask.fields.items() if v not in (None, "")}}
    missing = [n for n in row.get("contents", ()) if contents.get(n) in (None, "")]
    if missing:
        about = row["contents"].get(missing[0]) if isinstance(row["contents"], dict) else None
        raise Refusal("content_missing", about if about and about.get("clause") else row, missing)


def _satisfaction(ask: Ask) -> str:
    given = ask.text("satisfaction")
    scale = (ask.law.table("satisfy") or {}).get("scale", {})
    if given and scale and given not in scale:
        raise Refusal("value_undefined", ask.law.table("satisfy"), {"satisfaction": given, "listed": list(scale)})
    return given


def rate(ask: Ask) -> Draft:
    """评价: the complainant's own mark; never mixed with a mark that a handler wrote down."""
    about = ask.law.table("satisfy") or {}
    given_scores, scores = ask.fields.get("facts") or {}, about.get("scores", ())
    if not scores and not ask.text("satisfaction"):
        raise Refusal("satisfaction_missing", about)
    if not ("fed_back" in ask.case.marks or ask.fact("has_contact") is False):
        raise Refusal("wrong_phase", ask.law.table("satisfy"), "fed_back")
    missing = [name for name in scores if given_scores.get(name) in (None, "")]
    if missing:  # a text that rates several things asks for each of them
        raise Refusal("satisfaction_missing", about, missing)
    given = _satisfaction(ask)
    scored = set_facts(ask, {name: value for name, value in given_scores.items() if name in scores}, free=tuple(scores))
    own = ask.person == "complainant" and (not ask.command.entered_by or bool(ask.command.paper))  # what somebody noted from a call has no hand of theirs under it
    source = "complainant" if own else "entered_by_handler"
    return Draft("rated", "", clause_of(about)).put("attrs", satisfaction=given, satisfaction_source=source).put("facts", **scored)


def consent(ask: Ask) -> Draft:
    """同意: what the complainant allows, by whom it was taken."""
    return Draft("consented", ask.text("to")).put("consents", **{ask.text("to"): iso(ask.command.received_at)})


def withdraw(ask: Ask) -> Draft:
    """申请撤回: a wish; it ends nothing before somebody has asked whether it is free (credit 第十九条 a as the default of all books)."""
    return Draft("withdrawal_wished").put("attrs", withdrawal="wished", withdrawal_reason=ask.text("reason"))


def settle_withdrawal(ask: Ask) -> Draft:
    """核实撤回: of own free will the case ends; coerced, it goes on."""
    if ask.case.attrs.get("withdrawal") != "wished":
        raise Refusal("nothing_withdrawn")
    free = bool(ask.fields["own_wish"])
    draft = Draft("withdrawal_settled", "", (), phase="closed" if free else "", marks=["ended", "withdrawn"] if free else ["withdrawal_coerced"])
    return draft.put("attrs", withdrawal="own_wish" if free else "coerced", **({"outcome": "withdrawn"} if free else {}))


def reopen(ask: Ask) -> Draft:
    """重新办理: a further round, the clocks run on."""
    draft = Draft("reopened", "", (), phase="handling")
    draft.put("attrs", round=int(ask.fact("round") or 1) + 1)
    for aid, part in ask.case.assignments.items():
        if part.get("reported_at") and not part.get("returned_at"):
            draft.put("assignments", **{aid: {"reported_at": "", "round": part.get("round", 1) + 1}})
    return draft
