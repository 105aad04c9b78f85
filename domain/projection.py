"""The flat row of a case for lists and searches; no personal data, no sealed text.

`concerned`, `barred` and `closed` let a list ask in SQL exactly what `views.view` decides: who may know that the case exists.
"""

from typing import Any

from domain.case import Case, iso
from domain.clocks import alarms
from domain.context import Context
from domain.law import Law, current
from domain.people import active, barred, respondent_units
from domain.sending import unsent
from domain.tasks import tasks
from domain.views import closed_rules, concerned_ids


def projection(case: Case, law: Law) -> dict[str, Any]:
    """Phase, waiting_on, next due day and the rest, JSON-safe (design, section 1)."""
    law = current(law, case)
    context = Context(case, law)
    clocks = alarms(case, law)
    running = [c for c in clocks if c.state == "open"]
    following = next(iter(running), None)
    attrs = case.attrs
    return {
        "id": case.id, "office": case.office, "book": case.book, "version": case.version, "chain_head": case.chain_head,
        "phase": case.phase, "register_no": "" if case.register_no == "#" else case.register_no, "kind": attrs.get("kind"),
        "channel": attrs.get("channel"), "source": attrs.get("source"), "disposition": attrs.get("disposition"),
        "grade": context.fact("grade"), "found": attrs.get("found"), "outcome": attrs.get("outcome"), "clerk": attrs.get("clerk"),
        "units": sorted({a["unit"] for a in active(case) if a.get("unit")}), "respondent_units": sorted(respondent_units(case, law.office)),
        "waiting_on": sorted({who for task in tasks(case, law) for who in task.who}),
        "waiting_since": attrs.get("phase_since"), "received_at": attrs.get("received_at") or _refused_at(case), "closed_at": attrs.get("closed_at"),
        "next_due_day": following.due_day if following else None, "next_due_at": following.overdue_at.isoformat() if following else None,
        "overdue": any(f"overdue:{c.term}" in case.marks for c in running), "late": any(name.startswith("overdue:") for name in case.marks),
        "provisional": any(c.provisional for c in running), "digests": attrs.get("digests", []), "unsent": bool(unsent(case)),
        "concerned": sorted(concerned_ids(context)), "barred": sorted(barred(case)), "closed": closed_rules(context, "existence", "progress"),
        **({"old_no": attrs["old_no"]} if attrs.get("old_no") else {}),  # rows of other cases stay as they are
    }  # fmt: skip


def _refused_at(case: Case) -> str | None:
    """A filing that was refused has no attributes; in lists it stands at the instant of its refusal."""
    mark = case.marks.get("refused")
    return iso(mark.first) if mark else None
