"""`huiyin case`: what an administrator may see of the cases of a running installation: states, dates, who must act. Never identity or text."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import asyncpg

from api import queries, queries_lists
from api.laws import Laws
from api.offices import Offices
from cli.due_text import draw_count
from cli.library import LibraryError
from domain.clocks import Clock, alarms
from domain.codes import text_of
from domain.core import Case, Event, Law, current
from domain.tasks import tasks
from domain.workdays import ZONE
from workflows.place import Place

if TYPE_CHECKING:
    from api.settings import Settings

STATES = {"open": "在计 running", "met": "按期完成 met", "late": "逾期完成 met late", "ended": "已结束 ended"}
FILTERS = {**{name: row.sql for name, row in queries_lists.FILTERS.items()}, "office": "office = {}"}
LISTED = "select * from cases where {where} order by received_at desc nulls last, case_id desc limit {limit}"
NOTICES = 'select key, "to", form, clause, demanded, created_at, sent_at, tries, last_error, next_try from outbox where case_id = $1 order by created_at, key'


class NoSuchCase(ValueError):
    """No case of that number or id, or more than one; the text says what to do."""


def listing(settings: "Settings", filters: Mapping[str, Any], limit: int) -> list[str]:
    """A line a case, newest first, and how many there are in all under the same filters; raises ValueError on a date that is none."""
    total, rows = asyncio.run(_rows(settings.database, filters, limit))
    rest = f",只列最新 {len(rows)} 件,加 --limit 看更多  the newest {len(rows)} are shown, more with --limit" if len(rows) < total else ""
    return [*map(_line, rows), f"共 {total} 件 cases{rest}"]


def as_json(settings: "Settings", filters: Mapping[str, Any], limit: int) -> str:
    """The same as data, for scripts: the flat rows without digests."""
    total, rows = asyncio.run(_rows(settings.database, filters, limit))
    items = [{key: value for key, value in json.loads(row["row"]).items() if key != "digests"} for row in rows]
    return json.dumps({"total": total, "items": items}, ensure_ascii=False, indent=1)


async def _rows(url: str, filters: Mapping[str, Any], limit: int) -> tuple[int, list[Any]]:
    given = {name: value for name, value in filters.items() if value not in (None, "", False)}
    if "due_before" in given:
        given["due_before"] = _day(str(given["due_before"]))
    if "waiting_on" in given:
        given["waiting_on"] = [given["waiting_on"]]
    where = " and ".join(FILTERS[name].format(f"${n}") for n, name in enumerate(given, 1)) or "true"
    async with asyncpg.create_pool(url, min_size=1, max_size=1, timeout=5) as pool:
        total = await pool.fetchval(f"select count(*) from cases where {where}", *given.values())  # noqa: S608 - conditions are ours, values are arguments
        return int(total), await pool.fetch(LISTED.format(where=where, limit=int(limit)), *given.values())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"日期应写作 a date is written 2026-12-31: {text}") from None


def _line(row: Any) -> str:
    flags = [word for name, word in (("overdue", "逾期 overdue"), ("provisional", "暂定 provisional")) if row[name]]
    received = row["received_at"].astimezone(ZONE).date().isoformat() if row["received_at"] else "-"
    waits = ",".join(row["waiting_on"]) or "-"
    parts = (row["register_no"] or "(未编号 no number)", row["case_id"], row["office"], row["phase"], f"收 received {received}", f"止 due {row['next_due_day'] or '-'}", f"待 awaits {waits}", *flags)
    return "  ".join(parts)


def shown(settings: "Settings", here: Place, name: str, office: str = "") -> list[str]:
    """State, clocks, who must act since when, timeline and notices of one case, by register number or id; raises NoSuchCase."""
    case, events, notices, law = asyncio.run(_found(settings.database, here, name, office))
    law = current(law, case)
    attrs = case.attrs
    head = [
        f"{case.register_no or '(未编号 no number)'}  {case.id}",
        f"机构 office {case.office}  制度 rulebook {case.book}  阶段 phase {case.phase}  版本 version {case.version}",
        f"收到 received {_minute(attrs.get('received_at', ''))}  渠道 channel {attrs.get('channel', '-')}  本阶段自 in this phase since {_minute(attrs.get('phase_since', ''))}",
    ]
    waiting = [f"  {task.zh} {task.en}: {', '.join(task.who) or '-'}  自 since {_minute(task.since)}{_clauses(task.clause)}" for task in tasks(case, law)]
    clocks = [_clock(clock) for clock in alarms(case, law)]
    told = [_notice(row) for row in notices]
    sections = {"待办 who must act": waiting, "期限 clocks": clocks, "经过 timeline": [_event(event) for event in events], "通知 notices": told}
    return [*head, *(line for title, lines in sections.items() for line in ("", f"{title}:", *(lines or ["  无 none"])))]


def explained(settings: "Settings", here: Place, name: str, term: str, lang: str, *, colour: bool, office: str = "") -> str:
    """Each date of a case, or those of one term, counted day by day with clause and reading; raises NoSuchCase."""
    case, _, _, law = asyncio.run(_found(settings.database, here, name, office))
    law = current(law, case)
    clocks = [clock for clock in alarms(case, law) if not term or term in (clock.term, clock.key)]
    if not clocks:
        known = ", ".join(clock.key for clock in alarms(case, law)) or "-"
        raise NoSuchCase(f"此件没有这一期限 the case has no such term: {term or '-'}; 现有 there are: {known}")
    return "\n\n".join(draw_count(c.zh, c.en, ", ".join(c.clause), c.reading, c.due, law.calendar, colour, 80, lang) for c in clocks)


async def _found(url: str, here: Place, name: str, office: str) -> tuple[Case, list[Event], Sequence[Any], Law]:
    async with asyncpg.create_pool(url, min_size=1, max_size=1, timeout=5) as pool:
        ids = [row["case_id"] for row in await pool.fetch("select case_id from cases where (case_id = $1 or register_no = $1) and $2 in ('', office)", name, office)]
        if len(ids) != 1:
            why = f"几个机构都有,请加 --office  several offices have it, name one by --office: {', '.join(ids)}" if ids else "没有此件 no such case; 可用编号或案件号,见 a register number or an id, see: huiyin case list"
            raise NoSuchCase(f"{name}: {why}")
        found = await queries.case_of(pool, ids[0])
        if found is None:
            raise NoSuchCase(f"{name}: 记录中没有事件 the record has no event of it")
        notices, law = await pool.fetch(NOTICES, ids[0]), await _law(here, pool, found)
    return found.case, found.events, notices, law


async def _law(here: Place, pool: asyncpg.Pool, found: queries.Found) -> Law:
    """The law the case was filed under, with the words of today's files where they are the same law."""
    try:
        laws = Laws(Offices(here.offices, here.calendars, here.keys))
        return (await laws.of(pool, [found]))[found.case.id]
    except LibraryError as wrong:
        raise NoSuchCase(str(wrong)) from None
    except LookupError:
        raise NoSuchCase(f"{here.offices} 里没有机构 has no office {found.case.office}: 请设置 set HUIYIN_OFFICES") from None


def _clock(clock: Clock) -> str:
    flags = "".join(word for word, on in ((" 暂定 provisional", clock.provisional), (" 本单位要求 office policy", clock.policy)) if on)
    return f"  {clock.zh} [{clock.key}] 起 {clock.start:%Y-%m-%d %H:%M} 止 {clock.due_day} 逾期 overdue at {clock.overdue_at:%Y-%m-%d %H:%M}  {STATES.get(clock.state, clock.state)}{flags}{_clauses(clock.clause)}"


def _event(event: Event) -> str:
    typed = f"(录入 typed by {event.entered_by})" if event.entered_by else ""
    refusal = f"  ✗ {event.data.get('act')}: {text_of(str(event.data['code']))} [{event.data['code']}]" if event.kind == "refused" else ""
    moved = f"  {event.data['old']} → {event.data['new']}" if event.kind == "date_moved" else _notice_of(event)
    subject = f" {event.subject}" if event.subject else ""
    return f"  {event.seq:>3}  {event.at:%Y-%m-%d %H:%M}  {event.kind}{subject}  {event.actor}{typed}{refusal}{moved}{_clauses(event.clause)}"


def _notice_of(event: Event) -> str:
    """Which year's notice a revision of the calendar brought, and why it was corrected."""
    if event.kind != "revised" or event.subject != "calendar":
        return ""
    year = event.data["patch"]["revisions"]["calendar"][-1]
    return f"  {year['year']} {year['number']} {event.data.get('fields', {}).get('reason', '')}".rstrip()


def _notice(row: Any) -> str:
    if row["sent_at"]:
        state = f"已送 sent {row['sent_at'].astimezone(ZONE):%Y-%m-%d %H:%M}"
    elif row["tries"]:
        state = f"未送达,{row['tries']} 次,下次 not delivered, {row['tries']} tries, next {row['next_try'].astimezone(ZONE):%Y-%m-%d %H:%M}: {row['last_error']}"
    else:
        state = "待送 waiting"
    return f"  {row['form']} → {', '.join(row['to'])}  {state}{_clauses(row['clause'])}"


def _clauses(clause: Sequence[str]) -> str:
    return f"  〔{', '.join(clause)}〕" if clause else ""


def _minute(text: str) -> str:
    return text[:16].replace("T", " ") or "-"

