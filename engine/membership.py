"""The list of members that a server leaves behind in its store.

A new server asks everybody who was seen in the last 20 s to let it in. After a quick restart on other ports those are all dead: it may wait
half a minute in a ring of its own, and answers "Not enough hosts to serve the request" meanwhile. Our server is one process on loopback, so
before it starts, whoever stands there as loopback is gone for certain; members on other machines are left alone.
"""

import contextlib
import sqlite3
from pathlib import Path

import asyncpg

from engine.stores import DATABASES, MAIN, File, Sql, Store, address

LOOPBACK = "127.0.0.1"
PRESENT = "select to_regclass('cluster_membership') is not null"


async def forget_members(store: Store) -> None:
    """Remove the loopback members of an earlier run; a store without tables yet has none."""
    if isinstance(store, Sql):
        await forget_on_postgres(store)
    elif isinstance(store, File):
        forget_in_file(store.path)


async def forget_on_postgres(store: Sql) -> None:
    """In the engine's database of that PostgreSQL."""
    where = address(store.url)
    connection = await asyncpg.connect(
        host=where.socket or where.host, port=where.port, user=where.user, password=where.password or None, database=DATABASES[MAIN]
    )
    try:
        if await connection.fetchval(PRESENT):
            await connection.execute("delete from cluster_membership where rpc_address = $1", LOOPBACK)
    finally:
        await connection.close()


def forget_in_file(path: Path) -> None:
    """In the SQLite file, where there is one."""
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as connection, connection:
        if connection.execute("select 1 from sqlite_master where name = 'cluster_membership'").fetchone():
            connection.execute("delete from cluster_membership where rpc_address = ?", (LOOPBACK,))
