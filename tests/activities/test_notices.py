"""Notices go to the inbox and to real addresses, once per key; a failure is kept and counted, and tried again."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from activities.notices import Notices, SendingFailed, addresses_of
from activities.types import Telling

pytestmark = [
    pytest.mark.database,
    pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning"),  # Apprise asks for it while it loads its plugins
]


@asynccontextmanager
async def receiver(got: list[bytes], status: str = "200 OK") -> AsyncIterator[int]:
    """A web hook on loopback; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0)
        got.append(await reader.readexactly(length))
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def outbox(pool: asyncpg.Pool, case: str, key: str) -> None:
    """One open notice to li and wang."""
    await pool.execute("insert into cases (case_id, office, book, version, chain_head, \"row\") values ($1, 'o', 'b', 0, '', '{}') on conflict do nothing", case)
    data = json.dumps({"register_no": "开投〔2025〕0001号", "due_day": "2025-10-10"})
    await pool.execute(
        "insert into outbox (key, case_id, \"to\", form, clause, demanded, data, office) values ($1, $2, '{li,wang}', 'told', '{六.1}', true, $3, 'o')", key, case, data
    )


async def test_sent_once_to_inbox_and_address(pool: asyncpg.Pool) -> None:
    await outbox(pool, "n1", "n1:1:told")
    got: list[bytes] = []
    async with receiver(got) as port:
        notices = Notices(pool, addresses_of({"o": {"person": {"li": {"notify": [f"json://127.0.0.1:{port}/"]}}}}))
        answers = await asyncio.gather(*(notices.notify(Telling("n1", ["n1:1:told"])) for _ in range(3)))
    assert sorted(answers) == [[], [], ["n1:1:told"]]
    assert len(got) == 1
    body = json.loads(got[0])
    assert "开投〔2025〕0001号" in body["message"] and "六.1" in body["message"] and "2025-10-10" in body["message"]
    assert {row["person"] for row in await pool.fetch("select person from inbox where case_id = 'n1'")} == {"li", "wang"}


async def test_a_failure_is_kept_and_tried_again(pool: asyncpg.Pool) -> None:
    await outbox(pool, "n2", "n2:1:told")
    got: list[bytes] = []
    async with receiver(got, "500 No") as port:
        notices = Notices(pool, addresses_of({"o": {"person": {"li": {"notify": [f"json://127.0.0.1:{port}/"]}}}}))
        for _ in range(2):
            with pytest.raises(SendingFailed):
                await notices.notify(Telling("n2", ["n2:1:told"]))
    row = await pool.fetchrow("select * from outbox where key = 'n2:1:told'")
    assert row is not None and row["tries"] == 2 and row["sent_at"] is None and row["last_error"]
    assert not await pool.fetch("select 1 from inbox where case_id = 'n2'")
    assert await Notices(pool, addresses_of({})).notify(Telling("n2", ["n2:1:told"])) == ["n2:1:told"]
