"""`huiyin rules`: check, coverage, show and prove a rulebook."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cli import library
from cli.contacts import check_contacts
from cli.ledger_check import check_ledger
from cli.office_check import check_file, check_shape
from domain.acts import ACTS
from domain.clocks import clause_of
from domain.codes import CODES
from domain.deadlines import LimitError, parse_limit
from domain.law import NAMED, SINGLE, bind
from domain.stories import run, trace
from domain.story_ledger import LEDGER_ACTS
from workflows.place import Place

STATUSES = {"enforced": "", "human": "where", "later": "why", "void": "why"}


def entries(book: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every row and part of a row that names a clause, with its path in the file."""

    def walk(path: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if isinstance(value, Mapping):
            if "clause" in value:
                yield path, value
            for key, part in value.items():
                yield from walk(f"{path}.{key}" if path else key, part)
        elif isinstance(value, list):
            for n, part in enumerate(value, 1):
                yield from walk(f"{path}[{n}]", part)

    yield from walk("", {k: v for k, v in book.items() if k != "clause"})


def without(book: Any, ref: str) -> Any:
    """The book with every entry taken out that cites a clause."""
    if isinstance(book, Mapping):
        return {k: without(v, ref) for k, v in book.items() if not _cites(v, ref)}
    return [without(v, ref) for v in book if not _cites(v, ref)] if isinstance(book, list) else book


def _cites(value: Any, ref: str) -> bool:
    return isinstance(value, Mapping) and "clause" in value and ref in clause_of(value)


def check(name: str) -> list[str]:
    """What a careful reader would find wrong in a book; [] when nothing."""
    book, listed = library.book(name), library.clauses(name)
    refs = {row["ref"] for row in listed}
    found = [f"{name}: 未知的表 / unknown table '{table}'" for table in book if table not in NAMED and table not in SINGLE]
    found += _uncited(book, refs)
    found += _acts(book)
    found += _terms(book)
    found += _routes(book)
    found += _facts(book)
    found += check_ledger(book)
    for row in listed:
        need = STATUSES.get(row.get("status", ""))
        if need is None:
            found.append(f"clauses {row['ref']}: 状态须为 / status must be one of {', '.join(STATUSES)}")
        elif need and not row.get(need):
            found.append(f"clauses {row['ref']}: {row['status']} 须说明 / needs '{need}'")
        if not (row.get("zh") and row.get("en")):
            found.append(f"clauses {row['ref']}: 须有中英文要旨 / needs zh and en")
    return found


def _uncited(book: Mapping[str, Any], refs: set[str]) -> list[str]:
    found = [f"{path}: 条款不在清单 / clause not in the list: {one}" for path, row in entries(book) for one in clause_of(row) if one not in refs]
    for table in NAMED:
        for key, row in (book.get(table) or {}).items():
            if isinstance(row, Mapping) and not row.get("clause") and not row.get("office") and not _has_parts(row):
                found.append(f"{table}.{key}: 须写明条款或 office = true / needs a clause or office = true")
    return found


def _has_parts(row: Mapping[str, Any]) -> bool:
    return any("clause" in part for _, part in entries({"x": {k: v for k, v in row.items() if k != "clause"}}))


def _acts(book: Mapping[str, Any]) -> list[str]:
    found = []
    for table, field in (("post", "may"), ("chain", "before"), ("gate", "act"), ("form", "needed_for"), ("recuse", "act"), ("duty", "blocks"), ("term", "act")):
        for key, row in (book.get(table) or {}).items():
            acts = row.get(field, ())
            for act in [acts] if isinstance(acts, str) else acts:
                if act not in ACTS and act not in LEDGER_ACTS and act not in ("*", "send_back"):
                    found.append(f"{table}.{key}.{field}: 没有此操作 / no such act '{act}'")
    for key, row in (book.get("gate") or {}).items():
        if row.get("code", "not_done_before") not in CODES:
            found.append(f"gate.{key}.code: 没有此代码 / no such code '{row.get('code')}'; 见 / see domain/codes.py")
    return found


def _terms(book: Mapping[str, Any]) -> list[str]:
    found = []
    for key, row in _terms_and_tables(book):
        limit = row.get("limit", {})
        if not row.get("from") or not row.get("until"):
            found.append(f"term.{key}: 须有起止 / needs 'from' and 'until'")
        if not any(word in limit for word in ("fact", "vague", "param", "table", "first_of", "earliest_of", "entered")):
            try:
                parse_limit({k: v for k, v in limit.items() if k != "at_most"})
            except LimitError as wrong:
                found.append(f"term.{key}.limit: {wrong}")
    known = {*(book.get("term") or {}), *(book.get("limits") or {})}
    for key, row in (book.get("urge") or {}).items():
        found += [f"urge.{key}.before: 没有此期限 / no such term '{t}'" for t in row.get("before", ()) if t not in known]
    for key, row in (book.get("extend") or {}).items():
        found += [f"extend.{key}.of: 没有此期限 / no such term '{t}'" for t in row.get("of", ()) if t not in known]
    return found


def _terms_and_tables(book: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Terms, and each row of the limits tables with what it takes from its table."""
    yield from (book.get("term") or {}).items()
    for key, table in (book.get("limits") or {}).items():
        for n, row in enumerate(table.get("rows", ()), 1):
            yield f"{key}.rows[{n}]", {**table, **row}


def _routes(book: Mapping[str, Any]) -> list[str]:
    found, open_end = [], False
    for n, row in enumerate((book.get("route") or {}).get("rows", ()), 1):
        if open_end:
            found.append(f"route.rows[{n}]: 永远到不了 / can never be reached")
        open_end = open_end or not (row.get("when") or row.get("any") or row.get("unless") or row.get("choice"))
    for key, chain in (book.get("chain") or {}).items():
        rows = chain.get("rows", ())
        for n, row in enumerate(rows[:-1], 1):
            if not (row.get("when") or row.get("any") or row.get("unless")):
                found.append(f"chain.{key}.rows[{n + 1}]: 永远到不了 / can never be reached")
    return found


def _facts(book: Mapping[str, Any]) -> list[str]:
    known = set(book.get("fact") or {})
    used = {need.removeprefix("fact:") for row in (book.get("gate") or {}).values() for need in row.get("needs", ()) if need.startswith("fact:")}
    return [f"gate: 没有此事项 / no such fact '{name}'" for name in sorted(used - known)]


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
