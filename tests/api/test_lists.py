"""Every list is exactly what the core's view shows, for every reader and filter, page by page; and its count is that number."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import pytest

from api.queries_lists import FILTERS, Place, listed
from domain.acts import OPEN
from domain.core import Reader, instant, line_inside, reader_of, view
from domain.people import barred
from tests.api import shelves
from tests.api.shelves import Shelf
from tests.workflows.conftest import database as _database

pytestmark = pytest.mark.database
database = _database


@pytest.fixture(scope="module")
async def shelf(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with shelves.shelf(database, tmp_path_factory.mktemp("keys")) as one:
        yield one


async def pages(pool: asyncpg.Pool, office: str, one: Reader, filters: dict[str, Any], order: str, limit: int) -> tuple[list[asyncpg.Record], set[int]]:
    """All rows of a list, walked to its end and back again: both ways give the same."""
    rows, totals, place, backwards = list[asyncpg.Record](), set[int](), None, list[asyncpg.Record]()
    for n in range(500):
        page = await listed(pool, office, one, filters, place, limit, order)
        assert (page.before is None) == (n == 0)
        rows += page.rows
        totals.add(page.total)
        place = page.after
        if place is None:
            break
    else:
        raise AssertionError("pages without end")
    last: Place | None = page.before
    backwards = list(page.rows)
    while last is not None:
        page = await listed(pool, office, one, filters, None, limit, order, last)
        assert page.after is not None
        totals.add(page.total)
        backwards = [*page.rows, *backwards]
        last = page.before
    assert [row["case_id"] for row in backwards] == [row["case_id"] for row in rows]
    return rows, totals


CHECKS: dict[str, Any] = {
    "due_before": lambda shown, view, value: _day(shown, "next_due_day") is not None and _day(shown, "next_due_day") < value,
    "due_from": lambda shown, view, value: _day(shown, "next_due_day") is not None and _day(shown, "next_due_day") >= value,
    "due_to": lambda shown, view, value: _day(shown, "next_due_day") is not None and _day(shown, "next_due_day") <= value,
    "dated": lambda shown, view, value: "next_due_day" in shown and (shown["next_due_day"] is not None) == value,
    "received_from": lambda shown, view, value: bool(shown.get("received_at")) and instant(shown["received_at"]) >= value,
    "received_to": lambda shown, view, value: bool(shown.get("received_at")) and instant(shown["received_at"]) < value,
    "closed_from": lambda shown, view, value: bool(shown.get("closed_at")) and instant(shown["closed_at"]) >= value,
    "closed_to": lambda shown, view, value: bool(shown.get("closed_at")) and instant(shown["closed_at"]) < value,
    "waiting_on": lambda shown, view, value: not set(shown["waiting_on"]).isdisjoint(value),
    "held": lambda shown, view, value: "clerk" in shown and bool(shown["waiting_on"]) == value,
    "unit": lambda shown, view, value: value in shown["units"],
    "open": lambda shown, view, value: "phase" in shown and (shown["phase"] in OPEN) == value,
    "respondent_unit": lambda shown, view, value: value in (shown.get("respondent_units") or ()),
    "satisfaction": lambda shown, view, value: view.get("satisfaction") == value,
    "facts": lambda shown, view, value: _holds(view.get("facts"), json.loads(value)),
}  # fmt: skip


def _day(shown: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(shown[name]) if shown.get(name) else None


def _holds(facts: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
    return facts is not None and all(set(value) <= set(facts.get(name) or ()) if isinstance(value, list) else facts.get(name) == value for name, value in wanted.items())


def fits(shown: dict[str, Any], seen: dict[str, Any], filters: dict[str, Any]) -> bool:
    """A filter as somebody would apply it by eye to what they are shown."""
    return all(CHECKS[name](shown, seen, value) if name in CHECKS else shown.get(name) == value for name, value in filters.items())


def some(flats: list[dict[str, Any]], name: str, most: int) -> list[Any]:
    return sorted({flat[name] for flat in flats if flat[name]})[:most]


def filters_of(one: Reader, flats: list[dict[str, Any]], facts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    units = sorted({unit for flat in flats for unit in flat["units"]})[:3]
    people = sorted({who for flat in flats for who in flat["waiting_on"]})[:3]
    days = sorted({flat["next_due_day"] for flat in flats if flat["next_due_day"]})
    middle = instant(sorted(flat["received_at"] for flat in flats)[len(flats) // 2])
    own = [{"waiting_on": sorted(one.names)}, *([{"unit": one.unit}] if one.unit else [])]
    return [
        {}, {"overdue": True}, {"overdue": False}, {"provisional": True}, {"late": True}, {"unsent": True}, {"open": True}, {"open": False, "late": True}, {"dated": False}, {"held": False}, {"held": True},
        *({name: date.fromisoformat(day)} for day in days[:: max(1, len(days) // 2)] for name in ("due_before", "due_from", "due_to")),
        {"received_from": middle}, {"received_to": middle}, {"closed_from": middle}, {"closed_to": middle},
        *({name: value} for name in ("kind", "channel", "source", "disposition", "grade", "clerk", "outcome", "found") for value in some(flats, name, 2)),
        *({"unit": unit} for unit in units), *({"waiting_on": [who]} for who in people), *({"phase": phase} for phase in some(flats, "phase", 4)),
        *({"respondent_unit": unit} for unit in sorted({unit for flat in flats for unit in flat["respondent_units"]})[:2]),
        {"satisfaction": "satisfied"}, {"satisfaction": "satisfied", "late": False},
        *({"facts": json.dumps({name: value})} for name, value in list({name: value for row in facts for name, value in row.items()}.items())[:4]), *own, {"overdue": True, **own[0]},
    ]  # fmt: skip


async def test_lists_hold_exactly_what_the_view_shows(shelf: Shelf) -> None:
    while await shelf.here.index.fresh(shelf.pool, shelf.here.laws):
        pass
    checked, hidden, outside, answered = 0, 0, 0, Counter[str]()
    for office in shelf.cases:
        rows = await shelf.rows(office)
        facts = [case.facts for case in shelf.cases[office]]
        for one in shelf.readers(office):
            seen = shelf.seen(office, one, rows)
            hidden += len(rows) - len(seen)
            outside += len(seen) if one.outside else 0
            if not one.outside:
                assert {key: line_inside(rows[key], one) for key in seen} == {key: shown for key, (shown, _) in seen.items()}, "a line of the row alone is the line of the view"
            for n, filters in enumerate(filters_of(one, list(rows.values()), facts)):
                want = {key for key, (shown, full) in seen.items() if fits(shown, full, filters)}
                answered.update(dict.fromkeys(filters, len(want)))
                for order, limit in (("newest", 7), ("due", 200)) if n < 2 else (("newest", 50),):
                    found, totals = await pages(shelf.pool, office, one, filters, order, limit)
                    got = [row["case_id"] for row in found]
                    assert len(got) == len(set(got)), "a case stands on two pages"
                    assert set(got) == want, f"{office} {one.person} {filters}: too many {set(got) - want}, too few {want - set(got)}"
                    assert totals == {len(want)}
                    checked += 1
    assert checked > 5000
    assert hidden > 100
    assert outside > 10, "units see something too"
    assert set(answered) >= set(FILTERS) - {"digest", "digests", "original", "register_no"}
    assert [name for name, count in answered.items() if not count and name != "unsent"] == [], "each filter finds something"


async def test_lists_are_in_their_order(shelf: Shelf) -> None:
    office = max(shelf.cases, key=lambda name: len(shelf.cases[name]))
    clerk = next(one for one in shelf.readers(office) if one.looks_over)
    newest, _ = await pages(shelf.pool, office, clerk, {}, "newest", 5)
    assert [(row["received_at"], row["case_id"]) for row in newest] == sorted(((row["received_at"], row["case_id"]) for row in newest), reverse=True)
    due, _ = await pages(shelf.pool, office, clerk, {}, "due", 5)
    dated = [row["next_due_at"] for row in due if row["next_due_at"]]
    assert dated == sorted(dated)
    assert all(row["next_due_at"] is None for row in due[len(dated) :]), "what has no date comes last"
    oldest, _ = await pages(shelf.pool, office, clerk, {}, "oldest", 9)
    assert [row["case_id"] for row in oldest] == [row["case_id"] for row in reversed(newest)]
    longest, _ = await pages(shelf.pool, office, clerk, {}, "longest", 4)
    assert [row["waiting_since"] for row in longest] == sorted(row["waiting_since"] for row in longest)
    assert {row["case_id"] for row in longest} == {row["case_id"] for row in newest if row["phase"] in OPEN}
    closed, _ = await pages(shelf.pool, office, clerk, {}, "closed", 4)
    assert [row["closed_at"] for row in closed] == sorted((row["closed_at"] for row in newest if row["closed_at"]), reverse=True)


async def test_existence_is_closed_in_sql_and_a_row_without_its_rules_is_shown_to_nobody(shelf: Shelf) -> None:
    office = "list-community"
    law = shelf.laws[office]
    secret = [case for case in shelf.cases[office] if any("existence" in rule["hide"] for rule in (json.loads(await shelf.pool.fetchval("select row from cases where case_id = $1", case.id)))["closed"])]
    accused = {row["person"] for case in secret for row in case.attrs["respondents"] if row.get("person")}
    assert accused, "the stories accuse somebody"
    for person in accused:
        one = reader_of(person, law)
        found, _ = await pages(shelf.pool, office, one, {}, "newest", 200)
        mine = {case.id for case in secret if any(row.get("person") == person for row in case.attrs["respondents"])}
        assert mine.isdisjoint(row["case_id"] for row in found)
    case = secret[0].id
    clerk = next(one for person in law.office["person"] if (one := reader_of(person, law)).looks_over and person not in accused)
    old = await shelf.pool.fetchval("select row from cases where case_id = $1", case)
    await shelf.pool.execute("update cases set row = row - 'closed' where case_id = $1", case)
    assert case not in {row["case_id"] for row in (await listed(shelf.pool, office, clerk, {}, None, 200)).rows}
    await shelf.pool.execute("update cases set row = $2 where case_id = $1", case, old)


async def test_a_stand_in_is_shown_what_the_absent_may_see_and_nothing_that_is_closed_to_one_of_both(shelf: Shelf) -> None:
    """Lists and counts equal the view, in the place of another too; and nothing is shown that neither of both could see."""
    wider, kept, withdrawn = 0, 0, 0
    for office, cases in shelf.cases.items():
        law, rows = shelf.laws[office], await shelf.rows(office)
        for one in shelf.stand_ins(office, every=19):
            seen = shelf.seen(office, one, rows)
            for filters in ({}, {"open": True}, {"overdue": False}, {"late": True}, {"held": True}):
                found, totals = await pages(shelf.pool, office, one, filters, "newest", 50)
                wanted = {key for key, (shown, whole) in seen.items() if fits(shown, whole, filters)}
                assert {row["case_id"] for row in found} == wanted, f"{office} {one.person} for {one.acts_as} {filters}"
                assert totals == {len(wanted)}
                assert all(line_inside(json.loads(row["row"]), one) == seen[row["case_id"]][0] for row in found)
            meant = [reader_of(person, law) for person in one.acts_as if not person.startswith("unit:")]
            alone = reader_of(one.person, law)
            for case in cases:
                if case.id in seen:
                    views = [view(case, other, law) for other in meant]
                    assert all(shown is not None for shown in views), "no stand-in sees what the absent may not know of"
                    for kind in ("identity", "original", "forms", "evidence", "clocks"):
                        assert kind not in seen[case.id][1] or any(kind in shown for shown in views if shown is not None)
                    wider += view(case, alone, law) is None
                else:
                    kept += 1
                    withdrawn += not one.names.isdisjoint(barred(case))
    assert wider > 100
    assert kept > 5, "something is closed to one of both"
    assert withdrawn > 0
