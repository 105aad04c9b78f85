"""The ledger's core: order of arrival never matters, one firing a window, what is taken back leaves the count, draws repeat."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from typing import Any

import pytest

from cli import library
from domain import ledger, stories
from domain.case import Case, Command, fold
from domain.law import Law, bind
from domain.ledger_counters import count_now, hits
from domain.ledger_draws import lot
from domain.ledger_kpi import figure_of, ranking_of
from domain.ledger_periods import period_of, written
from domain.ledger_view import ledger_view
from domain.views import reader_of
from domain.workdays import ZONE

OFFICE: dict[str, Any] = {
    "office": {"id": "示例"},
    "unit": {"w1": {"kind": "ward"}, "w2": {"kind": "ward"}, "hall": {"kind": "hall"}},
    "person": {"a": {"posts": ["nurse"], "unit": "w1"}, "b": {"posts": ["nurse"], "unit": "w2"}, "c": {"posts": ["head"], "unit": "hall"}},
    "vague": {"定期": {"months": 1}},
}
POSTS = {"nurse": {"may": ["enter"]}, "head": {"may": ["enter", "annul", "draw", "decide", "post_up", "take_down"]}}


def law(**tables: Any) -> Law:
    return bind({"book": {"id": "t"}, "post": POSTS, **tables}, OFFICE, [])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def entry(n: int, when: str, **facts: Any) -> dict[str, Any]:
    return {"key": f"c{n}:1", "what": ["founded"], "case": f"c{n}", "at": at(when).isoformat(), "subjects": {"person": ["a"]}, "facts": facts, "marks": {}}


def told(rules: Law, entries: list[dict[str, Any]], *more: Command) -> tuple[Case, list[Any]]:
    book, events = ledger.new("示例", "t"), []
    for one in entries:
        book, made = ledger.take(book, [ledger.entry_command(one, at(one["at"][:19]))], at(one["at"][:19]), rules)
        events += made
    for command in more:
        book, made = ledger.take(book, [command], command.received_at, rules)
        events += made
    return book, events


THIRD = {"third": {"counts": "founded", "per": "person", "within": {"calendar": "year"}, "at": 3, "clause": "一"}}


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_third_of_a_year_fires_once_in_every_order_of_arrival(order: tuple[int, ...]) -> None:
    days = ["2025-03-01T10:00", "2025-06-01T10:00", "2025-11-03T10:00", "2025-12-30T10:00"]
    entries = [entry(n, day) for n, day in enumerate(days)]
    rules, book = law(counter=THIRD), ledger.new("示例", "t")
    now, fired = at("2026-01-05T09:00"), []
    for n in order:
        book, events = ledger.take(book, [ledger.entry_command(entries[n], now)] * 2, now, rules)
        fired += [e for e in events if e.kind == "fired"]
    assert len(fired) == 1
    assert len(book.fired) == 1


def test_the_year_is_the_calendars_and_the_figure_is_included() -> None:
    rules = law(counter=THIRD)
    late = [entry(1, "2025-12-31T23:59"), entry(2, "2025-06-01T10:00"), entry(3, "2026-01-01T00:00")]
    assert hits(THIRD["third"], late, rules) == []
    assert [(h.label, h.count) for h in hits(THIRD["third"], [*late, entry(4, "2025-01-01T00:00")], rules)] == [("2025", 3)]


@pytest.mark.parametrize(("second", "fires"), [("2026-01-10T23:59", True), ("2026-01-11T00:00", False)])
def test_a_rolling_year_ends_on_the_same_date(second: str, fires: bool) -> None:
    row = {"counts": "founded", "per": "person", "within": {"rolling_years": 1}, "at": 2}
    assert bool(hits(row, [entry(1, "2025-01-10T09:00"), entry(2, second)], law(counter={"x": row}))) is fires


def test_a_rolling_window_fires_again_only_after_it_was_below() -> None:
    row = {"counts": "founded", "per": "person", "within": {"rolling_years": 1}, "at": 2}
    days = ["2024-01-01T09:00", "2024-03-01T09:00", "2024-05-01T09:00", "2026-01-01T09:00", "2026-02-01T09:00"]
    found = hits(row, [entry(n, day) for n, day in enumerate(days)], law(counter={"x": row}))
    assert [h.label for h in found] == ["2024-03-01", "2026-02-01"]


def test_two_months_running_over_the_turn_of_the_year_fire_once_a_run() -> None:
    row = {"counts": "founded", "per": "person", "within": {"run_of_months": 2}, "at": 2}
    rules = law(counter={"x": row})
    days = ["2025-12-31T09:00", "2026-01-02T09:00", "2026-02-02T09:00", "2026-04-02T09:00", "2026-05-02T09:00"]
    assert [h.at for h in hits(row, [entry(n, d) for n, d in enumerate(days)], rules)] == [at("2026-01-02T09:00"), at("2026-05-02T09:00")]


def test_the_second_limb_may_come_last() -> None:
    row = {"counts": "founded", "per": "person", "within": {"rolling_years": 1}, "at": 2, "and": {"some_late": "rectify"}}
    rules = law(counter={"x": row})
    two = [entry(1, "2025-03-01T09:00"), entry(2, "2025-04-01T09:00")]
    assert hits(row, two, rules) == []
    late = {**entry(2, "2025-04-07T00:00"), "key": "c2:9", "what": ["overdue:rectify"]}
    assert [h.at for h in hits(row, [*two, late], rules)] == [at("2025-04-07T00:00")]
    assert hits(row, [*two, {**late, "case": "c9"}], rules) == [], "the lapse of another case is no limb of this count"


def test_what_is_taken_back_leaves_the_count_and_its_proposal() -> None:
    rules = law(counter=THIRD, measure={"letter": {"by": "head"}}, trigger={"back": {"on": "counter:third", "then": {"propose": "letter"}, "clause": "二"}})
    three = [entry(n, f"2025-0{n}-01T10:00") for n in (1, 2, 3)]
    away = Command("x1", "annul", {"entry": "c2:1", "reason": "查无此事"}, at("2025-03-02T09:00"), at("2025-03-02T09:00"), "c")
    book, events = told(rules, three, away)
    assert [(e.kind, e.subject) for e in events if e.kind in ("fired", "proposal", "unfired")] == [("fired", "third"), ("proposal", "back"), ("unfired", "third")]
    assert [p["state"] for p in book.proposals.values()] == ["withdrawn"]
    again, more = ledger.take(book, [ledger.entry_command(entry(4, "2025-09-01T10:00"), at("2025-09-01T10:00"))], at("2025-09-01T10:00"), rules)
    assert [e.subject for e in more if e.kind == "fired"] == ["third"]
    assert sorted(p["state"] for p in again.proposals.values()) == ["open", "withdrawn"]


def test_a_case_says_only_what_it_says_last() -> None:
    row = {"counts": "founded", "when": {"found": "true"}, "per": "person", "within": {"calendar": "year"}, "at": 1}
    rules = law(counter={"x": row})
    first = entry(1, "2025-03-01T09:00", found="true")
    later = {**entry(1, "2025-03-09T09:00", found="untrue"), "key": "c1:7"}
    assert count_now(row, [first, later], rules, "a", at("2025-03-10T09:00")) == 0
    assert count_now({**row, "each": True}, [first, later], rules, "a", at("2025-03-10T09:00")) == 1


def test_an_issue_goes_into_the_case_only_on_a_figure_of_the_text() -> None:
    trigger = {"t": {"on": "counter:third", "then": {"issue": "explain"}, "to": "head", "clause": "二"}}
    three = [entry(n, f"2025-0{n}-01T10:00") for n in (1, 2, 3)]
    _, events = told(law(counter=THIRD, trigger=trigger), three)
    (fired,) = [e for e in events if e.kind == "fired"]
    assert fired.data["send"]["case"] == "c3"
    vague = {"third": {**THIRD["third"], "at": {"param": "times"}}}
    book, events = told(law(counter=vague, trigger=trigger, param={"times": {"value": 3}}), three)
    assert [e.data.get("send") for e in events if e.kind == "fired"] == [None]
    assert [p["to"] for p in book.proposals.values()] == [["c"]]
    assert told(law(counter=vague, trigger=trigger), three)[0].fired == {}, "no figure, no count"


def test_a_daily_duty_of_each_ward_is_missed_by_the_day_and_done_late() -> None:
    rules = law(recur={"check": {"every": "day", "per": "ward", "by": "nurse", "clause": "一"}})
    start = Command("o", "annul", {"entry": "-", "reason": "-"}, at("2025-09-30T09:00"), at("2025-09-30T09:00"), "c")
    done = Command("d", "fulfil", {"recur": "check"}, at("2025-09-30T20:00"), at("2025-09-30T20:00"), "a")
    other = Command("e", "fulfil", {"recur": "check", "unit": "w1"}, at("2025-09-30T20:01"), at("2025-09-30T20:01"), "b")
    book, events = told(rules, [], start, done, other)
    assert events[-1].data["code"] == "already_done"
    book, events = ledger.take(book, [], at("2025-10-02T00:00"), rules)
    assert [(e.subject, e.data["unit"], e.data["period"]) for e in events if e.kind == "missed"] == [("check", "w2", "2025-09-30"), ("check", "w1", "2025-10-01"), ("check", "w2", "2025-10-01")]
    late = Command("f", "fulfil", {"recur": "check", "period": "2025-09-30"}, at("2025-10-02T08:00"), at("2025-10-02T08:00"), "b")
    book, events = ledger.take(book, [late], late.received_at, rules)
    assert book.duties["check:2025-09-30:w2"]["state"] == "late"
    assert [o.key for o in ledger.open_duties(book, rules, at("2025-10-02T09:00")) if o.state == "missed"] == ["check:2025-10-01:w1", "check:2025-10-01:w2"]
    assert ledger.next_wake(book, rules, at("2025-10-02T09:00")) == at("2025-10-03T00:00")


def test_a_quota_is_looked_at_when_its_year_is_over() -> None:
    rules = law(counter={"twelve": {"counts": "founded", "within": {"calendar": "year"}, "quota": 2, "warn": {"months": 2}, "clause": "四"}})
    book, _ = told(rules, [entry(1, "2025-03-01T10:00")])
    book, events = ledger.take(book, [], at("2026-01-01T00:00"), rules)
    assert [(e.kind, e.at, e.data["count"]) for e in events] == [("quota_warned", at("2025-10-31T00:00"), 1), ("quota_missed", at("2026-01-01T00:00"), 1)]
    book, _ = told(rules, [entry(1, "2025-03-01T10:00"), entry(2, "2025-12-31T23:59")])
    assert [e.kind for e in ledger.take(book, [], at("2026-01-01T00:00"), rules)[1]] == []


def test_a_draw_can_be_drawn_again_by_anybody() -> None:
    rules = law(draw={"spot": {"of": {"unit_kind": ["ward", "hall"]}, "share": 0.5, "by": "head", "always": "bad", "coverage": True, "clause": "三"}})
    command = Command("d1", "draw", {"draw": "spot", "seed": "二〇二五"}, at("2025-03-01T10:00"), at("2025-03-01T10:00"), "c")
    book, _ = told(rules, [], command)
    assert book.draws["d1"]["drawn"] == sorted(["w1", "w2", "hall"], key=lambda one: lot("二〇二五", one))[:2]
    second = Command("d2", "draw", {"draw": "spot", "seed": "x"}, at("2025-06-01T10:00"), at("2025-06-01T10:00"), "c")
    book, _ = ledger.take(book, [second], second.received_at, rules)
    missing = ({"w1", "w2", "hall"} - set(book.draws["d1"]["drawn"])).pop()
    assert book.draws["d2"]["drawn"][0] == missing, "nobody twice before everybody once"
    forced = {**entry(1, "2025-07-01T10:00"), "what": ["bad"], "subjects": {"unit": ["hall"]}}
    third = Command("d3", "draw", {"draw": "spot", "seed": "x"}, at("2025-08-01T10:00"), at("2025-08-01T10:00"), "c")
    book, _ = ledger.take(book, [ledger.entry_command(forced, at("2025-07-01T10:00")), third], third.received_at, rules)
    assert book.draws["d3"]["drawn"][0] == "hall"


def rows(**more: Any) -> list[dict[str, Any]]:
    return [{"key": f"k{n}", "what": ["calls"], "case": "", "at": at("2025-03-01T10:00").isoformat(), "subjects": {"unit": [u]}, "facts": {"inbound": i, "answered": a, **more}, "marks": {}} for n, (u, i, a) in enumerate([("w1", 100, 96), ("w2", 100, 90), ("hall", 100, 90)])]


def test_a_rate_leaves_out_what_the_text_leaves_out_and_says_so() -> None:
    row = {"what": "calls", "count": {"sum": "answered"}, "of": {"sum": "inbound"}, "excludes": [{"when": {"fault": True}}], "target": {"at_least": 0.95}, "by": "unit", "clause": "一"}
    rules = law(kpi={"rate": row})
    broken = [{**rows(fault=True)[1], "key": "k9", "facts": {"inbound": 100, "answered": 0, "fault": True}}]
    got = figure_of("rate", [*rows(), *broken], rules, "2025-03-01")
    assert (got.count, got.of, got.value, got.raw, got.passes, got.excluded) == (276, 300, 0.92, 0.69, False, (("k9", 0),))
    assert figure_of("rate", rows(), rules, "2025-03-01", "w1").passes is True
    assert figure_of("rate", rows(), rules, "2025-03-02").value is None


def test_ties_at_the_edge_are_all_last_and_without_a_formula_nothing_is_ranked() -> None:
    row = {"what": "calls", "count": {"sum": "answered"}, "of": {"sum": "inbound"}, "by": "unit", "rank": {"last": 1}}
    assert ranking_of("rate", rows(), law(kpi={"rate": row})).last == ("hall", "w2")
    unset = {**row, "formula": {"param": "formula"}}
    assert ranking_of("rate", rows(), law(kpi={"rate": unset}, param={"formula": {}})).missing == "formula"
    assert figure_of("rate", rows(), law(kpi={"rate": unset}, param={"formula": {}})).value is None


def test_disposal_takes_two_people_and_waits_for_its_day() -> None:
    rules = law(archive={"keep": {"floor": {"years": 5}, "by": ["head", "nurse"], "clause": "十五"}})
    more = {"of": "c1", "reason": "期满", "archived_at": "2020-02-29T10:00:00+08:00"}

    def code(day: str, who: str, book: Case) -> tuple[Case, str]:
        command = Command(f"{day}{who}", "dispose", more, at(day), at(day), who)
        book, events = ledger.take(book, [command], command.received_at, rules)
        return book, str(events[-1].data.get("code", events[-1].kind))

    book, said = code("2025-02-28T23:00", "c", ledger.new("示例", "t"))
    assert said == "too_early"
    book, said = code("2025-03-01T00:00", "c", book)
    assert said == "disposal_proposed"
    book, said = code("2025-03-01T01:00", "c", book)
    assert said == "own_work"
    assert code("2025-03-01T02:00", "a", book)[1] == "disposed"


def test_a_ledger_is_the_fold_of_its_events() -> None:
    rules = law(counter=THIRD)
    book, events = told(rules, [entry(n, f"2025-0{n}-01T10:00") for n in (1, 2, 3)])
    folded = ledger.new("示例", "t")
    for event in events:
        fold(folded, event)
    assert folded.chain_head == book.chain_head == ledger.load(book.dump()).chain_head
    assert {k: v for k, v in folded.sections.items() if k != "about"} == {k: v for k, v in book.sections.items() if k != "about"}


@pytest.mark.parametrize("label", ["2025", "2025-H2", "2025-Q4", "2025-11", "2025-W45", "2025-11-03"])
def test_a_period_is_written_as_it_is_read(label: str) -> None:
    period = written(label)
    unit = {4: "year", 7: "month", 10: "day"}.get(len(label), "")
    unit = {"H": "half", "Q": "quarter", "W": "week"}.get(label[5:6], unit)
    assert period_of(unit, period.last) == period


def test_a_story_alone_is_told_without_the_ledger() -> None:
    story = next(one for _, one in library.stories() if one["story"] == "kaiyang-two-months-running")
    rules = library.law(story["rulebook"], story["office"])
    assert stories.run(story, rules).failures == []
    one = stories.run({**story, "act": story["act"][:4], "expect": [{"fires": [{"counter": "no such"}], "phase": "answering"}]}, rules, alone=True)
    assert (one.failures, one.shelf.events) == ([], [])


def test_what_an_ended_case_cannot_take_is_proposed_to_the_issuer() -> None:
    rules = law(counter=THIRD, order={"explain": {"by": "head", "clause": "三"}}, trigger={"t": {"on": "counter:third", "then": {"issue": "explain"}, "clause": "二"}})
    book, _ = told(rules, [entry(n, f"2025-0{n}-01T10:00") for n in (1, 2, 3)])
    (send,) = ledger.unsent(book)
    assert (send["case"], send["act"], send["fields"]["counter"]) == ("c3", "counted", "third")
    back = Command("u", "undelivered", {"fired": send["fired"]}, at("2025-03-01T10:05"), at("2025-03-01T10:05"), "system")
    book, _ = ledger.take(book, [back], back.received_at, rules)
    assert ledger.unsent(book) == []
    assert [(p["kind"], p["what"], p["to"], p["clause"]) for p in book.proposals.values()] == [("issue", "explain", ["c"], ["二", "三"])]
    forged = Command("v", "undelivered", {"fired": send["fired"]}, at("2025-03-01T10:06"), at("2025-03-01T10:06"), "a")
    assert ledger.take(book, [forged], forged.received_at, rules)[1][-1].data["code"] == "unknown_act"


def test_a_bare_number_of_keeping_is_years() -> None:
    rules = law(archive={"keep": {"param": "years"}}, param={"years": {"default": 10}})
    assert ledger.retention(at("2025-10-08T10:00"), rules) == "2035-10-08"
    assert ledger.retention(at("2025-10-08T10:00"), law(archive={"keep": {"param": "years"}}, param={"years": {}})) == ""


def test_pruning_keeps_what_a_window_can_still_need() -> None:
    rules = law(counter=THIRD)
    book, _ = told(rules, [entry(n, day) for n, day in enumerate(["2022-05-01T10:00", "2025-03-01T10:00", "2025-06-01T10:00"])])
    pruned = ledger.pruned(book, rules, at("2025-07-01T10:00"))
    assert list(pruned.entries) == ["c1:1", "c2:1"]
    assert (pruned.version, pruned.chain_head) == (book.version, book.chain_head)
    after, events = ledger.take(pruned, [ledger.entry_command(entry(4, "2025-07-02T10:00"), at("2025-07-02T10:00"))], at("2025-07-02T10:00"), rules)
    assert [e.subject for e in events if e.kind == "fired"] == ["third"]
    assert after.decided("c2:1") == "c2:1", "a known entry stays known"


OVERSEEN = {"nurse": {"may": ["enter"], "role": "unit_liaison"}, "head": {"may": ["decide"], "role": "centre_head"}}
PROPOSES = {"warn": {"on": "counter:third", "then": {"propose": "reprimand"}, "clause": "二"}}


def overseen(by: list[str]) -> tuple[Law, Case]:
    rules = law(counter={"third": {**THIRD["third"], "seen_by": ["nurse", "head"]}}, trigger=PROPOSES, measure={"reprimand": {"zh": "批评", "by": by, "clause": "二"}})
    rules.book["post"] = OVERSEEN
    return rules, told(rules, [entry(n, f"2025-0{n + 1}-01T10:00") for n in range(3)])[0]


def test_who_is_counted_learns_nothing_and_cases_are_for_those_who_look_over() -> None:
    rules, book = overseen(["head", "nurse"])
    shown = {who: ledger_view(book, reader_of(who, rules), rules, at("2025-06-01T09:00")) for who in "abc"}
    assert (shown["a"]["fired"], shown["a"]["proposals"]) == ([], [])
    assert [(one["count"], one["entries"]) for one in shown["b"]["fired"]] == [(3, [])]
    assert [one["case"] for one in shown["b"]["proposals"]] == [""]
    assert [(one["count"], one["entries"]) for one in shown["c"]["fired"]] == [(3, ["c0:1", "c1:1", "c2:1"])]
    assert [one["case"] for one in shown["c"]["proposals"]] == ["c2"]


def test_nobody_decides_what_is_to_become_of_themselves() -> None:
    rules, book = overseen(["head", "nurse"])
    now = at("2025-06-01T09:00")
    (pid,) = book.proposals
    _, refused = ledger.take(book, [Command("x1", "decide", {"proposal": pid, "decision": "reject", "reason": "不必"}, now, now, "a")], now, rules)
    assert [(e.kind, e.data.get("code")) for e in refused] == [("refused", "recused")]
    after, _ = ledger.take(book, [Command("x2", "decide", {"proposal": pid, "decision": "agree"}, now, now, "c")], now, rules)
    assert after.proposals[pid]["decided_by"] == "c"
