"""Of several extensions of one term the reason given picks the row; a gate that needs `never` stays closed whatever is recorded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smallbook import MAY, Small

POSTS = {"clerk": {"may": [*MAY, "request_extension", "consent", "note"], "clause": "1"}, "head": {"may": MAY, "clause": "1"}, "liaison": {"may": ["conclude"], "clause": "1"}}
TERM = {"own": {"from": "accepted", "until": "finished", "limit": {"working_days": 5}, "clause": "2"}}
EXTEND = {
    "hard": {"effect": "move", "of": ["own"], "why": ["complex"], "adds": {"working_days": 5}, "clause": "3"},
    "tell": {"effect": "explain", "of": ["own"], "needs": ["explained"], "clause": "4"},
    "force": {"effect": "move", "of": ["own"], "why": ["storm"], "adds": {"working_days": 10}, "clause": "5"},
}


@pytest.mark.parametrize(
    ("why", "more", "answer", "clause", "due"),
    [
        ("complex", {}, "extended", "3", "2025-11-17"),
        ("storm", {}, "extended", "5", "2025-11-24"),
        ("busy", {}, "not_told", "4", "2025-11-10"),
        ("busy", {"explained": "人手不足"}, "explained", "4", "2025-11-10"),
    ],
    ids=["complex", "storm", "unexplained", "explained"],
)
def test_the_reason_picks_the_row(why: str, more: dict[str, Any], answer: str, clause: str, due: str) -> None:
    case = Small(post=POSTS, term=TERM, extend=EXTEND)
    assert case.send("clerk1", "accept") == "accepted"
    assert case.send("clerk1", "request_extension", term="own", why=why, **more) == answer
    assert case.clause == (clause,)
    assert case.due("own") == due


def test_a_reason_that_no_row_lists_is_refused_under_the_first() -> None:
    case = Small(post=POSTS, term=TERM, extend={name: EXTEND[name] for name in ("hard", "force")})
    assert case.send("clerk1", "accept") == "accepted"
    assert (case.send("clerk1", "request_extension", term="own", why="busy"), case.clause) == ("why_not_listed", ("3",))


def test_what_is_closed_for_good_opens_for_no_consent() -> None:
    case = Small(post=POSTS, gate={"shut": {"act": "note", "needs": ["never"], "code": "secret", "clause": "7"}})
    assert case.send("clerk1", "consent", to="never") == "consented"
    assert (case.send("clerk1", "note", text="x"), case.clause) == ("secret", ("7",))
