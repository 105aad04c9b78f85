"""Served, complied with, visited again, sent back, shown: the acts that follow a decision."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import Small

SERVE = {"decision": {"by": "head", "to": "respondent", "needs": ["event:concluded"], "how": ["in_person", "mail"], "proof": True, "clause": "s"}}


def test_what_is_served_is_listed_by_the_right_person_in_its_way_with_proof_and_starts_a_clock() -> None:
    s = Small({"respondents": [{"person": "rita"}]}, serve=SERVE, term={"window": {"from": "served:decision", "until": "appealed", "limit": {"days": 15}, "clause": "t"}})
    good = {"what": "decision", "how": "mail", "proof": "挂号 1"}
    assert s.send("head1", "serve", **good) == "not_done_before"
    s.concluded()
    assert s.send("head1", "serve", **{**good, "what": "other"}) == "value_undefined"
    assert s.send("clerk1", "serve", **good) == "wrong_person"
    assert s.send("head1", "serve", **{**good, "how": "电话"}) == "wrong_medium"
    assert s.send("head1", "serve", **{**good, "proof": ""}) == "proof_missing"
    assert s.due("window") == ""
    assert (s.send("head1", "serve", "Mon 2025-11-10 10:00", **good), s.clause) == ("served", ("s",))
    assert s.due("window") == "2025-11-25"


ORDER = {"rectify": {"by": "head", "to": "respondent_unit", "due": {"working_days": 3}, "clause": "o"}}


def ordered(row: dict[str, Any], **fields: Any) -> Small:
    s = Small({"respondents": [{"unit": "tax"}]}, order={"rectify": row}).concluded()
    assert s.send("head1", "order", order="rectify", **fields) == "order_issued"
    return s


def test_the_addressee_complies_and_the_issuer_confirms() -> None:
    s = ordered(ORDER["rectify"])
    assert s.send("odd", "comply", order="rectify", text="已改") == "wrong_person"
    assert s.send("tina", "comply", "Tue 2025-11-04 10:00", order="rectify", text="已改") == "complied"
    assert s.state("order:rectify") == "open", "it ends when it is confirmed"
    assert s.send("tina", "comply", order="rectify", text="已改") == "order_not_open"
    assert s.send("head1", "confirm", "Thu 2025-11-06 23:59", order="rectify", proof="照片") == "confirmed"
    assert s.state("order:rectify") == "met"


def test_an_order_may_end_when_the_addressee_answers() -> None:
    s = ordered({**ORDER["rectify"], "ends": "complied"})
    assert s.pass_to("Thu 2025-11-06 23:59") == []
    assert s.send("tina", "comply", "Fri 2025-11-07 00:00", order="rectify", text="已改") == "complied"
    assert s.state("order:rectify") == "late"
    assert "overdue:order:rectify" in s.case.marks


def test_a_date_entered_by_hand_is_asked_for_and_binds() -> None:
    row = {**ORDER["rectify"], "due": {"entered": True}}
    s = Small({"respondents": [{"unit": "tax"}]}, order={"rectify": row}).concluded()
    assert (s.send("head1", "order", order="rectify"), s.clause) == ("no_due_date", ("o",))
    assert s.send("head1", "order", order="rectify", due_on="2025-11-20") == "order_issued"
    assert s.due("order:rectify") == "2025-11-20"


SATISFY = {"scale": {"yes": "满意", "no": "不满意"}, "visit": {"by": "head", "after": "fed_back", "reopens": ["no"], "clause": "v"}, "clause": "v 0"}


def answered(**tables: Any) -> Small:
    s = Small(**{"flow": {"accept": "act", "register": "accepted", "close": "act", "archive": "act", "clause": "0"}, **tables}).concluded()
    assert s.send("clerk1", "feedback", "Mon 2025-11-10 10:00", text="查实") == "fed_back"
    return s


def test_a_return_visit_reopens_on_a_bad_mark_only() -> None:
    s = answered(satisfy=SATISFY)
    assert s.send("clerk1", "return_visit", satisfaction="yes") == "wrong_person"
    assert s.send("head1", "return_visit", satisfaction="perhaps") == "value_undefined"
    assert (s.send("head1", "return_visit", satisfaction="yes"), s.case.phase) == ("return_visited", "following")
    assert s.send("head1", "return_visit", satisfaction="no") == "return_visited"
    assert (s.case.phase, s.case.attrs["round"], "reopened" in s.case.marks) == ("handling", 2, True)
    assert answered().send("head1", "return_visit", satisfaction="no") == "nothing_to_answer"


def test_a_report_is_sent_back_for_another_round() -> None:
    tables = {"assign": {"redo": {"by": "head", "clause": "r"}, "clause": "a"}}
    s = Small(**tables)
    s.send("clerk1", "accept")
    s.send("clerk1", "transfer", unit="tax", excerpt="x")
    assert s.send("head1", "redo", reason="不清") == "not_concluded"
    s.send("tina", "conclude", report="x")
    assert s.case.phase == "answering"
    assert (s.send("clerk1", "redo", reason="不清"), s.clause) == ("not_your_act", ("r",))
    assert (s.send("head1", "redo", reason="不清"), s.case.phase, s.case.attrs["round"]) == ("sent_back", "handling", 2)
    assert s.waiting() == {"conclude": ["tina"]}
    assert Small().concluded().send("head1", "redo", reason="x") == "return_closed"


@pytest.mark.parametrize(
    ("opens", "fields", "answer"),
    [
        ("never", {"reason": "x"}, "secret"),
        ("need", {}, "reason_missing"),
        ("need", {"reason": "核实身份"}, "unmasked"),
        ("consent", {"reason": "x"}, "consent_missing"),
        ("consent", {"reason": "x", "consent": "电话同意"}, "unmasked"),
        ("leave", {"reason": "x"}, "approval_missing"),
    ],
)
def test_what_is_closed_opens_only_as_its_row_says(opens: str, fields: dict[str, str], answer: str) -> None:
    tables = {
        "secret": {"name": {"hide": ["identity"], "from": ["clerk"], "opens": opens, "clause": "z"}},
        "chain": {"leave": {"rows": [{"steps": [{"head": "decide"}], "clause": "c"}], "clause": "c"}},
        "post": {"clerk": {"may": ["file", "unmask"], "role": "intake", "clause": "1"}, "head": {"may": ["unmask"], "role": "centre_head", "clause": "1"}},
    }
    s = Small({"identity": "v1.sealed"}, **tables)
    assert "identity" not in s.seen("clerk1")
    assert s.send("head1", "unmask", to="clerk1", what="identity", **fields) == answer
    assert s.clause == ("z",)
    assert ("identity" in s.seen("clerk1")) is (answer == "unmasked")


@pytest.mark.parametrize(
    ("to", "fields", "answer"),
    [("rita", {"consent": "同意"}, "secret"), ("tina", {}, "consent_missing"), ("tina", {"consent": "电话同意"}, "unmasked"), ("lars", {}, "unmasked"), ("nobody", {}, "not_known")],
)
def test_nothing_is_shown_to_whom_it_is_about_nor_to_their_unit_without_consent(to: str, fields: dict[str, str], answer: str) -> None:
    posts = {"clerk": {"may": ["file"], "clause": "1"}, "head": {"may": ["unmask"], "role": "centre_head", "clause": "1"}}
    s = Small({"identity": "v1.sealed", "respondents": [{"person": "rita"}]}, post=posts)
    assert s.send("head1", "unmask", to=to, what="identity", reason="核实", **fields) == answer


@pytest.mark.parametrize(
    ("to", "opens", "answer"),
    [("rita", "need", "secret"), ("tina", "need", "contact_revealed"), ("tina", "never", "secret"), ("tina", "consent", "consent_missing"), ("nobody", "need", "not_known")],
)
def test_the_way_to_reach_somebody_is_told_as_the_row_that_closes_it_says(to: str, opens: str, answer: str) -> None:
    posts = {"clerk": {"may": ["file"], "clause": "1"}, "head": {"may": ["reveal_contact"], "role": "centre_head", "clause": "1"}}
    secret = {"name": {"hide": ["contact"], "from": ["respondent_unit"], "opens": opens, "clause": "z"}}
    s = Small({"respondents": [{"person": "rita"}]}, post=posts, secret=secret)
    assert s.send("head1", "reveal_contact", to=to, reason="须联系") == answer
    assert s.case.people.get("revealed", []) == (["tina"] if answer == "contact_revealed" else [])


AGAIN = {"review": {"from": "fed_back", "within": {"days": 30}, "kind": "review", "times": 1, "clause": "w"}}


@pytest.mark.parametrize(("when", "answer"), [("Wed 2025-12-10 23:59", "appealed"), ("Thu 2025-12-11 00:00", "outside_window")])
def test_a_review_is_asked_for_within_its_window_and_once(when: str, answer: str) -> None:
    s = answered(again=AGAIN)
    assert (s.send("clerk1", "appeal", when, reason="不服", way="review"), s.clause) == (answer, ("w",))
    assert ("opens:review" in s.case.marks) is (answer == "appealed")
    if answer == "appealed":
        assert s.send("clerk1", "appeal", when, reason="再") == "twice"
        assert s.send("clerk1", "appeal", when, reason="再", way="other") == "value_undefined"


def test_a_form_asks_for_its_medium_and_for_a_signature_or_the_reason_of_a_refusal() -> None:
    s = Small(form={"talk": {"medium": ["oa", "paper"], "sign": True, "clause": "f"}})
    assert s.send("clerk1", "document", form="talk", signature="signed") == "wrong_medium"
    assert s.send("clerk1", "document", form="talk", medium="oa") == "unsigned"
    assert s.send("clerk1", "document", form="talk", medium="oa", signature="refused") == "unsigned"
    assert s.send("clerk1", "document", form="talk", medium="oa", signature="refused", reason="不认可") == "sent"
    assert s.send("clerk1", "document", form="talk", medium="paper", signature="signed") == "sent"
    assert {"refused:talk", "signed:talk"} <= set(s.case.marks)
