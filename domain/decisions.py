"""decide: yes with events or no with a clause, total over every command in every phase. Automatic events follow the act that causes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from domain import answering, appealing, aside, chains, handling, intake, revising, routing, sending, serving
from domain.acts import ACTS, OPEN, PHASES
from domain.asking import OPEN_ACTS, Accepted, Ask, Draft, Refusal, Refused, check_fields, check_person
from domain.case import Case, Command, Event, fold, iso
from domain.clocks import alarms, clause_of
from domain.cumulative import turned
from domain.first import comes_first, first_of, first_row
from domain.gates import check_duties, check_gates
from domain.kinds import begun, disposed, flow, turning
from domain.law import Law, current
from domain.triggers import fired

RECEIPT = {"receipt_ahead_minutes": 5, "receipt_back_days": 30}  # an office may set others: clocks of two machines differ, paper takes its time

RULES: dict[str, Callable[[Ask], Draft]] = {
    "file": intake.file, "register": intake.register, "supplement": intake.supplement, "ask_once": intake.ask_once,
    "accept": intake.accept, "refuse": intake.refuse, "guide": intake.guide, "divert": intake.divert,
    "turn_into": intake.turn_into, "classify": intake.classify,
    "propose": chains.propose, "approve": chains.approve, "instruct": aside.instruct,
    "own": routing.own, "transfer": routing.transfer, "assign": routing.assign, "joint": routing.joint,
    "submit": routing.submit, "forward": routing.forward,
    "sign_in": handling.sign_in, "hand_back": handling.hand_back, "hand_over": handling.hand_over,
    "tell_leader": handling.tell_leader, "take_over": handling.take_over, "conclude": handling.conclude,
    "review": handling.review, "request_extension": handling.request_extension, "urge": handling.urge,
    "feedback": answering.feedback, "reply_to_source": answering.reply_to_source, "report_up": answering.report_up,
    "answer_on_the_spot": answering.answer_on_the_spot, "rate": answering.rate, "consent": answering.consent,
    "withdraw": answering.withdraw, "settle_withdrawal": answering.settle_withdrawal, "appeal": appealing.appeal, "serve": serving.serve,
    "comply": serving.comply, "return_visit": serving.return_visit, "redo": serving.redo, "unmask": serving.unmask, "reveal_contact": serving.reveal_contact,
    "reopen": answering.reopen,
    "do": aside.do, "document": aside.document, "explain": aside.explain, "supervise": aside.supervise, "order": aside.order,
    "confirm": aside.confirm, "measure": aside.measure, "publish": aside.publish, "report": aside.report,
    "hold_item": aside.hold_item, "hand_over_item": aside.hand_over_item, "return_item": aside.return_item,
    "incident": aside.incident, "recuse": aside.recuse, "substitute": aside.substitute, "link": aside.link,
    "counted": aside.counted, "correct": revising.correct, "revise": revising.revise,
    "mark_unsent": sending.mark_unsent, "mark_sent": sending.mark_sent, "close": aside.close, "archive": aside.archive,
}  # fmt: skip


def decide(case: Case, command: Command, law: Law) -> Accepted | Refused:
    """Judge one command; the events of an acceptance are numbered on from the case. Never raises."""
    after = case.copy()
    answer = decided(after, command, law)
    return answer if isinstance(answer, Refused) else Accepted(tuple(answer), after)


def decided(case: Case, command: Command, law: Law) -> list[Event] | Refused:
    """The same in a case of the caller's own: the events of an acceptance are folded into it, a refusal leaves it as it is."""
    answer = _judged(case, command, law)
    return answer if isinstance(answer, Refused) else _follow(case, *answer, law)


def judged(case: Case, command: Command, law: Law) -> Refused | None:
    """The refusal that a command would meet, None where it would be accepted; nothing follows from asking. Never raises."""
    answer = _judged(case, command, law)
    return answer if isinstance(answer, Refused) else None


def _judged(case: Case, command: Command, law: Law) -> tuple[Draft, Ask] | Refused:
    try:
        return _judge(case, command, law)
    except Refusal as no:
        return Refused(no.code, no.clause, no.detail, tuple(no.who))
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError) as wrong:  # a shape no rule foresaw: said, not fatal
        return Refused("field_invalid", (), type(wrong).__name__)


def refused(case: Case, command: Command, no: Refused) -> Event:
    """A refusal as the event that keeps it: evidence too."""
    data: dict[str, Any] = {"act": command.act, "code": no.code}
    data |= {key: value for key, value in (("detail", no.detail), ("who", list(no.who))) if value}
    return Event(case.version + 1, "refused", command.received_at, command.actor, command.post, _typist(command), command.id, no.clause, data)


def _judge(case: Case, command: Command, law: Law) -> tuple[Draft, Ask]:
    if command.flaw:
        raise Refusal(command.flaw, None, command.act[:80])
    if command.act not in ACTS:
        raise Refusal("unknown_act", None, command.act[:80])
    law = current(law, case)
    ask = Ask(case, command, law)
    _timely(ask)
    _phase(ask)
    check_person(ask)
    check_fields(ask)
    check_gates(ask)
    chains.check_chains(ask)
    check_duties(ask)
    return RULES.get(command.act, aside.plain)(ask), ask


def _timely(ask: Ask) -> None:
    received, entered = ask.command.received_at, ask.command.entered_at
    if received == entered:
        return
    ahead, back = (int(ask.law.office.get("office", {}).get(name, usual)) for name, usual in RECEIPT.items())
    if received > entered + timedelta(minutes=ahead):
        raise Refusal("received_ahead")
    if received < entered - timedelta(days=back) and not (ask.text("reason") or ask.command.paper):
        raise Refusal("received_too_old")


def _phase(ask: Ask) -> None:
    phase, act = ask.case.phase, ask.act
    if ask.command.act == "refuse" and phase in OPEN and not ask.law.table("admit") and (row := first_row(ask)):  # 首问 turns nobody away
        raise Refusal("refusal_not_open", row)
    if phase in act.phases:
        return
    if phase == "none":
        raise Refusal("not_filed")
    if ask.command.act == "file":
        raise Refusal("already_filed")
    if phase == "archived":
        raise Refusal("archived")
    if ask.command.act in ("approve", "propose"):
        chains_done = [n for n, c in ask.fitting("chain") if chains.steps_of(ask, c)]
        if chains_done and phase == "closed":
            raise Refusal("already_decided", None, chains_done)
    raise Refusal("wrong_phase", None, {"phase": phase, "legal": list(act.phases)})


def _typist(command: Command) -> str:
    return command.entered_by if command.entered_by != command.actor else ""


def _follow(case: Case, draft: Draft, ask: Ask, law: Law) -> list[Event]:
    """The event of an act and what follows from it by itself, until nothing more does."""
    command = ask.command
    before = alarms(case, current(law, case)) if command.act in ("revise", "correct") else []
    more: dict[str, Any] = {"for": ask.acted_for} if ask.acted_for and ask.acted_for != command.actor else {}
    shown = {k: v for k, v in command.fields.items() if k not in ("identity", "digests", "value")}
    if shown:
        more["fields"] = shown
    if command.paper:
        more["paper"] = command.paper
    if command.received_at != command.entered_at:
        more["entered_at"] = iso(command.entered_at)
    draft.more = {**draft.more, **more}
    away = turned(case, {draft.kind, *draft.marks, f"{draft.kind}:{draft.subject}"}, command.received_at, ask.law)
    if away:
        draft.put("attrs", away=away)
    if comes_first(ask, command.actor) and command.act not in OPEN_ACTS:
        draft.put("attrs", first_asked=first_of(ask, command.actor))
    events = [event_of(case, draft, command.received_at, command.actor, command.post or _post(ask), _typist(command), command.id)]
    fold(case, events[0])
    if before:
        events += _moved(case, before, law, command)
    events += settled(case, law, command)
    return events


def _post(ask: Ask) -> str:
    allowed, posts = ask.may(), ask.posts()
    return next((p for p in posts if p in allowed), posts[0] if posts else "")


def event_of(case: Case, draft: Draft, at: Any, actor: str, post: str, entered_by: str, command_id: str) -> Event:
    """A draft with its number."""
    patch = {section: values for section, values in draft.patch.items() if values}
    if draft.phase:
        patch["attrs"] = {**patch.get("attrs", {}), "phase": draft.phase, "phase_since": iso(at)}
    data: dict[str, Any] = {**draft.more}
    if draft.subject:
        data["subject"] = draft.subject
    if draft.marks:
        data["marks"] = list(dict.fromkeys(draft.marks))
    if patch:
        data["patch"] = patch
    return Event(case.version + 1, draft.kind, at, actor, post, entered_by, command_id, tuple(draft.clause), data)


def settled(case: Case, law: Law, command: Command) -> list[Event]:
    """Automatic events after an act or an alarm: number, acceptance, triggers, closing, archive."""
    events: list[Event] = []
    echo = Command(command.id, "close", {}, command.received_at, command.received_at, "system")
    for _ in range(24):  # each rule fires once; the bound only guards against a book that chases itself
        ask = Ask(case, echo, current(law, case))
        draft = next((d for rule in BY_ITSELF.get(case.phase, ()) if (d := rule(ask)) is not None), None)
        if draft is None:
            break
        event = event_of(case, draft, command.received_at, "system", "", "", "")
        fold(case, event)
        events.append(event)
    return events


def _registered(ask: Ask) -> Draft | None:
    if "registered" in ask.case.marks or flow(ask, "register", "filed") not in ask.case.marks:
        return None
    return intake.number(ask.law, Draft("registered", "", clause_of(ask.law.table("flow"))), ask)


def _accepted(ask: Ask) -> Draft | None:
    if "accepted" in ask.case.marks or flow(ask, "accept", "act") != "auto":
        return None
    if turning(ask) or any((row.get("when") or row.get("any")) and "turns_into" not in row for _, row in ask.fitting("admit")):
        return None
    return Draft("accepted", "", clause_of(ask.law.table("flow")), phase="opinion")


def _opinion(ask: Ask) -> Draft | None:
    if "opinion_fixed" in ask.case.marks or "accepted" not in ask.case.marks:
        return None
    name = flow(ask, "opinion", "")
    return Draft("opinion_fixed", "", clause_of(ask.law.row("chain", name))) if name and chains.is_approved(ask, name) else None


def _after_answer(ask: Ask) -> Draft | None:
    return None if answering.answers_due(ask) else Draft("answers_given", "", (), phase="following")


def _closed(ask: Ask) -> Draft | None:
    if flow(ask, "close", "auto") != "auto" or answering.answers_due(ask):
        return None
    try:
        check_gates(ask)
        chains.check_chains(ask)
        check_duties(ask)
        return aside.close(ask)
    except Refusal:
        return None


def _archived(ask: Ask) -> Draft | None:
    if flow(ask, "archive", "auto") != "auto":
        return None
    ask.command = Command(ask.command.id, "archive", {}, ask.command.received_at, ask.command.received_at, "system")
    ask.act = ACTS["archive"]
    try:
        check_gates(ask)
        chains.check_chains(ask)
        check_duties(ask)
        return aside.archive(ask)
    except Refusal:
        return None


ONCE_FILED = (*PHASES, "archived")
AUTOMATIC: tuple[tuple[Callable[[Ask], Draft | None], tuple[str, ...]], ...] = (
    (_registered, ONCE_FILED), (begun, ("filed",)), (_accepted, ("filed",)), (_opinion, ("opinion",)), (disposed, ("opinion",)),
    (handling.extension_granted, ONCE_FILED), (fired, ONCE_FILED),
    (_after_answer, ("answering",)), (_closed, ("answering", "following")), (_archived, ("closed",)),
)  # fmt: skip
BY_ITSELF = {phase: tuple(rule for rule, phases in AUTOMATIC if phase in phases) for phase in ONCE_FILED}  # what may happen by itself, by phase


def _moved(case: Case, before: list[Any], law: Law, command: Command) -> list[Event]:
    """One event for each date that a correction or a new calendar has moved."""
    old = {clock.key: clock for clock in before}
    events = []
    for clock in alarms(case, current(law, case)):
        was = old.get(clock.key)
        if was is not None and clock.state == "open" and (was.overdue_at, was.provisional) != (clock.overdue_at, clock.provisional):
            draft = Draft("date_moved", clock.term, clock.clause)
            draft.more = {"key": clock.key, "old": was.due_day, "new": clock.due_day, "provisional": clock.provisional}
            event = event_of(case, draft, command.received_at, "system", "", "", "")
            fold(case, event)
            events.append(event)
    return events
