"""The law of a case: a book that came with the system, or a text that two people published with valid signatures before the case began."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cli.audit_record import Story
from cli.shipped import is_shipped
from domain.asking import Refusal
from domain.law import bare, text_hash
from domain.versions import Version, bound, entry_hash
from domain.workdays import ZONE
from workflows.keptfile import Signed
from workflows.published import is_signed, verified

ENTRIES = "select body, signature from rulebook_versions where office = $1 order by seq"
SPREAD = timedelta(seconds=60)  # until every process has taken over a new version
Row = Mapping[str, Any]


async def compare(found: Any, pool: asyncpg.Pool, story: Story, public: Ed25519PublicKey | None, began: datetime) -> None:
    """A line for each thing that makes the law of a case good; `began` is when its first run started, by the engine."""
    law = story.start.law
    head = law["book"].get("book", {})
    if not head.get("published"):
        name, shipped = head.get("id", "?"), is_shipped(law)
        said = "是随系统提供的文本 and is a book that came with the system" if shipped else "也不是随系统提供的文本 and NOT a book that ever came with the system: nobody has answered for it"
        found.say(shipped, f"制度 {name} 未经两人公布 the rulebook was not published by two people, {said}")
        return
    number, sha = int(head["version"]), str(head["published"]["sha256"])
    kept = [Signed(str(row["body"]), str(row["signature"])) for row in await pool.fetch(ENTRIES, story.start.office)]
    text = await pool.fetchval("select text from rulebook_texts where sha256 = $1", sha)
    entries = [_read(one.body) for one in kept]
    proposal = next((n for n, row in enumerate(entries) if (row.get("kind"), row.get("sha256")) == ("proposed", sha) and row.get("seq") == _confirmed(entries, number, sha).get("proposal")), None)
    confirmation = next((n for n, row in enumerate(entries) if row is _confirmed(entries, number, sha)), None)
    if text is None or proposal is None or confirmation is None:
        found.say(False, f"制度第 {number} 版:记录中没有此件所依据的公布文本及两人的签署 version {number}: the record lacks the published text of this case, or its two entries ({sha[:16]})")
        return
    one, two = entries[proposal], entries[confirmation]
    _signed(found, kept[proposal], public, f"制度第 {number} 版由 {one.get('by')} 于 {one.get('at')} 提出 version {number} was put forward by {one.get('by')}")
    _signed(found, kept[confirmation], public, f"由 {two.get('by')} 于 {two.get('at')} 确认 it was confirmed by {two.get('by')}")
    apart = bool(one.get("by")) and bool(two.get("by")) and one.get("by") != two.get("by")
    found.say(apart, "提出人和确认人是两个人 two different people" if apart else f"提出和确认是同一人 ONE person put it forward and confirmed it: {two.get('by')}")
    broken = [n + 1 for n, row in enumerate(entries[: confirmation + 1]) if (row.get("office"), row.get("seq"), row.get("prev")) != (story.start.office, n + 1, entry_hash(kept[n - 1].body) if n else "0" * 64)]
    found.say(not broken, "各步首尾相接 each step names the one before it" if not broken else f"第 {broken[0]} 步与前一步不相接 step {broken[0]} does not follow the one before it")
    _in_time(found, kept, entries, public, story, number, two, began)
    whole = text_hash(text) == sha
    found.say(whole, f"公布文本的 SHA-256 相同 the published text has its hash ({sha[:16]})" if whole else f"公布文本与其 SHA-256 不符 the published text is NOT the one that was signed ({sha[:16]})")
    version = Version(one.get("seq", 0), str(one.get("book")), sha, str(one.get("rule_sha256")), {}, str(one.get("first")), str(one.get("last")), "", "", "", number)
    same = whole and bare(bound(text, version, law["office"], []).book) == json.loads(json.dumps(law["book"]))
    found.say(same, "此件的规则与公布文本相同 the rules of the case are that text's" if same else "此件的规则与公布文本不同 the rules of the case are NOT that text's")


def _read(body: str) -> Row:
    try:
        entry = json.loads(body)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _confirmed(entries: Sequence[Row], number: int, sha: str) -> Row:
    return next((row for row in entries if (row.get("kind"), row.get("version"), row.get("sha256")) == ("confirmed", number, sha)), {})


def _signed(found: Any, entry: Signed, public: Ed25519PublicKey | None, said: str) -> None:
    if public is None:
        found.say(False, f"{said}:密钥文件夹中没有 rules,签名无法核对 the key `rules` is not here, its signature cannot be checked")
        return
    good = is_signed(entry, public)
    found.say(good, f"{said}:签名相符 signed by this installation" if good else f"{said}:签名不符 its signature is NOT this installation's")


def _in_time(found: Any, kept: Sequence[Signed], entries: Sequence[Row], public: Ed25519PublicKey | None, story: Story, number: int, two: Row, began: datetime) -> None:
    """Confirmed before the case began, and in force on the day of receipt by what was published until then."""
    at = _instant(two)
    before = _upto(at, began)
    times = f"({two.get('at')} / {began.astimezone(ZONE):%Y-%m-%dT%H:%M:%S%z})"
    found.say(before, f"确认在立案之前 confirmed before the case began {times}" if before else f"确认不在立案之前 NOT confirmed before the case began {times}")
    filed = story.case.marks.get("filed")
    if public is None or filed is None:
        return
    received = filed.first.astimezone(ZONE).date().isoformat()
    times_of = [_instant(row) for row in entries]
    ends = [n for n in range(len(kept) + 1) if (n == 0 or _upto(times_of[n - 1], began)) and (n == len(kept) or not _upto(times_of[n], began - SPREAD))]
    binding = {_binding(story.start.office, list(kept[:n]), public, received, began) for n in ends}
    holds = number in binding
    found.say(holds, f"收件日 {received} 适用第 {number} 版 that version binds what was received on {received}" if holds else f"收件日 {received} 不适用第 {number} 版 version {number} does NOT bind what was received on {received}")


def _binding(office: str, entries: list[Signed], public: Ed25519PublicKey, received: str, began: datetime) -> int:
    try:
        version = verified(office, entries, public).binding(received, began.astimezone(ZONE).date().isoformat())
    except Refusal:
        return 0
    return version.number if version else 0


def _upto(at: datetime | None, until: datetime) -> bool:
    return at is not None and at <= until


def _instant(row: Row) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(row.get("at")))
    except ValueError:
        return None
    return at if at.tzinfo else None
