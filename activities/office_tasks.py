"""Tasks of an office that stand in no case's own list: opened once by their key, closed by whoever sees that they are done."""

from typing import Any


async def open_task(db: Any, key: str, office: str, role: str, what: str, case_id: str) -> bool:
    """Open a task, or open it again; True when it was not open before."""
    row = await db.fetchrow("select what, closed_at from office_tasks where key = $1", key)
    await db.execute(
        "insert into office_tasks as t (key, office, role, what, case_id) values ($1, $2, $3, $4, $5) on conflict (key) do update set "
        "what = excluded.what, opened_at = case when t.closed_at is null then t.opened_at else now() end, closed_at = null",
        key, office, role, what, case_id,
    )  # fmt: skip
    return row is None or row["closed_at"] is not None


async def close_task(db: Any, key: str) -> bool:
    """Close it; True when it was open."""
    return await db.fetchval("update office_tasks set closed_at = now() where key = $1 and closed_at is null returning true", key) is True
