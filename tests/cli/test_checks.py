"""What `rules check` finds: each check has a small broken book in which it finds exactly that, and a healthy twin that passes."""

from __future__ import annotations

from typing import Any

import pytest

from cli import library
from cli.checks.table import CHECKS
from tests.soundbook import found

Changes = dict[str, Any]
C = {"clause": "一"}
MAY = ["file", "accept", "refuse", "classify", "turn_into", "transfer", "own", "conclude", "request_extension", "answer_on_the_spot", "close", "archive"]
ROUTE = [{"when": {"kind": "enquiry"}, "do": "answer", "choice": True, **C}, {"do": "transfer", "to": "respondent_unit", **C}]
EXTEND = {"effect": "move", "of": ["hard"], "adds": "entered", **C}

# check: (entry, what breaks the book, what mends it again)
BROKEN: dict[str, list[tuple[str, Changes, Changes]]] = {
    "tables": [("gates", {"gates": {"x": {"act": "close", **C}}}, {"gates": None})],
    "clauses": [
        ("duty.call", {"duty.call.clause": "二"}, {"duty.call.clause": "一"}),
        ("duty.call", {"duty.call.clause": None}, {"duty.call.office": True}),
    ],
    "list": [
        ("一", {"clauses/first.status": "done"}, {"clauses/first.status": "enforced"}),
        ("一", {"clauses/first.status": "human"}, {"clauses/first.where": "办理"}),
        ("一", {"clauses/first.en": ""}, {"clauses/first.en": "a sample"}),
    ],
    "acts": [
        ("duty.call.blocks", {"duty.call.blocks": ["closing"]}, {"duty.call.blocks": ["close"]}),
        ("gate.matter.code", {"gate.matter.code": "missing"}, {"gate.matter.code": "field_missing"}),
    ],
    "limits": [
        ("term.unit.limit", {"term.unit.limit": {"working_days": 4, "days": 6}, "urge": {}}, {"term.unit.limit": {"working_days": 4}}),
        ("term.unit", {"term.unit.until": None}, {"term.unit.until": "concluded"}),
        ("urge.one.before", {"urge.one.before": ["units"]}, {"urge.one.before": ["unit"]}),
        ("duty.call.within", {"duty.call.within": {"working_days": [3, 2]}}, {"duty.call.within": {"working_days": [2, 3]}}),
    ],
    "across": [("recur.list.every", {"recur.list": {"every": "fortnight", "by": "clerk", **C}}, {"recur.list.every": "month"})],
    "keys": [
        ("duty.call.blocked", {"duty.call.blocked": ["close"]}, {"duty.call.blocked": None}),
        ("form.register.columns.note.requird", {"form.register.columns.note.requird": True}, {"form.register.columns.note.requird": None}),
        ("chain.opinion.rows[2].clauses", {"chain.opinion.rows.1.clauses": "一"}, {"chain.opinion.rows.1.clauses": None}),
        ("fact.grade.options.hard.sets.larg", {"fact.grade.options.hard.sets": {"larg": "yes"}}, {"fact.grade.options.hard.sets": {"large": "yes"}}),
        ("extend.hard.in_all.form", {"extend.hard.in_all.form": "accepted"}, {"extend.hard.in_all.form": None}),
        ("term.unit.limit.workdays", {"term.unit.limit": {"workdays": 4}, "urge": {}}, {"term.unit.limit": {"working_days": 4}}),
        ("gate.matter.given.units", {"gate.matter.given": {"units": True}}, {"gate.matter.given": {"unit": True}}),
    ],
    "effects": [
        ("trigger.late.then", {"trigger.late.then": {"punish": "off"}}, {"trigger.late.then": {"propose": "off"}}),
        ("trigger.late.then.issue", {"trigger.late.then": {"issue": "red"}}, {"trigger.late.then": {"issue": "correct"}}),
        ("trigger.late.then", {"trigger.late.then": {"propose": "off", "issue": "correct"}}, {"trigger.late.then": {"issue": "correct"}}),
        ("trigger.late.then.open_duty", {"trigger.late.then": {"open_duty": "explain"}}, {"duty.explain": {"on": "opened:explain", "by": "clerk", "needs": ["note"], **C}}),
        ("extend.hard.effect", {"extend.hard.effect": "stop"}, {"extend.hard.effect": "explain"}),
        ("secret.name.hide", {"secret.name.hide": ["name"]}, {"secret.name.hide": ["contact"]}),
        ("flow.opinion", {"flow.opinion": "view"}, {"flow.opinion": "opinion"}),
        ("chain.opinion.rows[2]", {"chain.opinion.rows.1.steps": [{"leader": "nod"}]}, {"chain.opinion.rows.1.steps": [{"leader": "agree"}]}),
    ],
    "conditions": [
        ("duty.call.when.urgent", {"duty.call.when": {"urgent": True}}, {"fact.urgent": {"is": "flag", "by": "clerk", **C}}),
        ("duty.call.when.grade", {"duty.call.when": {"grade": "harder"}}, {"duty.call.when": {"grade": "hard"}}),
        ("duty.call.when.amount", {"duty.call.when": {"amount": {"more_than": 5}}}, {"duty.call.when": {"amount": {"over": 5}}}),
        ("duty.call.when.channel", {"duty.call.when": {"channel": ["visit", "fax"]}}, {"channel.fax": C}),
        ("duty.call.unless.found", {"duty.call.unless": {"found": "partly"}}, {"finding.partly": C}),
    ],
    "references": [
        ("extend.hard.chain", {"extend.hard.chain": "longer"}, {"extend.hard.chain": "opinion"}),
        ("term.hard.limit.param", {"term.hard.limit": {"param": "day"}, "param": {}}, {"param.day": {"is": "term", "default": {"working_days": 10}, **C}}),
    ],
    "unreachable": [
        ("route.rows[3]", {"route.rows": [*ROUTE, {"do": "own", **C}]}, {"route.rows": [ROUTE[0], {"when": {"channel": "visit"}, "do": "own", **C}, ROUTE[1]]}),
        ("chain.opinion.rows[2]", {"chain.opinion.rows.0.when": {"grade": "hard"}, "duty.call.when": {"large": "yes"}}, {"chain.opinion.rows.0.when": {"large": "yes"}}),
        ("term.hard", {"term.plain.when": {"grade": ["plain", "hard"]}, "duty.call.when": {"grade": "hard"}}, {"term.plain.when": {"grade": "plain"}}),
        ("fact.large.rows[2]", {"fact.large.rows": [{"when": {"amount": {"over": 5}}, "value": "yes"}, {"when": {"amount": {"at_least": 10}}, "value": "yes"}, {"value": "no"}]}, {"fact.large.rows.1.when": {"amount": {"unknown": True}}}),
    ],
    "impossible": [
        ("duty.call", {"duty.call.when": {"grade": "hard"}, "duty.call.unless": {"grade": "hard"}}, {"duty.call.unless": {"channel": "visit"}}),
        ("duty.call", {"duty.call.when": {"large": "yes", "amount": {"below": 1000}}}, {"duty.call.when": {"large": "yes", "amount": {"below": 1001}}}),
        ("duty.call", {"duty.call.any": [{"amount": {"over": 9}}], "duty.call.when": {"amount": {"unknown": True}}}, {"duty.call.any": [{"channel": "visit"}]}),
    ],
    "overlap": [
        ("term.plain", {"term.plain.set": None, "term.hard.set": None, "term.hard.when": {"channel": "visit"}, "duty.call.when": {"grade": "hard"}}, {"term.hard.when": {"grade": "hard"}}),
        ("term.plain", {"term.plain.set": None, "term.hard.set": None, "term.hard.when": {"channel": "visit"}, "duty.call.when": {"grade": "hard"}}, {"term.plain.beside": ["hard"]}),
        ("extend.hard", {"extend.more": {**EXTEND, "why": ["complex"], "times": 2}}, {"extend.more.why": ["absence"]}),
        ("answer.spot", {"answer.counter": {"by": "leader", "to": "complainant", "event": "answered_on_the_spot", **C}, "post.leader.may": ["answer_on_the_spot"]}, {"answer.counter.when": {"kind": "complaint"}}),
        ("answer.result", {"answer.more": {"by": ["clerk"], "to": "complainant", "event": "fed_back", "contents": ["text", "suggestions"], **C}}, {"answer.more.when": {"kind": "enquiry"}}),
        (
            "admit.idea",
            {"kind.idea": C, "admit.idea": {"when": {"channel": "visit"}, "turns_into": "idea", "by": "clerk", **C}, "admit.ask": {"when": {"grade": "plain"}, "turns_into": "enquiry", "by": "clerk", **C}},
            {"admit.ask.unless": {"channel": "visit"}},
        ),
        ("gate.clerks", {"gate.clerks": {"act": "close", "only_by": "clerk", **C}, "gate.leaders": {"act": "close", "only_by": ["leader"], **C}, "post.leader.may": ["close"]}, {"gate.leaders.only_by": ["leader", "clerk"]}),
    ],
    "doubled": [("gate.again", {"gate.again": {"act": "transfer", "needs": ["fact:matter", "field:opinion"], "code": "fact_missing", **C}}, {"gate.again.needs": ["fact:amount"]})],
    "endless": [
        ("term.unit", {"term.unit.until": "returned", "post.liaison.may": ["sign_in", "conclude"]}, {"post.liaison.may": ["sign_in", "conclude", "hand_back"]}),
        ("term.unit", {"term.unit.until": "handed_over"}, {"post.liaison.may": ["sign_in", "conclude", "hand_over"]}),
        ("term.plain", {"term.plain.until": {"all": ["finished", "sent:letter"]}}, {"form.letter": {"kind": "letter", "by": "clerk", "columns": {"text": {"zh": "正文"}}, **C}}),
        ("term.plain", {"term.plain.until": "done:inform"}, {"duty.inform": {"on": "accepted", "by": "clerk", "needs": ["note"], **C}}),
        ("secret.name.until", {"secret.name.until": "published:result"}, {"publish.result": {"by": "clerk", **C}}),
        ("first.staff.keeps_until", {"first.staff": {"by": "person", "keeps_until": "handed_over", **C}}, {"first.staff.keeps_until": "unit_received"}),
    ],
    "startless": [
        ("term.unit", {"term.unit.from": "handed_over"}, {"term.unit.from": "transferred"}),
        ("duty.call.on", {"duty.call.on": "set:large"}, {"duty.call.on": "set:amount"}),
        ("trigger.late.on", {"trigger.late.on": "overdue:plane"}, {"trigger.late.on": "overdue:plain"}),
        ("notice.passed.on", {"notice.passed.on": "assigned"}, {"post.clerk.may": [*MAY, "assign"]}),
        ("chain.opinion", {"chain.opinion.before": []}, {"chain.opinion.before": [], "chain.opinion.on": "accepted"}),
        ("chain.opinion.on", {"chain.opinion.on": "sent:plan"}, {"form.plan": {"kind": "report", "by": "clerk", "columns": {"text": {"zh": "方案"}}, **C}}),
        ("extend.hard.in_all.from", {"extend.hard.in_all": {"working_days": 30, "from": "opinion_fixed"}}, {"flow.opinion": "opinion"}),
        ("duty.call.when", {"duty.call.when": {"event.promised": True}}, {"post.clerk.may": [*MAY, "promise"]}),
    ],
    "reminders": [
        ("urge.one.at", {"urge.one.at": {"working_days": 4}}, {"urge.one.at": {"working_days": 3}}),
        ("urge.one.at", {"urge.one.at": {"months": 1}}, {"urge.one.at": {"hours": 2}}),
        ("extend.hard.in_all", {"extend.hard.in_all": {"working_days": 10, "from": "accepted"}}, {"extend.hard.in_all": {"working_days": 11, "from": "accepted"}}),
    ],
    "words": [
        ("notice.passed.to", {"notice.passed.to": ["director"]}, {"notice.passed.to": ["leader:handling_unit"]}),
        ("notice.passed.to", {"notice.passed.to": ["contact:handling_unit"]}, {"notice.passed.to": ["liaison:handling_unit"]}),
        ("duty.call.by", {"duty.call.by": "helper"}, {"fact.helper": {"is": "person", "by": "clerk", **C}}),
        ("route.rows[2].to", {"route.rows.1.to": "windows"}, {"route.rows.1.to": "window"}),
        ("chain.opinion.rows[2].steps", {"chain.opinion.rows.1.steps": [{"boss": "decide"}]}, {"chain.opinion.rows.1.steps": [{"leader": "decide"}]}),
    ],
    "posts": [("post.leader", {"office/person.zhao.posts": []}, {"office/person.wang.posts": ["clerk", "leader"]})],
    "powerless": [
        ("duty.call", {"duty.call.does": "progress"}, {"post.clerk.may": [*MAY, "progress"]}),
        ("duty.call", {"duty.call.by": "respondent", "duty.call.does": "conclude"}, {"duty.call.by": "handler"}),
        ("extend.hard.by", {"extend.hard.by": "leader"}, {"post.leader.may": ["request_extension"]}),
        ("admit.outside.by", {"admit.outside.by": "leader"}, {"post.leader.may": ["refuse"]}),
        ("kind.enquiry.opened_by", {"kind.enquiry.opened_by": ["leader"]}, {"kind.enquiry.opened_by": ["leader", "clerk"]}),
        ("secret.name.opens", {"secret.name.opens": "need"}, {"post.clerk.may": [*MAY, "unmask"]}),
        ("gate.matter.only_by", {"gate.matter.only_by": "leader"}, {"post.leader.may": ["transfer"]}),
        ("post.porter", {"post.porter": {"may": [], **C}, "office/person.wang.posts": ["clerk", "porter"]}, {"notice.passed.to": ["porter"]}),
    ],
    "judge": [
        ("measure.off", {"measure.off.by": "respondent", "trigger": {}}, {"measure.off.by": "leader"}),
        ("order.correct", {"order.correct.by": "respondent_unit"}, {"order.correct.by": ["respondent_unit", "leader"]}),
        ("trigger.late", {"trigger.late.then": {"propose": "off", "to": "respondent"}}, {"trigger.late.then": {"propose": "off", "to": "leader"}}),
        ("check.file", {"check.file.by": "author"}, {"check.file.bars": "handler"}),
    ],
    "dead-ends": [
        ("flow.close", {"post.clerk.may": [act for act in MAY if act != "close"]}, {"flow.close": "auto"}),
        ("flow.accept", {"gate.accepted": None, "post.clerk.may": [act for act in MAY if act != "accept"], "flow.accept": "act", "term.plain.from": "filed", "term.hard.from": "filed", "duty.call.on": "filed", "extend.hard.in_all": {"working_days": 30, "from": "filed"}}, {"flow.accept": "auto"}),
        ("admit.outside.turns_into", {"admit.outside.turns_into": "enquiry", "post.clerk.may": [act for act in MAY if act != "turn_into"]}, {"post.clerk.may": MAY}),
    ],
    "skipped": [
        ("flow.accept", {"gate.accepted": None}, {"flow.accept": "auto"}),
        ("flow.accept", {"gate.accepted.needs": ["fact:matter"]}, {"gate.accepted.needs": ["fact:matter", "event:accepted"]}),
    ],
    "unmet": [
        ("gate.matter.needs", {"gate.matter.needs": ["fact:matters"]}, {"gate.matter.needs": ["fact:matter"]}),
        ("gate.matter.needs", {"gate.matter.needs": ["fact:matter", "form:slip"]}, {"form.slip": {"kind": "slip", "by": "clerk", "columns": {"text": {"zh": "内容"}}, **C}}),
        ("gate.matter.needs", {"gate.matter.needs": ["fact:matter", "event:own"], "post.clerk.may": [act for act in MAY if act != "own"]}, {"post.clerk.may": MAY}),
        ("gate.matter.needs", {"gate.matter.needs": ["fact:matter", "consent:never"]}, {"gate.matter.needs": ["fact:matter", "never"]}),
        ("measure.off.needs", {"measure.off.needs": ["approved:sanction"]}, {"measure.off.needs": ["approved:opinion"]}),
        ("archive.contents", {"archive.contents": ["form:dossier"], "archive.clause": "一"}, {"archive.contents": ["form:register"]}),
        ("answer.result.modes.mail", {"answer.result.modes": {"mail": {"zh": "邮寄", "needs": ["stamp"]}}}, {"answer.result.modes": {"mail": {"zh": "邮寄", "needs": ["satisfaction"]}}}),
        ("extend.hard.needs", {"extend.hard.needs": ["stamped"]}, {"extend.hard.needs": ["explained"]}),
        ("admit.outside.say", {"admit.outside.say": ["reason", "apology"]}, {"admit.outside.say": ["reason", "explanation"]}),
    ],
    "circles": [
        (
            "gate.first",
            {"gate.first": {"act": "conclude", "needs": ["event:progressed"], **C}, "gate.second": {"act": "progress", "needs": ["event:concluded"], **C}, "post.clerk.may": [*MAY, "progress"], "answer.spot": None, "route.rows": [ROUTE[1]]},
            {"gate.second": None},
        )
    ],
    "stuck": [("duty.call.blocks", {"duty.call": {"on": "accepted", "by": "clerk", "does": "close", "blocks": ["conclude"], **C}}, {"duty.call.blocks": ["archive"]})],
    "asked": [
        ("fact.colour", {"fact.colour": {"is": "text", "by": "clerk", **C}}, {"form.register.columns": {"colour": {"zh": "颜色", "from": "colour"}, "matter": {"zh": "事项", "from": "matter"}}}),
        ("fact.colour", {"fact.colour": {"is": "text", "by": "clerk", **C}}, {"gate.matter.needs": ["fact:colour", "fact:matter"]}),
    ],
    "options": [("fact.large.options.huge", {"fact.large.options": {"yes": {"zh": "是"}, "no": {"zh": "否"}, "huge": {"zh": "特大"}}}, {"fact.large.rows": [{"when": {"amount": {"over": 9}}, "value": "huge"}, {"when": {"amount": {"over": 5}}, "value": "yes"}, {"value": "no"}]})],
    "unseen": [
        ("form.register", {"form.register.when": {"phase": ["filed", "opinion"]}}, {"form.register.when": {"phase": ["filed", "opinion", "handling", "review", "answering", "following", "closed", "archived"]}}),
        ("form.register", {"form.register.columns": {}, "gate.matter.needs": ["fact:matter"]}, {"form.register.columns": {"note": {"zh": "记录", "required": True}}}),
        ("secret.name.only_to", {"secret.name": {"hide": ["identity"], "only_to": ["keeper"], **C}, "post.keeper": {"may": ["note"], "office": True}}, {"office/person.zhao.posts": ["leader", "keeper"]}),
    ],
    "figures": [("param.pages", {"param.pages": {"is": "number", **C}}, {"duty.call.when": {"amount": {"over": "param.pages"}}})],
    "idle": [
        ("fact.size.rows", {"fact.size": {"is": "text", "rows": [{"when": {"amount": {"over": 9}}, "value": "big"}, {"value": "big"}], **C}, "duty.call.when": {"size": "big"}}, {"fact.size.rows": [{"when": {"amount": {"over": 9}}, "value": "big"}, {"value": "small"}]}),
        ("measure.off", {"measure.off.by": ""}, {"measure.off.by": "leader"}),
    ],
}  # fmt: skip
CASES = [(name, *case) for name, cases in BROKEN.items() for case in cases]


def test_the_small_book_is_sound() -> None:
    assert found({}) == []


def test_every_check_has_a_broken_book() -> None:
    assert list(BROKEN) == [one.name for one in CHECKS]


@pytest.mark.parametrize(("name", "entry", "broken", "mended"), CASES, ids=[f"{n:02}-{name}-{entry}" for n, (name, entry, *_) in enumerate(CASES)])
def test_a_check_finds_exactly_what_is_broken(name: str, entry: str, broken: Changes, mended: Changes) -> None:
    assert set(found(broken)) == {(name, entry)}
    assert found({**broken, **mended}) == []


@pytest.mark.parametrize("page", ["docs/rulebooks.md", "docs/zh/rulebooks.md"])
def test_the_manuals_list_every_check(page: str) -> None:
    text = (library.ROOT / page).read_text(encoding="utf-8")
    rows = [f"| {one.name} | {one.zh} | {one.remedy_zh} |" if "/zh/" in page else f"| {one.name} | {one.en} | {one.remedy_en} |" for one in CHECKS]
    assert "\n".join(rows) in text
