"""Full-text search in Chinese: cases found by the words that this very reader is shown, each hit held against their view and timeline before it is told."""

import json
import logging
from dataclasses import dataclass
from typing import Any

from api import queries, queries_index, queries_search, words
from api.cursors import place_of
from api.errors import Problem
from api.grams import bare, grams, key_of, known_years, numbers, plain
from api.office import Parts
from api.queries_lists import Page
from api.queries_search import MANY, MOST, Level
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
    """A page of hits, newest first, each with where its words stand. The total is that of verified hits; -1 where they are too many to be counted."""
    terms = terms_of(wanted.words)
    after, before = place_of(here.keys, "newest", cursor)
    pending = await here.index.fresh(here.pool, here.laws)
    levels = await levels_for(here, office, one, terms)
    found = await queries_search.found(here.pool, office, one, wanted.filters, levels, after, before, limit)
    items = await _verified(here, one, found, terms)
    total = found.total if found.total <= MOST else -1
    if not all(term.exact for term in terms):
        total = await _counted(here, office, one, wanted, levels, terms, found) if found.total <= MANY else -1
    return Listed(total, items, *sides(here, "newest", found), pending)


async def levels_for(here: Parts, office: str, one: Reader, terms: list[Term]) -> list[list[Level]]:
    """For each term the numbers it has at each level that the reader may look in; what is sealed once for each year whose key is there."""
    may = levels_of(one)
    keyed = [(key_of(here.keys, office, level, 0), kinds) for level, kinds in may.items() if level != CLOSED]
    if CLOSED in may and (span := await queries_index.years(here.pool, office)):
        keyed += [(key_of(here.keys, office, CLOSED, year), may[CLOSED]) for year in known_years(here.keys, office, *span)]
    return [[(numbers(key, term.pieces), kinds) for key, kinds in keyed] for term in terms]


async def _counted(here: Parts, office: str, one: Reader, wanted: Wanted, levels: list[list[Level]], terms: list[Term], found: Page) -> int:
    """How many hits stand when each is held against what the reader is shown."""
    if found.after is None and found.before is None:
        whole = found
    else:
        whole = await queries_search.found(here.pool, office, one, wanted.filters, levels, None, None, MANY)
    return len(await _verified(here, one, whole, terms))


async def _verified(here: Parts, one: Reader, found: Page, terms: list[Term]) -> list[dict[str, Any]]:
    cases = await queries.cases_of(here.pool, [row["case_id"] for row in found.rows])
    laws = await here.laws.of(here.pool, cases.values())
    items = []
    for row in found.rows:
        case, events = cases[row["case_id"]].case, cases[row["case_id"]].events
        law = laws[case.id]
        shown = view(case, one, law)
        if shown is None:
            continue
        texts = said(words.opened(here.keys, shown), words.opened(here.keys, told(events, case, one, law)), law)
        hits = [_where(term, texts) for term in terms]
        if all(hits):
            items.append({**line(json.loads(row["row"]), shown, one), "hits": list(dict.fromkeys(hits))})
    if len(items) < len(found.rows) and all(term.exact for term in terms):
        LOG.error("%d hits of the index are not what their reader is shown", len(found.rows) - len(items))
    return items


def _where(term: Term, texts: list[str]) -> str:
    """The first text that holds a term, as far as it is needed to be understood; '' where none does."""
    text = next((text for text in texts if term.bare in bare(text)), "")
    at = plain(text).find(term.bare)
    begin = max(0, at - AROUND) if at >= 0 and len(plain(text)) == len(text) else 0
    end = begin + 2 * AROUND + len(term.bare)
    return ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")
