"""Words in the register: which cases a reader may find by them, newest first, and how many there are.

Two ways to the same answer. A word that stands in many cases is soon met again: the newest cases are looked through one by one until there are enough. Any other is asked
of the index of words, all its cases at once. Where the first way ends before it is sure of its answer, the second is taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from api.queries_lists import CLOSED, VISIBLE, Order, Page, Place, conditions, turned
from domain.core import Reader

Level = tuple[list[int], tuple[str, ...]]  # numbers that must all be there, and the kinds of content that must be open to the reader
MANY = 50  # hits above this are not held against the view one by one to be counted
MOST = 1000  # and above this not counted at all: nobody reads them, and "more than a thousand" is as true tomorrow
NEAR = 5000  # cases looked through one by one at most: some twenty milliseconds
COMMON, COMMON_FILTERED = 20_000, 3_000  # a word in so many cases is looked for in this way; under filters each hit of the index costs a look at its case
NEWEST = Order("cases.received_at", down=True, name="cases.case_id")


def holds(terms: Sequence[Sequence[Level]], args: list[Any]) -> str:
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


async def found(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Sequence[Sequence[Level]], after: Place | None, before: Place | None, limit: int,
    common: Mapping[int, float] | None = None,
) -> Page:  # fmt: skip
    """A page of the cases that hold every term where this reader may look, newest first, and how many there are, as far as MOST and one more.

    `common` = in about how many cases the numbers stand that stand in many.
    """
    if not reader.outside and expected(terms, common or {}) >= (COMMON_FILTERED if filters else COMMON):
        page = await _nearest(pool, office, reader, filters, terms, after, before, limit)
        if page is not None:
            return page
    return await _all(pool, office, reader, filters, terms, after, before, limit)


def expected(terms: Sequence[Sequence[Level]], common: Mapping[int, float]) -> float:
    """In about how many cases all terms stand: the rarest piece of each says so, and the rarest term."""
    return min(max((min(common.get(one, 0.0) for one in numbers) for numbers, _ in levels if numbers), default=0.0) for levels in terms)


async def _nearest(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Sequence[Sequence[Level]], after: Place | None, before: Place | None, limit: int
) -> Page | None:
    """The page by looking through the newest cases; None where that many did not answer for certain."""
    asked, back, place = conditions(office, reader, filters, "newest"), before is not None, before or after
    args, seen = list(asked.args), f"{asked.where} and (plain or {VISIBLE})"
    held = f"cross join lateral (select 1 from register_words w where w.case_id = cases.case_id and w.version = cases.version and {holds(terms, args)} limit 1) h"  # noqa: S608 - values are arguments
    begins = seen
    if place is not None:
        args += list(place)
        begins += f" and {NEWEST.beyond(len(args) - 1, back=back)}"

    def walk(condition: str, *, back: bool) -> str:
        return f"(select *, cases.received_at as place from cases where {condition} order by {NEWEST.by(back=back)} limit {NEAR}) cases"  # noqa: S608 - conditions are ours

    # How far was looked is asked only where the answer is not sure without it.
    far = f"(select count(*) from (select 1 from cases where {{}} limit {NEAR + 1}) c)"  # noqa: S608 - ours
    wanted = f"""with p as materialized (select cases.* from {walk(begins, back=back)} {held} order by {NEWEST.by(back=back)} limit {limit + 1}),
        t as materialized (select (select count(*) from (select 1 from {walk(seen, back=False)} {held} limit {MOST + 1}) c) as total)
        select t.total, case when t.total > {MOST} then 0 else {far.format(seen)} end as walked, case when (select count(*) from p) > {limit} then 0 else {far.format(begins)} end as beyond, p.*
        from t left join p on true order by {Order("p.place", down=True, name="p.case_id").by(back=back)}"""  # noqa: S608 - conditions are ours, values are arguments
    rows = await pool.fetch(wanted, *args)
    total, met = int(rows[0]["total"]), [row for row in rows if row["case_id"] is not None]
    sure = rows[0]["walked"] <= NEAR and rows[0]["beyond"] <= NEAR
    return turned(met, total, limit, after, before) if sure else None


async def _all(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Sequence[Sequence[Level]], after: Place | None, before: Place | None, limit: int
) -> Page:
    """The page by the index of words; for a reader whom few cases concern, by those cases."""
    asked, back, place = conditions(office, reader, filters, "newest"), before is not None, before or after
    args, seen = list(asked.args), f"{asked.where} and (plain or {VISIBLE})"
    index, way = f"register_words w where {holds(terms, args)}", Order("h.at", down=True, name="h.hit")
    hits = f"select w.case_id as hit, w.version as held, w.received_at as at from {index}"  # noqa: S608 - values are arguments
    if reader.outside:  # no level of theirs asks for more than the case itself (domain.words.levels_of): their own cases are looked through
        own = f"(select * from cases where {seen} offset 0) cases"  # noqa: S608 - ours
        hits = f"select cases.case_id as hit, cases.version as held, cases.received_at as at from {own}, {index} and w.case_id = cases.case_id and w.version = cases.version"  # noqa: S608 - ours
    opened = f"cross join lateral (select * from cases where cases.case_id = h.hit and cases.version = h.held and {seen} offset 0) cases"  # noqa: S608 - ours
    beyond = ""
    if place is not None:
        args += list(place)
        beyond = f" where {way.beyond(len(args) - 1, back=back)}"
    # Put in order before a case is opened, and each opened by its key: so that the cases of one page are opened, and no more.
    ordered = f"(select * from f h{beyond} order by {way.by(back=back)} offset 0) h"  # noqa: S608 - ours
    wanted = f"""with f as materialized ({hits})
        select t.total, p.* from (select count(*) as total from (select 1 from f h {"" if reader.outside else opened} limit {MOST + 1}) c) t
        left join (select cases.*, h.at as place from {ordered} {opened} order by {way.by(back=back)} limit {limit + 1}) p on true
        order by {Order("p.place", down=True, name="p.case_id").by(back=back)}"""  # noqa: S608 - conditions are ours, values are arguments
    rows = await pool.fetch(wanted, *args)
    return turned([row for row in rows if row["case_id"] is not None], int(rows[0]["total"]), limit, after, before)
