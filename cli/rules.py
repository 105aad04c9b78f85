"""`huiyin rules`: check, coverage and prove; the checks themselves are in `cli/checks`."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cli import library
from cli.checks.report import check
from cli.checks.shape import STATUSES
from cli.office_check import check_shape
from cli.office_findings import findings
from cli.office_warnings import warnings
from domain.clocks import clause_of
from domain.law import bind
from domain.stories import run, trace
from domain.workdays import ZONE
from workflows.place import Place

__all__ = ["STATUSES", "check", "check_office", "check_offices", "coverage", "prove", "warn_office", "warn_offices", "without"]


def without(book: Any, ref: str) -> Any:
    """The book with every entry taken out that cites a clause."""
    if isinstance(book, Mapping):
        return {k: without(v, ref) for k, v in book.items() if not _cites(v, ref)}
    return [without(v, ref) for v in book if not _cites(v, ref)] if isinstance(book, list) else book


def _cites(value: Any, ref: str) -> bool:
    return isinstance(value, Mapping) and "clause" in value and ref in clause_of(value)


def check_offices(name: str = "") -> dict[str, list[str]]:
    """Findings by office: of one (a sample's name or a file), else of all in the installation's folder."""
    return {Path(one).stem: check_office(one) for one in _offices(name)}


def warn_offices(name: str = "") -> dict[str, list[str]]:
    """What will hold up a case one day, by office, as in `check_offices`; nothing of an office file that cannot be judged."""
    return {Path(one).stem: warn_office(one) for one in _offices(name)}


def warn_office(name: str) -> list[str]:
    """Who decides something alone in an office, with nobody who stands in."""
    office = library.office(name)
    rulebook = "" if check_shape(office) else str(office.get("office", {}).get("rulebook", ""))
    return warnings(library.book(rulebook), office, datetime.now(ZONE).date()) if rulebook in library.books() else []


def _offices(name: str) -> list[str]:
    return [name] if name else [str(path) for path in sorted(Place.of().offices.glob("*.toml"))]


def check_office(name: str) -> list[str]:
    """What is wrong in an office file: unknown posts and units, posts nobody holds, units without the contact a clause asks for."""
    office = library.office(name)
    if shape := check_shape(office):
        return shape
    rulebook = office.get("office", {}).get("rulebook", "")
    if rulebook not in library.books():
        return [f"office.rulebook: 没有此制度 / no such rulebook '{rulebook}'; 现有 / there are: {', '.join(library.books())}"]
    book = library.book(rulebook)
    return findings(book, office)


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
