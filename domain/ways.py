"""Where somebody may turn who is not content: redo, appeal, outside review, each with its own time, as it stands for one person now (vocabulary: again)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.appealing import end, inner
from domain.asking import Ask, Refusal
from domain.case import Case, Command
from domain.clocks import alarms, clause_of
from domain.decisions import judged
from domain.law import Law, current

APPEAL, REDO, OUTSIDE = "appeal", "redo", "outside"


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `sort`: appeal (sent here), redo (said by a rating, `marks`), outside (`place`, not sent here); `to` = who hears it, `posts` = in which posts, where the text names these; `code` = why it is not open, '' where it is; `due_day` = its last day."""

    key: str
    sort: str
    zh: str = ""
    en: str = ""
    to: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()
    place: str = ""
    marks: tuple[str, ...] = ()
    opens: str = ""
    due_day: str = ""
    code: str = ""
    clause: tuple[str, ...] = ()
    reading: str = ""


def ways(case: Case, person: str, law: Law, at: datetime) -> list[Way]:
    """Every way that the book gives this person in this case, the open ones first; where the book has none of its own, the plain appeal to the office."""
    ask = Ask(case, Command("", "appeal", {}, at, at, person), current(law, case))
    found = [_appeal(ask, key, row, law) for key, row in inner(ask).items()]
    if not ask.law.table("again"):
        found = [_plain(ask, law)]
    found += [_redo(ask, key, row, law) for key, row in ask.law.table("duty").items() if _by_rating(ask, row)]
    found += [_way(key, OUTSIDE, row, place=str(row["where"])) for key, row in ask.fitting("again") if "where" in row and _theirs(ask, row)]
    return sorted(found, key=lambda one: one.code != "")


def _theirs(ask: Ask, row: dict[str, Any]) -> bool:
    return "by" not in row or ask.named(row["by"])


def _way(key: str, sort: str, row: dict[str, Any], **more: Any) -> Way:
    return Way(key, sort, str(row.get("zh", "")), str(row.get("en", "")), clause=clause_of(row), reading=str(row.get("reading", "")), **more)


def _appeal(ask: Ask, key: str, row: dict[str, Any], law: Law) -> Way:
    code, last = _refused(ask, law, "appeal", {"reason": ".", "way": key}), None
    try:
        last = end(ask, key, row)
    except Refusal as no:
        code = code or no.code
    return _way(key, APPEAL, row, to=tuple(ask.who(row.get("to", ()))), posts=_posts(ask, row.get("to", ())), opens=str(row.get("kind", "")), due_day=last.due_day.isoformat() if last else _window(ask), code=code)


def _plain(ask: Ask, law: Law) -> Way:
    """The appeal of a book that says nothing of it: whoever its notices name hears it, and the office has it on record."""
    rows = [row.get("to", ()) for _, row in ask.fitting("notice") if row.get("on") == "appealed"]
    return Way("", APPEAL, to=tuple(ask.who(rows)), posts=tuple(post for to in rows for post in _posts(ask, to)), due_day=_window(ask), code=_refused(ask, law, "appeal", {"reason": "."}))


def _window(ask: Ask) -> str:
    """The last day of a term that gives the appeal its window; '' where no clause has one."""
    rows = ask.law.table("term")
    days = [clock.due_day for clock in alarms(ask.case, ask.law) if rows.get(clock.term, {}).get("nature") == "window" and "appeal" in rows[clock.term].get("act", ())]
    return min(days, default="")


def _by_rating(ask: Ask, row: dict[str, Any]) -> bool:
    """A duty to handle it anew that hangs on how the complainant rates it, in a case of this kind."""
    when = row.get("when", {})
    others = {name: value for name, value in when.items() if name != "satisfaction"}
    return row.get("does") == "reopen" and "satisfaction" in when and ask.holds({"when": others} if others else {})


def _redo(ask: Ask, key: str, row: dict[str, Any], law: Law) -> Way:
    marks = row["when"]["satisfaction"]
    marks = (marks,) if isinstance(marks, str) else tuple(marks)
    return _way(key, REDO, row, to=tuple(ask.who(row.get("by", ()))), posts=_posts(ask, row.get("by", ())), marks=marks, code=_refused(ask, law, "rate", {"satisfaction": marks[0]}))


def _posts(ask: Ask, words: Any) -> tuple[str, ...]:
    known = ask.law.table("post")
    return tuple(word for word in ([words] if isinstance(words, str) else words) if isinstance(word, str) and word in known)


def _refused(ask: Ask, law: Law, act: str, fields: dict[str, Any]) -> str:
    """The code by which the same rules that will judge it would refuse it; '' where it is open."""
    at = ask.command.received_at
    no = judged(ask.case, Command("", act, fields, at, at, ask.person), law)
    return no.code if no is not None else ""
