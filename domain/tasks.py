"""Who must act now, and since when: every state names somebody (design, section 4: waiting_on)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.acts import ACTS, DISPOSITIONS
from domain.answering import answers_due, givers
from domain.aside import recusal
from domain.case import Case, iso
from domain.chains import next_step, open_chains, row_of
from domain.clocks import clause_of
from domain.context import Context
from domain.first import first_row, keepers
from domain.gates import open_duties
from domain.handling import next_check
from domain.kinds import kind_row
from domain.law import Law
from domain.people import active, barred, is_one, replaced
from domain.proposals import proposed
from domain.routing import open_rows
from domain.sending import unsent

VOLUNTARY = frozenset({"report", "publish", "measure", "divert"})


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits: for whom, which act, since when (ISO text), under which clause."""

    who: tuple[str, ...]
    act: str
    subject: str
    zh: str
    en: str
    since: str
    clause: tuple[str, ...]


def tasks(case: Case, law: Law) -> list[Task]:
    """Everything that waits for a person, the approvals first."""
    context = Context(case, law)
    return list(context.once("tasks", lambda: _tasks(context)))


def _tasks(context: Context) -> list[Task]:
    if context.case.phase in ("none", "archived"):
        return _unsent(context)
    found = [*_approvals(context), *_phase_work(context), *_duties(context), *_urges(context), *_appealed(context), *_proposals(context), *_first(context), *_unsent(context)]
    return [*found, *_empty_chair(context, found)]


def _empty_chair(context: Context, found: list[Task]) -> list[Task]:
    """Where nobody is left for something because somebody has withdrawn: whoever the book lets name a substitute."""
    if not barred(context.case) or all(task.who for task in found):
        return []
    row = recusal(context)
    return [_task(context, context.who(row["then"]), "substitute", "recuse", row)] if "then" in row else []


def approvers(case: Case, law: Law) -> list[str]:
    """Who must approve or propose now."""
    context = Context(case, law)
    return list(dict.fromkeys(who for task in _approvals(context) for who in task.who))


def _task(context: Context, who: list[str], act: str, subject: str = "", row: dict[str, Any] | None = None) -> Task:
    row = row or {}
    known = ACTS.get(act)
    zh, en = (known.zh, known.en) if known else (act, act)
    return Task(tuple(replaced(who, context.case)), act, subject, str(row.get("zh", zh)), str(row.get("en", en)), str(context.case.attrs.get("phase_since", "")), clause_of(row))


def _approvals(context: Context) -> list[Task]:
    found = []
    for name in open_chains(context):
        due = next_step(context, name)
        chain = context.law.row("chain", name)
        early = context.case.phase == "filed" and "accept" not in chain.get("before", ()) and "on" not in chain
        if due is not None and not early and _waited_for(context, chain):
            row = {**chain, "clause": row_of(context, chain).get("clause", chain.get("clause", ()))}
            found.append(_task(context, context.who(due[1]), "propose" if due[2] == "propose" else "approve", name, row))
    return found


def _waited_for(context: Context, chain: dict[str, Any]) -> bool:
    """A chain that opens only one of several ways, or a voluntary act, keeps nobody waiting."""
    before = set(chain.get("before", ()))
    if before & VOLUNTARY:
        return False
    if context.case.phase != "opinion" or not before or not before <= set(DISPOSITIONS):
        return True
    ways = {str(row["do"]) for row in open_rows(context)} & set(DISPOSITIONS) or set(DISPOSITIONS)
    blocked = {act for name in open_chains(context) for act in context.law.row("chain", name).get("before", ())}
    return bool(ways & before) and ways <= blocked


def _posts(context: Context, *acts: str) -> list[str]:
    posts = [p for p, row in context.law.table("post").items() if any(a in row.get("may", ()) for a in acts)]
    return [one for post in posts for one in context.who(post)]


def _phase_work(context: Context) -> list[Task]:
    case = context.case
    clerk = [case.attrs["clerk"]] if case.attrs.get("clerk") else []
    if case.phase == "filed":
        box = context.who(context.law.row("channel", str(case.attrs.get("channel") or "")).get("opens_at", ()))
        return [_task(context, box or clerk or _posts(context, "accept", "refuse"), "accept")]
    if case.phase == "opinion":
        return [] if _approvals(context) else [_task(context, clerk or _posts(context, "transfer", "own"), "transfer")]
    if case.phase == "handling":
        return _handling(context)
    if case.phase == "review":
        due = next_check(context)
        return [_task(context, context.who(due[1].get("by", ())), "review", *due)] if due else []
    if case.phase == "answering":
        acts = {"fed_back": "feedback", "replied_to_source": "reply_to_source", "reported_up": "report_up"}
        return [_task(context, givers(context, event) or clerk, acts[event]) for event in answers_due(context)]
    if case.phase == "following":
        return [] if open_duties(context) else [_task(context, clerk or _posts(context, "close"), "close")]
    return [] if open_duties(context) else [_task(context, clerk or _posts(context, "archive"), "archive")]


def _handling(context: Context) -> list[Task]:
    parts = active(context.case)
    if not parts:
        own = str(context.case.attrs.get("own_by") or "")
        if context.case.attrs.get("disposition") == "own" and not own:  # opened by a rule, in nobody's hands yet
            return [_task(context, context.who(kind_row(context).get("opened_by", ())) or _posts(context, "conclude"), "conclude")]
        return [_task(context, [own], "conclude")] if own else [_task(context, context.who("assigner") or context.who("clerk"), "transfer")]
    return [_report(context, part) for part in parts if not part.get("reported_at")]


def _report(context: Context, part: Mapping[str, Any]) -> Task:
    """The report of one assignment; where all who could give it are complained of, whoever assigned must take it back."""
    named = [part["person"]] if part.get("person") else context.staff(f"unit:{part['unit']}")
    able = [one for one in named if one in _posts(context, "conclude")] or named
    free = [one for one in able if one not in context.who("respondent")]
    assigner = context.who("assigner")
    return _task(context, free or assigner or able, "conclude" if free or not assigner else "take_over")


def _duties(context: Context) -> list[Task]:
    return [_task(context, context.staff(row.get("by", ())), row.get("does", "do"), name, row) for name, row in open_duties(context)]


APPEAL = {"zh": "投诉人申诉,请处理", "en": "the complainant appeals: see to it"}
SEEN_TO = ("reopened", "sent_back", "linked", "fed_back", "explained")


def _appealed(context: Context) -> list[Task]:
    """An appeal of which the book says nothing, neither a duty nor whom to tell, is the clerk's until something was done about it: nobody appeals into the air."""
    mark = context.case.marks.get("appealed")
    if mark is None or any(later.last >= mark.last for name in SEEN_TO if (later := context.case.marks.get(name))):
        return []
    if any(_of_appeal(row.get("on", ())) for table in ("duty", "notice") for _, row in context.fitting(table)):
        return []
    clerk = [context.case.attrs["clerk"]] if context.case.attrs.get("clerk") else _posts(context, "reopen", "close", "archive")
    act = "reopen" if any("reopen" in context.law.row("post", post).get("may", ()) for one in clerk for post in context.law.office.get("person", {}).get(one, {}).get("posts", ())) else "note"
    return [replace(_task(context, clerk, act, "appeal", APPEAL), since=iso(mark.last))]


def _of_appeal(on: Any) -> bool:
    return any(str(name).partition(":")[0] == "appealed" for name in ([on] if isinstance(on, str) else on))


def _proposals(context: Context) -> list[Task]:
    return [_task(context, who, "measure", name, dict(row)) for name, row, who in proposed(context) if who]


def _urges(context: Context) -> list[Task]:
    due, done = context.case.marks.get("urge_due"), context.case.marks.get("urged")
    if due is None or (done is not None and done.last >= due.last) or context.case.phase not in ("handling", "review"):
        return []
    rows = context.fitting("urge")
    return [_task(context, context.who(row.get("by", ())), "urge", name, row) for name, row in rows if f"urge_due:{name}" in context.case.marks]


FOLLOW = {"zh": "首问责任:跟踪到办结", "en": "first asked: follow it through"}


def _first(context: Context) -> list[Task]:
    """The duty of whoever was asked first goes on beside those who have the matter in hand."""
    who = keepers(context)
    act = "urge" if context.fitting("urge") and context.case.phase in ("handling", "review") else "note"
    return [_task(context, who, act, "first", {**first_row(context), **FOLLOW})] if who else []


UNSENT = ("通知未送达，系统每小时重发，请核对通知地址", "a notice is not delivered and tried every hour: check the address")


def _unsent(context: Context) -> list[Task]:
    """A notice that does not arrive is the administrator's, else the next in line's; it ends when the notice has arrived, also after archiving."""
    open_now = unsent(context.case)
    if not open_now:
        return []
    who = next((able for role in ("admin", "centre_head", "principal") if (able := _of_role(context, role))), [])
    return [Task(tuple(replaced(who, context.case)), "mark_sent", subject, *UNSENT, at, ()) for subject, at in sorted(open_now.items())]


def _of_role(context: Context, role: str) -> list[str]:
    """Holders of a role who may know of the case at all."""
    closed = {*context.who(["respondent"]), *context.closed_to()}
    held = [one for post, row in context.law.table("post").items() if row.get("role") == role for one in context.who(post)]
    return [one for one in held if not is_one(one, closed, context.law.office)]
