"""Notices that do not arrive: the mark on the case and its end, by the system alone. The clocks go on, and nobody can click it away."""

from domain.asking import Ask, Draft, Refusal
from domain.case import Case, iso


def mark_unsent(ask: Ask) -> Draft:
    """通知未送达: a notice has failed for so long that the administrator must look."""
    subject = _subject(ask)
    if subject in ask.case.attrs.get("unsent", {}):
        raise Refusal("notice_settled", None, subject)
    return Draft("notice_failed", subject).put("attrs", unsent={subject: iso(ask.command.received_at)})


def mark_sent(ask: Ask) -> Draft:
    """通知已补送: it has arrived after all, and the task ends."""
    subject = _subject(ask)
    if subject not in unsent(ask.case):
        raise Refusal("notice_settled", None, subject)
    return Draft("notice_sent_late", subject).put("attrs", unsent={subject: ""})


def unsent(case: Case) -> dict[str, str]:
    """The notices of a case that have not arrived yet, each with the instant of its mark (ISO text)."""
    return {subject: at for subject, at in case.attrs.get("unsent", {}).items() if at}


def _subject(ask: Ask) -> str:
    """Event and form of one of this case's own notices, as its key gives them."""
    if ask.person != "system":
        raise Refusal("not_your_act")
    subject = ask.text("notice").removeprefix(f"{ask.case.id}:")
    seq, _, form = subject.partition(":")
    if subject == ask.text("notice") or not form or not (seq.isascii() and seq.isdigit()) or not 1 <= int(seq[:9]) <= ask.case.version:
        raise Refusal("no_such_notice", None, ask.text("notice")[:80])
    return subject
