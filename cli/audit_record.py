"""Postgres against the history: each event and column, the chain, the list row, outcomes, notices, the register number."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from cli.audit_watch import Seen, Step
from domain.core import Case, Event, Notice, current, fold, instant, notices, projection
from workflows.batches import outcomes
from workflows.contract import Start
from workflows.laws import law_of

COLUMNS = (
    "office", "book", "version", "chain_head", "phase", "register_no", "kind", "channel", "source", "disposition", "grade", "clerk", "units", "waiting_on",
    "received_at", "closed_at", "next_due_day", "next_due_at", "overdue", "late", "provisional",
)  # fmt: skip
SHOWN = ("kind", "at", "actor", "post", "entered_by", "command_id")  # ids and codes; all else is named, never printed


@dataclass(frozen=True)
class Story:
    """The case as the history tells it: folded by the core, with what each step must have left in the record."""

    case: Case
    start: Start
    texts: dict[int, str]
    events: list[Event]
    heads: list[tuple[str, str]]  # as folded here, as the record answered then
    notices: dict[str, Notice]
    number: int | None
    adopted: int
    base: tuple[int, str] = (0, "")  # where the first run that is left began: version and head


def told(case_id: str, start: Start, steps: Sequence[Step]) -> Story:
    """Fold the steps through the core, from where the first run that is there began."""
    law = law_of(start.law)
    case = Case.load(start.case) if start.case else Case.new(case_id, start.office, start.book)
    base = (case.version, case.chain_head)
    texts, heads, due = dict[int, str](), list[tuple[str, str]](), dict[str, Notice]()
    events: list[Event] = []
    for step in steps:
        mine = [Event.load(json.loads(step.texts[seq])) for seq in sorted(step.texts) if seq > case.version]
        for event in mine:
            fold(case, event)
        events += mine
        texts |= step.texts
        heads.append((case.chain_head, step.head))
        due |= {one.key: one for one in notices(mine, case, current(law, case))}
    number = next((step.number for step in steps if step.number is not None), None)
    return Story(case, start, texts, events, heads, due, number, sum(step.adopted for step in steps), base)


async def compare(found: Any, pool: asyncpg.Pool, story: Story, seen: Seen) -> None:
    """All that the record holds of the case."""
    case_id = story.case.id
    rows = await pool.fetch("select seq, kind, at, actor, command_id, body, data, hash from events where case_id = $1 order by seq", case_id)
    stored = await pool.fetchrow("select * from cases where case_id = $1", case_id)
    if stored is None:
        found.say(False, "记录中没有此件 the record has no such case")
        return
    ours, theirs = set(story.texts), {row["seq"] for row in rows}
    wrong = [f"事件 event {seq} {json.loads(story.texts[seq])['kind']}: 记录中缺少 missing in the record" for seq in sorted(ours - theirs)]
    wrong += [f"事件 event {row['seq']} {row['kind']}: 历史中没有 is not in history" for row in rows if row["seq"] not in ours and row["seq"] > story.base[0]]
    found.settle(wrong, f"事件数 events: 历史 history {len(ours)}, 记录 record {len(rows)}")
    found.settle(_events(story, rows), f"{len(ours & theirs)} 个事件逐值相同 events equal value by value")
    if story.adopted:
        found.say(True, f"其中 {story.adopted} 个由记录补入(答复丢失之后),历史不能独立证明 of these were taken from the record after a lost answer: history alone does not prove them")
    _chain(found, story, rows, stored)
    _row(found, story, stored)
    await _outcomes(found, pool, story)
    await _outbox(found, pool, story, seen)
    await _number(found, pool, story, stored)


def _events(story: Story, rows: Sequence[Any]) -> list[str]:
    wrong = []
    for row in rows:
        if row["seq"] not in story.texts:
            continue
        ours, stored = json.loads(story.texts[row["seq"]]), loaded(row["body"])
        parts = [_said(path, a, b) for path, a, b in differences(ours, stored)]
        parts += [] if parts or row["body"] == story.texts[row["seq"]] else ["text"]
        columns = {"kind": row["kind"], "at": row["at"], "actor": row["actor"], "command_id": row["command_id"]}
        parts += [_said(f"column {name}", ours[name], value) for name, value in columns.items() if not same(ours[name], value)]
        parts += [f"column {path}" for path, _, _ in differences({"data": ours["data"]}, {"data": loaded(row["data"])})]
        if parts:
            wrong.append(f"事件 event {row['seq']} {ours['kind']}: 与历史不符 differs from history: {', '.join(parts)}")
    return wrong


def _said(path: str, ours: Any, stored: Any) -> str:
    return f"{path} (历史 history {ours}, 记录 record {stored})" if path.removeprefix("column ") in SHOWN else path


def _chain(found: Any, story: Story, rows: Sequence[Any], stored: Any) -> None:
    head, broken = Case.new("", "", "").chain_head, list[int]()
    for row in rows:
        head = hashlib.sha256((head + row["body"]).encode()).hexdigest()
        if head != row["hash"]:
            broken.append(row["seq"])
            head = row["hash"]  # each break is named, not all that follow it
    found.say(not broken, f"哈希链 hash chain: {len(rows)} 环 links, {head[:16]}…" if not broken else f"哈希链断开 hash chain broken at event {', '.join(map(str, broken))}")
    if story.base[0]:
        carried = next((row["hash"] for row in rows if row["seq"] == story.base[0]), "")
        text = f"事件 1 至 {story.base[0]} 只由链头证明 events 1 to {story.base[0]} are proved by the chain head that the next run began with"
        found.say(carried == story.base[1], text if carried == story.base[1] else f"{text}: 不符 differs")
    gone = [n for n, (folded, answered) in enumerate(story.heads, 1) if folded != answered]
    same_head = stored["chain_head"] == story.case.chain_head == head
    found.say(story.heads and not gone, f"每步链头与历史所载相同 the head after each of {len(story.heads)} steps is the one in history" if not gone else f"第 {gone} 步的链头不符 heads of steps differ: {gone}")
    found.say(same_head, "链头:折叠、列表行与末一事件相同 chain head: fold, list row and last event agree" if same_head else "链头不符 chain head differs: fold, list row and last event")


def _row(found: Any, story: Story, stored: Any) -> None:
    ours = json.loads(json.dumps(projection(story.case, law_of(story.start.law)), default=str))
    flat = loaded(stored["row"])
    parts = [path for path, _, _ in differences(ours, flat)]
    parts += [f"column {name}" for name in COLUMNS if not same(ours.get(name), stored[name])]
    if parts:
        found.say(False, f"列表行不符 list row differs: {', '.join(parts)}")
    else:
        found.say(True, f"列表行与折叠结果相同 list row equals the fold: {len(ours)} 值 values, {len(COLUMNS)} 列 columns; {story.case.phase}, v{story.case.version}")


async def _outcomes(found: Any, pool: asyncpg.Pool, story: Story) -> None:
    ours = {one["command_id"]: one for one in outcomes(story.events)}
    rows = await pool.fetch("select command_id, code, first_seq, last_seq from outcomes where case_id = $1", story.case.id)
    stored = {row["command_id"]: dict(row) for row in rows if row["first_seq"] > story.base[0] or row["command_id"] in ours}
    wrong = [f"处理结果 outcome {name}: 记录中缺少 missing in the record" for name in ours if name not in stored]
    wrong += [f"处理结果 outcome {name}: 历史中没有 is not in history" for name in stored if name not in ours]
    for name in ours.keys() & stored.keys():
        parts = [f"{path} (历史 history {a}, 记录 record {b})" for path, a, b in differences(ours[name], stored[name])]
        wrong += [f"处理结果不符 outcome {name} differs: {', '.join(parts)}"] if parts else []
    found.settle(wrong, f"{len(stored)} 个行为的处理结果相同 outcomes of acts are the same")


async def _outbox(found: Any, pool: asyncpg.Pool, story: Story, seen: Seen) -> None:
    rows = await pool.fetch('select key, "to", form, clause, demanded, data, office, sent_at from outbox where case_id = $1', story.case.id)
    stored = {row["key"]: row for row in rows if _seq(row["key"], story.case.id) > story.base[0]}
    wrong = [f"通知 notice {key}: 记录中缺少 missing in the outbox" for key in story.notices if key not in stored]
    wrong += [f"通知 notice {key}: 规则没有要求 is not called for" for key in stored if key not in story.notices]
    for key in sorted(story.notices.keys() & stored.keys()):
        one, row = story.notices[key], stored[key]
        ours = {"to": list(one.to), "form": one.form, "clause": list(one.clause), "demanded": one.demanded, "data": json.loads(json.dumps(one.data)), "office": story.start.office}
        theirs = {"to": list(row["to"]), "form": row["form"], "clause": list(row["clause"]), "demanded": row["demanded"], "data": loaded(row["data"]), "office": row["office"]}
        parts = [path for path, _, _ in differences(ours, theirs)]
        if key in seen.sent and row["sent_at"] is None:
            parts.append("sent_at (历史证明已发 history proves it was sent)")
        wrong += [f"通知 notice {key}: 不符 differs: {', '.join(parts)}"] if parts else []
    found.settle(wrong, f"{len(stored)} 个通知与规则所要求的一一对应 notices are those that the core calls for, {len(seen.sent)} 个的发出由历史证明 proved sent by history")


def _seq(key: str, case_id: str) -> int:
    number = key.removeprefix(f"{case_id}:").split(":", 1)[0]
    return int(number) if number.isdigit() else 1 << 62


async def _number(found: Any, pool: asyncpg.Pool, story: Story, stored: Any) -> None:
    ours, year = story.case.register_no, story.case.attrs.get("register_year")
    if not ours:
        found.say(not stored["register_no"], "未编号 no register number" if not stored["register_no"] else f"编号不符 register number differs: 历史没有 history has none, 记录 record {stored['register_no']}")
        return
    same_number = stored["register_no"] == ours
    found.say(same_number, f"编号 register number {ours}" if same_number else f"编号不符 register number differs: 历史 history {ours}, 记录 record {stored['register_no']}")
    last = await pool.fetchval("select last from register_numbers where office = $1 and year = $2", story.start.office, year)
    if story.number is not None:
        found.say(last is not None and last >= story.number, f"编号序列 number series {year}: 至 up to {last}" + ("" if last is not None and last >= story.number else f", 小于本件 less than this case's {story.number}"))


def differences(ours: Any, stored: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ, by dotted path; objects are entered, all else is compared whole."""
    if isinstance(ours, Mapping) and isinstance(stored, Mapping):
        for key in sorted({*ours, *stored}):
            inside = f"{path}.{key}" if path else str(key)
            if key not in ours or key not in stored:
                yield inside, ours.get(key), stored.get(key)
            else:
                yield from differences(ours[key], stored[key], inside)
    elif ours != stored or isinstance(ours, bool) is not isinstance(stored, bool):
        yield path, ours, stored


def same(ours: Any, column: Any) -> bool:
    """Whether a value of JSON is the one in a typed column."""
    if isinstance(column, datetime):
        return bool(ours) and instant(str(ours)) == column
    if isinstance(column, date):
        return str(ours) == column.isoformat()
    return bool(ours == column)


def loaded(text: str) -> Any:
    """JSON of the record; what is none any more differs from everything."""
    try:
        return json.loads(text)
    except ValueError:
        return {"not JSON": True}
