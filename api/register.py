"""The register (登记簿) for whoever shows it, a route, a page or a file: one page of cases as this reader may see them, counted alike."""

import json
from dataclasses import dataclass
from typing import Any

from api import queries, queries_lists
from api.cursors import cursor_of, place_of
from api.office import Parts
from api.queries_lists import DERIVED, Page
from api.wanted import Wanted
from domain.core import Reader, line, line_inside, view


@dataclass(frozen=True)
class Listed:
    """One page: the exact count of all pages, rows, cursors of the pages on either side ('' where there is none), cases whose derived facts are still being read, and where they are not counted (-1) more than how many they are, or at most how many; 0 where not even that is sure."""

    total: int
    items: list[dict[str, Any]]
    next: str
    previous: str
    pending: int = 0
    above: int = 0
    at_most: int = 0


async def page(here: Parts, office: str, one: Reader, wanted: Wanted, cursor: str = "", limit: int = 50) -> Listed:
    """A page of the register; raises Problem body_invalid on a cursor of another order."""
    after, before = place_of(here.keys, wanted.order, cursor)
    pending = await here.index.fresh(here.pool, here.laws) if DERIVED & set(wanted.filters) else 0
    found = await queries_lists.listed(here.pool, office, one, wanted.filters, after, limit, wanted.order, before)
    items = [item for item, _ in await lines(here, one, found, fold=one.outside)]
    return Listed(found.total, items, *sides(here, wanted.order, found), pending)


def beside(found: Listed) -> dict[str, int]:
    """What is said beside a total that is not counted, and of cases that are still to be read."""
    return {name: value for name, value in (("more_than", found.above), ("at_most", found.at_most), ("pending", found.pending)) if value}


def sides(here: Parts, order: str, found: Page) -> tuple[str, str]:
    """The cursors of the next page and of the one before."""
    return cursor_of(here.keys, order, found.after), cursor_of(here.keys, order, found.before, back=True)


async def lines(here: Parts, one: Reader, found: Page, *, fold: bool) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows as the reader may see them, with their views where cases are folded; a unit's rows always are, because its view is of single assignments."""
    if not fold:
        return [(line_inside(json.loads(row["row"]), one), {}) for row in found.rows]
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in found.rows])
    laws = await here.laws.of(here.pool, cases.values())
    shown = []
    for row in found.rows:
        seen = view(cases[row["case_id"]].case, one, laws[row["case_id"]])
        if seen is not None:  # None only where the case has moved since the list was asked for
            shown.append((line(json.loads(row["row"]), seen, one), seen))
    return shown
