"""Words in a register: which of its cases a reader may find by them, newest first, and how many there are.

Two ways to the same answer. A word that stands in many cases is soon met again: the newest cases are looked through one by one until there are enough. Any other is asked
of the index of words, all its cases at once. Where the first way ends before it is sure of its answer, the second is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from api.queries_lists import CLOSED, VISIBLE, Order, Page, Place, conditions, turned
from domain.core import Reader

Level = tuple[list[int], tuple[str, ...]]  # numbers that must all be there, and the kinds of content that must be open to the reader
Terms = Sequence[Sequence[Level]]
MANY = 50  # hits above this are not held against the view one by one to be counted
MOST = 1000  # and above this not counted at all: nobody reads them, and "more than a thousand" is as true tomorrow
NEAR = 5000  # cases looked through one by one at most: some twenty milliseconds
COMMON, COMMON_FILTERED = 20_000, 3_000  # a word in so many cases is looked for in this way; under filters each hit of the index costs a look at its case


@dataclass(frozen=True)
class Shelf:
    """A table of cases (called `cases` in all conditions) and the index of its words (`w`), by the column that is the key of both."""

    table: str
    words: str
    key: str
    versioned: bool = True  # a row of the index that is behind its case does not count

    @property
    def cases(self) -> str:
        """The table under the name that conditions give it."""
        return f"{self.table} cases"

    @property
    def same(self) -> str:
        """The condition that a row of the index is of a case as it now is."""
        return f"w.{self.key} = cases.{self.key}" + (" and w.version = cases.version" if self.versioned else "")

    @property
    def newest(self) -> Order:
        """The order of hits."""
        return Order("cases.received_at", down=True, name=f"cases.{self.key}")


CASES = Shelf("cases", "register_words", "case_id")
OLD = Shelf("old_records", "old_words", "id", versioned=False)


@dataclass(frozen=True)
class Asked:
    """What is looked for: the condition of the cases that the reader may find, with its arguments ($3 the reader's names), the terms, and the place of the page."""

    shelf: Shelf
    seen: str
    args: Sequence[Any]
    terms: Terms
    limit: int
    after: Place | None = None
    before: Place | None = None
    own: bool = False  # few cases concern the reader: those are looked through
    filtered: bool = False

    @property
    def back(self) -> bool:
        """Whether the page lies before its place."""
        return self.before is not None

    @property
    def place(self) -> Place | None:
        """Where the page begins, or ends."""
        return self.before or self.after


def holds(terms: Terms, args: list[Any]) -> str:
    """The condition on a row `w` of the index that it holds every term at some level that the reader may look in.

    What the index of words answers alone stands first and by itself; only a row whose secrets may name the reader is looked at level by level.
    """
    there, opened, guarded = [], [], False
    for levels in terms:
        ways, closed = [], []
        for numbers, kinds in levels:
            args.append(numbers)
            ways.append(f"w.tokens @> ${len(args)}::bigint[]")
            closed.append(ways[-1])
            if kinds:
                args.append(list(kinds))
                closed[-1] = f"({ways[-1]} and {CLOSED.format(rules='w.closed', kinds=f'${len(args)}::text[]', names='$3::text[]')})"
                guarded = True
        there.append(f"({' or '.join(ways) or 'false'})")
        opened.append(f"({' or '.join(closed) or 'false'})")
    if guarded:
        there.append(f"(not (w.guards && ($3::text[] || array['*'])) or ({' and '.join(opened)}))")
    return " and ".join(there)


async def in_register(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Terms, limit: int, after: Place | None = None, before: Place | None = None, common: Mapping[int, float] | None = None
) -> Page:
    """A page of the register's cases that hold every term; `common` = in about how many cases the numbers stand that stand in many."""
    asked = conditions(office, reader, filters, "newest")
    # No level of a reader from outside asks for more than the case itself (domain.words.levels_of).
    return await found(pool, Asked(CASES, f"{asked.where} and (plain or {VISIBLE})", asked.args, terms, limit, after, before, reader.outside, bool(filters)), common)


async def found(pool: asyncpg.Pool, asked: Asked, common: Mapping[int, float] | None = None) -> Page:
    """The page that is asked for, and how many hits there are, as far as MOST and one more."""
    if not asked.own and expected(asked.terms, {} if common is None else common) >= (COMMON_FILTERED if asked.filtered else COMMON):
        page = await _nearest(pool, asked)
        if page is not None:
            return page
    return await _all(pool, asked)


def expected(terms: Terms, common: Mapping[int, float]) -> float:
    """In about how many cases all terms stand: the rarest piece of each says so, and the rarest term."""
    return min(max((min(common.get(one, 0.0) for one in numbers) for numbers, _ in levels if numbers), default=0.0) for levels in terms)


async def _nearest(pool: asyncpg.Pool, asked: Asked) -> Page | None:
    """The page by looking through the newest cases; None where that many did not answer for certain."""
    one, seen, newest, args = asked.shelf, asked.seen, asked.shelf.newest, list(asked.args)
    held = f"cross join lateral (select 1 from {one.words} w where {one.same} and {holds(asked.terms, args)} limit 1) h"  # noqa: S608 - values are arguments
    begins = seen
    if asked.place is not None:
        args += list(asked.place)
        begins += f" and {newest.beyond(len(args) - 1, back=asked.back)}"

    def walk(condition: str, *, back: bool) -> str:
        return f"(select *, cases.received_at as place from {one.cases} where {condition} order by {newest.by(back=back)} limit {NEAR}) cases"  # noqa: S608 - conditions are ours

    # How far was looked is asked only where the answer is not sure without it; in order, for an order is read from an index.
    far = f"(select count(*) from (select 1 from {one.cases} where {{}} order by {newest.by(back=False)} limit {NEAR + 1}) c)"  # noqa: S608 - ours
    wanted = f"""with p as materialized (select cases.* from {walk(begins, back=asked.back)} {held} order by {newest.by(back=asked.back)} limit {asked.limit + 1}),
        t as materialized (select (select count(*) from (select 1 from {walk(seen, back=False)} {held} limit {MOST + 1}) c) as total)
        select t.total, case when t.total > {MOST} then 0 else {far.format(seen)} end as walked, case when (select count(*) from p) > {asked.limit} then 0 else {far.format(begins)} end as beyond, p.*
        from t left join p on true order by {_page_order(asked)}"""  # noqa: S608 - conditions are ours, values are arguments
    rows = await pool.fetch(wanted, *args)
    sure = rows[0]["walked"] <= NEAR and rows[0]["beyond"] <= NEAR
    return _turned(rows, asked) if sure else None


async def _all(pool: asyncpg.Pool, asked: Asked) -> Page:
    """The page by the index of words; for a reader whom few cases concern, by those cases."""
    one, seen, args = asked.shelf, asked.seen, list(asked.args)
    index, way = f"{one.words} w where {holds(asked.terms, args)}", Order("h.at", down=True, name="h.hit")
    held, still = ("w.version", " and cases.version = h.held") if one.versioned else ("0", "")
    hits = f"select w.{one.key} as hit, {held} as held, w.received_at as at from {index}"  # noqa: S608 - values are arguments
    if asked.own:
        hits = f"select cases.{one.key} as hit, {held} as held, cases.received_at as at from (select * from {one.cases} where {seen} offset 0) cases, {index} and {one.same}"  # noqa: S608 - ours
    opened = f"cross join lateral (select * from {one.cases} where cases.{one.key} = h.hit{still} and {seen} offset 0) cases"  # noqa: S608 - ours
    beyond = ""
    if asked.place is not None:
        args += list(asked.place)
        beyond = f" where {way.beyond(len(args) - 1, back=asked.back)}"
    # Put in order before a case is opened, and each opened by its key: so that the cases of one page are opened, and no more.
    ordered = f"(select * from f h{beyond} order by {way.by(back=asked.back)} offset 0) h"  # noqa: S608 - ours
    wanted = f"""with f as materialized ({hits})
        select t.total, p.* from (select count(*) as total from (select 1 from f h {"" if asked.own else opened} limit {MOST + 1}) c) t
        left join (select cases.*, h.at as place from {ordered} {opened} order by {way.by(back=asked.back)} limit {asked.limit + 1}) p on true
        order by {_page_order(asked)}"""  # noqa: S608 - conditions are ours, values are arguments
    return _turned(await pool.fetch(wanted, *args), asked)


def _page_order(asked: Asked) -> str:
    return Order("p.place", down=True, name=f"p.{asked.shelf.key}").by(back=asked.back)


def _turned(rows: Sequence[asyncpg.Record], asked: Asked) -> Page:
    met = [row for row in rows if row[asked.shelf.key] is not None]
    return turned(met, int(rows[0]["total"]), asked.limit, asked.after, asked.before, asked.shelf.key)
