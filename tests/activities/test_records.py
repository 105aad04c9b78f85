"""The record compares and adopts, numbers without gaps, and stores exactly the text that the core hashes."""

import asyncio
import json
from dataclasses import replace

import asyncpg
import pytest

from activities.migrate import MigrationError, migrate
from activities.records import Records
from activities.types import LAWS, Batch
from cli import library
from domain import stories
from domain.core import Case, Event, bind, canonical, chained, fold, law_hash, law_load, law_text, law_value, numbered, step
from workflows.batches import batch_of, number_ask

pytestmark = pytest.mark.database
BOOK, OFFICE = "district-e-supervision", "district"


def first_batches(name: str, office: str, acts: int = 3) -> list[tuple[Batch, list[Event], Case]]:
    """Filing to registration as batches, each with its events and the case before it; number 1."""
    law = law_load(law_value(library.law(BOOK, OFFICE)))
    story = {**next(one for _, one in library.stories(BOOK) if one["story"] == "district-whole-transfer"), "story": name}
    case, found = Case.new(name, office, BOOK), []
    for command in stories.commands(story)[:acts]:
        after, events = step(case, [command], command.received_at, law)
        found.append((batch_of(case, after, events, law), events, case))
        case = case.copy()
        for event in numbered(events, 1):
            fold(case, event)
    return found


async def test_stored_text_equals_the_core(pool: asyncpg.Pool) -> None:
    records = Records(pool)
    head = "0" * 64
    for batch, events, _ in first_batches("text", "办公室「一」"):
        answer = await records.record(batch)
        want = numbered(events, answer.number)
        rows = await pool.fetch("select * from events where case_id = 'text' and seq >= $1 order by seq", events[0].seq)
        assert [row["body"] for row in rows] == [canonical(event) for event in want]
        for event, row in zip(want, rows, strict=True):
            head = chained(head, event)
            assert row["hash"] == head
            assert json.loads(row["data"]) == event.data
        assert answer.head == head
    row = await pool.fetchrow("select * from cases where case_id = 'text'")
    assert row is not None and row["chain_head"] == head and row["register_no"]
    assert json.loads(row["row"])["register_no"] == row["register_no"]


async def test_number_patterns_equal_the_core() -> None:
    batch, events, _ = next(one for one in first_batches("pattern", "p") if one[0].number)
    registered = next(event for event in events if event.kind == "registered")
    for pattern in ("{year}-{n}", "开投〔{year}〕{n:04}号", "{n:06d}/{year}", '"{year}\\{n}"', "甲{n}"):
        attrs = {**registered.data["patch"]["attrs"], "register_pattern": pattern}
        event = replace(registered, data={**registered.data, "patch": {**registered.data["patch"], "attrs": attrs}})
        ask = number_ask(event, "p")
        for n in (1, 42, 12345, 1234567):
            sql = ask["prefix"] + str(n).rjust(ask["width"], "0") + ask["suffix"]
            assert sql == numbered([event], n)[0].data["patch"]["attrs"]["register_no"]
    assert batch.number is not None


async def test_a_lost_answer_is_adopted(pool: asyncpg.Pool) -> None:
    records = Records(pool)
    for batch, events, _ in first_batches("lost", "lost"):
        first = await records.record(batch)
        again = await records.record(batch)
        assert first.stored == [] and again.number is None
        assert [Event.load(json.loads(text)) for text in again.stored] == numbered(events, first.number)
    assert await pool.fetchval("select last from register_numbers where office = 'lost'") == 1


async def test_two_firsts_at_once(pool: asyncpg.Pool) -> None:
    records = Records(pool)
    batch, _, _ = first_batches("race", "race", 1)[0]
    answers = await asyncio.gather(*(records.record(batch) for _ in range(6)), return_exceptions=True)
    written = [one for one in answers if not isinstance(one, BaseException) and not one.stored]
    assert len(written) == 1
    assert all(isinstance(one, asyncpg.UniqueViolationError) for one in answers if isinstance(one, BaseException))
    assert (await records.record(batch)).stored


async def test_numbers_have_no_gaps_even_when_a_batch_fails(pool: asyncpg.Pool) -> None:
    records = Records(pool)
    stories_of = {f"gap{n}": first_batches(f"gap{n}", "gap") for n in range(12)}

    async def run(name: str) -> None:
        for batch, _, _ in stories_of[name]:
            if name == "gap5" and batch.number:
                with pytest.raises(asyncpg.PostgresError):
                    await records.record(replace(batch, row={**batch.row, "next_due_day": "no day"}))
            await records.record(batch)

    await asyncio.gather(*(run(name) for name in stories_of))
    numbers = [row["register_no"] for row in await pool.fetch("select register_no from cases where office = 'gap'")]
    assert len(set(numbers)) == 12
    assert await pool.fetchval("select last from register_numbers where office = 'gap'") == 12


async def test_a_record_that_lost_events_is_said(pool: asyncpg.Pool) -> None:
    second = first_batches("behind", "behind")[1][0]
    with pytest.raises(asyncpg.RaiseError, match="no record of it"):
        await Records(pool).record(second)


async def test_events_are_append_only(pool: asyncpg.Pool) -> None:
    await Records(pool).record(first_batches("only", "only", 1)[0][0])
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await pool.execute("update events set actor = 'x' where case_id = 'only'")


async def test_migrations_run_once_and_notice_a_change(pool: asyncpg.Pool, record_database: str) -> None:
    assert await asyncio.gather(migrate(record_database), migrate(record_database)) == [[], []]
    old = await pool.fetchval("select sha256 from migrations where name = '0001_cases.sql'")
    await pool.execute("update migrations set sha256 = 'x' where name = '0001_cases.sql'")
    with pytest.raises(MigrationError):
        await migrate(record_database)
    await pool.execute("update migrations set sha256 = $1 where name = '0001_cases.sql'", old)


async def test_the_first_step_keeps_the_law_once_and_names_it(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    office = library.office(OFFICE)
    law = bind(library.book(BOOK), {**office, "office": {**office["office"], "telephone": "lawful"}}, list(library.calendars()))  # nobody else's
    text = law_text(law_value(law))
    digest = law_hash(law)
    monkeypatch.delitem(LAWS, digest, raising=False)
    assert law_hash(law_load(json.loads(text))) == digest, "a law that was read back is the same law"
    first, _, _ = first_batches("lawful", "lawful", 1)[0]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await Records(pool).record(replace(first, law=digest))
    records = Records(pool)
    await records.record(replace(first, law=digest, law_text=text))
    assert await pool.fetchval("select law_sha256 from cases where case_id = 'lawful'") == digest
    assert await pool.fetchval("select text from law where sha256 = $1", digest) == text
    again, _, _ = first_batches("lawful-too", "lawful-too", 1)[0]
    await records.record(replace(again, law=digest))
    assert await pool.fetchval("select count(*) from law where sha256 = $1", digest) == 1
    assert await pool.fetchval("select law_sha256 from cases where case_id = 'lawful-too'") == digest
    moved = Records(pool)  # it saw this law stored, and then the database was another one
    elsewhere = library.law("kaiyang-one-window", "kaiyang")
    moved.kept.add(law_hash(elsewhere))
    monkeypatch.setitem(LAWS, law_hash(elsewhere), law_text(law_value(elsewhere)))
    third, _, _ = first_batches("lawful-three", "lawful-three", 1)[0]
    await moved.record(replace(third, law=law_hash(elsewhere)))
    assert await pool.fetchval("select law_sha256 from cases where case_id = 'lawful-three'") == law_hash(elsewhere)
    other, _, _ = first_batches("lawless", "lawless", 1)[0]
    with pytest.raises(asyncpg.CheckViolationError):
        await Records(pool).record(replace(other, law="0" * 64, law_text=text))
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await pool.execute("update law set text = 'x'")
