"""A small book, its clause list and office in which `rules check` finds nothing: tests break one thing at a time."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

from cli.checks.base import Book
from cli.checks.report import look

TEXT = """
book = { id = "small", title = "样例", status = "in_force", clause = "一" }
flow = { accept = "act", register = "filed", close = "act", archive = "act", clause = "一" }

post.clerk = { may = ["file", "accept", "refuse", "classify", "turn_into", "transfer", "own", "conclude", "request_extension", "answer_on_the_spot", "close", "archive"], clause = "一" }
post.leader = { may = ["note"], clause = "一" }
post.liaison = { may = ["sign_in", "conclude", "hand_back"], clause = "一" }
unit_kind.window = { requires = ["liaison"], clause = "一" }
kind.complaint = { clause = "一" }
kind.enquiry = { clause = "一" }
channel.visit = { clause = "一" }
channel.telephone = { clause = "一" }

fact.grade = { is = "one_of", options = { plain = { zh = "一般" }, hard = { zh = "疑难" } }, default = "plain", by = "clerk", clause = "一" }
fact.scope = { is = "flag", default = true, by = "clerk", clause = "一" }
fact.matter = { is = "text", clause = "一" }
fact.amount = { is = "number", clause = "一" }
fact.large = { is = "one_of", options = { yes = { zh = "是" }, no = { zh = "否" } }, rows = [{ when = { amount = { at_least = 1000 } }, value = "yes" }, { value = "no" }], clause = "一" }
param.days = { is = "term", default = { working_days = 10 }, clause = "一" }

admit.outside = { when = { scope = false }, code = "out_of_scope", say = ["reason"], by = "clerk", clause = "一" }
form.register = { kind = "register", by = "clerk", needed_for = ["accept"], columns = { matter = { zh = "事项", from = "matter" }, note = { zh = "记录", required = true } }, clause = "一" }

term.plain = { set = "grade", when = { grade = "plain" }, from = "accepted", until = "finished", limit = { working_days = 5 }, clause = "一" }
term.hard = { set = "grade", when = { grade = "hard" }, from = "accepted", until = "finished", limit = { param = "days" }, clause = "一" }
term.unit = { per = "assignment", from = "unit_received", until = "concluded", limit = { working_days = 4 }, clause = "一" }
extend.hard = { effect = "move", of = ["hard"], why = ["complex"], adds = "entered", in_all = { working_days = 30, from = "accepted" }, by = "clerk", clause = "一" }
urge.one = { before = ["unit"], at = { working_days = 1 }, by = "clerk", to = "handling_unit", clause = "一" }

chain.opinion = { before = ["transfer"], when = { grade = "hard" }, rows = [{ when = { large = "yes" }, steps = [{ clerk = "propose" }, { leader = "decide" }], clause = "一" }, { steps = [{ leader = "decide" }], clause = "一" }], clause = "一" }
route = { rows = [{ when = { kind = "enquiry" }, do = "answer", choice = true, clause = "一" }, { do = "transfer", to = "respondent_unit", clause = "一" }] }
gate.accepted = { act = ["transfer", "own"], needs = ["event:accepted"], code = "not_done_before", clause = "一" }
gate.matter = { act = "transfer", needs = ["fact:matter", "field:opinion"], code = "fact_missing", clause = "一" }
assign = { receive = "deemed", receive_limit = { working_days = 1 }, clause = "一" }
duty.call = { on = "accepted", by = "clerk", needs = ["note"], within = { working_days = 2 }, blocks = ["conclude", "close"], clause = "一" }
finding.true = { clause = "一" }
finding.untrue = { clause = "一" }
check.file = { by = "leader", bars = "author", items = { clear = { zh = "清楚" } }, clause = "一" }
answer.result = { by = "clerk", to = "complainant", event = "fed_back", when = { kind = "complaint" }, contents = ["text"], clause = "一" }
answer.spot = { by = "clerk", to = "complainant", event = "answered_on_the_spot", when = { kind = "enquiry" }, clause = "一" }
secret.name = { hide = ["identity"], from = ["handling_unit"], until = "archived", opens = "never", clause = "一" }
order.correct = { by = "leader", to = "respondent_unit", due = { working_days = 3 }, ends = "complied", clause = "一" }
measure.off = { by = "leader", to = "respondent", needs = ["found"], clause = "一" }
trigger.late = { on = "overdue:plain", then = { propose = "off", to = "leader" }, clause = "一" }
notice.passed = { on = "transferred", to = ["handling_unit"], clause = "一" }
"""
CLAUSES = ({"ref": "一", "status": "enforced", "zh": "样例", "en": "a sample"},)
OFFICE: dict[str, Any] = {
    "office": {"id": "small", "rulebook": "small"},
    "unit": {"hall": {"kind": "hall"}, "tax": {"kind": "window", "liaison": "lin"}},
    "person": {
        "wang": {"posts": ["clerk"], "unit": "hall"},
        "zhao": {"posts": ["leader"], "unit": "hall"},
        "lin": {"posts": ["liaison"], "unit": "tax"},
    },
}


def changed(changes: dict[str, Any]) -> Book:
    """The sound book with entries set anew by their path, taken out where the value is None; `office.` and `clauses.` reach the other files."""
    files: dict[str, Any] = {"book": tomllib.loads(TEXT), "office": copy.deepcopy(OFFICE), "clauses": {"first": dict(CLAUSES[0])}}
    for path, value in changes.items():
        head, _, rest = path.partition("/")
        target, keys = (files[head], rest.split(".")) if rest else (files["book"], head.split("."))
        for key in keys[:-1]:
            target = target[int(key)] if isinstance(target, list) else target.setdefault(key, {})
        if value is None:
            target.pop(keys[-1], None)
        else:
            target[int(keys[-1]) if isinstance(target, list) else keys[-1]] = value
    return Book(files["book"], tuple(files["clauses"].values()), (files["office"],))


def found(changes: dict[str, Any]) -> list[tuple[str, str]]:
    """(check, entry) of every finding."""
    return [(one.name, what.entry) for one, what in look(changed(changes))]
