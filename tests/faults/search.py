"""Looks for words in everything an installation keeps or says, in every way such a word could be written."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
from temporalio.client import Client


def encodings(word: str) -> dict[str, bytes]:
    """The word as text in four encodings, and as JSON, address and base64 would carry it (base64 at each of its three offsets)."""
    found = {"utf-8": word.encode(), "utf-16": word.encode("utf-16-le"), "gb18030": word.encode("gb18030"), "json": json.dumps(word)[1:-1].encode(), "percent": quote(word, safe="").encode()}
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + word.encode())
        found[f"base64+{offset}"] = coded[(0, 2, 3)[offset] : len(coded) - 4]
    found["hex"] = word.encode().hex().encode()
    found |= {"html": "".join(f"&#{ord(one)};" for one in word).encode(), "html-hex": "".join(f"&#x{ord(one):x};" for one in word).encode()}
    return found


def hits(words: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Where a word stands, and how it is written."""
    wanted = [(word, how, coded) for word in words for how, coded in encodings(word).items() if len(coded) > 3]
    return [f"{name}: {word} ({how})" for name, content in places for word, how, coded in wanted if coded in content]


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below the folders, its path first."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            yield f"name of {path}", str(path).encode()
            if path.is_file() and not path.is_symlink():
                yield str(path), path.read_bytes()


async def tables(pool: asyncpg.Pool) -> list[tuple[str, bytes]]:
    """Every row of every table of the record, as text."""
    names = [row["table_name"] for row in await pool.fetch("select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")]
    return [(f"table {name}", str(row[0]).encode()) for name in names for row in await pool.fetch(f'select to_jsonb(t)::text from "{name}" t')]


async def executions(client: Client) -> list[tuple[str, bytes]]:
    """Every workflow as the engine lists it: id, attributes, memo, summary; and its history as it is stored."""
    found = []
    async for one in client.list_workflows():
        found.append((f"engine's list: {one.id}", one.raw_info.SerializeToString()))
        described = await client.get_workflow_handle(one.id, run_id=one.run_id).describe()
        found.append((f"engine's description: {one.id}", described.raw_description.SerializeToString()))
        history = await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
        found += [(f"history of {one.id}, event {event.event_id}", event.SerializeToString()) for event in history.events]
    return found
