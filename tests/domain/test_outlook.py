"""What is said before a complaint is sent is what the view will hold after it was sent: the same rules, nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cli import library
from domain.asking import Refused
from domain.case import Case, Command
from domain.core import reader_of, view
from domain.forecast import later
from domain.outlook import KINDS, after, rules, sights
from domain.views import WITHHELD
from domain.workdays import ZONE

AT = datetime(2025, 11, 25, 10, 0, tzinfo=ZONE)


def filed(office: str, channel: str, **fields: Any) -> tuple[Case, Any]:
    law = library.law(library.office(office)["office"]["rulebook"], office)
    given = {"channel": channel, "identity": "v1.x", "summary_sha": "a", **fields}
    case = after(Case.new("case-x", office, law.table("book")["id"]), Command("case-x:file", "file", given, AT, AT, "complainant"), law)
    assert isinstance(case, Case), case
    return case, law


@pytest.mark.parametrize(("office", "channel", "fields"), [
    ("kaiyang", "web", {"respondents": [{"unit": "tax", "person": "zhou"}]}), ("kaiyang", "web", {}), ("district", "network", {"respondents": [{"unit": "land"}]}),
    ("community", "web", {"facts": {"accusation": True}}), ("community", "web", {"facts": {"accusation": True}, "respondents": [{"unit": "civil"}]}),
])  # fmt: skip
def test_what_is_said_is_what_the_view_holds(office: str, channel: str, fields: dict[str, Any]) -> None:
    if fields.get("respondents"):
        law = library.law(library.office(office)["office"]["rulebook"], office)
        fields["respondents"][0]["unit"] = fields["respondents"][0]["unit"] if fields["respondents"][0]["unit"] in law.office["unit"] else next(iter(law.office["unit"]))
    case, law = filed(office, channel, **fields)
    people = law.office["person"]
    for one in sights(case, law):
        if not one.post:
            continue
        held = [key for key, row in people.items() if one.group in row.get("posts", ())]
        for kind in KINDS:
            key = {"existence": "case", "progress": "phase"}.get(kind) or WITHHELD[kind][0]
            seen = [key in (view(case, reader_of(person, law), law) or {}) for person in held]
            if one.sees[kind] == "none":
                assert not any(seen), (office, one.group, kind)
            if one.sees[kind] == "all":
                assert any(seen), (office, one.group, kind)


def test_an_accusation_is_closed_to_whom_it_is_about_and_says_why() -> None:
    case, law = filed("community", "web", facts={"accusation": True})
    about = next(one for one in sights(case, law) if one.group == "respondent")
    assert set(about.sees.values()) == {"none"}
    assert [key for key, _ in rules(case, law)] == ["accusation"]
    assert rules(*filed("community", "web")) == []


def test_the_person_complained_of_sees_no_identity_in_any_book() -> None:
    for office in ("kaiyang", "district", "community"):
        channel = {"district": "network"}.get(office, "web")
        for one in sights(*filed(office, channel)):
            if one.group in ("respondent", "respondent_unit_handling", "handling_unit"):
                assert {one.sees[kind] for kind in ("identity", "contact", "original")} == {"none"}, (office, one.group)


def test_later_terms_are_those_that_have_not_begun() -> None:
    case, law = filed("kaiyang", "web")
    found = {one.term: one for one in later(case, law, AT)}
    assert found["general"].due.due_day.isoformat() == "2025-11-28", "three working days from acceptance (六.1)"
    assert "accept_web" not in found, "it runs already"


def test_a_refusal_is_told_before_it_is_sent() -> None:
    law = library.law("kaiyang-one-window", "kaiyang")
    no = after(Case.new("x", "kaiyang", "kaiyang-one-window"), Command("x:file", "file", {"channel": "pigeon"}, AT, AT, "complainant"), law)
    assert isinstance(no, Refused)
    assert no.code == "channel_not_listed"
