"""`python -m engine.roles`: the users of one PostgreSQL that carries record and engine. Safe to repeat; a changed password file takes effect.

HUIYIN_DATABASE_URL names a user who may make others; each role's password comes from the file that its setting names.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from workflows.secretfile import database_url, secret


@dataclass(frozen=True)
class Role:
    """One user: where its password lies, the database it owns, whether it makes databases of its own."""

    name: str
    setting: str
    database: str = ""
    makes_databases: bool = False


ROLES = (Role("huiyin_app", "HUIYIN_APP_PASSWORD_FILE", database="huiyin"), Role("temporal", "TEMPORAL_PASSWORD_FILE", makes_databases=True))


async def make_roles(url: str, passwords: dict[str, str]) -> list[str]:
    """Make or update every role and its database; one line each. Neither may enter the other's database."""
    connection = await asyncpg.connect(url)
    try:
        return [await make(connection, role, passwords[role.name]) for role in ROLES]
    finally:
        await connection.close()


async def make(connection: asyncpg.Connection, role: Role, password: str) -> str:
    """One role with its database."""
    known = await connection.fetchval("select 1 from pg_roles where rolname = $1", role.name)
    verb, rights = ("alter" if known else "create"), ("createdb" if role.makes_databases else "nocreatedb")
    # a name and a password cannot be parameters of such a statement: the server itself quotes them
    statement = await connection.fetchval("select format('%s role %I login nosuperuser nocreaterole %s password %L', $1::text, $2::text, $3::text, $4::text)", verb, role.name, rights, password)
    await connection.execute(statement)
    if role.database:
        if not await connection.fetchval("select 1 from pg_database where datname = $1", role.database):
            await connection.execute(await connection.fetchval("select format('create database %I', $1::text)", role.database))
        for sentence in ("alter database %1$I owner to %2$I", "revoke all on database %1$I from public"):
            await connection.execute(await connection.fetchval("select format($3, $1::text, $2::text)", role.database, role.name, sentence))
    return f"✓ {role.name}: {'已更新 updated' if known else '已建立 made'}"


def run() -> int:
    """The command's body."""
    try:
        passwords = {role.name: secret(Path(os.environ.get(role.setting, "")), role.setting) for role in ROLES}
        said = asyncio.run(make_roles(database_url(), passwords))
    except (ValueError, OSError, asyncpg.PostgresError) as wrong:
        sys.stderr.write(f"✗ {wrong}\n")
        return 1
    sys.stdout.write("\n".join(said) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(run())
