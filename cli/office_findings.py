"""Everything that is wrong in an office for its book, from a file or with the changes of its people."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cli.contacts import check_contacts
from cli.office_check import check_file
from domain.clocks import clause_of


def findings(book: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    """Unknown posts and units, posts nobody holds, units without the contact a clause asks for, and what `check_file` finds; the shape has been checked."""
    posts, units, people = book.get("post") or {}, office.get("unit", {}), office.get("person", {})
    held = Counter(post for person in people.values() for post in person.get("posts", ()))
    found = [f"post {key}: 无人担任 / nobody holds it ({', '.join(clause_of(row))})" for key, row in posts.items() if not held[key] and not row.get("office")]
    for pid, person in people.items():
        found += [f"person {pid}: 没有此岗位 / no such post '{p}'" for p in person.get("posts", ()) if p not in posts]
        if person.get("unit") not in units:
            found.append(f"person {pid}: 没有此单位 / no such unit '{person.get('unit')}'")
    for uid, unit in units.items():
        kind = (book.get("unit_kind") or {}).get(unit.get("kind", ""))
        if kind is None:
            found.append(f"unit {uid}: 没有此类单位 / no such kind '{unit.get('kind')}'")
            continue
        for post in kind.get("requires", ()):
            if not unit.get(post) and not any(p.get("unit") == uid and post in p.get("posts", ()) for p in people.values()):
                found.append(f"unit {uid}: 缺少 / lacks '{post}' ({', '.join(clause_of(kind))})")
        found += [f"unit {uid}.{role}: 没有此人 / no such person '{unit[role]}'" for role in ("leader", "head", "liaison") if unit.get(role) and unit[role] not in people]
        found += [f"unit {uid}.{role}: 没有此单位 / no such unit '{unit[role]}'" for role in ("parent", "superior") if unit.get(role) and unit[role] not in units]
    for word in _vague_words(book):
        if word not in (office.get("vague") or {}):
            found.append(f"vague: 未定 / not set '{word}'")
    return [*check_file(book, office), *found, *check_contacts(book, office)]


def _vague_words(book: Any) -> list[str]:
    words: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("vague"), str):
                words.add(value["vague"])
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(book)
    return sorted(words)
