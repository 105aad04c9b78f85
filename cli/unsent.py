"""What an administrator asks when a notice does not arrive: whose, by which address, since when, and when it is tried again."""

from typing import Any

from domain.workdays import ZONE

QUESTION = """
select i.office, c.register_no, i.form, i.person, i.last_error, i.tries, i.failed_since, i.next_try, o.marked_at is not null marked
from inbox i join outbox o using (key) left join cases c on c.case_id = i.case_id
where i.reached_at is null and i.failed_since is not null and ($1 = '' or i.office = $1) order by i.office, i.failed_since, i.key limit 200
"""
# Three minutes ago: so even a demanded one, whose case would wait for its hour, is the courier's at once.
AGAIN = "update inbox set next_try = now() - interval '3 minutes' where reached_at is null and failed_since is not null and ($1 = '' or office = $1)"
HEAD = ("单位 office", "编号 number", "通知 notice", "收件人 person", "地址 address", "次数 tries", "自 since", "下次 next", "已报 told")


async def unsent(database: str, office: str = "", *, again: bool = False) -> list[tuple[str, ...]]:
    """The failing notices, oldest first, as rows of text, addresses by kind and place only; `again` lets the courier try them now. Raises OSError without a record."""
    import asyncpg

    try:
        db = await asyncpg.connect(database, timeout=5)
        try:
            if again:
                await db.execute(AGAIN, office)
            return [_row(one) for one in await db.fetch(QUESTION, office)]
        finally:
            await db.close()
    except (asyncpg.PostgresError, TimeoutError) as wrong:
        raise OSError(type(wrong).__name__) from None


def _row(one: Any) -> tuple[str, ...]:
    since, following = (one[name].astimezone(ZONE).strftime("%m-%d %H:%M") for name in ("failed_since", "next_try"))
    return (one["office"], one["register_no"] or "-", one["form"], one["person"], one["last_error"], str(one["tries"]), since, following, "是 yes" if one["marked"] else "-")


def printed(rows: list[tuple[str, ...]]) -> str:
    """A table, or that all have arrived."""
    if not rows:
        return "✓ 没有未送达的通知 / every notice has arrived"
    lines = ["\t".join(HEAD), *("\t".join(row) for row in rows)]
    return "\n".join([*lines, "→ 改正机构文件中的 notify 后每小时自动重发,无需重启;加 --again 立即重发 / mend `notify` in the office file: it is tried every hour by itself, with --again now"])
