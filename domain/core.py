"""Everything that others use of the core, in one place."""

from domain.asking import Accepted, Refused
from domain.case import Case, Command, Event, canonical, chained, evolve, fold, instant, iso
from domain.clocks import Alarm, Clock, alarms, clause_of, pending
from domain.codes import CODES, Code
from domain.decisions import decide
from domain.law import Law, bind, current, law_hash, law_load, law_text, law_value, law_words, text_hash, value_hash
from domain.ledger_entries import entries_of
from domain.machine import grace_of, next_wake, numbered, ring_until, step
from domain.notices import Notice, notices
from domain.other_case import filing
from domain.projection import projection
from domain.sending import unsent
from domain.tasks import Task, approvers, tasks
from domain.telling import answers, line, line_inside, told
from domain.views import Reader, in_place, reader_of, view, widest

__all__ = [
    "CODES", "Accepted", "Alarm", "Case", "Clock", "Code", "Command", "Event", "Law", "Notice", "Reader", "Refused", "Task",
    "alarms", "answers", "approvers", "bind", "canonical", "chained", "clause_of", "current", "decide", "entries_of", "evolve", "filing", "fold", "grace_of",
    "in_place", "instant", "iso", "law_hash", "law_load", "law_text", "law_value", "law_words", "line", "line_inside", "next_wake", "notices", "numbered", "pending",
    "projection", "reader_of", "ring_until", "step", "tasks", "text_hash", "told", "unsent", "value_hash", "view", "widest",
]  # fmt: skip
