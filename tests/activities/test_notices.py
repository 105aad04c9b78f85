"""Notices go to the inbox at once and to real addresses, once per key and address; a failure is kept, counted, told and tried again."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from activities.mailing import Texts
from activities.notices import Notices, SendingFailed, addresses_of
from activities.types import Telling
from cli import library
from domain.workdays import ZONE
from tests.activities.post_office import post_office, web_hook
from worker.offices import Offices

pytestmark = pytest.mark.database


async def outbox(pool: asyncpg.Pool, key: str, to: Sequence[str] = ("li", "wang"), *, office: str = "o", demanded: bool = True) -> str:
    """One open notice."""
    case = key.partition(":")[0]
    await pool.execute("insert into cases (case_id, office, book, version, chain_head, \"row\") values ($1, $2, 'b', 0, '', '{}') on conflict do nothing", case, office)
    data = json.dumps({"register_no": "开投〔2025〕0001号", "due_day": "2025-10-10"})
    await pool.execute(
        "insert into outbox (key, case_id, \"to\", form, clause, demanded, data, office) values ($1, $2, $3, $4, '{六.1}', $5, $6, $7)",
        key, case, list(to), key.rpartition(":")[2], demanded, data, office,
    )  # fmt: skip
    return key


def mailed(pool: asyncpg.Pool, addresses: Mapping[str, Sequence[str]], **more: Any) -> Notices:
    return Notices(pool, addresses_of({"o": {"person": {who: {"notify": list(urls)} for who, urls in addresses.items()}}}), **more)


class Marks:
    """What the cases are told."""

    def __init__(self, *, ended: bool = False) -> None:
        self.told: list[tuple[str, str]] = []
        self.fields: list[Mapping[str, Any]] = []
        self.ended = ended

    async def __call__(self, case_id: str, act: str, fields: Mapping[str, Any]) -> bool:
        self.told.append((case_id, act))
        self.fields.append(fields)
        return not self.ended


async def test_sent_once_to_inbox_and_address(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "n1:1:told")
    got: list[bytes] = []
    async with web_hook(got) as port:
        notices = mailed(pool, {"li": [f"json://127.0.0.1:{port}/"]})
        answers = await asyncio.gather(*(notices.notify(Telling("n1", [key])) for _ in range(3)))
    assert sorted(answers) == [[], [], [key]]
    assert len(got) == 1
    body = json.loads(got[0])
    assert body["title"] == "【回音】told 开投〔2025〕0001号"
    assert "开投〔2025〕0001号" in body["message"] and "六.1" in body["message"] and "2025-10-10" in body["message"]
    assert body["message"].index("编号") < body["message"].index("Number"), "Chinese first, English second"
    assert {row["person"] for row in await pool.fetch("select person from inbox where case_id = 'n1'")} == {"li", "wang"}
    row = await pool.fetchrow("select * from outbox where key = $1", key)
    assert row is not None and row["tries"] == 1 and row["sent_at"] is not None


async def test_a_failure_is_kept_and_tried_again_while_the_inbox_has_it(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "n2:1:told")
    got: list[bytes] = []
    async with web_hook(got, "500 No") as port:
        notices = mailed(pool, {"li": [f"json://127.0.0.1:{port}/"]})
        for _ in range(2):
            with pytest.raises(SendingFailed):
                await notices.notify(Telling("n2", [key]))
    row = await pool.fetchrow("select * from outbox where key = $1", key)
    assert row is not None and row["tries"] == 2 and row["sent_at"] is None and row["last_error"] == "json 1/1: not_taken"
    assert len(await pool.fetch("select 1 from inbox where case_id = 'n2'")) == 2, "people see it though the address fails"
    assert await mailed(pool, {}).notify(Telling("n2", [key])) == [key], "an address taken out of the office file is owed nothing"


async def test_a_failed_address_does_not_send_again_to_those_that_have_it(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "n3:1:told")
    good, bad = [], []
    async with post_office() as mail, web_hook(good) as well, web_hook(bad, "500 No") as ill:
        addresses = {"li": [f"json://127.0.0.1:{ill}/", mail.url("li"), "nonsense", f"json://127.0.0.1:{well}/"], "wang": [mail.url("wang")]}
        for _ in range(3):
            with pytest.raises(SendingFailed):
                await mailed(pool, addresses).notify(Telling("n3", [key]))
        assert (len(bad), len(good), len(mail.subjects("li")), len(mail.subjects("wang"))) == (3, 1, 1, 1)
        assert await pool.fetchval("select last_error from outbox where key = $1", key) == "nonsense 3/4: address_unreadable"
        addresses["li"] = addresses["li"][1:2]
        assert await mailed(pool, addresses).notify(Telling("n3", [key])) == [key]
        assert len(mail.accepted) == 2
    reached = await pool.fetch("select person, tries from inbox where key = $1 order by person", key)
    assert [(row["person"], row["tries"]) for row in reached] == [("li", 4), ("wang", 1)]


async def test_six_tries_mark_the_case_once_and_the_end_clears_it(pool: asyncpg.Pool) -> None:
    key, marks = await outbox(pool, "n4:7:told", ["li"]), Marks()
    async with post_office() as mail:
        mail.refuses = True
        notices = mailed(pool, {"li": [mail.url()]}, mark=marks)
        pauses = []
        for n in range(1, 9):
            with pytest.raises(SendingFailed) as failed:
                await notices.notify(Telling("n4", [key]))
            pauses.append(round((failed.value.next_retry_delay or timedelta()).total_seconds(), -1))
            assert marks.told == ([] if n < 6 else [("n4", "mark_unsent")])
        assert pauses == [10, 20, 40, 80, 160, 3600, 3600, 3600], "after six tries on every hour"
        assert marks.fields[0]["notice"] == key and marks.fields[0]["tries"] == 6
        mail.refuses = False
        assert await notices.notify(Telling("n4", [key])) == [key]
        assert marks.told == [("n4", "mark_unsent"), ("n4", "mark_sent")]
        await notices.escalate(office="o")
        assert len(marks.told) == 2 and len(mail.accepted) == 1


async def test_an_hour_marks_the_case_before_six_tries(pool: asyncpg.Pool) -> None:
    key, marks, now = await outbox(pool, "n5:1:told", ["li"]), Marks(), [datetime.now(ZONE)]
    notices = mailed(pool, {"li": ["json://127.0.0.1:9/"]}, mark=marks, clock=lambda: now[0])
    for after, told in ((0, []), (3590, []), (3600, ["mark_unsent"])):
        now[0] = datetime.now(ZONE) + timedelta(seconds=after)
        with pytest.raises(SendingFailed):
            await notices.notify(Telling("n5", [key]))
        assert [act for _, act in marks.told] == told
    assert await pool.fetchval("select tries from outbox where key = $1", key) == 3


async def test_a_row_sent_while_the_mark_was_on_its_way_is_marked_and_cleared(pool: asyncpg.Pool) -> None:
    key, marks = await outbox(pool, "n6:1:told", ["li"]), Marks()
    async with post_office() as mail:
        mail.refuses = True
        lame = mailed(pool, {"li": [mail.url()]})  # cannot reach the engine
        for _ in range(6):
            with pytest.raises(SendingFailed):
                await lame.notify(Telling("n6", [key]))
        mail.refuses = False
        assert await lame.notify(Telling("n6", [key])) == [key]
    await mailed(pool, {}, mark=marks).escalate(keys=[key])
    assert [act for _, act in marks.told] == ["mark_unsent", "mark_sent"]


async def test_a_case_that_has_ended_is_told_at_the_door(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "n7:3:told", ["li"])
    office = {"person": {"li": {}, "luo": {"posts": ["admin"]}}}
    notices = mailed(pool, {"li": ["json://127.0.0.1:9/"]}, mark=Marks(ended=True), office=lambda _: office)
    for _ in range(7):
        with pytest.raises(SendingFailed):
            await notices.notify(Telling("n7", [key]))
    door = await pool.fetch("select act, actor, code, body from door_log where case_id = 'n7'")
    assert [(row["act"], row["actor"], row["code"]) for row in door] == [("mark_unsent", "system", "archived")]
    assert json.loads(door[0]["body"])["notice"] == key
    (told,) = await pool.fetch("select person, form from inbox where key = $1 and person <> 'li'", key)
    assert (told["person"], told["form"]) == ("luo", "notice_failed")


async def test_a_slow_server_that_took_it_is_not_asked_again(pool: asyncpg.Pool) -> None:
    key = await outbox(pool, "n8:1:told", ["li"])
    async with post_office() as mail:
        mail.slow = 0.5
        notices = mailed(pool, {"li": [mail.url()]})
        first = asyncio.create_task(notices.notify(Telling("n8", [key])))
        while not mail.tried:
            await asyncio.sleep(0.01)
        first.cancel()  # as a local activity that has run out of its two seconds
        with pytest.raises(asyncio.CancelledError):
            await first
        await notices.notify(Telling("n8", [key]))
        assert len(mail.accepted) == 1
    assert await pool.fetchval("select sent_at is not null from outbox where key = $1", key)


async def test_no_address_stands_in_a_log(pool: asyncpg.Pool, caplog: pytest.LogCaptureFixture) -> None:
    key = await outbox(pool, "n9:1:told", ["li", "wang"])
    caplog.set_level(0)
    async with post_office() as mail:
        notices = mailed(pool, {"li": [mail.url("zhangsan")], "wang": [f"json://wangwu:secret@127.0.0.1:{mail.port + 1}/", "mailto://nobody"]})
        with pytest.raises(SendingFailed):
            await notices.notify(Telling("n9", [key]))
        assert mail.subjects("zhangsan")
    ours = "".join(record.getMessage() for record in caplog.records if record.name != "mail.log")  # that is the mail server's own
    said = ours + str(await pool.fetch("select * from inbox where key = $1", key)) + str(await pool.fetch("select * from outbox where key = $1", key))
    assert not [word for word in ("zhangsan", "wangwu", "secret", "example.org") if word in said]


@pytest.mark.parametrize("office", ["community", "district", "kaiyang"])
def test_every_notice_of_a_book_has_a_text_in_both_languages(office: str) -> None:
    offices = Offices(library.OFFICES)
    book = library.book(library.office(office)["office"]["rulebook"])
    texts = Texts(offices.words)
    rows = [{"office": office, "form": form, "clause": ["一"], "data": {"register_no": "甲1号"}} for form in [*book["notice"], "notice_failed"]]
    for row in rows:
        title, body = texts.of([row])
        assert title.startswith("【回音】") and title.endswith("甲1号") and "\n" not in title
        assert body.index("编号：甲1号") < body.index("Number: 甲1号")
        assert row["form"] not in title or row["form"] == "notice_failed", "people read the book's own words"
        assert "http" not in title + body
    title, body = texts.of(rows)
    assert title == f"【回音】您有{len(rows)}条通知"
    assert body.count("甲1号") == 2 * len(rows)
