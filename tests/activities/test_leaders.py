"""Leaders get one message when the office opens; what is urgent, and everybody else's, goes at once; each message says where to read on."""

import asyncio
import json
import re
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from activities.delivery import Courier
from activities.notices import Notices, addresses_in
from activities.types import Telling
from cli import library
from domain.workdays import ZONE
from tests.activities.post_office import PostOffice, post_office
from tests.activities.test_notices import outbox
from worker.settings import Settings

pytestmark = pytest.mark.database
LAW = library.law("kaiyang-one-window", "kaiyang")
BASE = "https://huiyin.example.gov.cn/office"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def courier(pool: asyncpg.Pool, mail: PostOffice, now: list[datetime]) -> Courier:
    office = {"person": {who: {"notify": [mail.url(who)]} for who in ("chen", "lu", "wang")}}
    return Courier(Notices(pool, lambda _, who: addresses_in(office, who), office=lambda _: office, law=lambda _: LAW, base=BASE, clock=lambda: now[0]))


async def round_(one: Courier, office: str) -> None:
    """One look, until everything it started has ended."""
    in_hand: dict[str, asyncio.Task[None]] = {}
    await one.round(office, in_hand)
    await asyncio.gather(*in_hand.values())


async def row(pool: asyncpg.Pool, key: str, to: list[str], office: str, data: dict[str, Any], *, demanded: bool = False) -> str:
    """An open notice that says more than the usual."""
    await outbox(pool, key, to, office=office, demanded=demanded)
    await pool.execute("update outbox set data = $2 where key = $1", key, json.dumps({"register_no": f"甲{key[:2]}号", **data}))
    return key


async def test_a_leader_gets_one_message_at_opening_time_and_urgent_ones_at_once(pool: asyncpg.Pool) -> None:
    now = [at("2099-03-06T10:00")]  # a Friday
    for n, due in enumerate(("2099-03-20", "2099-03-12", "")):
        await row(pool, f"z{n}:1:told", ["chen", "wang"], "leaders", {"due_day": due})
    await row(pool, "z7:1:asked_leader", ["chen"], "leaders", {"due_day": "2099-03-09"})
    await row(pool, "z8:1:told", ["chen"], "leaders", {"kind": "overdue", "due_day": "2099-03-20"})
    await pool.execute("update cases set waiting_on = '{chen}' where case_id = 'z2'")
    async with post_office() as mail:
        one = courier(pool, mail, now)
        await round_(one, "leaders")
        (urgent,) = mail.texts("chen")
        assert mail.subjects("wang") == ["【回音】您有3条通知"], "a clerk hears at once"
        assert re.findall("甲(z.)号", urgent)[:2] == ["z7", "z8"], "due on Monday, and overdue"
        assert await pool.fetchval("select count(*) from inbox where person = 'chen' and office = 'leaders'") == 5, "the inbox has all of them as they come"
        now[0] = at("2099-03-09T08:59:59")
        await round_(one, "leaders")
        assert len(mail.texts("chen")) == 1
        now[0] = at("2099-03-09T09:00:00")
        await round_(one, "leaders")
        digest = mail.texts("chen")[1]
        assert mail.subjects("chen")[1] == "【回音】您有3条通知"
        assert re.findall("甲(z.)号", digest)[:3] == ["z2", "z1", "z0"], "what waits for the leader first, then by date"
        assert digest.count("等您办理") == 1
        assert [link in digest for link in (f"{BASE}/cases/z2", f"{BASE}/home（须登录）")] == [True, True]
        await round_(one, "leaders")
        assert len(mail.texts("chen")) == 2
    assert await pool.fetchval("select count(*) from outbox where office = 'leaders' and sent_at is null") == 0


async def test_what_a_clause_demands_waits_for_the_leader_alone_and_its_case_is_not_kept(pool: asyncpg.Pool) -> None:
    now = [at("2099-03-03T10:00")]
    key = await row(pool, "y1:1:asked_leader", ["lu", "wang"], "demanded", {"due_day": "2099-03-20"}, demanded=True)
    async with post_office() as mail:
        one = courier(pool, mail, now)
        assert await one.notices.notify(Telling("y1", [key])) == [], "not sent to everybody yet, and nothing failed"
        assert (len(mail.texts("wang")), len(mail.texts("lu"))) == (1, 0)
        now[0] = at("2099-03-04T09:00")
        await round_(one, "demanded")
        (text,) = mail.texts("lu")
        assert f"打开：{BASE}/cases/y1（须登录）" in text
        assert re.findall(r"https?://\S+?(?=（| )", text) == [f"{BASE}/cases/y1"] * 2, "no other address, and nothing but the case's id in it"
    assert await pool.fetchval("select sent_at is not null from outbox where key = $1", key)


@pytest.mark.parametrize("wrong", ["huiyin.example.cn", "ftp://huiyin.example.cn", "https://", "https://a:b@host/", "https://host/?code=1", "https://host/a b"])
def test_a_public_address_that_is_none_is_refused_at_the_start(wrong: str) -> None:
    env = {"HUIYIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert Settings.from_environment({**env, "HUIYIN_PUBLIC_URL": f"{BASE}/"}).public == BASE
    assert Settings.from_environment(env).public == ""
    with pytest.raises(ValueError, match="HUIYIN_PUBLIC_URL"):
        Settings.from_environment({**env, "HUIYIN_PUBLIC_URL": wrong})
