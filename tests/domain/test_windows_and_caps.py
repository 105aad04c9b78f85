"""Windows and floors of acts, capped dates, added time, barred words, a clock per step: each on the small law."""

from __future__ import annotations

import pytest

from tests.smallbook import Small

MON, TUE, WED, THU = (f"{day} 2025-11-{n:02} 09:00" for day, n in (("Mon", 3), ("Tue", 4), ("Wed", 5), ("Thu", 6)))


def test_an_act_is_refused_outside_its_window() -> None:
    term = {"x": {"from": "concluded", "until": "appealed", "limit": {"days": 2}, "nature": "window", "act": ["appeal"], "clause": "9"}}
    answer = {"a": {"by": "clerk", "event": "fed_back", "clause": "8"}}
    for when, code in ((WED, "appealed"), (THU, "outside_window")):
        small = Small(term=term, answer=answer).concluded(MON)
        assert small.send("clerk1", "appeal", when, reason="不服") == code
    assert small.clause == ("9",)


def test_a_window_that_has_not_opened_is_shut_and_a_floor_keeps_an_act_back() -> None:
    floor = {"y": {"from": "concluded", "until": "closed", "limit": {"days": 2}, "nature": "floor", "act": ["close"], "clause": "7"}}
    window = {"x": {"from": "returned", "until": "appealed", "limit": {"days": 2}, "nature": "window", "act": ["appeal"], "clause": "9"}}
    answer = {"a": {"by": "clerk", "event": "fed_back", "clause": "8"}}
    small = Small(term=floor | window, answer=answer, flow={"accept": "act", "close": "act", "clause": "0"}).concluded(MON)
    assert small.send("clerk1", "appeal", MON, reason="不服") == "outside_window"
    assert small.send("clerk1", "feedback", MON, text="答复") == "fed_back"
    assert small.send("clerk1", "close", WED) == "too_early"
    assert small.send("clerk1", "close", THU) == "closed"


@pytest.mark.parametrize(("day", "answer"), [("2025-11-05", "classified"), ("2025-11-06", "over_cap")])
def test_a_date_beyond_the_most_is_refused(day: str, answer: str) -> None:
    small = Small(fact={"d": {"is": "date", "at_most": {"working_days": 2, "from": "filed"}, "clause": "3"}})
    assert small.send("clerk1", "classify", MON, facts={"d": day}) == answer


@pytest.mark.parametrize(
    ("adds", "until", "answer"),
    [
        ({"working_days": 2}, "2025-11-06", "extended"), ({"working_days": 2}, "2025-11-05", "over_cap"), ({"working_days": 2}, "", "extended"),
        ({"up_to": {"working_days": 2}}, "2025-11-05", "extended"), ({"up_to": {"working_days": 2}}, "2025-11-07", "over_cap"), ({"up_to": {"working_days": 2}}, "", "field_missing"),
    ],
)  # fmt: skip
def test_added_time_is_exact_or_at_most(adds: dict[str, object], until: str, answer: str) -> None:
    term = {"t": {"from": "filed", "until": "finished", "limit": {"working_days": 1}, "clause": "2"}}
    post = {"clerk": {"may": ["file", "request_extension"], "clause": "1"}}
    small = Small(term=term, post=post, extend={"e": {"effect": "move", "of": ["t"], "adds": adds, "clause": "4"}})
    assert small.send("clerk1", "request_extension", MON, term="t", why="x", **({"until": until} if until else {})) == answer


def test_barred_words_turn_an_answer_down() -> None:
    small = Small(gate={"w": {"act": "classify", "bars_words": ["不知道"], "code": "words_barred", "clause": "5"}}, fact={"n": {"is": "text", "clause": "3"}})
    assert small.send("clerk1", "classify", MON, facts={"n": "x"}, reason="我不知道") == "words_barred"
    assert small.send("clerk1", "classify", MON, facts={"n": "x"}, reason="已核") == "classified"


def test_each_step_of_a_chain_has_its_own_clock() -> None:
    chain = {"c": {"before": ["own"], "rows": [{"steps": [{"clerk": "propose"}, {"head": "decide"}], "clause": "6"}], "clause": "6"}}
    term = {"s": {"per": "step", "of": ["c"], "from": "proposed", "until": "approved", "limit": {"working_days": 1}, "clause": "2"}}
    post = {"clerk": {"may": ["file", "accept", "propose"], "clause": "1"}, "head": {"may": ["approve"], "clause": "1"}}
    small = Small(chain=chain, term=term, post=post)
    assert small.send("clerk1", "accept", MON) == "accepted"
    assert small.due("s") == ""
    assert small.send("clerk1", "propose", MON, opinion="拟办") == "proposed"
    assert small.due("s") == "2025-11-04"
    assert small.send("head1", "approve", TUE, decision="agree") == "approved"
    assert small.state("s") == "met"
