"""Lists of cases, counted and read under one set of conditions: what the reader's view would show, and only filters and orders on what it would show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from domain.acts import OPEN
from domain.core import Reader
from domain.views import WITHHELD, may_show

CLOSED = """not exists (select 1 from jsonb_array_elements({rules}) r where r -> 'hide' ?| {kinds}
    and (coalesce(r -> 'from', '[]') ?| {names} or (r ? 'only_to' and not (r -> 'only_to' ?| {names}))) and not (coalesce(r -> 'except', '[]') ?| {names}))"""
# Most rows have no rule, most of the rest none that names the reader: only what is left is looked at rule by rule.
VISIBLE = f"""((not restricted and not (guards ?| $3::text[])) or ("row" ? 'closed' and {CLOSED.format(rules='"row" -> ' + "'closed'", kinds="$2::text[]", names="$3::text[]")}))"""
# Who reads in somebody's place is excepted only from what does not mean themselves (domain.views.closed_to), and sees nothing from which one of both has withdrawn.
OWN = """not exists (select 1 from jsonb_array_elements("row" -> 'closed') r where r -> 'hide' ?| $2::text[] and coalesce(r -> 'from', '[]') ?| {own} and not (coalesce(r -> 'except', '[]') ?| {own}))"""
WITHDRAWN = """not ("row" -> 'barred' ?| $3::text[])"""
OPEN_NOW = f"phase in ({', '.join(repr(phase) for phase in OPEN)})"  # as the partial indexes of migration 0010 have it
Place = tuple[Any, str]


@dataclass(frozen=True)
class Filter:
    """A condition, and the part of a view that must be able to hold what it asks: `{}` is the argument; `kind` is how its value is written."""

    sql: str
    needs: str
    kind: str = "text"


FILTERS = {
    "kind": Filter("facets[1] = {}", "kind"), "channel": Filter("facets[2] = {}", "channel"), "source": Filter("facets[3] = {}", "source"),
    "disposition": Filter("facets[4] = {}", "disposition"), "grade": Filter("facets[5] = {}", "facts"), "clerk": Filter("facets[6] = {}", "timeline", "person"),
    "outcome": Filter("facets[7] = {}", "outcome"), "found": Filter("facets[8] = {}", "found"), "unsent": Filter("(facets[9] = 'true') = {}", "timeline", "flag"),
    "phase": Filter("phase = {}", "phase"), "open": Filter(f"({OPEN_NOW}) = {{}}", "phase", "flag"), "register_no": Filter("register_no = {}", "register_no"),
    "overdue": Filter("overdue = {}", "clocks", "flag"), "late": Filter("late = {}", "clocks", "flag"), "provisional": Filter("provisional = {}", "clocks", "flag"),
    "due_before": Filter("next_due_day < {}", "clocks", "day"), "due_from": Filter("next_due_day >= {}", "clocks", "day"),
    "due_to": Filter("next_due_day <= {}", "clocks", "day"), "dated": Filter("(next_due_day is not null) = {}", "clocks", "flag"),
    "received_from": Filter("received_at >= {}", "received_at", "from"), "received_to": Filter("received_at < {}", "received_at", "to"),
    "closed_from": Filter("closed_at >= {}", "timeline", "from"), "closed_to": Filter("closed_at < {}", "timeline", "to"),
    "unit": Filter("units @> array[{}]::text[]", "assignments"), "waiting_on": Filter("waiting_on && {}::text[]", "tasks", "persons"),
    "satisfaction": Filter("exists (select 1 from register g where g.case_id = cases.case_id and g.version = cases.version and g.office = cases.office and g.satisfaction = {})", "satisfaction"),
    "respondent_unit": Filter("exists (select 1 from register g where g.case_id = cases.case_id and g.version = cases.version and g.respondent_units @> array[{}]::text[])", "respondents"),
    "facts": Filter("exists (select 1 from register g where g.case_id = cases.case_id and g.version = cases.version and g.facts @> {}::jsonb)", "facts", "facts"),
    "held": Filter("(waiting_on <> '{{}}') = {}", "timeline", "flag"),
    "original": Filter("exists (select 1 from register g where g.case_id = cases.case_id and g.version = cases.version and g.office = cases.office and g.original = {})", "original", "none"),
    "digest": Filter("\"row\" -> 'digests' ? {}", "digests", "none"),
    "digests": Filter("\"row\" -> 'digests' ?| {}::text[]", "digests", "none"),
}  # fmt: skip
DERIVED = frozenset({"satisfaction", "respondent_unit", "facts"})  # asked of the API's own index, which is brought up to date first


@dataclass(frozen=True)
class Order:
    """The key of an order, and the part of a view that must hold it; `where` leaves out what has no place in it."""

    key: str
    down: bool = False
    needs: str = ""
    where: str = ""
    instant: bool = True
    name: str = "case_id"

    def by(self, *, back: bool) -> str:
        """The ORDER BY, backwards for a page before."""
        way = " desc" if self.down != back else ""
        return f"{self.key}{way}, {self.name}{way}"

    def beyond(self, n: int, *, back: bool) -> str:
        """The condition of rows after a place (before it, going back), whose parts are arguments n and n + 1."""
        sign = "<" if self.down != back else ">"
        return f"({self.key}, {self.name}) {sign} (${n}{'::timestamptz' if self.instant else '::text'}, ${n + 1}::text)"


ORDERS = {
    "newest": Order("received_at", down=True), "oldest": Order("received_at"),
    "due": Order("coalesce(next_due_at, '9999-12-31 00:00:00+00'::timestamptz)", needs="clocks"),
    "longest": Order("coalesce(waiting_since, '')", needs="tasks", where=OPEN_NOW, instant=False),
    "closed": Order("closed_at", down=True, needs="timeline", where="closed_at is not null"),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Rows of a list, how many there are on all pages, and the places after which the next page begins and before which the page before ends."""

    rows: list[asyncpg.Record]
    total: int
    after: Place | None
    before: Place | None = None


@dataclass(frozen=True)
class Conditions:
    """WHERE without the secrets, and the arguments; `$1` office, `$2` kinds that must be open, `$3` the reader's names."""

    where: str
    args: list[Any]
    outside: bool

    def total(self) -> str:
        """The query of the count. Rows without a secret come from an index alone; those with one are asked apart."""
        if self.outside:
            return f"select count(*) from cases where {self.where} and {VISIBLE}"  # noqa: S608 - conditions are ours, values are arguments
        return f"select (select count(*) from cases where {self.where} and plain) + (select count(*) from cases where {self.where} and not plain and {VISIBLE})"  # noqa: S608


def conditions(office: str, reader: Reader, filters: Mapping[str, Any], order: str = "newest") -> Conditions:
    """The conditions of a list for a reader."""
    needed = {FILTERS[name].needs for name in filters} | {ORDERS[order].needs}
    kinds = ["existence", *(["progress"] if needed & set(WITHHELD["progress"]) else [])]
    args: list[Any] = [office, kinds, sorted(reader.names)]
    where = ["office = $1", *([ORDERS[order].where] if ORDERS[order].where else [])]
    if reader.acts_as:
        args.append(sorted(reader.own))
        where += [WITHDRAWN, OWN.format(own=f"${len(args)}::text[]")]
    if reader.outside:
        own = sorted(reader.names | set(reader.stands_for))
        args += [own, reader.person]
        where += ["\"row\" -> 'concerned' ?| $4::text[]", "not (\"row\" -> 'barred' ? $5)"]
        strange = filters.get("unit", reader.unit) != reader.unit or not set(filters.get("waiting_on", ())) <= set(own)
        if strange or not all(may_show(reader, FILTERS[name].needs) for name in filters):
            where.append("false")
    for name, value in filters.items():
        if name == "open" and value:
            where.append(OPEN_NOW)
            continue
        args.append(value)
        where.append(FILTERS[name].sql.format(f"${len(args)}"))
    if OPEN_NOW not in where:  # a case that nobody has filed yet is none; an open one is none of those, and each condition said twice misleads the planner
        where.append("phase <> 'none'")
    return Conditions(" and ".join(dict.fromkeys(where)), args, reader.outside)


async def listed(
    pool: asyncpg.Pool, office: str, reader: Reader, filters: Mapping[str, Any], after: Place | None, limit: int, order: str = "newest", before: Place | None = None
) -> Page:
    """A page of the cases that the reader's view would show, counted under the same conditions in one snapshot; keyset, onwards from `after` or back from `before`."""
    way, asked = ORDERS[order], conditions(office, reader, filters, order)
    place, args, condition = before or after, list(asked.args), f"{asked.where} and (plain or {VISIBLE})"
    if place is not None:
        args += list(place)
        condition += f" and {way.beyond(len(args) - 1, back=before is not None)}"
    wanted = f"select *, {way.key} as place from cases where {condition} order by {way.by(back=before is not None)} limit {limit + 1}"  # noqa: S608 - conditions are ours
    async with pool.acquire() as db, db.transaction(isolation="repeatable_read", readonly=True):
        total = await db.fetchval(asked.total(), *asked.args)
        found = await db.fetch(wanted, *args)
    return turned(found, int(total), limit, after, before)


def turned(found: list[asyncpg.Record], total: int, limit: int, after: Place | None, before: Place | None, key: str = "case_id") -> Page:
    """The page that a query of one row more than `limit` gives, in the order of the list, with what lies on either side of it."""
    rows, more = list(found[:limit]), len(found) > limit
    if before is not None:
        rows.reverse()
    first, last = ((rows[0]["place"], rows[0][key]), (rows[-1]["place"], rows[-1][key])) if rows else (None, None)
    return Page(rows, total, last if more or before is not None else None, first if (more if before is not None else after is not None) else None)


async def inbox(pool: asyncpg.Pool, office: str, names: Iterable[str], limit: int, after: tuple[datetime, str] | None) -> Page:
    """Notices to a person and their unit about cases of their office and from its ledger, newest first."""
    condition = "person = any($1) and office = $2"  # each row carries the office of the case, or ledger, that it is about
    args: list[Any] = [sorted(names), office]
    total = await pool.fetchval(f"select count(*) from inbox where {condition}", *args)  # noqa: S608 - ours
    if after is not None:
        args += list(after)
        condition += " and (sent_at, key) < ($3, $4)"
    found = await pool.fetch(f"select *, sent_at as place from inbox where {condition} order by sent_at desc, key desc limit {limit + 1}", *args)  # noqa: S608
    return turned(found, int(total), limit, None, None, "key")
