"""Board and calendar of deadlines: every figure is the number of cases in the list that it opens, for every reader; units are sent to their own list."""

from collections.abc import AsyncIterator
from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from api import register
from api.boards import board_of, month_of
from api.errors import Problem
from api.wanted import parse, soon
from domain.acts import OPEN
from domain.core import Reader
from tests.api import shelves
from tests.api.shelves import Shelf
from tests.workflows.conftest import database as _database

pytestmark = pytest.mark.database
database = _database
TODAY = date(2025, 11, 11)


@pytest.fixture(scope="module")
async def shelf(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with shelves.shelf(database, tmp_path_factory.mktemp("keys")) as one:
        yield one


async def opened(shelf: Shelf, office: str, one: Reader, address: str) -> set[str]:
    """The cases of the list behind a figure, all pages of it; its total is their number."""
    wanted = parse(shelf.laws[office], one.person, TODAY, dict(parse_qsl(urlsplit(address).query)))
    got, cursor = list[str](), ""
    while True:
        page = await register.page(shelf.here, office, one, wanted, cursor, 40)
        got += [item["id"] for item in page.items]
        assert page.total >= len(got)
        cursor = page.next
        if not cursor:
            assert len(set(got)) == page.total
            return set(got)


async def test_every_figure_opens_the_list_that_makes_it(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    figures = 0
    for office, law in shelf.laws.items():
        monkeypatch.setitem(law.office["office"], "id", office)
        rows = await shelf.rows(office)
        for one in [one for one in shelf.readers(office) if not one.outside][:4]:
            lines = {key: shown for key, (shown, _) in shelf.seen(office, one, rows).items() if shown.get("phase") in OPEN}
            board = await board_of(shelf.here, law, one, TODAY)
            near = soon(law, TODAY).isoformat()
            groups = {group["group"]: await opened(shelf, office, one, group["list"]) for group in board["groups"]}
            assert {group["group"]: group["count"] for group in board["groups"]} == {name: len(found) for name, found in groups.items()}
            assert set().union(*groups.values()) == set(lines)
            assert sum(map(len, groups.values())) == board["total"] == len(lines)
            assert groups["overdue"] == {key for key, shown in lines.items() if shown["overdue"]}
            assert groups["soon"] == {key for key, shown in lines.items() if not shown["overdue"] and shown["next_due_day"] and shown["next_due_day"] <= near}
            held = {who: {key for key, shown in lines.items() if who in shown["waiting_on"]} for shown in lines.values() for who in shown["waiting_on"]}
            assert {row["who"]: row["count"] for row in board["holders"]} == {who: len(found) for who, found in held.items()}
            for row in board["holders"][:2]:
                assert await opened(shelf, office, one, row["list"]) == held[row["who"]]
                assert row["since"] == min(lines[key]["waiting_since"] for key in held[row["who"]])
                assert row["overdue"] == sum(lines[key]["overdue"] for key in held[row["who"]])
            month = await month_of(shelf.here, law, one, "2025-11")
            assert [day["day"] for day in month["days"]][::29] == ["2025-11-01", "2025-11-30"]
            assert {day["day"]: day["count"] for day in month["days"] if day["count"]} == {
                day: sum(shown["next_due_day"] == day for shown in lines.values()) for day in {shown["next_due_day"] for shown in lines.values()} if day and day.startswith("2025-11")
            }
            for day in [day for day in month["days"] if day["count"]][:2]:
                assert len(await opened(shelf, office, one, day["list"])) == day["count"]
            figures += board["total"] + month["total"]
    assert figures > 500


async def test_days_are_those_of_the_offices_calendar(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    office = "list-kaiyang"
    law = shelf.laws[office]
    monkeypatch.setitem(law.office["office"], "id", office)
    one = next(one for one in shelf.readers(office) if one.looks_over)
    days = {day["day"]: day for day in (await month_of(shelf.here, law, one, "2026-10"))["days"]}
    assert (days["2026-10-01"]["work"], days["2026-10-01"]["kind"]) == (False, "festival")
    assert (days["2026-10-10"]["work"], days["2026-10-10"]["kind"]) == (True, "make_up")
    assert soon(law, date(2026, 9, 30)) == date(2026, 10, 10), "three working days from the eve of the festival"
    assert (await month_of(shelf.here, law, one, "2029-02"))["provisional"]
    for wrong in ("2026-13", "0000-01"):
        with pytest.raises(Problem, match="body_invalid"):
            await month_of(shelf.here, law, one, wrong)


async def test_units_and_administrators_have_no_board(shelf: Shelf) -> None:
    for office, law in shelf.laws.items():
        for one in (one for one in shelf.readers(office) if one.outside):
            with pytest.raises(Problem, match="not_your_act"):
                await board_of(shelf.here, law, one, TODAY)
            with pytest.raises(Problem, match="not_your_act"):
                await month_of(shelf.here, law, one, "2025-11")
