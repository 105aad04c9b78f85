"""Kinds of case: who opens one, whether it has parties, and the way it takes through the phases (vocabulary: kind, section 4)."""

from collections.abc import Mapping
from typing import Any

from domain.acts import PHASES
from domain.asking import Ask, Draft, Refusal
from domain.case import Case
from domain.clocks import clause_of
from domain.context import Context

OUTSIDE = ("complainant", "public")
BY_ITSELF = {"system": ("system", "trigger", "office"), "complainant": ("complainant",), "public": ("public", "complainant")}


def kind_row(context: Context) -> Mapping[str, Any]:
    """The row of the case's kind, {} before it has one."""
    return context.law.row("kind", str(context.fact("kind") or ""))


def flow(context: Context, step: str, usual: str) -> str:
    """How a step passes for this kind: the kind's own word, else the book's, else the usual."""
    own = kind_row(context).get("flow", {})
    return str(own[step]) if step in own else context.law.flow(step, usual)


def check_opening(ask: Ask, row: Mapping[str, Any]) -> None:
    """Refuse a filing by somebody who may not open this kind, or from another source or channel than its own."""
    person, fields = ask.person, ask.fields
    if row.get("complainant") is False and person in OUTSIDE:
        raise Refusal("not_your_act", row, fields.get("kind"))
    if "opened_by" in row:
        words = [row["opened_by"]] if isinstance(row["opened_by"], str) else list(row["opened_by"])
        by_itself = not set(words).isdisjoint(BY_ITSELF.get(person, ()))
        posts = [word for word in words if word not in ("system", "trigger", "office", "public")]
        if not by_itself and not ask.named(posts):
            raise Refusal("not_your_act", row, fields.get("kind"), ask.who(posts))
    if row.get("source") and fields.get("source", row["source"]) != row["source"]:
        raise Refusal("source_not_in_book", row, {"given": fields.get("source"), "listed": [row["source"]]})
    if "channels" in row and fields.get("channel") not in row["channels"]:
        raise Refusal("channel_not_listed", row, {"given": fields.get("channel"), "listed": sorted(row["channels"])})
    taken_by = ask.law.row("channel", str(fields.get("channel") or ""))
    if "by" in taken_by and person not in OUTSIDE and not ask.named(taken_by["by"]):
        raise Refusal("not_your_act", taken_by, fields.get("channel"), ask.who(taken_by["by"]))


def check_parties(ask: Ask, row: Mapping[str, Any]) -> None:
    """Refuse respondents of a kind that complains of nobody, and units that the book does not bind."""
    kinds = ask.law.table("book").get("binds", {}).get("unit_kinds")
    if kinds and ask.fields.get("respondents"):
        people, units = ask.law.office.get("person", {}), ask.law.office.get("unit", {})
        named = [one.get("unit") or people.get(one.get("person", ""), {}).get("unit", "") for one in ask.fields["respondents"]]
        strange = sorted({unit for unit in named if unit and units.get(unit, {}).get("kind") not in kinds})
        if strange:
            raise Refusal("unit_not_bound", ask.law.table("book"), strange)
    if row.get("respondent") is False and ask.fields.get("respondents"):
        raise Refusal("field_unknown", row, ["respondents"])


def turning(ask: Ask) -> tuple[str, Mapping[str, Any]] | None:
    """The kind that the case must be turned into first, with the row that says so: a failed test that is no refusal."""
    fitting = ((str(row["turns_into"]), row) for _, row in ask.fitting("admit") if "turns_into" in row)
    return next(((kind, row) for kind, row in fitting if ask.fact("kind") != kind), None)


def turn_into(ask: Ask, known: tuple[str, ...]) -> Draft:
    """转为其他类别: another kind of the same book under the same number, as the tests of admission and the kind allow."""
    kind, now = ask.text("kind"), kind_row(ask)
    due = turning(ask)
    if due is not None and due[0] != kind:
        raise Refusal("turns_into", due[1], due[0])
    if kind not in now.get("turns", [kind]):
        raise Refusal("kind_not_in_book", now, {"given": kind, "listed": sorted(now["turns"])})
    clause = clause_of(due[1]) if due else known
    draft = Draft("turned_into", kind, clause).put("attrs", kind=kind)
    return draft.put("attrs", has_contact=False) if ask.law.row("kind", kind).get("complainant") is False else draft


def begun(ask: Ask) -> Draft | None:
    """A kind that starts in a later phase is there at once: an alarm in the following, a card on the spot."""
    if "accepted" in ask.case.marks:
        return None
    start = flow(ask, "start", "filed")
    if start not in PHASES[1:]:
        return None
    draft = Draft("accepted", "", clause_of(kind_row(ask)), phase=start)
    return _in_hand(ask.case, draft) if start == "handling" else draft


def disposed(ask: Ask) -> Draft | None:
    """A kind that the office always handles itself is in its hands at once."""
    if flow(ask, "dispose", "act") != "own":
        return None
    return _in_hand(ask.case, Draft("own", "", clause_of(kind_row(ask)), phase="handling"))


def _in_hand(case: Case, draft: Draft) -> Draft:
    clerk = case.attrs.get("clerk", "")
    return draft.put("attrs", disposition="own", own_by=clerk, assigner=clerk)
