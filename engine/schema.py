"""Temporal's tables on PostgreSQL, by its own tool of the same version."""

import asyncio
import os
import subprocess
from pathlib import Path

import asyncpg

from engine.process import PartFailed, launched
from engine.progress import Progress
from engine.stores import DATABASES, MAIN, PLUGIN, VISIBILITY, Address, File, Memory, Sql, address

NEEDED_BY_VISIBILITY = "btree_gin"


async def has_extensions(url: str) -> bool:
    """True when the server can take the visibility tables (contrib is installed)."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return bool(await connection.fetchval("select count(*) from pg_available_extensions where name = $1", NEEDED_BY_VISIBILITY))
    finally:
        await connection.close()


async def sql_store(url: str, tool: Path, *, beside: Memory | File, progress: Progress, shards: int = 4) -> Sql:
    """The store on that server with its tables made or brought up to date; visibility goes `beside` on SQLite where
    the server lacks extensions. `url` names a user who may create databases.
    """
    whole = await has_extensions(url)
    wait = progress.wait("引擎建表", "the engine's tables on PostgreSQL")
    for role in (MAIN, VISIBILITY) if whole else (MAIN,):
        await make_tables(url, tool, role)
    wait.done("" if whole else "(visibility on SQLite: no btree_gin)")
    return Sql(url, None if whole else beside, shards)


async def make_tables(url: str, tool: Path, role: str) -> None:
    """Create, set up once, update. Setting up twice would set the version back, so we look first."""
    where = address(url)
    await asyncio.to_thread(run, where, tool, role, "create")
    if not await has_tables(where, role):
        await asyncio.to_thread(run, where, tool, role, "setup-schema", "-v", "0.0")
    folder = "temporal" if role == MAIN else "visibility"
    await asyncio.to_thread(run, where, tool, role, "update-schema", "--schema-name", f"postgresql/v12/{folder}")


async def has_tables(where: Address, role: str) -> bool:
    """True when the role's database was set up before."""
    host = where.socket or where.host
    connection = await asyncpg.connect(host=host, port=where.port, user=where.user, password=where.password or None, database=DATABASES[role])
    try:
        return bool(await connection.fetchval("select to_regclass('schema_version') is not null"))
    finally:
        await connection.close()


def run(where: Address, tool: Path, role: str, *step: str) -> None:
    """One step of the tool. PartFailed when it fails."""
    attributes = ["--connect-attributes", f"host={where.socket}"] if where.socket else []
    command = [
        *(str(tool), "--plugin", PLUGIN, "--endpoint", where.host, "--port", str(where.port), "--user", where.user),
        *("--database", DATABASES[role], *attributes, *step),
    ]
    done = subprocess.run(
        launched(command, None), env={**os.environ, "SQL_PASSWORD": where.password}, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        raise PartFailed(f"{' '.join(step)} {DATABASES[role]}: {(done.stdout + done.stderr)[-600:]}")
