"""Full-text search in Chinese: cases found by the words that this very reader is shown, each hit held against their view and timeline before it is told."""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg

from api import queries, queries_index, queries_search, words
from api.cursors import place_of
from api.errors import Problem
from api.grams import bare, grams, key_of, known_years, numbers, plain
from api.office import Parts
from api.queries_lists import Page, Place
from api.queries_search import CASES, MANY, MOST, Level
from api.register import Listed, sides
from api.wanted import Wanted
from domain.core import Reader, line, told, view
from domain.words import CLOSED, levels_of, said

LOG = logging.getLogger("huiyin.api")
TERMS = 5
AROUND = 24  # characters shown on either side of a word


@dataclass(frozen=True)
class Term:
    """One thing looked for: as it is held against texts, and its pieces."""

    bare: str
    pieces: frozenset[str]

    @property
    def exact(self) -> bool:
        """Whether the index alone says that the text holds it: one piece, and nothing beside."""
        return len(self.pieces) == 1 and self.bare in self.pieces


def terms_of(text: str) -> list[Term]:
    """What is looked for, one term a word between spaces, all of them wanted; raises Problem body_invalid."""
    found = [Term(bare(word), frozenset(grams(word))) for word in plain(text).split()]
    if not found or len(found) > TERMS or not all(one.pieces for one in found):
        why = f"一至{TERMS}个词,每个词至少两个字或一个数 / one to {TERMS} words of at least two characters, or a number"
        raise Problem("body_invalid", detail=[{"field": "q", "why": why}])
    return found


async def page(here: Parts, office: str, one: Reader, wanted: Wanted, cursor: str = "", limit: int = 20) -> Listed:
    """A page of hits, newest first, each with where its words stand. The total is that of verified hits; -1 where they are too many to be counted, and then `above` and `at_most` say what is certain."""
    terms = terms_of(wanted.words)
    exact = all(term.exact for term in terms) and not one.acts_as  # in somebody's place: each hit is held against the view
    after, before = place_of(here.keys, "newest", cursor)
    pending = await here.index.fresh(here.pool, here.laws)
    levels = await levels_for(here, office, one, terms)
    common = here.index.common.get(CASES.words)

    async def asked(after: Place | None, before: Place | None, limit: int) -> Page:
        return await queries_search.in_register(here.pool, office, one, wanted.filters, levels, limit, after, before, common)

    found = await asked(after, before, limit)
    items = await _verified(here, one, found.rows, terms)
    total, known = found.total if found.total <= MOST else -1, len(items)
    if not exact:
        total = -1
        if found.total <= MANY:
            page = {row["case_id"] for row in found.rows}
            rest = [row for row in (await asked(None, None, MANY)).rows if row["case_id"] not in page] if found.total > len(found.rows) else []
            total = known + len(await _verified(here, one, rest, terms))
    return Listed(total, items, *sides(here, "newest", found), pending, *bounds(found.total, total, exact=exact, sure=not one.acts_as))


def bounds(hits: int, total: int, *, exact: bool, sure: bool) -> tuple[int, int]:
    """(more than, at most) how many hits there are that are not counted: the index never misses one, and of a word of one piece it never has one too many. 0: not known."""
    if total >= 0:
        return 0, 0
    return (MOST if exact else 0), (hits if sure and hits <= MOST else 0)


async def levels_for(here: Parts, office: str, one: Reader, terms: list[Term]) -> list[list[Level]]:
    """For each term the numbers it has at each level that the reader may look in; what is sealed once for each year whose key is there."""
    may = levels_of(one)
    keyed = [(key_of(here.keys, office, level, 0), kinds) for level, kinds in may.items() if level != CLOSED]
    if CLOSED in may and (span := await queries_index.years(here.pool, office)):
        keyed += [(key_of(here.keys, office, CLOSED, year), may[CLOSED]) for year in known_years(here.keys, office, *span)]
    return [[(numbers(key, term.pieces), kinds) for key, kinds in keyed] for term in terms]


async def _verified(here: Parts, one: Reader, rows: list[asyncpg.Record], terms: list[Term]) -> list[dict[str, Any]]:
    """The rows whose hits stand when each is held against what the reader is shown."""
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in rows])
    laws = await here.laws.of(here.pool, cases.values())
    items = []
    for row in rows:
        case, events = cases[row["case_id"]].case, cases[row["case_id"]].events
        law = laws[case.id]
        shown = view(case, one, law)
        if shown is None:
            continue
        texts = spoken((str(words.opened(here.keys, text)) for text in said(shown, told(events, case, one, law), law)), terms)
        hits = [where(term, texts) for term in terms]
        if all(hits):
            items.append({**line(json.loads(row["row"]), shown, one), "hits": list(dict.fromkeys(hits))})
    if len(items) < len(rows) and not one.acts_as and all(term.exact for term in terms):
        LOG.error("%d hits of the index are not what their reader is shown", len(rows) - len(items))
    return items


def spoken(texts: Iterable[str], terms: list[Term]) -> list[tuple[str, str]]:
    """Texts with the form that terms are held against; dates and codes need none where nothing like them is looked for."""
    latin = any(term.bare.isascii() for term in terms)
    return [(text, bare(text)) for text in texts if latin or not text.isascii()]


def where(term: Term, texts: list[tuple[str, str]]) -> str:
    """The first text that holds a term, as far as it is needed to be understood; '' where none does."""
    text = next((text for text, held in texts if term.bare in held), "")
    at = plain(text).find(term.bare)
    begin = max(0, at - AROUND) if at >= 0 and len(plain(text)) == len(text) else 0
    end = begin + 2 * AROUND + len(term.bare)
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")
