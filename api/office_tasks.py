"""Tasks of an office that stand in no case's own list, for whoever holds the post: what it is, and what to do."""

from typing import Any

import asyncpg

from api import queries
from domain.core import Law, Reader

WORDS = {
    "archive_missing": ("已归档的案件没有留存历史", "An ended case has no kept history", "运行 huiyin doctor 检查引擎与文件夹;引擎还有此件时会自动补存", "Check engine and files with `huiyin doctor`; it is kept by itself while the engine still has the run"),
    "archive_damaged": ("留存的历史文件缺失或被改动", "A kept history is missing or was altered", "运行 huiyin audit replay 核对,并从备份恢复该文件", "Run `huiyin audit replay` on it, and restore the file from a backup"),
    "archive_cut": ("留存的历史缺少较早的运行", "A kept history lacks its earlier runs", "较早的事件只由链头证明;请记录原因", "Earlier events are proved by the chain head only; note the reason"),
}  # fmt: skip


async def office_tasks(pool: asyncpg.Pool, one: Reader, law: Law) -> list[dict[str, Any]]:
    """What waits for the reader's posts, the oldest first. A case stands there by its id only: no view of it is given."""
    roles = _roles(one.posts, law)
    held = {role for person in law.office.get("person", {}).values() for role in _roles(person.get("posts", ()), law)}
    if "admin" not in held and "centre_head" in roles:
        roles.add("admin")  # an office without an administrator: whoever leads the centre
    rows = await queries.office_tasks(pool, str(law.office["office"]["id"]), sorted(roles))
    return [_shown(row) for row in rows]


def _roles(posts: Any, law: Law) -> set[str]:
    return {str(law.row("post", post).get("role", "")) for post in posts} - {""}


def _shown(row: Any) -> dict[str, Any]:
    zh, en, remedy_zh, remedy_en = WORDS.get(row["what"], (row["what"], row["what"], "", ""))
    return {"key": row["key"], "what": row["what"], "case": row["case_id"], "since": row["opened_at"].isoformat(), "title": zh, "title_en": en, "remedy": remedy_zh, "remedy_en": remedy_en}
