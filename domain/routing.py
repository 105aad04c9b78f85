"""Acts that send a case on: own, transfer 转办, assign 交办, joint, submit 呈报, forward 转送; they differ in who answers and whose clock runs."""

from collections.abc import Mapping
from typing import Any

from domain.asking import Ask, Draft, Refusal
from domain.case import iso
from domain.clocks import clause_of
from domain.context import Context
from domain.facts import file_forms
from domain.people import active, holders


def open_rows(context: Context) -> list[Mapping[str, Any]]:
    """The rows of the route that stand open now: choices, up to the first row that binds."""
    found: list[Mapping[str, Any]] = []
    for row in (context.law.table("route") or {}).get("rows", ()):
        if context.holds(row):
            found.append(row)
            if not row.get("choice"):
                break
    return found


def check_route(ask: Ask, do: str, addressee: str) -> Mapping[str, Any]:
    """The row of the route that opens this way to this addressee; refuses with the row that binds instead."""
    rows = open_rows(ask)
    if not rows:
        return {}
    fitting = [row for row in rows if row.get("do") == do]
    if not fitting:
        binding = next((row for row in rows if not row.get("choice")), rows[0])
        raise Refusal("route_closed", binding, {"open": sorted({str(r.get("do")) for r in rows})}, _addressees(ask, binding))
    for row in fitting:
        if "only_by" in row and not ask.named(row["only_by"]):
            continue
        if "to" not in row or not addressee or _fits(ask, addressee, row["to"]):
            ask.need([n.removeprefix("field:") for n in row.get("needs", ())], row)
            return row
    row = fitting[0]
    if "only_by" in row and not ask.named(row["only_by"]):
        raise Refusal("not_your_act", row, None, ask.who(row["only_by"]))
    raise Refusal("wrong_addressee", row, addressee, _addressees(ask, row))


def bound_row(ask: Ask, do: str) -> Mapping[str, Any]:
    """The row that opens an act which only some books bind to their route (guide, answer); {} where the book does not."""
    rows = (ask.law.table("route") or {}).get("rows", ())
    return check_route(ask, do, "") if any(row.get("do") == do for row in rows) else {}


def _addressees(ask: Ask, row: Mapping[str, Any]) -> list[str]:
    return ask.who(row["to"]) if "to" in row else []


def _fits(ask: Ask, addressee: str, to: Any) -> bool:
    words = [to] if isinstance(to, str) else to
    unit = addressee.removeprefix("unit:")
    kind = ask.law.office.get("unit", {}).get(unit, {}).get("kind", "")
    if kind in words:
        return True
    named = ask.who([w for w in words if w not in ask.law.table("unit_kind") and w != "handling_unit"])
    return addressee in named or f"unit:{unit}" in named or (not named and "handling_unit" in words)


def own(ask: Ask) -> Draft:
    """自办: the office handles the case itself."""
    row = check_route(ask, "own", "")
    draft = Draft("own", "", clause_of(row), phase="handling")
    return draft.put("attrs", disposition="own", own_by=ask.person, assigner=ask.person)


def transfer(ask: Ask) -> Draft:
    """转办: to a unit, with an excerpt for its eyes (design, section 5) and its liaison as addressee."""
    return _send(ask, "transferred", "transfer")


def assign(ask: Ask) -> Draft:
    """交办: to a unit that must report back by a date."""
    if not ask.text("report_by") and _row(ask, "assign").get("report_by") != "optional":
        raise Refusal("no_due_date", _row(ask, "assign"), "report_by")
    return _send(ask, "assigned", "assign")


def submit(ask: Ask) -> Draft:
    """呈报: to one named person, who disposes of it."""
    row = check_route(ask, "submit", ask.text("person"))
    draft = Draft("submitted", "", clause_of(row), phase="handling").put("attrs", disposition="submit", assigner=ask.person)
    return _assignment(ask, draft, {"person": ask.text("person"), "role": "own"})


def forward(ask: Ask) -> Draft:
    """转送: to a body outside, which answers by its own rules; the case ends here and the complainant is told."""
    row = check_route(ask, "forward", f"unit:{ask.text('unit')}")
    draft = Draft("forwarded", "", clause_of(row), phase="closed", marks=["ended"])
    return draft.put("attrs", disposition="forward", outcome="forwarded", forwarded_to=ask.text("unit"))


def joint(ask: Ask) -> Draft:
    """会同办理: exactly one lead unit, the others support; each reports."""
    lead, support = ask.text("lead"), [u for u in ask.fields["support"] if isinstance(u, str)]
    if lead in support:
        raise Refusal("field_invalid", None, ["lead", "support"])
    row = check_route(ask, "joint", f"unit:{lead}")
    missing = [word for word in row.get("support", ()) if not any(_fits(ask, f"unit:{unit}", word) for unit in support)]
    if missing:
        raise Refusal("wrong_addressee", row, {"support": missing}, ask.who(missing))
    _excerpt(ask)
    draft = Draft("joint", "", clause_of(row), phase="handling").put("attrs", disposition="joint", assigner=ask.person)
    for unit, role in [(lead, "lead"), *((u, "support") for u in support)]:
        _assignment(ask, draft, {"unit": _known(ask, unit), "role": role, "excerpt": ask.text("excerpt"), "report_by": ask.text("report_by")})
    return draft


def _send(ask: Ask, kind: str, do: str) -> Draft:
    unit, person = ask.text("unit"), ask.text("person")
    if not unit and not person:
        raise Refusal("field_missing", None, ["unit"])
    if unit:
        _known(ask, unit)
    row = check_route(ask, do, f"unit:{unit}" if unit else person)
    if unit:
        _contact(ask, unit)
        if any(part.get("unit") == unit and not part.get("reported_at") for part in active(ask.case)):
            raise Refusal("already_sent", row, unit)
    _excerpt(ask)
    draft = Draft(kind, "", clause_of(row), phase="handling").put("attrs", disposition=do, assigner=ask.person)
    draft.put("forms", **file_forms(ask, ask.fields.get("forms") or {}, {}))
    part = {"unit": unit, "person": person, "role": "lead" if ask.fields.get("lead") else str(row.get("role", "")), "excerpt": ask.text("excerpt")}
    liaison = ask.law.office.get("unit", {}).get(unit, {}).get("liaison") or next(iter(holders(ask.law.office, "liaison", unit)), "") if unit else ""
    if ask.text("liaison") and liaison and ask.text("liaison") != liaison:
        raise Refusal("wrong_addressee", row, ask.text("liaison"), [liaison])
    part |= {"liaison": liaison, "report_by": ask.text("report_by"), "attachments": ask.fields.get("attachments", []), "means": ask.text("means")}
    return _assignment(ask, draft, part)


def _assignment(ask: Ask, draft: Draft, part: dict[str, Any]) -> Draft:
    number = len(ask.case.assignments) + len(draft.patch.get("assignments", {})) + 1
    draft.put("assignments", **{f"a{number}": {**part, "sent_at": iso(ask.command.received_at), "round": ask.fact("round") or 1}})
    if not draft.subject and number == 1:
        draft.subject = ""
    return draft


def _known(ask: Ask, unit: str) -> str:
    if unit not in ask.law.office.get("unit", {}):
        raise Refusal("unit_unknown", None, unit)
    return unit


def _contact(ask: Ask, unit: str) -> None:
    row = ask.law.office["unit"][unit]
    kind = ask.law.row("unit_kind", row.get("kind", ""))
    for post in kind.get("requires", ()):
        if not row.get(post) and not holders(ask.law.office, post, unit):
            raise Refusal("unit_without_contact", kind, {"unit": unit, "post": post})


def _excerpt(ask: Ask) -> None:
    if not ask.text("excerpt"):
        raise Refusal("excerpt_missing", _row(ask, ask.command.act), "excerpt")


def _row(ask: Ask, do: str) -> Mapping[str, Any]:
    rows = (ask.law.table("route") or {}).get("rows", ())
    return next((row for row in rows if row.get("do") == do and ask.holds(row)), {})
