"""Who reports retaliation reaches supervision at once, whatever the book says, and never those complained of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cli import library
from domain.case import Case, Command
from domain.core import decide, evolve
from domain.notices import RETALIATION, notices
from domain.workdays import ZONE

AT = datetime(2025, 11, 25, 10, 0, tzinfo=ZONE)


def told(office: str, channel: str, **fields: Any) -> list[str]:
    law = library.law(library.office(office)["office"]["rulebook"], office)
    case = Case.new("case-x", office, law.table("book")["id"])
    events: tuple[Any, ...] = ()
    for act, given in (("file", {"channel": channel, **fields}), ("report_retaliation", {"text": "被威胁"})):
        answer = decide(case, Command(f"case-x:{act}", act, given, AT, AT, "complainant"), law)
        events = getattr(answer, "events", ())
        assert events, answer
        for event in events:
            case = evolve(case, event)
    found = [one for one in notices(events, case, law) if one.form == RETALIATION]
    assert all(not one.demanded for one in found), "no clause: the office's courier brings it"
    return [who for one in found for who in one.to]


@pytest.mark.parametrize(("office", "channel", "to"), [("kaiyang", "web", ["lu"]), ("district", "network", ["he"]), ("community", "web", None)])
def test_it_goes_to_supervision_or_the_nearest_above(office: str, channel: str, to: list[str] | None) -> None:
    law = library.law(library.office(office)["office"]["rulebook"], office)
    found = told(office, channel)
    assert found
    roles = {law.row("post", post).get("role") for one in found for post in law.office["person"][one]["posts"]}
    assert roles & {"supervisor", "principal", "leader_in_charge"}
    if to is not None:
        assert found == to


def test_never_to_whom_it_is_about_nor_to_their_unit() -> None:
    assert told("kaiyang", "web", respondents=[{"person": "zhou", "unit": "tax"}]) == ["lu"]
    assert told("kaiyang", "web", respondents=[{"person": "lu"}]) == [], "nobody of the office stands outside the unit complained of: the page says so"
    assert "he" not in told("district", "network", respondents=[{"person": "he"}])
