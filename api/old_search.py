"""Full-text search in Chinese among records of old registers: found by the words that their line shows to this very reader, under the rules of cases."""

import asyncio
from typing import Any

import asyncpg

from api import queries_old
from api.cursors import cursor_of, place_of
from api.grams import key_of, known_years, numbers
from api.office import Parts
from api.old_lines import MARK, laws_of, line_of
from api.queries_lists import Page, Place
from api.queries_search import MOST, OLD, Level
from api.register import Listed
from api.searching import Term, bounds, spoken, terms_of, where
from domain.core import Reader
from domain.old_records import levels_of
from domain.words import CLOSED, said

MANY = 100  # hits above this are not held against their lines one by one to be counted


async def page(here: Parts, office: str, one: Reader, filters: dict[str, Any], text: str, cursor: str = "", limit: int = 20) -> Listed:
    """A page of hits, newest first, each with where its words stand; the total as that of a search among cases. Raises Problem body_invalid."""
    terms = terms_of(text)
    exact, after = all(term.exact for term in terms) and not one.acts_as, place_of(here.keys, MARK, cursor)[0]
    pending = await here.index.old.fresh(here.pool, here.laws)
    span = await queries_old.years(here.pool, office)
    if span is None:
        return Listed(0, [], "", "", pending)
    levels = _levels(here, office, one, terms, span)

    async def asked(after: Place | None, limit: int) -> Page:
        return await queries_old.found(here.pool, office, one, filters, levels, after, limit, here.index.common.get(OLD.words))

    found = await asked(after, limit)
    items = await _verified(here, one, found.rows, terms)
    total = found.total if found.total <= MOST else -1
    if not exact:
        total = -1
        if found.total <= MANY:
            page = {row["id"] for row in found.rows}
            rest = [row for row in (await asked(None, MANY)).rows if row["id"] not in page] if found.total > len(found.rows) else []
            total = len(items) + len(await _verified(here, one, rest, terms))
    return Listed(total, items, cursor_of(here.keys, MARK, found.after), "", pending, *bounds(found.total, total, exact=exact, sure=not one.acts_as))


def _levels(here: Parts, office: str, one: Reader, terms: list[Term], span: tuple[int, int]) -> list[list[Level]]:
    may = levels_of(one)
    keyed = [(key_of(here.keys, office, level, 0), kinds) for level, kinds in may.items() if level != CLOSED]
    if CLOSED in may:
        keyed += [(key_of(here.keys, office, CLOSED, year), may[CLOSED]) for year in known_years(here.keys, office, *span)]
    return [[(numbers(key, term.pieces), kinds) for key, kinds in keyed] for term in terms]


async def _verified(here: Parts, one: Reader, rows: list[asyncpg.Record], terms: list[Term]) -> list[dict[str, Any]]:
    """The records whose hits stand when each is held against its line."""
    laws = await laws_of(here.pool, here.laws, rows)

    def held() -> list[dict[str, Any]]:
        items = []
        for row in rows:
            shown = line_of(here.keys, row, one, laws)
            if shown is None:
                continue
            texts = spoken(said(shown, (), laws[row["law"]]), terms)
            hits = [where(term, texts) for term in terms]
            if all(hits):
                items.append({**shown, "hits": list(dict.fromkeys(hits))})
        return items

    return await asyncio.to_thread(held)
