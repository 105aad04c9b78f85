"""A unit returns what is not its own: within the time, as often and with what the text asks."""

from __future__ import annotations

from typing import Any

from tests.smallbook import BOOK, Small

RETURN: dict[str, Any] = {"open": True, "within": {"working_days": 2}, "at_most": 1, "needs": ["basis"], "clause": "r"}
POSTS = {**BOOK["post"], "liaison": {"may": ["hand_back", "sign_in", "conclude"], "clause": "1"}}


def sent() -> Small:
    s = Small(assign={"return": RETURN, "clause": "a"}, post=POSTS)
    s.send("clerk1", "accept")
    s.send("clerk1", "transfer", unit="tax", excerpt="x")
    return s


def test_it_goes_back_in_time_with_its_basis_and_once() -> None:
    s = sent()  # Monday 3 November, so until the end of the 5th
    fields = {"reason": "不属本单位", "other_unit": "land"}
    assert (s.send("tina", "hand_back", "Wed 2025-11-05 23:59", **fields), s.clause) == ("field_missing", ("r",))
    assert s.send("tina", "hand_back", "Wed 2025-11-05 23:59", **fields, basis="三定方案") == "returned"
    assert s.waiting() == {"transfer": ["clerk1"]}
    s.send("clerk1", "transfer", "Thu 2025-11-06 09:00", unit="land", excerpt="x")
    assert s.send("lars", "hand_back", "Thu 2025-11-06 10:00", reason="也不是", other_unit="tax", basis="x") == "return_closed"


def test_after_its_time_it_stays() -> None:
    assert sent().send("tina", "hand_back", "Thu 2025-11-06 00:00", reason="x", other_unit="land", basis="x") == "too_late"
