"""What a reader may see of a ledger: their own duties and proposals, the boards, and counts where the book's rows name their post."""

from datetime import datetime
from typing import Any

from domain import people
from domain.case import Case
from domain.clocks import clause_of
from domain.law import Law
from domain.ledger_recur import Occurrence, open_duties
from domain.ledger_watch import words
from domain.views import Reader

NOBODY = Case.new("", "", "")


def ledger_view(ledger: Case, reader: Reader, law: Law, now: datetime) -> dict[str, Any]:
    """Tasks, boards, firings and draws as one person may see them; nothing to whom no row names.

    Who is counted learns nothing of it here, and which cases it was that completed a count is for those who look over cases: an accusation's existence may be secret.
    """
    names = reader.names | set(reader.stands_for)
    duties = [_duty(one, law) for one in open_duties(ledger, law, now) if names & {*one.who, *one.to}]
    proposals = [_proposal(key, one, law) for key, one in ledger.proposals.items() if names & set(one["to"]) and one["subject"] != reader.person]
    seen = {one["fired"] for one in ledger.proposals.values() if names & set(one["to"])}
    fired = [
        {"counter": one["counter"], "zh": law.row("counter", one["counter"]).get("zh", one["counter"]), "subject": one["subject"], "window": one["label"], "count": one["count"], "at": one["at"], "entries": one["entries"], "clause": list(clause_of(law.row("counter", one["counter"])))}
        for key, one in ledger.fired.items()
        if not one["withdrawn"] and one["subject"] != reader.person and (key in seen or _named(law.row("counter", one["counter"]).get("seen_by"), names, law))
    ]  # fmt: skip
    if not reader.looks_over:
        proposals, fired = ([{**one, hidden: empty} for one in rows] for rows, hidden, empty in ((proposals, "case", ""), (fired, "entries", [])))
    boards = [{**one, "zh": law.row("publish", one["board"]).get("zh", one["board"]), "clause": list(clause_of(law.row("publish", one["board"])))} for one in ledger.boards.values() if not one["down"]]
    draws = [{"id": key, **one} for key, one in ledger.draws.items() if names & {one["by"]} or _named(law.row("draw", one["draw"]).get("by"), names, law)]
    return {"duties": duties, "proposals": proposals, "fired": fired, "boards": boards, "draws": draws}


def _duty(one: Occurrence, law: Law) -> dict[str, Any]:
    row = law.row("recur", one.recur)
    return {"recur": one.recur, "zh": row.get("zh", one.recur), "en": row.get("en", ""), "period": one.period.label, "unit": one.unit, "due_day": one.due.due_day.isoformat(), "who": list(one.who), "to": list(one.to), "state": one.state, "needs": list(row.get("needs", ())), "clause": list(one.clause)}


def _proposal(key: str, one: dict[str, Any], law: Law) -> dict[str, Any]:
    table = {"propose": "measure", "issue": "order", "open": "kind"}.get(one["kind"], "trigger")
    return {"id": key, "zh": law.row(table, one["what"]).get("zh", one["what"]), **{name: one.get(name, "") for name in ("kind", "what", "subject", "state", "to", "at", "count", "case", "until", "clause")}}


def _named(word: Any, names: frozenset[str], law: Law) -> bool:
    return bool(names & set(people.related(words(word), NOBODY, law.office))) if word else False
