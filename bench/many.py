"""A hundred thousand cases in the record: stories told through the core at many dates and in other words, each copied under ids, numbers and callers of its own."""

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import asyncpg

from api import queries, sealing, words
from api.indexing import row_of
from api.keyring import Keyring
from api.queries_index import EDITION
from bench.stand import BOOK, OFFICE
from cli import library
from domain import stories
from domain.acts import ACTS
from domain.core import Event, Law, bind, canonical, law_hash, law_text, law_value, projection
from domain.workdays import ZONE

TEMPLATES = 240
PLAIN = ("g1", "g2", "g3", "g5", "g6", "g7", "g8", "g9", "g10", "g11", "g12", "g13")  # grounds that ask for no more facts
OPEN_SHARE = 0.06  # of a register that has been kept for three years: what stands open is the work of some weeks
CLOSED_SHARE = 0.04  # answered, and not yet archived
UNITS, CLERKS = 40, 20  # more than the sample office has
PEOPLE = 40_000  # who complain; some of them again and again
DAY = re.compile(r"\b(20\d\d-\d\d-\d\d)")
TYPED = ("excerpt", "opinion", "report", "text", "note", "record", "reason", "explanation")
PLACES = ("一楼大厅", "三号窗口", "税务窗口", "不动产登记处", "市场监管窗口", "自助服务区", "咨询台", "二楼办事区")
MATTERS = (
    "社保卡", "公积金", "营业执照", "不动产证", "居住证", "准生证", "驾驶证", "护照", "契税", "个体户注销", "施工许可", "食品许可", "医保报销", "低保申请", "退休手续", "户口迁移", "房屋过户",
    "出生证明", "学籍转移", "残疾证", "老年证", "车辆年检", "水电开户", "烟草许可", "道路运输证",
)  # fmt: skip
DOINGS = ("要求重复提交材料", "以系统故障为由不予办理", "承诺三日办结至今未办", "前后说法不一", "推到另一个窗口", "无人叫号", "收费不开票据", "补正通知没有写明缺什么")
SAID = 0.3  # of what staff type says what the matter was
ENDS = ("请核实后答复", "已查看当日监控", "经查情况属实", "经查情况部分属实", "已当面致歉", "已责成窗口整改", "建议约谈当事人", "情况正在核实", "来电人要求书面答复", "本人对处理表示满意")
NUMBER, PHONE, NAME = "@number@", "telephone:@phone@", "name:@name@"


@dataclass
class Template:
    """A case told once: its flat row, its events as texts, and the row of the index."""

    flat: dict[str, Any]
    events: list[Event]
    index: tuple[Any, ...]
    received: datetime


def moved(value: Any, days: int) -> Any:
    """A story's table with every date so many days later."""
    if isinstance(value, str):
        text = DAY.sub(lambda found: (date.fromisoformat(found[1]) + timedelta(days=days)).isoformat(), value)
        return text.split(" ", 1)[1] if text != value and text[:3] in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun") else text
    if isinstance(value, Mapping):
        return {key: moved(one, days) for key, one in value.items()}
    return [moved(one, days) for one in value] if isinstance(value, list) else value


def told(story: Mapping[str, Any], law: Law, days: int, chance: random.Random, until: datetime | None) -> stories.Run:
    """The story at other dates and in other words, without its expectations; open ones live on until now."""
    acts = []
    for act in moved(story["act"], days):
        given: dict[str, Any] = act.get("with", {})
        fields = {name: f"{value}{_phrase(chance)}" if name in TYPED and isinstance(value, str) and not value.isascii() else value for name, value in given.items()}
        if act["do"] == "file":
            known = dict(given.get("facts", {}))
            facts = {**known, **({"ground": f"g{chance.randrange(5, 14)}"} if known.get("ground") in PLAIN else {})}
            fields |= {"facts": facts, "digests": [NAME, PHONE], "summary_sha": f"{chance.getrandbits(256):064x}"}
        acts.append({key: value for key, value in {**act, "with": fields}.items() if key not in ("refused", "clause", "events")})
    run = stories.run({**story, "act": acts, "expect": []}, law)
    if until is not None and run.case.phase not in ("none", "closed", "archived") and until > run.reached:
        stories.pass_time(run, until)
    return run


def _phrase(chance: random.Random) -> str:
    if chance.random() > SAID:
        return ""
    return f"。{chance.choice(PLACES)}{chance.choice(MATTERS)}{chance.choice(DOINGS)},{chance.choice(ENDS)}{chance.randrange(1, 400)}号"


def templates(keys: Keyring, law: Law, today: datetime, count: int = TEMPLATES) -> dict[str, list[Template]]:
    """Cases told: archived over three years, and closed or open within the last two months."""
    chance, made = random.Random(20261125), {"archived": list[Template](), "closed": list[Template](), "open": list[Template]()}
    told_before = [story for _, story in library.stories() if story["office"] == OFFICE and "ledger" not in str(story.get("tags", ()))]
    ends = {str(story["story"]): stories.run({**story, "expect": []}, law).case.phase for story in told_before}
    wanted = {"archived": 0.4, "closed": 0.1, "open": 0.5}
    while any(len(made[name]) < share * count for name, share in wanted.items()):
        name = chance.choice([name for name, share in wanted.items() if len(made[name]) < share * count])
        story = chance.choice([story for story in told_before if _group(ends[str(story["story"])]) == name])
        begins = date.fromisoformat(DAY.findall(str(story["act"][0]["at"]))[0])
        weeks = chance.randrange(9, 150) if name == "archived" else chance.randrange(1, 9)
        target = today.date() - timedelta(weeks=weeks, days=(today.date().weekday() - begins.weekday()) % 7)
        run = told(story, law, (target - begins).days, chance, today)
        if run.case.phase != "none" and run.case.attrs.get("received_at"):
            made[_group(run.case.phase)].append(_template(keys, law, run))
    return made


def _group(phase: str) -> str:
    return phase if phase in ("archived", "closed") else "open"


def _template(keys: Keyring, law: Law, run: stories.Run) -> Template:
    received = datetime.fromisoformat(run.case.attrs["received_at"])
    act_of = {row.event: name for name, row in ACTS.items()}
    kept = []
    for event in run.events:
        fields = event.data.get("fields")
        shut: dict[str, Any] = words.sealed(keys, OFFICE, received.year, act_of.get(event.kind, ""), fields) if fields else {}
        if event.kind == "filed":
            shut = {**shut, "identity": sealing.seal(keys, OFFICE, received.year, {"identity": {"name": "示例·投诉人"}, "text": "示例"})}
        kept.append(replace(event, data={**event.data, **({"fields": shut} if fields else {})}))
    return Template(projection(run.case, law), kept, row_of(keys, queries.Found(run.case, kept, ""), law), received)


async def fill(url: str, keys: Keyring, law: Law, count: int, today: datetime) -> list[tuple[str, str]]:
    """Fill the record; gives telephones with the digest they have. Chains are not those of the copies, everything that is read is."""
    made = templates(keys, law, today)
    chance = random.Random(1)
    people = [(f"139{n:08d}", f"示例·投诉人{n}") for n in range(min(PEOPLE, max(count // 2, 1)))]
    digests = {phone: sealing.digests(keys, OFFICE, {"name": name, "telephone": phone}) for phone, name in people}
    every = [one for some in made.values() for one in some]
    first = {"archived": 0, "closed": len(made["archived"]), "open": len(made["archived"]) + len(made["closed"])}
    copies = []
    for n in range(count):
        name = chance.choices(("archived", "closed", "open"), (1 - CLOSED_SHARE - OPEN_SHARE, CLOSED_SHARE, OPEN_SHARE))[0]
        place = first[name] + chance.randrange(len(made[name]))
        phone, _ = people[chance.randrange(len(people))]
        called, telephone = digests[phone]
        copies.append((n, place, called, telephone, f"开投〔{every[place].received.year}〕{n:06d}号", chance.randrange(86_400), chance.randrange(UNITS + 1), chance.randrange(CLERKS + 1)))
    db = await asyncpg.connect(url)
    try:
        await db.execute(STAGE)
        await db.execute(NAMED)
        text = law_text(law_value(law))
        await db.execute("insert into law (sha256, text) values ($1, $2) on conflict do nothing", law_hash(law), text)
        for place, one in enumerate(every):
            await _stage(db, place, one)
        await db.copy_records_to_table("copies", records=copies, columns=["n", "place", "name", "phone", "number", "later", "unit", "clerk"])
        for statement in (CASES, EVENTS, REGISTER, REGISTER_WORDS, OUTBOX, INBOX):
            await db.execute(statement, *([law_hash(law)] if statement is CASES else []), timeout=600)
        await db.execute("vacuum analyze", timeout=600)
    finally:
        await db.close()
    return [(phone, digests[phone][1]) for phone, _ in people[:1000]]


async def _stage(db: asyncpg.Connection, place: int, one: Template) -> None:
    number = str(one.flat["register_no"] or "")

    def text(value: str) -> str:
        return value.replace(number, NUMBER) if number else value

    await db.execute("insert into staged_rows values ($1, $2)", place, text(json.dumps(one.flat, ensure_ascii=False)))
    await db.executemany(
        "insert into staged_events values ($1, $2, $3, $4, $5, $6)",
        [(place, event.seq, event.kind, event.at, event.actor, text(canonical(event))) for event in one.events],
    )  # fmt: skip
    _, _, version, facts, satisfaction, units, original, tokens, guards, closed = one.index
    await db.execute("insert into staged_index values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", place, version, facts, satisfaction, units, original, tokens, guards, closed)


STAGE = """
create temp table staged_rows (place int primary key, body text);
create temp table staged_events (place int, seq int, kind text, at timestamptz, actor text, body text);
create temp table staged_index (place int primary key, version int, facts jsonb, satisfaction text, units text[], original text, tokens bigint[], guards text[], closed jsonb);
create temp table copies (n int primary key, place int, name text, phone text, number text, later int, unit int, clerk int);
"""

NAMED = """
create function pg_temp.named(body text, unit int, clerk int) returns text language plpgsql immutable as $$
declare
    k text := lpad(unit::text, 2, '0');
    c text := '"c' || lpad(clerk::text, 2, '0') || '"';
begin
    if unit > 0 then
        body := replace(replace(replace(replace(replace(body, '"tax"', '"u' || k || '"'), '"unit:tax"', '"unit:u' || k || '"'), '"sun"', '"s' || k || '"'), '"zhou"', '"z' || k || '"'), '"tang"', '"l' || k || '"');
    end if;
    if clerk > 0 then
        body := replace(replace(replace(body, '"wang"', '"@"'), c, '"wang"'), '"@"', c);
    end if;
    return body;
end $$;
"""
FLAT = "pg_temp.named(replace(replace(replace(body, '@number@', number), 'telephone:@phone@', phone), 'name:@name@', name), unit, clerk)"
CASES = f"""
insert into cases (case_id, office, book, version, chain_head, phase, register_no, kind, channel, source, disposition, grade, clerk, units, waiting_on,
    received_at, closed_at, next_due_day, next_due_at, overdue, late, provisional, "row", changed_at, law_sha256)
select id, '{OFFICE}', '{BOOK}', (flat ->> 'version')::int, flat ->> 'chain_head', flat ->> 'phase', flat ->> 'register_no', flat ->> 'kind', flat ->> 'channel', flat ->> 'source',
    flat ->> 'disposition', flat ->> 'grade', flat ->> 'clerk', array(select jsonb_array_elements_text(flat -> 'units')), array(select jsonb_array_elements_text(flat -> 'waiting_on')),
    (flat ->> 'received_at')::timestamptz + make_interval(secs => later), (flat ->> 'closed_at')::timestamptz, (flat ->> 'next_due_day')::date, (flat ->> 'next_due_at')::timestamptz,
    (flat ->> 'overdue')::boolean, (flat ->> 'late')::boolean, (flat ->> 'provisional')::boolean, flat, now() - interval '1 hour', $1
from (select 'bench-' || lpad(n::text, 6, '0') as id, later, ({FLAT})::jsonb || jsonb_build_object('id', 'bench-' || lpad(n::text, 6, '0')) as flat from copies join staged_rows using (place) order by n) c
"""
EVENTS = f"""
insert into events (case_id, seq, kind, at, actor, body, data, hash)
select 'bench-' || lpad(n::text, 6, '0'), seq, kind, at, actor, text, text::jsonb -> 'data', ''
from (select n, seq, kind, at, actor, {FLAT} as text from copies join staged_events using (place)) e
"""
REGISTER = f"""
insert into register (case_id, office, version, edition, facts, satisfaction, respondent_units, original)
select 'bench-' || lpad(n::text, 6, '0'), '{OFFICE}', version, {EDITION}, facts, satisfaction, array(select jsonb_array_elements_text(pg_temp.named(to_jsonb(units)::text, unit, clerk)::jsonb)), original from copies join staged_index using (place)
"""
REGISTER_WORDS = """
insert into register_words (case_id, received_at, version, tokens, guards, closed)
select c.case_id, c.received_at, w.version, w.tokens, array(select jsonb_array_elements_text(pg_temp.named(to_jsonb(w.guards)::text, copies.unit, copies.clerk)::jsonb)), pg_temp.named(w.closed::text, copies.unit, copies.clerk)::jsonb
from copies join staged_index w using (place) join cases c on c.case_id = 'bench-' || lpad(n::text, 6, '0')
"""
OUTBOX = f"""
insert into outbox (key, case_id, "to", form, clause, demanded, data, office, sent_at)
select 'bench-' || lpad(n::text, 6, '0') || ':1:told', 'bench-' || lpad(n::text, 6, '0'), array['wang'], 'told', '{{}}', false, '{{}}', '{OFFICE}', now() from copies
"""
INBOX = f"""
insert into inbox (key, person, case_id, form, data, office, demanded, reached_at, sent_at)
select key, (array['wang', 'zhao', 'sun', 'he', 'chen', 'lu'])[1 + n % 6], case_id, form, data, '{OFFICE}', false, now(), now() - make_interval(mins => n)
from (select key, case_id, form, data, substr(case_id, 7)::int as n from outbox) o
"""


def bench_law() -> Law:
    """The law of the office of the bench: the sample's book, and as many units and clerks as an office with so many cases has."""
    file = library.office(OFFICE)
    units, people = dict(file["unit"]), dict(file["person"])
    for n in range(1, UNITS + 1):
        units[f"u{n:02d}"] = {"zh": f"示例·窗口单位{n}", "kind": "window_unit", "parent": "centre", "leader": f"l{n:02d}"}
        people |= {
            f"s{n:02d}": {"name": f"示例·首席{n}", "posts": ["chief"], "unit": f"u{n:02d}"}, f"z{n:02d}": {"name": f"示例·窗口{n}", "posts": [], "unit": f"u{n:02d}"},
            f"l{n:02d}": {"name": f"示例·分管{n}", "posts": ["unit_leader"], "unit": f"u{n:02d}"},
        }  # fmt: skip
    people |= {f"c{n:02d}": {"name": f"示例·受理{n}", "posts": ["room_clerk"], "unit": "room"} for n in range(1, CLERKS + 1)}
    law = library.law(BOOK, OFFICE)
    return bind(library.book(BOOK), {**file, "unit": units, "person": people}, list(law.calendars))


def today() -> datetime:
    """Now, to the second."""
    return datetime.now(ZONE).replace(microsecond=0)

