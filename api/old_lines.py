"""A record of an old register before its reader: its view, and its line in the list."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import asyncpg

from api import queries_old, words
from api.keyring import Keyring
from api.laws import Laws
from domain.core import Law, Reader, iso, law_load, view
from domain.old_records import hidden_inside, old_record

MARK = "旧册"
KEEP = ("kind", "channel", "source", "facts", "respondents")


async def laws_of(pool: asyncpg.Pool, laws: Laws, rows: Iterable[asyncpg.Record]) -> dict[str, Law]:
    """The laws under which records were kept, by their hash: today's from memory, earlier ones from the record."""
    hashes, known = {row["law"] for row in rows}, laws.current
    missing = hashes - set(known)
    older = {digest: law_load(json.loads(text)) for digest, text in (await queries_old.laws(pool, missing)).items()} if missing else {}
    return {digest: known.get(digest) or older[digest] for digest in hashes}


def seen(row: asyncpg.Record, one: Reader, law: Law) -> dict[str, Any] | None:
    """The view of a record; None where it is closed to its reader."""
    about = json.loads(row["about"])
    stands = {"old_no": row["number"], "received_at": row["received_at"], "closed_at": row["closed_at"], "units": row["units"], "identity": row["sealed"], "digests": row["digests"], "original": row["content"]}
    return view(old_record(row["id"], {**about, **stands}, law), one, law)


def line_of(keys: Keyring, row: asyncpg.Record, one: Reader, laws: dict[str, Law]) -> dict[str, Any] | None:
    """A line of the list: by the view for a unit, whose part of a record is its own; by what was kept beside it for those inside."""
    if one.outside:
        shown = seen(row, one, laws[row["law"]])
        return None if shown is None else whole(keys, row, shown)
    hidden = hidden_inside(json.loads(row["row"]), one)
    if "existence" in hidden:
        return None
    about = {name: value for name, value in json.loads(row["about"]).items() if name in KEEP}
    shown = {**about, "old_no": row["number"], "received_at": row["received_at"], "assignments": {unit: {"unit": unit} for unit in row["units"]}}
    return whole(keys, row, shown if "original" in hidden else {**shown, "original": row["content"]})


def whole(keys: Keyring, row: asyncpg.Record, shown: dict[str, Any]) -> dict[str, Any]:
    """What a reader gets of a record: the open parts of its view; how it ended in words only with the original."""
    units = sorted({part["unit"] for part in shown.get("assignments", {}).values() if part.get("unit")})
    kept = json.loads(row["about"])
    found = {"id": row["id"], "mark": MARK, "number": shown.get("old_no"), "units": units, **{name: shown[name] for name in KEEP if name in shown}}
    found |= {name: kept[name] for name in ("facts", "respondents") if name in shown}  # as the register had them, without what rules and office file say today
    found |= {"received_at": instant(row["received_at"]), "closed_at": instant(row["closed_at"])} if "received_at" in shown else {}
    outcome = {"outcome": words.opened(keys, row["outcome"])} if row["outcome"] and "original" in shown else {}
    opened: dict[str, Any] = words.opened(keys, found)
    return {**opened, **outcome}


def instant(at: datetime | None) -> str | None:
    """As text, where there is one."""
    return iso(at) if at else None
