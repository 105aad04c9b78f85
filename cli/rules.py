"""`huiyin rules`: check, coverage and prove; the checks themselves are in `cli/checks`."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli import library
from cli.checks.report import check
from cli.checks.shape import STATUSES
from cli.contacts import check_contacts
from cli.office_check import check_file, check_shape
from domain.clocks import clause_of
from domain.law import bind
from domain.stories import run, trace
from workflows.place import Place

__all__ = ["STATUSES", "check", "check_office", "check_offices", "coverage", "prove", "without"]


def without(book: Any, ref: str) -> Any:
    """The book with every entry taken out that cites a clause."""
    if isinstance(book, Mapping):
        return {k: without(v, ref) for k, v in book.items() if not _cites(v, ref)}
    return [without(v, ref) for v in book if not _cites(v, ref)] if isinstance(book, list) else book


def _cites(value: Any, ref: str) -> bool:
    return isinstance(value, Mapping) and "clause" in value and ref in clause_of(value)


def check_offices(name: str = "") -> dict[str, list[str]]:
    """Findings by office: of one (a sample's name or a file), else of all in the installation's folder."""
    names = [name] if name else [str(path) for path in sorted(Place.of().offices.glob("*.toml"))]
    return {Path(one).stem: check_office(one) for one in names}


def check_office(name: str) -> list[str]:
    """What is wrong in an office file: unknown posts and units, posts nobody holds, units without the contact a clause asks for."""
    office = library.office(name)
    if shape := check_shape(office):
        return shape
    rulebook = office.get("office", {}).get("rulebook", "")
    if rulebook not in library.books():
        return [f"office.rulebook: 没有此制度 / no such rulebook '{rulebook}'; 现有 / there are: {', '.join(library.books())}"]
    book = library.book(rulebook)
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


def prove(name: str, only: str = "") -> dict[str, str]:
    """For each enforced clause the first difference that its absence makes in a story, or '' where none does."""
    book = library.book(name)
    told = list(library.stories(name))
    offices = {story["office"] for _, story in told}
    base: dict[str, Any] = {}
    for _, story in told:
        base[story["story"]] = trace(run(story, library.law(name, story["office"])))
    proofs: dict[str, str] = {}
    for row in library.clauses(name):
        ref = row["ref"]
        if row.get("status") != "enforced" or (only and ref != only):
            continue
        pruned = without(book, ref)
        laws = {office: bind(pruned, library.office(office), list(library.calendars())) for office in offices}
        named = [story for _, story in told if ref in story.get("proves", ())]
        others = [story for _, story in told if ref not in story.get("proves", ())]
        proofs[ref] = next((proof for story in [*named, *others] if (proof := _difference(story, base, laws, name))), "")
    return proofs


def _difference(story: Mapping[str, Any], base: Mapping[str, Any], laws: Mapping[str, Any], name: str) -> str:
    try:
        changed = trace(run(story, laws[story["office"]]))
    except Exception as broken:  # noqa: BLE001 - a book that no longer runs without the clause is a difference as well
        return f"{story['story']}: {type(broken).__name__}"
    before = base[story["story"]]
    for old, new in zip(before, changed, strict=False):
        if old != new:
            return f"{story['story']}: {old[0]}"
    return f"{story['story']}: {len(before)} → {len(changed)} lines" if len(before) != len(changed) else ""


def coverage(name: str, proofs: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Counts by status and, if proofs are given, how many enforced clauses are proved."""
    listed = library.clauses(name)
    counts = Counter(row.get("status", "?") for row in listed)
    result: dict[str, Any] = {"book": name, "clauses": len(listed), **{s: counts[s] for s in STATUSES}, "unaccounted": counts["?"]}
    if proofs is not None:
        result["proved"] = sum(1 for proof in proofs.values() if proof)
    return result
