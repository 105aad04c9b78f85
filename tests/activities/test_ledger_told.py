"""What a ledger tells goes out as every notice does: in the inbox, once to each address, and a failure is the administrators'."""

import asyncio
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from activities.ledgers import Ledgers
from activities.types import LedgerBatch
from cli.unsent import unsent
from domain.workdays import ZONE
from tests.activities.post_office import post_office
from tests.activities.test_delivery import courier, round_
from tests.activities.test_notices import Marks

pytestmark = pytest.mark.database


def batch(office: str, seq: int, to: list[str]) -> LedgerBatch:
    """One step of a ledger that tells somebody."""
    name = f"ledger:{office}:b"
    event = {"seq": seq, "kind": "missed", "at": "2025-10-01T00:00:00+08:00", "actor": "system", "text": f'{{"seq": {seq}}}'}
    data = {"register_no": "", "kind": "missed", "subject": "bulletin", "due_day": "2025-09-30", "ledger": True, "period": "2025-09"}
    row = {"key": f"{name}:{seq}:bulletin", "to": to, "form": "bulletin", "clause": ["八 a"], "demanded": True, "data": data}
    return LedgerBatch(name, office, "b", seq - 1, [event], [], [], None, [row])


async def nobody(*_: Any) -> bool:
    return True


async def test_it_is_in_the_inbox_and_goes_to_each_address_once(pool: asyncpg.Pool) -> None:
    ledgers, office = Ledgers(pool, nobody), "ledger-told"
    await ledgers.record(batch(office, 1, ["li", "wang"]))
    assert (await ledgers.record(batch(office, 1, ["li", "wang"]))).stored == ['{"seq": 1}'], "the same step again writes nothing"
    async with post_office() as mail:
        one = courier(pool, {"person": {"li": {"notify": [mail.url("li")]}}}, [datetime(2099, 3, 2, 9, 0, tzinfo=ZONE)])
        await round_(one, office)
        await round_(one, office)
        (text,) = mail.texts("li")
        assert "2025-09" in text and "八 a" in text and "编号" not in text
    rows = await pool.fetch("select person, case_id, form from inbox where office = $1 order by person", office)
    assert [(row["person"], row["case_id"], row["form"]) for row in rows] == [("li", None, "bulletin"), ("wang", None, "bulletin")]
    assert await pool.fetchval("select count(*) from outbox where office = $1 and sent_at is null", office) == 0


async def test_what_does_not_arrive_is_listed_and_told_to_the_administrators(pool: asyncpg.Pool, record_database: str) -> None:
    ledgers, office = Ledgers(pool, nobody), "ledger-failing"
    await ledgers.record(batch(office, 1, ["li"]))
    now, marks = [datetime(2099, 3, 2, 9, 0, tzinfo=ZONE)], Marks()
    people = {"person": {"li": {"notify": ["unreadable://x"]}, "luo": {"posts": ["admin"]}}}
    one = courier(pool, people, now, mark=marks)
    await round_(one, office)
    now[0] = datetime(2099, 3, 2, 10, 30, tzinfo=ZONE)
    await round_(one, office)
    assert marks.told == [], "there is no case to be marked"
    assert [row[0] for row in await unsent(record_database, office)] == [office]
    assert await pool.fetchval("select count(*) from inbox where person = 'luo' and office = $1 and form = 'notice_failed'", office) == 1
    assert await pool.fetchval("select count(*) from door_log where case_id = $1", f"ledger:{office}:b") == 1


async def test_two_who_find_the_same_failure_write_it_once(pool: asyncpg.Pool) -> None:
    office, now = "ledger-twice", datetime(2099, 3, 2, 10, 30, tzinfo=ZONE)
    await Ledgers(pool, nobody).record(batch(office, 1, ["li"]))
    ledger = f"ledger:{office}:b"
    box = courier(pool, {}, [now]).notices.outbox
    await asyncio.gather(*(box.at_the_door(f"{ledger}:1:bulletin", ledger, "mark_unsent", {}, ["luo"], now) for _ in range(8)))
    assert await pool.fetchval("select count(*) from door_log where case_id = $1", ledger) == 1
    assert await pool.fetchval("select count(*) from inbox where office = $1 and person = 'luo'", office) == 1
