"""Words in the register: which cases a reader may find by them, as conditions of a list."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from api.queries_lists import CLOSED, VISIBLE, Order, Page, Place, conditions, turned
from domain.core import Reader

Level = tuple[list[int], tuple[str, ...]]  # numbers that must all be there, and the kinds of content that must be open to the reader
NEWEST = Order("received_at", down=True)
MANY = 100  # hits above this are not counted one by one where a hit may have to be taken back


def words_in(terms: Sequence[Sequence[Level]], args: list[Any]) -> str:
    """The condition that every term stands at some level that the reader may look in; its arguments go to `args`, whose third is the reader's names."""
    each = []
    for levels in terms:
        ways = []
        for numbers, kinds in levels:
            args.append(numbers)
            way = f"w.tokens @> ${len(args)}::bigint[]"
            if kinds:
                args.append(list(kinds))
                closed = CLOSED.format(rules="w.closed", kinds=f"${len(args)}::text[]", names="$3::text[]")
                way = f"({way} and (not (w.guards && ($3::text[] || array['*'])) or {closed}))"
            ways.append(way)
        each.append(f"({' or '.join(ways)})" if ways else "false")
    return f"exists (select 1 from register_words w where w.case_id = cases.case_id and w.version = cases.version and {' and '.join(each)})"  # noqa: S608 - values are arguments


async def found(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], terms: Sequence[Sequence[Level]], after: Place | None, before: Place | None, limit: int
) -> Page:
    """A page of the cases that hold every term where this reader may look, newest first, and how many there are."""
    asked = conditions(office, reader, filters, "newest")
    args = list(asked.args)
    condition = f"{asked.where} and (plain or {VISIBLE}) and {words_in(terms, args)}"
    place, counted = before or after, list(args)
    wanted = condition
    if place is not None:
        args += list(place)
        wanted += f" and {NEWEST.beyond(len(args) - 1, back=before is not None)}"
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        total = await db.fetchval(f"select count(*) from cases where {condition}", *counted)  # noqa: S608 - conditions are ours, values are arguments
        rows = await db.fetch(f"select *, received_at as place from cases where {wanted} order by {NEWEST.by(back=before is not None)} limit {limit + 1}", *args)  # noqa: S608
    return turned(rows, int(total), limit, after, before)
