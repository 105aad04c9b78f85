"""What a careful administrator would find wrong in an office file, beside posts and contacts: numbers, hours, tree, ranks, substitutes, open terms, policies."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Any

from domain.clocks import clause_of
from domain.deadlines import LimitError, parse_limit
from domain.decisions import RECEIPT
from domain.law import NAMED
from domain.paper import COMPLAINANT, EVERYONE, OWN_UNIT, ROLES
from domain.people import OUTSIDERS, RELATIONS
from domain.workdays import Calendar, CalendarError, parse_hours

MOST = {"receipt_back_days": 3650, "receipt_ahead_minutes": 60}
ABOVE = re.compile(r"(\w+):superior_of_respondent")


SHAPES = {"office": dict, "unit": dict, "person": dict, "substitute": list, "vague": dict, "param": dict, "policy": dict, "paper": list}


def check_shape(office: Mapping[str, Any]) -> list[str]:
    """Tables that are none: nothing else can be judged before they are mended."""
    wrong = [f"{name}: 形状不对,应为 / should be a {'[table]' if kind is dict else '[list]'}" for name, kind in SHAPES.items() if not isinstance(office.get(name, kind()), kind)]
    return wrong or [f"{name} {key}: 形状不对,应为 {{ … }} / should be a table" for name in ("unit", "person") for key, row in _rows(office, name).items() if not isinstance(row, dict)]


def check_file(book: Mapping[str, Any], office: Mapping[str, Any]) -> list[str]:
    """Findings in both languages, [] where there are none; the shape has been checked."""
    unknown = [f"未知的表 / unknown table '{name}'; 可用 / known: {', '.join(SHAPES)}" for name in office if name not in SHAPES]
    parts = (_core, _tree, _people, _superiors, _substitutes, _paper, _terms, _policies)
    return [*unknown, *(line for part in parts for line in part(book, office))]


def _rows(office: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = office.get(name) or {}
    return found if isinstance(found, dict) else {}


def _core(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    core = _rows(office, "office")
    yield from (f"office.{key}: 未填 / missing" for key in ("id", "rulebook", "zh", "en", "number") if not str(core.get(key) or "").strip())
    if core.get("root") not in _rows(office, "unit"):
        yield f"office.root: 没有此单位 / no such unit '{core.get('root')}'"
    yield from _number(str(core.get("number") or "{n}"))
    yield from _publishers(core.get("publishers", ()), _rows(office, "person"))
    try:
        parse_hours({"opens": core.get("opens", ""), "closes": core.get("closes", "")})
    except CalendarError:
        yield 'office.opens, office.closes: 应为先后两个时刻,如 opens = "09:00", closes = "17:00" / two times of day in order'
    if not isinstance(core.get("business_hours", False), bool):
        yield "office.business_hours: 应为 true 或 false / true or false"
    for key in ("closed", "opened"):
        try:
            Calendar().with_office(core.get(key, ()))
        except (ValueError, TypeError):
            yield f"office.{key}: 应为日期的列表,如 [2027-03-01] / a list of dates"
    for key, usual in RECEIPT.items():
        value = core.get(key, usual)
        if type(value) is not int or not 0 <= value <= MOST[key]:
            yield f"office.{key}: 应为 0 至 {MOST[key]} 的整数,省略则 {usual} / a whole number up to {MOST[key]}, {usual} if left out"


def _publishers(named: Any, people: Mapping[str, Any]) -> Iterator[str]:
    """Who puts rulebooks in force: at least two, for one puts forward and another confirms."""
    if named != () and (not isinstance(named, list) or len({*map(str, named)}) < 2):
        yield 'office.publishers: 至少两人,如 ["li", "zhao"] / at least two people'
    elif named:
        yield from (f"office.publishers: 没有此人 / no such person '{one}'" for one in named if one not in people)


def _number(pattern: str) -> Iterator[str]:
    try:
        first, second = (pattern.format(year=2027, n=n) for n in (1, 2))
        if first == second:
            yield "office.number: 须含 {n} / must contain {n}: two cases would have one number"
        elif pattern.format(year=2028, n=1) == first:
            yield "office.number: 须含 {year},编号每年重起 / must contain {year}: the series begins anew each year"
    except (KeyError, IndexError, ValueError):
        yield "office.number: 只可用 {year} 和 {n},如 示投〔{year}〕{n:04}号 / only {year} and {n}"


def _tree(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    units = _rows(office, "unit")
    yield from (f"unit {key}: 缺名称 zh / lacks its name zh" for key, row in units.items() if not row.get("zh"))
    for way in ("parent", "superior"):
        for start in units:
            path, at = [start], units[start].get(way)
            while at in units and at not in path:
                path.append(at)
                at = units[at].get(way)
            if at == start:
                yield f"unit {start}.{way}: 绕回自己 / leads back to itself: {' → '.join([*path, start])}"


def _people(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    people, units = _rows(office, "person"), _rows(office, "unit")
    scale = (book.get("rank") or {}).get("scale", ())
    taken = {*(book.get("post") or {}), *RELATIONS, *OUTSIDERS}
    for name in sorted({*people, *units} & taken):
        yield f"{name}: 与岗位或关系同名,请改 / has the name of a post or relation: choose another id"
    yield from (f"{name}: 既是单位又是人 / is both a unit and a person" for name in sorted(set(people) & set(units)))
    for key, row in people.items():
        if not row.get("name"):
            yield f"person {key}: 缺姓名 / lacks a name"
        if not isinstance(row.get("posts", []), list):
            yield f'person {key}.posts: 应为列表,如 ["clerk"] / a list'
        if not isinstance(row.get("digest", True), bool):
            yield f"person {key}.digest: 应为 true 或 false / true or false"
        if scale and row.get("rank") and row["rank"] not in scale:
            yield f"person {key}.rank: 职级不在制度所列 / not on the scale '{row['rank']}' ({', '.join(scale)}; {', '.join(clause_of(book['rank']))}); 不明则省略 / leave it out if unknown"


def _superiors(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    """Where a clause sends accusations to the organ above, every unit that may be complained of has one with somebody in it."""
    units, people = _rows(office, "unit"), _rows(office, "person")
    tops = {row.get(way) for row in units.values() for way in ("superior", "parent")}
    for post, clause in sorted(set(_sent_above(book))):
        role = {"principal": "head", "leader_in_charge": "leader"}.get(post, post)
        for key, row in units.items():
            above = row.get("superior") or row.get("parent")
            if not above and key not in tops:
                yield f"unit {key}: 没有上级机关,无人可呈报 / has no superior organ ({clause}); 请填 / set superior"
            elif above in units and not units[above].get(role) and not any(p.get("unit") == above and post in p.get("posts", ()) for p in people.values()):
                yield f"unit {above}: 缺 {role},{key} 的投诉无人可呈报 / lacks '{role}' to whom complaints about {key} go ({clause})"


def _sent_above(book: Any, clause: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(book, Mapping):
        clause = ", ".join(clause_of(book)) or clause
        for word, part in book.items():
            if word != "only_by":  # who may do it is nobody whom it goes to
                yield from _sent_above(part, clause)
    elif isinstance(book, list):
        for part in book:
            yield from _sent_above(part, clause)
    elif isinstance(book, str) and (found := ABOVE.fullmatch(book)):
        yield found.group(1), clause


def _substitutes(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    people, rows = _rows(office, "person"), office.get("substitute") or []
    for n, row in enumerate(rows, 1):
        where = f"substitute {n}"
        if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("for", "by")):
            yield f'{where}: 应写 {{ for = "甲", by = "乙", from = "2027-03-01", until = "2027-03-05" }} / write for, by, from, until'
            continue
        yield from (f"{where}: 没有此人 / no such person '{row[key]}'" for key in ("for", "by") if row[key] not in people)
        if row["for"] == row["by"]:
            yield f"{where}: 自己不能替代自己 / nobody stands in for themselves '{row['by']}'"
        days = [_day(row.get(key)) for key in ("from", "until")]
        if None in days:
            yield f'{where}: from、until 应为日期,如 from = "2027-03-01" / from and until are dates'
        elif days[1] < days[0]:  # type: ignore[operator]  # neither is None here
            yield f"{where}: 止日早于起日 / ends before it begins ({row['from']}, {row['until']})"
    sound = [(n, row) for n, row in enumerate(rows, 1) if isinstance(row, dict) and all(_day(row.get(key)) for key in ("from", "until"))]
    for (n, one), (m, other) in combinations(sound, 2):
        if one.get("for") == other.get("by") and one.get("by") == other.get("for") and str(one["from"]) <= str(other["until"]) and str(other["from"]) <= str(one["until"]):
            yield f"substitute {n}, {m}: 同时互相替代,两人都不在 / stand in for each other at the same time: both are away"


def _paper(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    """Who enters paper for whom: known names on both sides, and somebody for what a complainant has signed."""
    table = office.get("paper") or []
    known = {EVERYONE, *_rows(office, "person"), *_rows(office, "unit"), *(book.get("post") or {})}
    allowed = {"by": known | {*ROLES}, "for": known | {OWN_UNIT, COMPLAINANT}}
    for n, row in enumerate(table, 1):
        if not isinstance(row, dict) or set(row) != set(allowed):
            yield f'paper {n}: 应写 {{ by = "wang", for = "zhao" }} / write by and for'
            continue
        for side, names in allowed.items():
            given = row[side] if isinstance(row[side], list) else [row[side]]
            yield from (f"paper {n}.{side}: 没有此人、岗位或单位 / no such person, post or unit '{one}'; 另可用 / also: {', '.join(sorted(names - known | {EVERYONE}))}" for one in given if one not in names)
    fors = [row["for"] if isinstance(row["for"], list) else [row["for"]] for row in table if isinstance(row, dict) and "for" in row]
    if table and not {EVERYONE, COMPLAINANT} & {str(one) for names in fors for one in names}:
        yield 'paper: 无人可代录投诉人的来信 / nobody may enter what a complainant has signed: for = "complainant"'


def _day(value: Any) -> date | None:
    """Dates of substitutes are ISO text: they are compared as text when a case is decided."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _terms(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    for word, value in _rows(office, "vague").items():
        yield from _limit(f"vague.{word}", value)
    params = book.get("param") or {}
    for key in (book.get("book") or {}).get("needs", ()):
        row = params.get(key, {})
        if _rows(office, "param").get(key, row.get("default")) in (None, "", [], {}):
            yield f"param.{key}: 未填,制度不能受理 / missing, nothing can be filed: {row.get('zh', key)} ({', '.join(clause_of(row))})"
    for key, value in _rows(office, "param").items():
        if key not in params:
            yield f"param.{key}: 制度没有此项 / the book has no such parameter; 现有 / there are: {', '.join(params) or '-'}"
        elif params[key].get("is") == "term":
            yield from _limit(f"param.{key}", value)
        elif params[key].get("is") == "number" and type(value) is not int:
            yield f"param.{key}: 应为整数 / a whole number"
        elif params[key].get("is") == "ratio" and not (type(value) in (int, float) and 0 < value <= 1):
            yield f"param.{key}: 应为大于 0 不大于 1 的比例 / a share above 0, at most 1"


def _limit(where: str, value: Any) -> Iterator[str]:
    try:
        parse_limit(value)
    except (LimitError, TypeError, AttributeError, KeyError, ValueError) as wrong:
        yield f"{where}: 不是期限,应如 {{ working_days = 3 }} / no limit: {wrong}"


def _policies(book: Mapping[str, Any], office: Mapping[str, Any]) -> Iterator[str]:
    for mechanism, rows in _rows(office, "policy").items():
        if mechanism not in NAMED or not isinstance(rows, dict):
            yield f"policy.{mechanism}: 未知的机制 / unknown mechanism"
            continue
        known = {**(book.get("term") or {}), **_rows(_rows(office, "policy"), "term")}
        for key, row in rows.items():
            where = f"policy.{mechanism}.{key}"
            if row.get("clause"):
                yield f"{where}: 本单位要求不得冒称条款 / an office's own wish names no clause '{row['clause']}'"
            if key in (book.get(mechanism) or {}):
                yield f"{where}: 制度已有此项,不得改写 / the book has this row: an office adds, it does not change"
            if mechanism == "urge":
                yield from (f"{where}.before: 没有此期限 / no such term '{term}'" for term in row.get("before", ()) if term not in known)
                yield from _limit(f"{where}.at", row.get("at"))
            if mechanism == "term" and not {"fact", "vague", "param", "table", "first_of", "earliest_of"} & set(row.get("limit", {})):
                yield from _limit(f"{where}.limit", row.get("limit"))
