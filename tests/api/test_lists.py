"""Every list is exactly what the core's view shows, for every reader and filter, page by page; and its count is that number."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import asyncpg
import pytest

from activities.migrate import migrate
from activities.records import Records
from api import queries
from api.lists import after, before
from api.queries import listed
from cli import library
from domain import stories
from domain.core import Case, Law, Reader, law_hash, law_text, law_value, line, reader_of, view
from tests.workflows.conftest import database as _database
from workflows.batches import batch_of

pytestmark = pytest.mark.database
database = _database


@dataclass
class Shelf:
    """All stories as cases of one office each, in the record; and the core's own cases."""

    pool: asyncpg.Pool
    laws: dict[str, Law]
    cases: dict[str, list[Case]]


@pytest.fixture(scope="module")
async def shelf(database: str) -> AsyncIterator[Shelf]:
    await migrate(database)
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        records, laws, cases = Records(pool), {}, {}
        for n, (_, story) in enumerate(library.walked()):
            name, law = f"list-{story['office']}", library.law(story["rulebook"], story["office"])
            out = stories.run({**story, "story": f"{story['story']}-listed"}, law)
            if not out.events or out.case.phase == "none":
                continue
            batch = batch_of(Case.new(out.case.id, name, story["rulebook"]), out.case, out.events, law, law_hash(law))
            no = f"{n}" if batch.row["register_no"] else ""
            await records.record(replace(batch, row={**batch.row, "office": name, "register_no": no}, law_text=law_text(law_value(law))))
            laws[name] = law
            cases.setdefault(name, []).append(out.case)
        yield Shelf(pool, laws, cases)


async def pages(pool: asyncpg.Pool, office: str, one: Reader, filters: dict[str, Any], order: str, limit: int) -> tuple[list[asyncpg.Record], set[int]]:
    rows, totals, cursor = [], set(), ""
    for _ in range(500):
        page = await listed(pool, office, one, filters, after(cursor), limit, order)
        rows += page.rows
        totals.add(page.total)
        cursor = before(page.after)
        if not cursor:
            return rows, totals
    raise AssertionError("pages without end")


def fits(shown: dict[str, Any], flat: dict[str, Any], filters: dict[str, Any]) -> bool:
    """A filter as somebody would apply it by eye to the rows that they are shown."""
    for name, value in filters.items():
        if name == "due_before":
            day = shown.get("next_due_day")
            if day is None or date.fromisoformat(day) >= value:
                return False
        elif name == "waiting_on":
            if set(shown["waiting_on"]).isdisjoint(value):
                return False
        elif name == "unit":
            if value not in shown["units"]:
                return False
        elif shown.get(name) != value:
            return False
    return True


def filters_of(law: Law, one: Reader, flats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    units = sorted({unit for flat in flats for unit in flat["units"]})[:3]
    people = sorted({who for flat in flats for who in flat["waiting_on"]})[:3]
    days = sorted({flat["next_due_day"] for flat in flats if flat["next_due_day"]})
    grades = sorted({flat["grade"] for flat in flats if flat["grade"]})[:3]
    phases = sorted({flat["phase"] for flat in flats})
    own = [{"waiting_on": sorted(one.names)}, *([{"unit": one.unit}] if one.unit else [])]
    return [
        {}, {"overdue": True}, {"overdue": False}, {"provisional": True}, *({"due_before": date.fromisoformat(day)} for day in days[:: max(1, len(days) // 2)]),
        *({"unit": unit} for unit in units), *({"waiting_on": [who]} for who in people), *({"grade": grade} for grade in grades),
        *({"phase": phase} for phase in phases[:4]), *own, {"overdue": True, **own[0]},
    ]  # fmt: skip


async def test_lists_hold_exactly_what_the_view_shows(shelf: Shelf) -> None:
    checked, hidden, outside = 0, 0, 0
    for office, cases in shelf.cases.items():
        law = shelf.laws[office]
        rows = {row["case_id"]: json.loads(row["row"]) for row in await shelf.pool.fetch("select case_id, row from cases where office = $1", office)}
        for person in law.office["person"]:
            one = reader_of(person, law)
            views = {case.id: view(case, one, law) for case in cases}
            lines = {key: line(rows[key], shown, one) for key, shown in views.items() if shown is not None}
            hidden += len(cases) - len(lines)
            outside += len(lines) if one.outside else 0
            for filters in filters_of(law, one, list(rows.values())):
                want = {key for key, shown in lines.items() if fits(shown, rows[key], filters)}
                for order, limit in (("newest", 7), ("due", 200)):
                    found, totals = await pages(shelf.pool, office, one, filters, order, limit)
                    got = [row["case_id"] for row in found]
                    assert len(got) == len(set(got)), "a case stands on two pages"
                    assert set(got) == want, f"{office} {person} {filters}: too many {set(got) - want}, too few {want - set(got)}"
                    assert totals == {len(want)}
                    checked += 1
    assert checked > 500
    assert hidden > 100
    assert outside > 10, "units see something too"


async def test_lists_are_in_their_order(shelf: Shelf) -> None:
    office = max(shelf.cases, key=lambda name: len(shelf.cases[name]))
    law = shelf.laws[office]
    clerk = next(one for person in law.office["person"] if (one := reader_of(person, law)).looks_over)
    newest, _ = await pages(shelf.pool, office, clerk, {}, "newest", 5)
    assert [(row["received_at"], row["case_id"]) for row in newest] == sorted(((row["received_at"], row["case_id"]) for row in newest), reverse=True)
    due, _ = await pages(shelf.pool, office, clerk, {}, "due", 5)
    dated = [row["next_due_at"] for row in due if row["next_due_at"]]
    assert dated == sorted(dated)
    assert all(row["next_due_at"] is None for row in due[len(dated) :]), "what has no date comes last"


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
    assert case not in {row["case_id"] for row in (await queries.listed(shelf.pool, office, clerk, {}, None, 200)).rows}
    await shelf.pool.execute("update cases set row = $2 where case_id = $1", case, old)
