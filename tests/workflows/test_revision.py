"""A year is published while cases wait on provisional dates: real cases on a real engine, the worker killed in the middle."""

import asyncio
import signal
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.calendars import ENDED, PAGE, RATE, Calendars, prefix
from activities.types import Page, Publication, Told
from cli import library
from domain.core import Command, Law, bind, iso, law_value
from domain.workdays import ZONE
from tests.workflows.rig import KEYS, SHORT, Rig, prepare
from tests.workflows.test_worker import worker
from workflows import contract, policies
from workflows.keyfile import ACTOR, codec_keys
from workflows.plugin import plugin
from workflows.revision import REVISION, Course, Tally, revision_id

pytestmark = pytest.mark.engine
OFFICE = "community"
SLIP = {"name": "sealed", "work_unit": {"not_given": "不愿说明"}, "occupation": "sealed", "address": "sealed", "problem": "社保补贴久拖不办", "demand": "尽快答复"}


def year_of(year: int, *off: tuple[date, date]) -> dict[str, Any]:
    """A year whose notice names just these runs."""
    runs = [{"zh": "演示假", "en": "sample", "first": a.isoformat(), "last": b.isoformat(), "make_up": []} for a, b in off]
    return {"year": year, "number": "演示", "issued_on": f"{year - 1}-11-04", "off": runs}


def law_without(year: int) -> Law:
    """The community's law while that one year is not published: its neighbours are, so only it makes a date provisional."""
    return bind(library.book("community-centre"), library.office(OFFICE), [year_of(n) for n in (year - 1, year + 1)])


def about_the_end() -> date:
    """About where a case of GRADE ends that begins today."""
    return datetime.now(ZONE).date() + timedelta(days=DAYS[GRADE])


# Two months, or three where two would end in the last days of December, whose holidays another year's notice may name.
FEATURES = {"historical": {"features": ["history", "many_units"]}}
DAYS = {"complex": 61, "historical": 92}
GRADE = "historical" if (datetime.now(ZONE).date() + timedelta(days=61)).strftime("%m%d") >= "1218" else "complex"


class Office:
    """Cases of a community centre in a namespace of its own, where nobody else works."""

    def __init__(self, client: Client, rig: Rig, key: Ed25519PrivateKey, law: Law, name: str, office: str) -> None:
        self.client, self.rig, self.key, self.law, self.name, self.office = client, rig, key, law, name, office

    def ids(self, count: int) -> list[str]:
        return [f"{self.name}-{n:03}" for n in range(count)]

    async def complex_case(self, case: str, grade: str = "") -> None:
        """Filed now and graded: a complex one ends in two months, a historical one in three."""
        now = datetime.now(ZONE).replace(microsecond=0)
        filing = {"channel": "telephone", "respondents": [{"person": "bao", "unit": "labour"}], "forms": {"slip": SLIP}}
        agree = {"decision": "agree", "opinion": "请核实办理", "reason": "按问题性质", "facts": {"grade": grade or GRADE, **FEATURES.get(grade or GRADE, {})}}
        acts = [Command(f"{case}:1", "file", filing, now, now, "lin"), Command(f"{case}:2", "approve", agree, now, now, "meng")]
        public = self.key.public_key().public_bytes_raw().hex()
        messages = [contract.sign(case, act, ACTOR, self.key) for act in acts]
        start = contract.Start(case, self.office, "community-centre", law_value(self.law), {ACTOR: public}, messages)
        await self.client.start_workflow(contract.WORKFLOW, start, id=case, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT)

    async def row(self, case: str) -> Any:
        return await self.rig.pool.fetchrow("select * from cases where case_id = $1", case)

    async def events(self, case: str, kind: str) -> int:
        return int(await self.rig.pool.fetchval("select count(*) from events where case_id = $1 and kind = $2", case, kind))

    async def last_day(self, case: str) -> date:
        """Where the term of GRADE ends now, asked of the case itself."""
        clocks = await self.client.get_workflow_handle(case).query("timeline", result_type=list[dict[str, Any]])
        return date.fromisoformat(next(clock["due_day"] for clock in clocks if clock["key"].startswith(GRADE)))

    async def publish(self, year: dict[str, Any], **more: Any) -> tuple[Any, Publication]:
        """The command's wish, and the workflow that it goes to."""
        wish = replace(Publication(year, uuid4().hex, iso(datetime.now(ZONE)), ask=uuid4().hex), **more)
        handle = await self.client.start_workflow(
            REVISION, Course(year["year"]), id=revision_id(year["year"]), task_queue=policies.TASK_QUEUE, start_signal="publish", start_signal_args=[wish],
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, result_type=Tally,
        )  # fmt: skip
        return handle, wish

    async def over(self, handle: Any, wish: Publication) -> Tally:
        """The tally once the round is over."""
        while True:
            tally: Tally = await handle.query("progress", result_type=Tally)
            if wish.ask in tally.asks:
                return tally
            await asyncio.sleep(0.1)


async def office(rig: Rig, engine: str, folder: Path, law: Law, name: str, register: str = "") -> Office:
    """The office, its keys in the folder as an installation has them."""
    await prepare(engine, name)
    codec = codec_keys(folder / "keys")
    key = Ed25519PrivateKey.generate()
    (folder / "keys" / "actor").write_bytes(key.private_bytes_raw())
    client = await Client.connect(engine, namespace=name, plugins=[plugin(codec)])
    return Office(client, rig, key, law, name, register or f"{OFFICE}/{name}")


async def test_a_year_published_moves_provisional_dates_and_no_others(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    year = about_the_end().year
    here = await office(rig, engine, tmp_path, law_without(year), "huiyin-moved")
    provisional, certain = here.ids(2)
    settled = await office(rig, engine, tmp_path, bind(here.law.book, here.law.office, [year_of(n) for n in (year - 1, year, year + 1)]), "huiyin-moved")
    settled.key = here.key
    (tmp_path / "keys" / "actor").write_bytes(here.key.private_bytes_raw())
    async with worker(engine, database, tmp_path / "keys", HUIYIN_NAMESPACE=here.name):
        await here.complex_case(provisional)
        await settled.complex_case(certain)
        for case in (provisional, certain):
            await rig.answer(case, f"{case}:2", 60)
        before = await here.row(provisional)
        assert before["provisional"]
        assert not (await here.row(certain))["provisional"]
        end = await here.last_day(provisional)
        notice = year_of(year, (end, end + timedelta(days=2)))
        handle, wish = await here.publish(notice)
        tally = await here.over(handle, wish)
        assert (tally.sent, provisional in tally.ended, tally.failed) == (1, False, {}), "cases of other tests have no workflow in this namespace"
        await rig.answer(provisional, prefix(wish) + provisional, 60)
        assert not (await here.row(provisional))["provisional"]
        assert await here.last_day(provisional) > end + timedelta(days=2)
        assert await here.events(provisional, "revised") == 1
        assert await here.events(certain, "revised") == 0
        again = await here.publish(notice, edition=wish.edition)
        assert (await here.over(*again)).sent == 1, "nobody is told twice"
        everyone = await here.publish(notice, everyone=True, reason="更正通知")
        assert (await here.over(*everyone)).sent == 2, "a replaced year goes to every open case with a date"
        await rig.answer(certain, prefix(everyone[1]) + certain, 60)
        assert await rig.pool.fetchval("select data -> 'fields' ->> 'reason' from events where case_id = $1 and kind = 'revised'", certain) == "更正通知"


async def test_a_worker_killed_in_the_middle_tells_each_case_once(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    year = about_the_end().year
    here = await office(rig, engine, tmp_path, law_without(year), "huiyin-killed-year")
    cases = here.ids(40)
    keys = tmp_path / "keys"
    async with worker(engine, database, keys, HUIYIN_NAMESPACE=here.name) as first:
        await asyncio.gather(*(here.complex_case(case) for case in cases))
        await asyncio.gather(*(rig.answer(case, f"{case}:2", 120) for case in cases))
        handle, wish = await here.publish(year_of(year))
        await rig.answer(cases[2], prefix(wish) + cases[2], 120)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    told = await rig.pool.fetchval("select count(*) from outcomes where command_id like $1", prefix(wish) + "%")
    assert 0 < told < len(cases), "killed in the middle"
    async with worker(engine, database, keys, HUIYIN_NAMESPACE=here.name):
        await here.over(handle, wish)
        await asyncio.gather(*(rig.answer(case, prefix(wish) + case, 120) for case in cases))
        for case in cases:
            assert await here.events(case, "revised") == 1
            assert not (await here.row(case))["provisional"]


async def test_a_case_that_ends_meanwhile_does_not_fail_the_round(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    year = about_the_end().year
    here = await office(rig, engine, tmp_path, law_without(year), "huiyin-ended-year")
    gone, stays = here.ids(2)
    async with worker(engine, database, tmp_path / "keys", HUIYIN_NAMESPACE=here.name):
        for case in (gone, stays):
            await here.complex_case(case)
            await rig.answer(case, f"{case}:2", 60)
        await here.client.get_workflow_handle(gone).terminate()  # to the engine it has ended, and the record does not know yet
        handle, wish = await here.publish(year_of(year))
        tally = await here.over(handle, wish)
        assert (tally.sent, gone in tally.ended, stays in tally.ended, tally.failed) == (1, True, False, {})
        await rig.answer(stays, prefix(wish) + stays, 60)
        assert await here.events(gone, "revised") == 0


async def test_pace_ended_and_unreachable_cases(rig: Rig) -> None:
    """The page itself: a pause of a twentieth of a second before each, and nobody's trouble is another's."""
    await rig.pool.executemany(
        "insert into cases (case_id, office, book, version, chain_head, phase, provisional, \"row\") values ($1, 'paced', 'b', 1, '', $2, true, '{}')",
        [*((f"paced-{n:03}", "handling") for n in range(PAGE + 3)), ("paced-zzz", "archived")],
    )
    pauses: list[float] = []
    sent: list[str] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def send(case: str, command: Command) -> str:
        sent.append(case)
        assert (command.act, command.actor, command.id) == ("revise", "system", f"calendar:2031:e:{case}")
        return {"paced-001": ENDED, "paced-002": "INVALID_ARGUMENT"}.get(case, "")

    activity, publication = Calendars(rig.pool, send, pause), Publication(year_of(2031), "e", iso(datetime.now(ZONE)))
    env = ActivityEnvironment()
    first = await env.run(activity.revise, Page(publication, "paced-"))
    assert (first.sent, first.ended, first.failed, first.last) == (PAGE - 2, ["paced-001"], {"paced-002": "INVALID_ARGUMENT"}, f"paced-{PAGE - 1:03}")
    assert pauses == [1 / RATE] * PAGE
    mine = [case for case in sent if case.startswith("paced-")]
    rest: Told = await env.run(activity.revise, Page(publication, first.last))
    assert rest.sent >= 3
    assert rest.last == ""
    assert [case for case in sent if case.startswith("paced-")] == [f"paced-{n:03}" for n in range(PAGE + 3)], "in order, each once, none that is archived"
    assert len(mine) == PAGE
    await rig.pool.execute("update cases set phase = 'archived' where office = 'paced'")


async def test_an_outage_is_not_swallowed(rig: Rig) -> None:
    await rig.pool.execute("insert into cases (case_id, office, book, version, chain_head, phase, provisional, \"row\") values ('q-out', 'o', 'b', 1, '', 'handling', true, '{}')")

    async def send(case: str, command: Command) -> str:
        raise ConnectionError(case)

    async def pause(seconds: float) -> None: ...

    with pytest.raises(ConnectionError):
        await ActivityEnvironment().run(Calendars(rig.pool, send, pause).revise, Page(Publication(year_of(2031), "e", iso(datetime.now(ZONE))), "q-"))
    await rig.pool.execute("update cases set phase = 'archived' where case_id = 'q-out'")


async def test_a_long_round_goes_on_in_a_new_run_at_the_same_place(rig: Rig, engine: str) -> None:
    """The namespace asks for a new run after 30 events; pages of 6 events each come to that."""
    await prepare(engine, SHORT)
    client = await Client.connect(engine, namespace=SHORT, plugins=[plugin(KEYS)])
    names = [f"long-{n:04}" for n in range(8 * PAGE)]
    insert = "insert into cases (case_id, office, book, version, chain_head, phase, provisional, \"row\") values ($1, 'o', 'b', 1, '', 'handling', true, '{}')"
    await rig.pool.executemany(insert, [(name,) for name in names])
    sent: list[str] = []

    async def send(case: str, command: Command) -> str:
        sent.append(case)
        return ENDED if case == names[5] else ""

    async def pause(seconds: float) -> None: ...

    wish = Publication(year_of(2098), "long", iso(datetime.now(ZONE)), ask="long-ask")
    async with Worker(client, task_queue="huiyin-long", activities=[Calendars(rig.pool, send, pause).revise]):
        handle = await client.start_workflow(REVISION, Course(2098), id=revision_id(2098), task_queue="huiyin-long", start_signal="publish", start_signal_args=[wish])
        latest = client.get_workflow_handle(handle.id)
        while wish.ask not in (tally := await latest.query("progress", result_type=Tally)).asks:
            await asyncio.sleep(0.1)
        assert (await latest.describe()).run_id != handle.first_execution_run_id, "a new run"
        await latest.terminate()
    assert [case for case in sent if case.startswith("long-")] == names, "in order, each once"
    assert names[5] in tally.ended
    assert tally.sent == len(sent) - len(tally.ended)
    await rig.pool.execute("update cases set phase = 'archived' where case_id like 'long-%'")
