"""What a rule has proposed and a named person decides: a measure, or a case of another kind (vocabulary: measure, trigger)."""

from collections.abc import Mapping
from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.clocks import clause_of
from domain.context import Context
from domain.other_case import opened


def proposed(context: Context) -> list[tuple[str, Mapping[str, Any], list[str]]]:
    """Each open proposal: its measure or kind, the row of that, and who decides it."""
    found: list[tuple[str, Mapping[str, Any], list[str]]] = []
    for one in context.case.attrs.get("proposals", ()):
        row = context.law.row("measure", one["measure"]) or context.law.row("kind", one["measure"])
        found.append((one["measure"], row, context.who(one.get("to") or row.get("by") or row.get("opened_by", ()))))
    return found


def opens(ask: Ask, kind: str) -> Draft | None:
    """The decision about a proposal to open a case of another kind; None where no such proposal stands."""
    due = next((one for one in proposed(ask) if one[0] == kind and kind in ask.law.table("kind") and not ask.law.row("measure", kind)), None)
    if due is None:
        return None
    _, row, who = due
    if not who:
        raise Refusal("no_decider", row, kind)
    if ask.person not in who and not any(identity in who for identity in ask.identities):
        raise Refusal("not_issuer", row, kind, who)
    draft = Draft("measure_declined" if ask.text("declined") else "opens", kind, clause_of(row)).put("attrs", **left(ask, kind))
    if ask.text("declined"):
        return draft
    one = next(one for one in ask.case.attrs["proposals"] if one["measure"] == kind)
    what = {"kind": kind, "relation": "about", **({"ground": one["ground"]} if one.get("ground") else {})}
    return opened(ask, draft, what, ask.person, one.get("about", ()))


def left(ask: Ask, name: str) -> dict[str, Any]:
    """The patch that takes a proposal off the list once it is decided; {} where none stood."""
    before = ask.case.attrs.get("proposals", [])
    after = [one for one in before if one["measure"] != name]
    return {"proposals": after} if len(after) != len(before) else {}
