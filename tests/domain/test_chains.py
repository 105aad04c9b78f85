"""Approval chains on a small law of their own: turns, sharing, return, rejection, reopening."""

from __future__ import annotations

from typing import Any

import pytest

from domain.core import Case, Command, approvers, bind, step
from tests.builders import at

OFFICE: dict[str, Any] = {
    "office": {"id": "o", "number": "{year}-{n}"},
    "unit": {"centre": {"kind": "centre"}, "tax": {"kind": "unit"}},
    "person": {
        "clerk1": {"posts": ["clerk"], "unit": "centre"}, "head1": {"posts": ["head"], "unit": "centre"}, "head2": {"posts": ["head"], "unit": "centre"},
        "chief1": {"posts": ["chief"], "unit": "centre"}, "deputy": {"posts": [], "unit": "centre"}, "other": {"posts": [], "unit": "tax"},
    },
    "substitute": [{"for": "chief1", "by": "deputy", "from": "2025-11-04", "until": "2025-11-05"}],
}  # fmt: skip
MAY = ["file", "accept", "classify", "propose", "approve", "transfer", "own", "recuse", "substitute"]
BOOK: dict[str, Any] = {
    "book": {"id": "b", "clause": "0"},
    "flow": {"accept": "act", "register": "accepted", "opinion": "tier", "clause": "0"},
    "post": {name: {"may": MAY, "clause": "1"} for name in ("clerk", "head", "chief")},
    "kind": {"complaint": {"clause": "1"}},
    "channel": {"telephone": {"clause": "1"}},
    "route": {"rows": [{"do": "transfer", "clause": "5"}]},
    "fact": {"grave": {"is": "flag", "clause": "2"}, "limit": {"is": "text", "clause": "2"}},
    "chain": {
        "tier": {
            "before": ["transfer"], "reopens_on": ["grave"], "sets": ["limit"], "clause": "3",
            "rows": [
                {"when": {"grave": True}, "steps": [{"clerk": "propose"}, {"head": "agree"}, {"chief": "decide"}], "clause": "3 a"},
                {"steps": [{"clerk": "propose"}, {"head": "decide"}], "clause": "3 b"},
            ],
        },
    },
}  # fmt: skip
FREE = {key: rows for key, rows in BOOK.items() if key != "route"}  # every way stands open, only one needs approval


class Story:
    """A case under the small law, one act a line."""

    def __init__(self, grave: bool = False, book: dict[str, Any] | None = None) -> None:
        self.law, self.case, self.n = bind(book or BOOK, OFFICE, []), Case.new("c", "o", "b"), 0
        self.send("clerk1", "file", channel="telephone", facts={"grave": grave})
        self.send("clerk1", "accept")

    def send(self, who: str, act: str, when: str = "Mon 2025-11-03 09:00", **fields: Any) -> str:
        """The code of the refusal, or the kind of the first event."""
        self.n += 1
        self.case, events = step(self.case, [Command(f"k{self.n}", act, fields, at(when), at(when), who)], at(when), self.law)
        first = next(e for e in events if e.command_id)
        self.clause = first.clause
        return str(first.data["code"]) if first.kind == "refused" else first.kind

    def waiting(self) -> list[str]:
        return approvers(self.case, self.law)


def test_steps_go_in_turn_and_none_stands_in_for_another() -> None:
    s = Story(grave=True)
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "approval_missing"
    assert s.clause == ("3 a",)
    assert s.waiting() == ["clerk1"]
    assert s.send("chief1", "approve", decision="agree") == "out_of_turn"
    assert s.send("head1", "propose", opinion="x") == "out_of_turn"
    assert s.send("clerk1", "propose", opinion="拟转办") == "proposed"
    assert s.waiting() == ["head1", "head2"]
    assert s.send("clerk1", "approve", decision="agree") == "not_approver"
    assert s.send("chief1", "approve", decision="agree") == "out_of_turn"
    assert s.send("head2", "approve", decision="agree") == "approved"
    assert s.waiting() == ["chief1"]
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "approval_missing"
    assert s.send("chief1", "approve", decision="agree") == "approved"
    assert {"approved:tier", "opinion_fixed"} <= set(s.case.marks)
    assert s.waiting() == []
    assert s.send("chief1", "approve", decision="agree") == "already_decided"
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "transferred"


def test_a_lower_tier_ends_one_step_earlier() -> None:
    s = Story()
    s.send("clerk1", "propose", opinion="x")
    assert s.send("chief1", "approve", decision="agree") == "not_approver"
    assert s.send("head1", "approve", decision="agree", facts={"limit": "三日"}) == "approved"
    assert s.clause == ("3 b",)
    assert s.case.facts["limit"] == "三日"
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "transferred"


def test_a_return_goes_back_to_the_first_step() -> None:
    s = Story(grave=True)
    s.send("clerk1", "propose", opinion="x")
    assert s.send("head1", "approve", decision="return", opinion="再议") == "approval_returned"
    assert s.waiting() == ["clerk1"]
    assert s.send("head1", "approve", decision="agree") == "out_of_turn"
    assert s.send("clerk1", "propose", opinion="y") == "proposed"
    assert s.waiting() == ["head1", "head2"]


def test_after_a_rejection_nothing_passes_until_it_is_proposed_anew() -> None:
    s = Story()
    s.send("clerk1", "propose", opinion="x")
    assert s.send("head1", "approve", decision="reject") == "approval_rejected"
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "approval_refused"
    s.send("clerk1", "propose", opinion="y")
    s.send("head1", "approve", decision="agree")
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "transferred"


def test_a_changed_fact_takes_the_approval_back() -> None:
    s = Story()
    s.send("clerk1", "propose", opinion="x")
    s.send("head1", "approve", decision="agree")
    assert s.send("clerk1", "classify", facts={"grave": True}) == "classified"
    assert s.send("clerk1", "transfer", unit="tax", excerpt="x") == "approval_missing"
    assert s.waiting() == ["clerk1"], "the higher tier starts from its first step"


def test_a_way_that_needs_no_approval_is_not_held_and_keeps_nobody_waiting() -> None:
    s = Story(book=FREE)
    assert s.waiting() == []
    assert s.send("clerk1", "own") == "own"


@pytest.mark.parametrize(("day", "answer"), [("Tue 2025-11-04 09:00", "approved"), ("Thu 2025-11-06 09:00", "not_approver")])
def test_a_substitute_decides_within_the_dates_and_both_names_stand(day: str, answer: str) -> None:
    s = Story(grave=True)
    s.send("clerk1", "propose", opinion="x")
    s.send("head1", "approve", decision="agree")
    assert s.send("deputy", "approve", when=day, decision="agree") == answer
    if answer == "approved":
        assert [one["person"] for one in s.case.chains["tier"]["steps"]] == ["clerk1", "head1", "deputy"]


def test_nobody_stands_in_for_one_who_has_withdrawn_unless_named_for_it() -> None:
    s = Story(grave=True)
    s.send("clerk1", "propose", opinion="x")
    s.send("head1", "approve", decision="agree")
    assert s.send("clerk1", "recuse", person="chief1", reason="亲属") == "recused_person"
    assert s.send("chief1", "approve", decision="agree") == "recused"
    assert s.send("deputy", "approve", when="Tue 2025-11-04 09:00", decision="agree") == "not_approver"
    assert s.waiting() == []
    assert s.send("clerk1", "substitute", when="Tue 2025-11-04 09:00", for_person="chief1", by="other") == "substituted"
    assert s.waiting() == ["other"]
    assert s.send("other", "approve", when="Tue 2025-11-04 10:00", decision="agree") == "approved"


def test_a_chain_may_share_the_steps_of_another() -> None:
    shared = {"before": ["own"], "shares": "tier", "clause": "4", "rows": [{"steps": [{"head": "decide"}], "clause": "4 a"}]}
    s = Story(book={**FREE, "chain": {**BOOK["chain"], "own": shared}})
    assert s.send("clerk1", "own") == "approval_missing"
    s.send("clerk1", "propose", opinion="x")
    s.send("head1", "approve", chain="tier", decision="agree")
    assert s.send("clerk1", "own") == "own"


@pytest.mark.parametrize(("fields", "code"), [({"decision": "maybe"}, "field_invalid"), ({"decision": "agree", "chain": "no_such"}, "value_undefined"), ({}, "field_missing")])
def test_what_is_no_decision(fields: dict[str, str], code: str) -> None:
    assert Story().send("head1", "approve", **fields) == code
