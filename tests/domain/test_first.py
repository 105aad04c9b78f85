"""首问 on a small law of its own: who keeps the duty, how it ends, who may not be turned away, what day and night are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from domain.context import Context
from domain.core import Case, Command, bind, step, tasks
from domain.workdays import ZONE

MAY = ["file", "classify", "guide", "answer_on_the_spot", "transfer", "conclude", "sign_in", "hand_back", "feedback"]
OFFICE: dict[str, Any] = {
    "office": {"id": "o", "number": "{year}-{n}", "opens": "09:00", "closes": "17:00"},
    "unit": {"hall": {"kind": "k"}, "tax": {"kind": "k"}, "land": {"kind": "k"}},
    "person": {"ann": {"posts": ["staff"], "unit": "hall"}, "bo": {"posts": ["staff"], "unit": "hall"}, "tom": {"posts": ["staff"], "unit": "tax"}},
}
BOOK: dict[str, Any] = {
    "book": {"id": "b", "clause": "0"}, "flow": {"accept": "auto", "register": "filed", "clause": "0"},
    "post": {"staff": {"may": [*MAY, "refuse"], "clause": "1"}}, "kind": {"contact": {"clause": "1"}}, "channel": {"web": {"clause": "1"}},
    "fact": {"mine": {"is": "one_of", "options": {"yes": {}, "no": {}, "outside": {}}, "by": "first_asked", "clause": "2"}},
    "first": {"any": {"keeps_until": "unit_received", "clause": "3"}},
    "route": {"rows": [
        {"when": {"mine": "yes"}, "do": "answer", "clause": "4 a"}, {"when": {"mine": "outside"}, "do": "guide", "clause": "4 b"}, {"do": "transfer", "clause": "4 c"},
    ]},
}  # fmt: skip


def _tell(*acts: tuple[str, str, dict[str, Any]], keeps: str = "unit_received", by: str = "person", when: str = "2025-11-03 10:00") -> tuple[Context, list[str]]:
    law = bind({**BOOK, "first": {"any": {"keeps_until": keeps, "by": by, "clause": "3"}}}, OFFICE, [])
    case, answers = Case.new("c", "o", "b"), []
    for n, (who, act, fields) in enumerate(acts):
        moment = datetime.fromisoformat(when).replace(minute=n, tzinfo=ZONE)
        case, events = step(case, [Command(f"w{n}", act, fields, moment, moment, who)], moment, law)
        answers.append(str(events[0].data.get("code", "")))
    return Context(case, law), answers


FILED = ("ann", "file", {"channel": "web"})
SENT = ("ann", "transfer", {"unit": "tax", "excerpt": "x"})


def _following(context: Context) -> list[str]:
    return [who for task in tasks(context.case, context.law) if task.subject == "first" for who in task.who]


def test_the_duty_ends_when_another_has_received() -> None:
    assert _following(_tell(FILED, SENT)[0]) == ["ann"]
    assert _following(_tell(FILED, SENT, ("tom", "sign_in", {}))[0]) == []


def test_a_return_gives_the_duty_back() -> None:
    back = ("tom", "hand_back", {"reason": "不属本单位", "other_unit": "land"})
    assert _following(_tell(FILED, SENT, ("tom", "sign_in", {}), back)[0]) == ["ann"]


def test_a_book_may_keep_it_until_the_answer() -> None:
    assert _following(_tell(FILED, SENT, ("tom", "sign_in", {}), keeps="fed_back")[0]) == ["ann"]


@pytest.mark.parametrize(("mine", "act", "fields", "code"), [
    ("yes", "guide", {"where": "县局", "reason": "不属本厅"}, "route_closed"),
    ("outside", "answer_on_the_spot", {"text": "答"}, "route_closed"),
    ("outside", "guide", {"where": "县局", "reason": "不属本厅"}, ""),
    ("yes", "answer_on_the_spot", {"text": "答"}, ""),
    ("yes", "refuse", {"ground": "any"}, "refusal_not_open"),
])  # fmt: skip
def test_a_contact_ends_only_as_its_rows_say(mine: str, act: str, fields: dict[str, Any], code: str) -> None:
    _, answers = _tell(FILED, ("ann", "classify", {"facts": {"mine": mine}}), ("ann", act, fields))
    assert answers[1] == ""
    assert answers[2] == code


def test_what_came_by_itself_is_the_first_actors() -> None:
    context, answers = _tell(("complainant", "file", {"channel": "web"}), ("bo", "classify", {"facts": {"mine": "no"}}))
    assert answers == ["", ""]
    assert context.who("first_asked") == ["bo"]


def test_a_department_is_asked_as_one() -> None:
    context, answers = _tell(FILED, ("bo", "classify", {"facts": {"mine": "no"}}), by="unit")
    assert answers == ["", ""]
    assert context.who("first_asked") == ["unit:hall"]


@pytest.mark.parametrize(("when", "kind"), [("2025-11-03 09:00", "working"), ("2025-11-03 17:00", "off_hours"), ("2025-11-08 10:00", "day_off")])
def test_the_hour_of_receipt(when: str, kind: str) -> None:
    assert _tell(FILED, when=when)[0].fact("hour_kind") == kind
