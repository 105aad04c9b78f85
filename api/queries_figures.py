"""What figures over cases are counted from, and which cases a reader must not have counted: the record's side of `domain/ledger_figures.py`."""

import json
from collections.abc import Sequence

import asyncpg

from domain.views import Reader, closes


async def counting(pool: asyncpg.Pool, ledger: str, kinds: Sequence[str]) -> list[str]:
    """The events of a ledger that say what counts, in order."""
    rows = await pool.fetch("select body from ledger_events where ledger = $1 and kind = any($2) order by seq", ledger, list(kinds))
    return [row["body"] for row in rows]


async def closed_cases(pool: asyncpg.Pool, office: str, reader: Reader) -> set[str]:
    """The cases of an office whose existence is closed to a reader who looks over it, by the same rules as lists; a row from before these rules closes too."""
    rows = await pool.fetch('select case_id, "row" -> \'closed\' closed from cases where office = $1 and (not "row" ? \'closed\' or jsonb_array_length("row" -> \'closed\') > 0)', office)
    return {row["case_id"] for row in rows if row["closed"] is None or any("existence" in rule["hide"] and closes(rule, reader.names) for rule in json.loads(row["closed"]))}
