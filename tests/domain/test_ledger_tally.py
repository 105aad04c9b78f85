"""A ledger that goes on counting says, event for event, what one says that counts everything anew at each step."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import ledger
from domain.case import Command
from domain.law import Law, bind
from domain.ledger_counters import hits
from domain.ledger_tally import carried
from domain.workdays import ZONE

OFFICE: dict[str, Any] = {"office": {"id": "示例"}, "unit": {"w1": {"kind": "ward"}}, "person": {one: {"posts": ["head"], "unit": "w1"} for one in "abc"}}
BEGIN = datetime(2024, 1, 2, 9, tzinfo=ZONE)

WITHIN = st.sampled_from([
    None, {"calendar": "year"}, {"calendar": "quarter"}, {"calendar_months": 1}, {"rolling_years": 1}, {"rolling_months": 2}, {"rolling_days": 40},
    {"run_of_months": 2}, {"param": "window"},
])  # fmt: skip
COUNTER = st.fixed_dictionaries(
    {"counts": st.sampled_from(["founded", ["founded", "other"]]), "at": st.sampled_from([1, 2, 3, 2.5, {"param": "n"}]), "clause": st.just("一")},
    optional={
        "within": WITHIN.filter(bool), "per": st.sampled_from(["person", "unit", "office"]), "less": st.just("taken"), "each": st.just(True), "sums": st.just("points"),
        "and": st.sampled_from([{"some_late": "rectify"}, {"counts": "other", "at": 2}, {"counts": "founded", "when": {"found": "true"}}]),
        "when": st.just({"found": ["true", "partly"]}), "dated": st.just("filed"),
    },
)  # fmt: skip
PEOPLE = st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True)
DAYS = st.integers(0, 200)
ENTRY = st.fixed_dictionaries({
    "what": st.lists(st.sampled_from(["founded", "other", "taken", "overdue:rectify", "noise"]), min_size=1, max_size=2, unique=True),
    "case": st.sampled_from(["", *(f"c{n}" for n in range(6))]), "back": DAYS, "filed": st.none() | DAYS,
    "subjects": st.fixed_dictionaries({}, optional={"person": PEOPLE, "unit": PEOPLE}),
    "facts": st.fixed_dictionaries({"found": st.sampled_from(["true", "partly", "untrue"]), "points": st.sampled_from([0.5, 1, 2.0])}),
})  # fmt: skip
ACTS = st.lists(st.tuples(st.integers(0, 40), ENTRY | st.integers(0, 30)), min_size=1, max_size=25)


def commands(acts: list[tuple[int, Any]]) -> list[Command]:
    found: list[Command] = []
    keys: list[str] = []
    now = BEGIN
    for n, (days, one) in enumerate(acts):
        now += timedelta(days=days)
        if isinstance(one, int):
            said = {"entry": keys[one % len(keys)] if keys else "-", "reason": "查无此事"}
            found.append(Command(f"x{n}", "annul", said, now, now, "a"))
            continue
        marks = {} if one["filed"] is None else {"filed": (now - timedelta(days=one["filed"])).isoformat()}
        at = (now - timedelta(days=one["back"])).isoformat()
        entry = {"key": f"{one['case']}@{n}", "what": one["what"], "case": one["case"], "at": at, "subjects": one["subjects"], "facts": one["facts"], "marks": marks}
        keys.append(entry["key"])
        found.append(ledger.entry_command(entry, now))
    return found


def rules(rows: list[dict[str, Any]]) -> Law:
    counters = {f"k{n}": row for n, row in enumerate(rows)}
    triggers = {f"t{n}": {"on": f"counter:k{n}", "then": {"propose": "m"}, "clause": "三"} for n in range(len(rows))}
    book = {"book": {"id": "t"}, "post": {"head": {"may": ["annul"]}}, "counter": counters, "trigger": triggers, "measure": {"m": {"by": "head", "clause": "二"}}}
    return bind({**book, "param": {"n": {"value": 2}, "window": {"value": {"calendar": "year"}}}}, OFFICE, [])


@settings(deadline=None, max_examples=120)
@given(st.lists(COUNTER, min_size=1, max_size=3), ACTS)
def test_counting_on_is_counting_anew(rows: list[dict[str, Any]], acts: list[tuple[int, Any]]) -> None:
    law = rules(rows)
    on, anew = ledger.new("示例", "t"), ledger.new("示例", "t")
    for command in commands(acts):
        on, said = ledger.take(on, [command], command.received_at, law)
        anew, wanted = ledger.take(ledger.load(anew.dump()), [command], command.received_at, law)
        assert said == wanted
    assert on == anew


@settings(deadline=None, max_examples=60)
@given(COUNTER.filter(lambda row: row.get("within", {}).keys() <= {"calendar", "calendar_months"}), ACTS)
def test_what_stands_is_what_all_entries_together_say(row: dict[str, Any], acts: list[tuple[int, Any]]) -> None:
    law = rules([row])
    book, _ = ledger.take(ledger.new("示例", "t"), commands(acts), BEGIN + timedelta(days=2000), law)
    live = [entry for key, entry in book.entries.items() if key not in book.annulled]
    windows = {(hit.subject, hit.label) for hit in hits(row, live, law)}
    standing = {(one["subject"], one["label"]) for one in book.fired.values() if not one["withdrawn"]}
    assert windows <= standing


def test_a_step_that_was_thrown_away_leaves_nothing_behind() -> None:
    law = rules([{"counts": "founded", "per": "person", "within": {"calendar": "year"}, "at": 2, "clause": "一"}])
    facts: dict[str, Any] = {"what": ["founded"], "back": 0, "filed": None, "subjects": {"person": ["a"]}, "facts": {}}
    first, second, third = commands([(1, {**facts, "case": f"c{n}"}) for n in range(3)])
    book, _ = ledger.take(ledger.new("示例", "t"), [first], first.received_at, law)
    ledger.take(book, [second], second.received_at, law)  # the record had other events
    assert carried(book) is None
    after, events = ledger.take(book, [third], third.received_at, law)
    assert [one["entries"] for one in after.fired.values()] == [["c0@0", "c2@2"]]
    assert [event.kind for event in events] == ["entered", "fired", "proposal"]
