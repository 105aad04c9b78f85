"""The law of a case against the published texts: which signed version it was handled under, and that its rules are that text's."""

import json
from typing import Any

import asyncpg

from cli.audit_record import Story
from domain.law import bare
from domain.versions import History, bound, passed, taken

ENTRIES = "select body from rulebook_versions where office = $1 order by seq"


async def compare(found: Any, pool: asyncpg.Pool, story: Story) -> None:
    """One line: the version and its two people, that nobody published it, or what differs. Signatures are `huiyin doctor`'s to check."""
    law = story.start.law
    head = law["book"].get("book", {})
    if not head.get("published"):
        found.say(True, "制度未经两人公布,按收件时文件夹中的文本 the rulebook was not published by two people: the folder's text at filing binds the case")
        return
    number, sha = int(head["version"]), str(head["published"]["sha256"])
    text = await pool.fetchval("select text from rulebook_texts where sha256 = $1", sha)
    version = next((one for one in await _versions(pool, story.start.office) if (one.number, one.sha256) == (number, sha)), None)
    if text is None or version is None:
        found.say(False, f"制度第 {number} 版:记录中没有此件所依据的公布文本 version {number}: the record lacks the published text of this case ({sha[:16]})")
        return
    same = bare(bound(text, version, law["office"], []).book) == json.loads(json.dumps(law["book"]))
    said = f"制度第 {number} 版({version.by} 提出,{version.confirmed_by} 确认,{version.first} 起施行) version {number}, put forward by {version.by}, confirmed by {version.confirmed_by}"
    found.say(same, f"{said}: " + ("此件的规则与公布文本相同 the rules of the case are that text's" if same else "此件的规则与公布文本不同 the rules of the case are NOT that text's"))


async def _versions(pool: asyncpg.Pool, office: str) -> list[Any]:
    history = History(office)
    for row in await pool.fetch(ENTRIES, office):
        try:
            history = taken(history, row["body"])
        except (ValueError, KeyError, TypeError):
            history = passed(history, row["body"])
    return history.versions
