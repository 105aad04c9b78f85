"""Open cases by deadline, by whom they wait for, and by day: counted under the conditions of the lists that they open."""

from datetime import date
from typing import Any

import asyncpg

from api.queries_lists import VISIBLE, conditions
from domain.core import Reader

GROUP = "case when overdue then 'overdue' when next_due_day is null then 'none' when next_due_day <= {near} then 'soon' else 'later' end"


async def board(pool: asyncpg.Pool, office: str, reader: Reader, near: date) -> tuple[dict[str, int], list[asyncpg.Record]]:
    """How many open cases each group has, and each holder: how many, how many of them late, the longest since when."""
    asked = conditions(office, reader, {"open": True})
    group = GROUP.format(near=f"${len(asked.args) + 1}")
    groups = f"""select grp, count(*) as n from (
        select {group} as grp from cases where {asked.where} and plain
        union all select {group} from cases where {asked.where} and not plain and {VISIBLE}) g group by grp"""  # noqa: S608 - conditions are ours, values are arguments
    holders = f"""select who, count(*) as n, count(*) filter (where overdue) as overdue, min(waiting_since) as since
        from cases, unnest(waiting_on) as who where {asked.where} and (plain or {VISIBLE}) group by who order by n desc, who"""  # noqa: S608
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        found = {row["grp"]: int(row["n"]) for row in await db.fetch(groups, *asked.args, near)}
        return found, list(await db.fetch(holders, *asked.args))


async def deadlines(pool: asyncpg.Pool, office: str, reader: Reader, first: date, last: date) -> dict[date, tuple[int, int]]:
    """By day: how many open cases are due next on it, and how many of these are late with something."""
    asked = conditions(office, reader, {"open": True, "due_from": first, "due_to": last})
    counted = f"""select next_due_day as day, count(*) as n, count(*) filter (where overdue) as overdue from (
        select next_due_day, overdue from cases where {asked.where} and plain
        union all select next_due_day, overdue from cases where {asked.where} and not plain and {VISIBLE}) d group by 1"""  # noqa: S608 - as above
    rows: list[Any] = await pool.fetch(counted, *asked.args)
    return {row["day"]: (int(row["n"]), int(row["overdue"])) for row in rows}
