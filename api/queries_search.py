"""Words in the register: which cases a reader may find by them, as conditions of a list."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from api.queries_lists import CLOSED, VISIBLE, Order, Page, Place, conditions, turned
from domain.core import Reader

Level = tuple[list[int], tuple[str, ...]]  # numbers that must all be there, and the kinds of content that must be open to the reader
MANY = 100  # hits above this are not held against the view one by one to be counted
MOST = 1000  # and above this not counted at all: nobody reads them, and "more than a thousand" is as true tomorrow


def hits_of(levels: Sequence[Level], args: list[Any]) -> str:
    """The query of the cases that hold one term at some level that the reader may look in. One SELECT a level: so the index alone says it, and no text is looked at."""
    ways = []
    for numbers, kinds in levels:
        args.append(numbers)
        way = f"w.tokens @> ${len(args)}::bigint[]"
        if kinds:
            args.append(list(kinds))
            closed = CLOSED.format(rules="w.closed", kinds=f"${len(args)}::text[]", names="$3::text[]")
            way += f" and (not (w.guards && ($3::text[] || array['*'])) or {closed})"
        ways.append(f"select w.case_id as hit, w.version as held, w.received_at as at from register_words w where {way}")  # noqa: S608 - values are arguments
    return " union ".join(ways) if ways else "select ''::text as hit, 0 as held, now() as at where false"


def words_in(terms: Sequence[Sequence[Level]], args: list[Any]) -> str:
    """The same as a condition on a case, for a reader whom few cases concern: those are looked through one by one."""
    each = []
    for levels in terms:
        args += [numbers for numbers, _ in levels]
        ways = [f"w.tokens @> ${len(args) - n}::bigint[]" for n in range(len(levels))]
        each.append(f"({' or '.join(ways)})" if ways else "false")
    return f"exists (select 1 from register_words w where w.case_id = cases.case_id and w.version = cases.version and {' and '.join(each)})"  # noqa: S608 - values are arguments


async def found(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Sequence[Sequence[Level]], after: Place | None, before: Place | None, limit: int
) -> Page:
    """A page of the cases that hold every term where this reader may look, newest first, and how many there are, as far as MOST and one more."""
    asked, back = conditions(office, reader, filters, "newest"), before is not None
    args, where = list(asked.args), f"{asked.where} and (plain or {VISIBLE})"
    if reader.outside:  # no level of theirs asks for more than the case itself (domain.words.levels_of)
        hits, within = "select 1", f"cases where {where} and {words_in(terms, args)}"
        listed, way = within, Order("cases.received_at", down=True, name="cases.case_id")
    else:
        each = [f"({hits_of(levels, args)})" for levels in terms]
        hits = f"select f.hit, f.held, f.at from {each[0]} f" + "".join(f" join {more} f{n} using (hit)" for n, more in enumerate(each[1:], 1))  # noqa: S608 - as in them
        opened = f"cross join lateral (select * from cases where cases.case_id = h.hit and cases.version = h.held and {where} offset 0) cases"  # noqa: S608 - ours
        within = f"f h {opened}"
        # Put in order before a case is opened, and each opened by its key: so that the cases of one page are opened, and no more.
        ordered = f"(select * from f order by {Order('f.at', down=True, name='f.hit').by(back=back)} offset 0) h"  # noqa: S608 - ours
        listed, way = f"{ordered} {opened} where true", Order("h.at", down=True, name="h.hit")
    place = before or after
    if place is not None:
        args += list(place)
        listed += f" and {way.beyond(len(args) - 1, back=back)}"
    wanted = f"""with f as materialized ({hits})
        select t.total, p.* from (select count(*) as total from (select 1 from {within} limit {MOST + 1}) c) t
        left join (select cases.*, {way.key} as place from {listed} order by {way.by(back=back)} limit {limit + 1}) p on true
        order by {Order("p.place", down=True, name="p.case_id").by(back=back)}"""  # noqa: S608 - conditions are ours, values are arguments
    rows = await pool.fetch(wanted, *args)
    return turned([row for row in rows if row["case_id"] is not None], int(rows[0]["total"]), limit, after, before)
