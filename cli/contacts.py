"""What `huiyin office check` says of those who hear: an administrator for what does not arrive, addresses that can be read, quiet time."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.quiet import quiet_span


def check_contacts(book: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    """Findings in both languages, [] where there are none."""
    return [*_administrator(book, office), *_quiet(office), *_addresses(office)]


def _administrator(book: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    posts = [key for key, row in (book.get("post") or {}).items() if row.get("role") == "admin"]
    if any(post in person.get("posts", ()) for person in office.get("person", {}).values() for post in posts):
        return []
    return [f"post {' / '.join(posts) or 'admin'}: 没有系统管理员,通知不能送达时无人处理 / no administrator: nobody is told when notices fail; 请在 person 中指定 / name one under person"]


def _quiet(office: Mapping[str, Any]) -> list[str]:
    core = office.get("office", {})
    found = [] if isinstance(core.get("quiet_demanded", False), bool) else ["office.quiet_demanded: 应为 true 或 false / true or false"]
    try:
        quiet_span(office)
    except ValueError as wrong:
        found.append(f"office.{wrong}")
    return found


def _addresses(office: Mapping[str, Any]) -> Iterator[str]:
    """Addresses by place and number, never in full: they may hold passwords."""
    for table in ("person", "unit"):
        for who, row in office.get(table, {}).items():
            urls = row.get("notify", [])
            if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
                yield f"{table} {who}.notify: 应为地址列表 / a list of addresses"
                continue
            yield from (f"{table} {who}.notify {n}: 地址无法识别 / Apprise cannot read it" for n, url in enumerate(urls, 1) if not _readable(url))


def _readable(url: str) -> bool:
    from activities.mailing import readable

    return readable(url)
