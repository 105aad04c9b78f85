"""What a person may do with a case now, and why the rest is refused: every act is asked of the same rules that will judge it, and nothing happens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.acts import ACTS
from domain.asking import Ask, Refused
from domain.case import Case, Command
from domain.chains import next_step, open_chains
from domain.codes import CODES
from domain.decisions import judged
from domain.gates import open_duties
from domain.law import Law, current

SYSTEMS = frozenset({"file", "revise", "counted", "mark_unsent", "mark_sent"})
FORM = 422  # a refusal of what was filled in, which a person can mend; 403 and 409 are of the act itself
ROUNDS = 8
# Acts about one row of a table: their field, and the table.
ABOUT = {
    "document": ("form", "form"), "measure": ("measure", "measure"), "order": ("order", "order"), "confirm": ("order", "order"), "comply": ("order", "order"),
    "publish": ("what", "publish"), "report": ("what", "report"), "serve": ("what", "serve"), "refuse": ("ground", "admit"), "incident": ("what", "incident"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opening:
    """One act before one person: open, or the refusal that it would meet."""

    act: str
    allowed: bool
    code: str = ""
    clause: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    detail: Any = None


def openings(case: Case, person: str, law: Law, now: datetime) -> list[Opening]:
    """Every act of the closed list as it stands for this person at this instant; the system's own acts are not among them."""
    return [_opening(case, person, law, now, act) for act in ACTS if act not in SYSTEMS]


def _opening(case: Case, person: str, law: Law, now: datetime, act: str) -> Opening:
    """Ask with nothing, then with what is said to be missing, until the rules have no more to ask."""
    refusal: Refused | None = None
    for fields in _starts(case, person, law, now, act):
        for _ in range(ROUNDS):
            refusal = judged(case, Command("", act, fields, now, now, person), law)
            if refusal is None:
                return Opening(act, allowed=True)
            if refusal.code == "field_missing" and isinstance(refusal.detail, list) and _filled(act, fields, refusal.detail):
                continue
            break
        if refusal is not None and _mendable(refusal, person):
            return Opening(act, allowed=True)
    if refusal is None:  # never: there is always something to ask first
        return Opening(act, allowed=True)
    return Opening(act, allowed=False, code=refusal.code, clause=refusal.clause, who=tuple(refusal.who), detail=refusal.detail)


def _starts(case: Case, person: str, law: Law, now: datetime, act: str) -> list[dict[str, Any]]:
    """What to ask first: acts about one of several things are asked for each of them; one that is open opens the act."""
    ask = Ask(case, Command("", act, {}, now, now, person), current(law, case))
    if case.phase not in ACTS[act].phases:
        return [{}]
    if act == "do":
        return [{"duty": name} for name, _ in open_duties(ask)] or [{"duty": ""}]
    if act in ("approve", "propose"):
        found = [{"chain": name, "decision": "agree", "opinion": "."} for name in open_chains(ask) if (step := next_step(ask, name)) and (step[2] == "propose") == (act == "propose")]
        return found or [{"decision": "agree", "opinion": "."}]
    if act == "request_extension":
        return [{"term": term, "why": next(iter(row.get("why", ())), ".")} for _, row in ask.fitting("extend") for term in row.get("of", ())] or [{"why": "."}]
    if act in ABOUT:
        field, table = ABOUT[act]
        return [{field: name} for name in ask.law.table(table)] or [{field: ""}]
    return [{}]


def _mendable(refusal: Refused, person: str) -> bool:
    """Whether filling in the act differently could cure it: a form it may bring with it, another name than the one put in to ask."""
    return CODES[refusal.code].status == FORM or refusal.code == "form_missing" or (refusal.code == "not_known" and refusal.detail != person)


def _filled(act: str, fields: dict[str, Any], missing: list[Any]) -> bool:
    """Put something into what is missing; False where nothing new was put."""
    kinds = {name: kind.rstrip("*") for name, kind in ACTS[act].fields.items()}
    blank: dict[str, Any] = {"text": ".", "flag": True, "table": {".": "."}, "list": ["."], "date": "2000-01-03", "any": "."}
    new = {str(name): blank[kinds.get(str(name), "text")] for name in missing if not fields.get(str(name))}
    fields.update(new)
    return bool(new)

