"""The key that signs acts is changed while cases go on: no act is lost, no foreign key is taken, each case learns it once, and audits hold; real cases, real processes."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import Client

from activities.files import Folder
from activities.migrate import migrate
from api.gateway import Gateway
from api.keyring import Keyring
from api.settings import Settings
from cli import library
from cli.actor_key import rotate, told_by
from cli.audit_source import Place, audited
from cli.doctor_keys import actor_key
from domain.case import Case, Event
from domain.core import Command, fold, law_value
from domain.workdays import ZONE
from engine import testing
from engine.progress import Progress
from tests.workflows.rig import prepare
from tests.workflows.test_calendar_add import Desk
from tests.workflows.test_revision import OFFICE, SLIP
from tests.workflows.test_worker import worker
from workflows import contract, policies
from workflows import place as places
from workflows.actorkeys import ActorKeys
from workflows.keyfile import ACTOR, codec_keys
from workflows.plugin import plugin

pytestmark = [pytest.mark.engine, pytest.mark.database]
LAW = library.law("community-centre", OFFICE)


def now() -> datetime:
    return datetime.now(ZONE).replace(microsecond=0)


@dataclass
class House:
    """An installation of its own: engine namespace, record, key folder; and an API's gateway that lives through the change."""

    engine: str
    url: str
    name: str
    home: Path
    pool: asyncpg.Pool
    client: Client
    gateway: Gateway

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    def works(self) -> Any:
        return worker(self.engine, self.url, self.keys, HUIYIN_NAMESPACE=self.name)

    async def filed(self, *cases: str) -> None:
        for case in cases:
            fields = {"channel": "telephone", "respondents": [{"person": "bao", "unit": "labour"}], "forms": {"slip": SLIP}}
            await self.gateway.start(case, LAW, Command(f"{case}:1", "file", fields, now(), now(), "lin", entered_by="lin"), "body", 0.0)

    async def case(self, name: str) -> Case:
        case = Case.new(name, OFFICE, "community-centre")
        for row in await self.pool.fetch("select body from events where case_id = $1 order by seq", name):
            fold(case, Event.load(json.loads(row["body"])))
        return case

    async def note(self, name: str, key: str, text: str = "已电话核实") -> str:
        """A clerk's act as the API sends it; gives its id."""
        sent = Command(f"{name}:{key}", "note", {"text": text}, now(), now(), "lin")
        assert await self.gateway.send(await self.case(name), sent)
        return sent.id

    async def answer(self, command: str) -> str:
        """What the case decided."""
        async with asyncio.timeout(60):
            while (code := await self.pool.fetchval("select code from outcomes where command_id = $1", command)) is None:
                await asyncio.sleep(0.03)
        return str(code)

    async def of(self, name: str, kind: str = "") -> list[str]:
        rows = await self.pool.fetch("select command_id from events where case_id = $1 and kind = any($2) order by seq", name, [kind] if kind else ["revised", "refused"])
        return [row["command_id"] for row in rows]

    async def sound(self, *names: str) -> None:
        place = Place(self.pool, Folder(self.home / "files"), codec_keys(self.keys), self.client, ActorKeys(self.keys).ever())
        for name in names:
            found = await audited(place, name)
            assert found.sound, (name, [text for holds, text in found.lines if not holds])


@asynccontextmanager
async def house(engine: str, database: str, home: Path, name: str) -> AsyncIterator[House]:
    await prepare(engine, name)
    async with testing.borrowed(database) as url:
        await migrate(url)
        client = await Client.connect(engine, namespace=name, plugins=[plugin(codec_keys(home / "keys"))])
        async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
            yield House(engine, url, name, home, pool, client, Gateway(client, Keyring.load(home / "keys")))


async def test_no_act_is_lost_and_each_case_learns_the_key_once(engine: str, database: str, tmp_path: Path) -> None:
    async with house(engine, database, tmp_path, "huiyin-actor") as here:
        early, waits, *_ = names = [f"actor-{n:02}" for n in range(14)]
        huiyin = Desk(engine, here.url, tmp_path, here.name)
        async with here.works():
            await here.filed(*names)
            for one in names:
                assert await here.answer(f"{one}:1") == "accepted"
        # Nobody works: the new key signs, and an act comes to a case that has never heard of it.
        old, fresh = ActorKeys(here.keys).now(), ActorKeys(here.keys).change("按年更换")
        sent = [await here.note(waits, "waits"), await here.note(waits, "waits-2")]
        under_way = contract.sign(early, Command(f"{early}:under-way", "note", {"text": "路上"}, now(), now(), "lin"), old.id, old.key)
        await here.client.get_workflow_handle(early).signal("note", under_way)
        late = await here.note(early, "late")
        await here.client.get_workflow_handle(early).signal("note", contract.sign(early, Command(f"{early}:old-2", "note", {"text": "路上"}, now(), now(), "lin"), old.id, old.key))
        async with here.works() as first:
            for one in (*sent, late, f"{early}:under-way", f"{early}:old-2"):
                assert await here.answer(one) == "accepted", one
            assert await here.of(waits) == [f"key:{fresh.id}:{waits}"], "told once, before the first act"
            await here.filed("actor-new")
            assert await here.answer(await here.note("actor-new", "n")) == "accepted"
            assert await here.of("actor-new") == [], "filed under the new key"
            ask = await told_by(here.client, fresh, here.gateway.keys.public("system"))
            assert await here.answer(f"keys:{fresh.id}:{names[2]}") == "accepted"
            first.send_signal(signal.SIGKILL)
            await first.wait()
        told = await here.pool.fetchval("select count(*) from outcomes where command_id like 'keys:%'")
        assert 0 < told < len(names), "killed in the middle"
        assert [one.level for one in await actor_key(spot(here))] == ["warn"]
        async with here.works():
            said = await huiyin("keys", "tell")
            assert said.returncode == 0, said.stdout + said.stderr
            assert f"已知新密钥 knows the new key {len(names) + 1}" in said.stdout
            for one in (*names, "actor-new"):  # the new one, too: it was filed within the minutes by which clocks may stand apart
                assert (await here.of(one)).count(f"keys:{fresh.id}:{one}") == 1
            # What signed before is worth nothing any more, nor can it bring in another.
            stale = contract.sign(early, Command(f"{early}:stale", "note", {"text": "旧"}, now(), now(), "lin"), old.id, old.key)
            foreign, public = contract.key_pair()
            for key_id, key in ((old.id, old.key), (fresh.id, fresh.key), (contract.SYSTEM_KEY, foreign)):
                forged = Command(f"{early}:forged-{key_id}", "revise", {"what": "keys", "value": {"mine": public}}, now(), now(), "system")
                message = contract.sign(early, forged, key_id, key)
                await here.client.get_workflow_handle(early).signal("revise", message)
                assert await here.answer(contract.refused_as(message)) == "unsigned_act"
            await here.client.get_workflow_handle(early).signal("note", stale)
            assert await here.answer(contract.refused_as(stale)) == "unsigned_act"
            assert await here.answer(await here.note(early, "after")) == "accepted"
            await here.sound(early, waits, names[2], names[-1], "actor-new")
            assert [one.level for one in await actor_key(spot(here))] == ["ok"]
            assert (here.keys / "actor").read_bytes() == b"", "its private half is destroyed"
            listed = (await huiyin("keys", "list")).stdout
            assert f"{fresh.id}" in listed and f"{ACTOR}" in listed
        assert ask[1].edition == fresh.id


def spot(here: House) -> places.Place:
    return places.Place.of({"HUIYIN_HOME": str(here.home), "HUIYIN_DATABASE_URL": here.url, "HUIYIN_KEYS": str(here.keys)})


async def rotated(here: House, reason: str) -> int:
    """The body of `huiyin keys rotate`; nothing is under way, so nothing is waited for."""
    settings = Settings(here.engine, here.name, here.url, here.keys, here.home / "files", 0)
    return await asyncio.to_thread(rotate, settings, codec_keys(here.keys), reason, Progress(quiet=True), settle=0.0)


async def test_the_command_changes_the_key_of_cases_from_before_there_was_a_system_key(engine: str, database: str, tmp_path: Path) -> None:
    async with house(engine, database, tmp_path, "huiyin-actor-old") as here:
        case = "actor-ancient"
        old = ActorKeys(here.keys).now()
        fields = {"channel": "telephone", "respondents": [{"person": "bao", "unit": "labour"}], "forms": {"slip": SLIP}}
        filing = contract.sign(case, Command(f"{case}:1", "file", fields, now(), now(), "lin", entered_by="lin"), old.id, old.key)
        start = contract.Start(case, OFFICE, "community-centre", law_value(LAW), {old.id: old.public}, [filing])
        async with here.works():
            await here.client.start_workflow(contract.WORKFLOW, start, id=case, task_queue=policies.TASK_QUEUE, task_timeout=policies.TASK_TIMEOUT)
            assert await here.answer(f"{case}:1") == "accepted"
            refused = await Desk(engine, here.url, tmp_path, here.name)("keys", "tell")
            assert (refused.returncode, "没有更换过" in refused.stderr) == (2, True)
            for reason in ("按年更换", "有人离任"):
                assert await rotated(here, reason) == 0
            newest = ActorKeys(here.keys).now()
            assert newest.before[0].id == ACTOR
            assert len({newest.id, *(one.id for one in newest.before)}) == 3
            assert await here.answer(await here.note(case, "n")) == "accepted"
            assert len(await here.of(case)) == 2, "told by each change, and by nothing else"
            # A key folder from an old backup: the record knows better, says so, and a new change mends it.
            for path in [*here.keys.glob("actor.*")]:
                path.unlink()
            (here.keys / "actor").write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
            lost = await actor_key(spot(here))
            assert [(one.level, newest.id in one.zh) for one in lost] == [("fail", True)]
            message = contract.sign(case, Command(f"{case}:lost", "note", {"text": "?"}, now(), now(), "lin"), ACTOR, ActorKeys(here.keys).now().key)
            await here.client.get_workflow_handle(case).signal("note", message)
            assert await here.answer(contract.refused_as(message)) == "unsigned_act"
            assert await rotated(here, "备份太旧") == 0
            assert await here.answer(await here.note(case, "n2")) == "accepted"
            assert [one.level for one in await actor_key(spot(here))] == ["ok"]
            known = contract.keys_of(replace(start), await here.case(case))
            assert set(known) == {ActorKeys(here.keys).now().id, contract.SYSTEM_KEY}, "the lost one holds no longer either"
            await here.sound(case)


def test_a_key_that_was_lost_is_said_and_replaced(tmp_path: Path) -> None:
    Keyring.load(tmp_path / "keys")
    keys = ActorKeys(tmp_path / "keys")
    first, second = keys.now(), keys.change("按年更换")
    assert (keys.now().id, keys.now().named) == (second.id, {ACTOR: "", second.id: second.public})
    keys.private(second.id).unlink()
    with pytest.raises(ValueError, match="huiyin keys rotate"):
        ActorKeys(tmp_path / "keys").now()
    third = keys.change("丢失")
    assert keys.now().named == {ACTOR: "", second.id: "", third.id: third.public}
    assert keys.ever() == {ACTOR: first.public, second.id: second.public, third.id: third.public}
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").iterdir()} == {0}, "for its owner's eyes"
    assert Keyring.load(tmp_path / "keys").public("actor") == third.public
