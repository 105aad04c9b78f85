"""What is put right afterwards: corrections of facts and instants, revisions of calendar, office, people and keys."""

import re
from collections.abc import Mapping
from typing import Any

from domain.asking import SINCE, UNTIL, Ask, Draft, Refusal
from domain.case import instant, iso
from domain.facts import set_facts
from domain.law import bind
from domain.roster import PEOPLE
from domain.workdays import CalendarError, parse_year

PUBLIC, LONGEST_ID = re.compile("[0-9a-f]{64}"), 64


def correct(ask: Ask) -> Draft:
    """更正: old and new value stand both; dates are counted anew. An instant lies in the past, since 1949."""
    mark, fact = ask.text("mark"), ask.text("fact")
    if mark:
        if mark not in ask.case.marks:
            raise Refusal("no_such_mark", None, mark)
        value: Any = _instant(ask)
        old = ask.case.attrs.get("corrected", {}).get(mark) or iso(ask.case.marks[mark].first)
        draft = Draft("corrected", mark).put("attrs", corrected={mark: value})
    else:
        if fact not in ask.law.table("fact"):
            raise Refusal("value_undefined", None, {"fact": fact})
        old, value = ask.fact(fact), ask.fields["value"]
        draft = Draft("corrected", fact).put("facts", **set_facts(ask, {fact: value}, free=(fact,)))
    draft.more |= {"old": old, "new": value}
    return draft


def _instant(ask: Ask) -> str:
    try:
        value = instant(str(ask.fields["value"]))
    except (ValueError, OverflowError):
        raise Refusal("field_invalid", None, ["value"]) from None
    if value.date() < SINCE or value > ask.command.received_at:
        raise Refusal("field_invalid", None, ["value"])
    return iso(value)


def revise(ask: Ask) -> Draft:
    """修订: the office's calendar, file, people or keys, by the system; what it moves is said by further events.

    `people` = who is who alone (person, unit, substitute): terms and hours of a running case stay as it was filed under.
    """
    if ask.person != "system":
        raise Refusal("not_your_act")
    what, value = ask.text("what"), ask.fields.get("value")
    if what not in ("calendar", "office", "people", "keys"):
        raise Refusal("unknown_revision", None, what)
    if what == "calendar":
        return _calendar(ask, value)
    wrong = not isinstance(value, dict) or (what == "office" and _is_no_office(ask, value)) or (what == "people" and _are_no_people(ask, value)) or (what == "keys" and not are_keys(value))
    if wrong:
        raise Refusal("field_invalid", None, ["value"])
    return Draft("revised", what).put("revisions", **{what: value})


def are_keys(value: Any) -> bool:
    """Whether a value names who may sign: public halves (hex) by id, '' for one that holds no longer, and one that holds."""
    return (
        isinstance(value, Mapping) and any(value.values())
        and all(isinstance(name, str) and 0 < len(name) <= LONGEST_ID and isinstance(one, str) and (not one or PUBLIC.fullmatch(one)) for name, one in value.items())
    )  # fmt: skip


def _calendar(ask: Ask, value: Any) -> Draft:
    try:
        year = parse_year(value if isinstance(value, dict) else {})
    except CalendarError as wrong:
        raise Refusal("field_invalid", None, str(wrong)) from None
    if not SINCE.year <= year.year <= UNTIL.year:
        raise Refusal("field_invalid", None, ["value"])
    table = year.dump()
    known = [row for row in ask.case.revisions.get("calendar", []) if row["year"] != table["year"]]
    return Draft("revised", "calendar").put("revisions", calendar=[*known, table])


def _are_no_people(ask: Ask, value: Any) -> bool:
    """Other tables than those of people, or people among whom nobody could act."""
    return not isinstance(value, Mapping) or set(value) != set(PEOPLE) or _is_no_office(ask, {**ask.law.office, **value})


def _is_no_office(ask: Ask, value: Any) -> bool:
    """An office that cannot be read, or another office, would leave a running case without anybody who may act."""
    if not isinstance(value, Mapping) or not all(isinstance(value.get(name), Mapping) for name in ("office", "unit", "person")):
        return True
    if value["office"].get("id") != ask.law.office["office"].get("id"):
        return True
    rows = [*value["unit"].values(), *value["person"].values()]
    if not value["person"] or not all(isinstance(row, Mapping) for row in rows):
        return True
    try:
        bind(ask.law.book, value, list(ask.law.calendars))
        return not all(row["for"] in value["person"] and row["by"] in value["person"] for row in value.get("substitute", ()))
    except (ValueError, TypeError, AttributeError, KeyError):
        return True
