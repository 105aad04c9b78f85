"""The courier's rounds on a real database: races, quiet time, digests, one bad address among many, what a dead process left."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from activities.delivery import Courier
from activities.notices import Notices, SendingFailed, addresses_in
from activities.types import Telling
from cli.unsent import printed, unsent
from domain.quiet import quiet_span, quiet_until
from domain.workdays import ZONE
from tests.activities.post_office import post_office
from tests.activities.test_notices import Marks, outbox

pytestmark = pytest.mark.database
QUIET = {"quiet": ["21:00", "08:00"]}


def courier(pool: asyncpg.Pool, office: Mapping[str, Any], now: list[datetime] | None = None, **more: Any) -> Courier:
    """A courier who knows one office, whatever it is called; `now` is a clock that the test turns."""
    clock = {"clock": lambda: now[0]} if now else {}
    return Courier(Notices(pool, lambda _, who: addresses_in(office, who), office=lambda _: office, **clock, **more))


async def round_(one: Courier, office: str) -> None:
    """One look, until everything it started has ended."""
    in_hand: dict[str, asyncio.Task[None]] = {}
    await one.round(office, in_hand)
    await asyncio.gather(*in_hand.values())
    await one.notices.escalate(office=office)


def at(text: str) -> datetime:
    """An instant of tomorrow or later, so that every row is due."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


async def test_two_couriers_race_and_each_notice_goes_out_once(pool: asyncpg.Pool) -> None:
    keys = [await outbox(pool, f"r{n}:1:told", ["li", "wang"], office="race", demanded=False) for n in range(20)]
    async with post_office() as mail:
        mail.slow = 0.05
        office = {"person": {"li": {"notify": [mail.url("li")]}, "wang": {"notify": [mail.url("wang")]}}}
        await asyncio.gather(*(round_(courier(pool, office), "race") for _ in range(4)))
        await round_(courier(pool, office), "race")
        for who in ("li", "wang"):
            listed = sum(text.count("told　编号") for text in mail.texts(who)) + sum(subject.startswith("【回音】told") for subject in mail.subjects(who))
            assert listed == len(keys), "each notice once, in one message or several"
    rows = await pool.fetch("select sent_at, tries from outbox where office = 'race'")
    assert len(rows) == len(keys) and all(row["sent_at"] is not None and row["tries"] == 1 for row in rows)


async def test_quiet_time_holds_reminders_and_they_become_one_message(pool: asyncpg.Pool) -> None:
    now = [at("2099-03-02T21:00:00")]
    for n in range(3):
        await outbox(pool, f"q{n}:1:told", ["li"], office="quiet", demanded=False)
    demanded = await outbox(pool, "q9:1:answer", ["li"], office="quiet")
    async with post_office() as mail:
        office = {"office": QUIET, "person": {"li": {"notify": [mail.url()]}}}
        one = courier(pool, office, now)
        await round_(one, "quiet")
        assert await one.notices.notify(Telling("q9", [demanded])) == [demanded], "what a clause demands is not held back"
        now[0] = at("2099-03-03T07:59:59")
        await round_(one, "quiet")
        assert mail.subjects() == ["【回音】answer 开投〔2025〕0001号"]
        assert await pool.fetchval("select count(*) from inbox where office = 'quiet'") == 4, "the inbox has them at once"
        now[0] = at("2099-03-03T08:00:00")
        await round_(one, "quiet")
        assert mail.subjects()[1:] == ["【回音】您有3条通知"]
        await round_(one, "quiet")
        assert len(mail.accepted) == 2
    assert await pool.fetchval("select count(*) from outbox where office = 'quiet' and sent_at is null") == 0


async def test_an_office_may_let_even_demanded_notices_wait(pool: asyncpg.Pool) -> None:
    now = [at("2099-03-02T23:30:00")]
    key = await outbox(pool, "h1:1:answer", ["li"], office="held")
    async with post_office() as mail:
        office = {"office": {**QUIET, "quiet_demanded": True}, "person": {"li": {"notify": [mail.url()]}}}
        one = courier(pool, office, now)
        assert await one.notices.notify(Telling("h1", [key])) == []
        await round_(one, "held")
        assert mail.accepted == []
        now[0] = at("2099-03-03T08:00:00")
        await round_(one, "held")
        assert len(mail.accepted) == 1
    assert await pool.fetchval("select sent_at from outbox where key = $1", key) is not None


async def test_what_a_clause_demands_goes_alone(pool: asyncpg.Pool) -> None:
    keys = [await outbox(pool, f"m1:{n}:{form}", ["li"], office="alone") for n, form in ((1, "transfer"), (2, "supervised"))]
    async with post_office() as mail:
        one = courier(pool, {"person": {"li": {"notify": [mail.url()]}}})
        assert await one.notices.notify(Telling("m1", keys)) == keys
        assert [subject.split()[0] for subject in mail.subjects()] == ["【回音】transfer", "【回音】supervised"]


async def test_a_server_that_hangs_keeps_only_its_own_waiting(pool: asyncpg.Pool, record_database: str) -> None:
    slow = [f"s{n}" for n in range(12)]
    async with post_office() as hung, post_office() as mail, asyncpg.create_pool(record_database, min_size=0, max_size=6) as locks:
        hung.hangs = asyncio.Event()
        people = {who: {"notify": [hung.url(who)]} for who in slow} | {"wang": {"notify": [mail.url("wang")]}}
        for n, who in enumerate([*slow, "wang"]):
            await outbox(pool, f"g{n}:1:told", [who], office="hung", demanded=False)
        one, in_hand = courier(pool, {"person": people}, locks=locks), dict[str, asyncio.Task[None]]()
        await one.round("hung", in_hand)
        await in_hand["wang"]
        assert len(mail.accepted) == 1 and hung.accepted == []
        assert set(in_hand) == set(slow)
        hung.hangs.set()
        await asyncio.gather(*in_hand.values())
        assert sorted(str(message["To"]).partition("@")[0] for message in hung.accepted) == sorted(slow)


async def test_one_bad_address_keeps_nobody_else_waiting_and_is_told(pool: asyncpg.Pool, record_database: str) -> None:
    now, marks = [datetime.now(ZONE) + timedelta(minutes=1)], Marks()
    bad = await outbox(pool, "b1:4:told", ["li"], office="bad", demanded=False)
    both = await outbox(pool, "b2:1:told", ["li", "wang"], office="bad", demanded=False)
    async with post_office() as mail:
        people: dict[str, Any] = {"li": {"notify": ["nosuch://scheme"]}, "wang": {"notify": [mail.url("wang")]}}
        one = courier(pool, {"person": people}, now, mark=marks)
        for n in range(6):
            await round_(one, "bad")
            assert (len(mail.accepted), len(marks.told)) == (1, 2 if n == 5 else 0)
            now[0] += timedelta(seconds=10 * 2**n)
        await round_(one, "bad")
        assert await pool.fetchval("select tries from outbox where key = $1", bad) == 6, "the seventh try comes after an hour"
        rows = await unsent(record_database, "bad")
        assert [(row[3], row[4], row[5]) for row in rows] == [("li", "nosuch 1/1: address_unreadable", "6")] * 2
        assert "notify" in printed(rows)
        await unsent(record_database, "bad", again=True)
        people["li"]["notify"] = [mail.url("li")]  # the administrator mends the office file
        await round_(one, "bad")
        assert mail.subjects("li") == ["【回音】您有2条通知"]
    assert printed(await unsent(record_database, "bad")).startswith("✓")
    assert sorted(marks.told) == [("b1", "mark_sent"), ("b1", "mark_unsent"), ("b2", "mark_sent"), ("b2", "mark_unsent")]
    assert await pool.fetchval("select count(*) from outbox where key = any($1) and sent_at is null", [bad, both]) == 0


async def test_a_demanded_notice_that_its_case_left_is_carried(pool: asyncpg.Pool) -> None:
    now = [datetime.now(ZONE) + timedelta(minutes=1)]
    await outbox(pool, "l1:1:told", ["li"], office="left")
    tried = await outbox(pool, "l2:1:told", ["wang"], office="left")
    async with post_office() as mail:
        office = {"person": {who: {"notify": [mail.url(who)]} for who in ("li", "wang")}}
        one = courier(pool, office, now)
        mail.refuses = True
        with pytest.raises(SendingFailed):
            await one.notices.notify(Telling("l2", [tried]))
        mail.refuses = False
        await round_(one, "left")
        assert mail.accepted == [], "for two minutes it is the case's own"
        now[0] += timedelta(minutes=2)
        await round_(one, "left")
        assert await pool.fetchval("select count(*) from inbox where office = 'left'") == 2, "people see it; after an outage its case goes first"
        now[0] += timedelta(minutes=3)
        await round_(one, "left")
        assert len(mail.accepted) == 2
    assert await pool.fetchval("select count(*) from outbox where office = 'left' and sent_at is null") == 0


async def test_a_process_that_died_before_the_last_word_leaves_nothing_open(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "s1:1:told", ["li"], office="stray", demanded=False)
    async with post_office() as mail:
        office = {"person": {"li": {"notify": [mail.url()]}}}
        one = courier(pool, office)
        await one.notices.show(await one.notices.outbox.waiting("stray", datetime.now(ZONE)))
        await one.notices.reach("stray", "li", [key], wait=False)  # and here it dies: the outbox does not know yet
        await round_(courier(pool, office), "stray")
        assert len(mail.accepted) == 1
    assert await pool.fetchval("select sent_at is not null from outbox where key = $1", key)


@pytest.mark.parametrize(
    ("span", "now", "until"),
    [
        (["21:00", "08:00"], "2025-10-01T20:59:59", None),
        (["21:00", "08:00"], "2025-10-01T21:00:00", "2025-10-02T08:00:00"),
        (["21:00", "08:00"], "2025-10-02T07:59:59", "2025-10-02T08:00:00"),
        (["21:00", "08:00"], "2025-10-02T08:00:00", None),
        (["12:00", "13:30"], "2025-10-02T12:30:00", "2025-10-02T13:30:00"),
        (["12:00", "13:30"], "2025-10-02T13:30:00", None),
    ],
)
def test_both_sides_of_quiet_time(span: list[str], now: str, until: str | None) -> None:
    assert quiet_until({"office": {"quiet": span}}, at(now)) == (until and at(until))


@pytest.mark.parametrize("span", [["21:00"], ["a", "b"], "21:00-08:00", ["08:00", "08:00"], [21, 8]])
def test_a_quiet_time_that_cannot_be_read_is_named_and_holds_nothing(span: Any, pool: asyncpg.Pool) -> None:
    with pytest.raises(ValueError):
        quiet_span({"office": {"quiet": span}})
    assert courier(pool, {}).notices.is_quiet({"office": {"quiet": span}}) is False
