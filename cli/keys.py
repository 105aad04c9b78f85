"""`huiyin keys`: the seal keys by office and year, and the destruction of one, by two people, when a year's people are to be forgotten."""

import os
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import asyncpg

from api.keyring import SEALS, Keyring

OPEN = "select count(*) from cases where office = $1 and phase <> 'archived' and extract(year from received_at at time zone interval '8 hours') = $2"
KEEP = "insert into reader_log (office, person, what, case_id, reason) values ($1, $2, 'key_destroyed', '', $3)"


class Refusal(ValueError):
    """Why a key stays, and what to do; in both languages."""


def listed(folder: Path) -> list[str]:
    """A line for each office and year that has, or had, a key."""
    files = sorted((folder / SEALS).glob("*")) if (folder / SEALS).is_dir() else []
    return [f"{unquote(one.name)}  {'在用 in use' if one.stat().st_size else '已销毁 destroyed'}" for one in files if not one.name.startswith(".")] or ["还没有 none yet"]


async def destroy(keys: Keyring, url: str, office: str, year: int, people: tuple[str, str], reason: str, known: set[str]) -> None:
    """Overwrite the key of one office and year, logged first. Raises Refusal while cases of that year are open, or where two people do not stand behind it."""
    label = f"{office}:{year}"
    if len({*people} & known) < 2:
        raise Refusal("须由本机构两名不同的人员决定 two different people of this office must stand behind it")
    if len(reason.strip()) < 2:
        raise Refusal("请写明依据 say on what ground")
    path = keys.seal_file(label)
    if not path.is_file() or not path.stat().st_size:
        raise Refusal(f"{label}: 没有可销毁的密钥 no key to destroy; 见 see: huiyin keys list")
    db = await asyncpg.connect(url, timeout=5)
    try:
        still = await db.fetchval(OPEN, office, year)
        if still:
            raise Refusal(f"{label}: 还有 {still} 件未归档,先办完 cases of that year are not archived yet, finish them first")
        await db.execute(KEEP, office, "+".join(people), f"{label} {date.today().isoformat()} {reason.strip()}")  # noqa: DTZ011 - a note of the day for people
    finally:
        await db.close()
    overwrite(path)


def overwrite(path: Path) -> None:
    """Random bytes over it, then nothing; the empty file stays, so that nobody makes a new key in its place."""
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
        file.truncate(0)
        os.fsync(file.fileno())
