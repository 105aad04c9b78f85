"""Published rulebooks on the real engine and record: two versions side by side, the day of receipt, two people, outages, restarts, and a file that changed."""

import asyncio
import copy
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.app import application
from api.office import Parts
from api.offices import Offices, drafted
from api.settings import Settings
from api.versions import Versions
from cli import library
from cli.audit import Findings, histories_of, printed, replay
from domain.asking import Refusal
from domain.core import law_hash
from domain.versions import confirmed, content, proposed
from domain.workdays import ZONE
from tests.api.conftest import Desk
from tests.api.test_api import filing
from tests.workflows import rig as rigs
from workflows.keptfile import Signed
from workflows.keyfile import codec_keys, rules_key, rules_public
from workflows.published import sign

pytestmark = [pytest.mark.engine, pytest.mark.database]
BOOK = "district-e-supervision"


def today(days: int = 0) -> str:
    return (datetime.now(ZONE) + timedelta(days=days)).date().isoformat()


@dataclass
class House:
    """An office of its own, under its own id, in the tests' installation."""

    office: str
    folder: Path
    settings: Settings
    desk: Desk

    @property
    def file(self) -> dict[str, Any]:
        return library.toml(self.folder / "office.toml")

    def offices(self, keys: Path | None = None) -> Offices:
        return Offices(self.folder, self.folder / "calendars", keys or self.settings.keys)

    def text(self, days: int = 10) -> str:
        book = copy.deepcopy(library.book(BOOK))
        book["term"]["case"]["limit"] = {"working_days": days}
        return content(book, library.clauses(BOOK), self.file)

    async def put_forward(self, text: str, first: str, last: str = "", by: str = "luo") -> str:
        history = await Versions(self.settings.keys).enter(
            self.desk.pool, self.office, {"by": by, "reason": "修订"}, lambda known, who: proposed(known, who, BOOK, text, first, last), text
        )
        assert history.pending is not None
        return history.pending.sha256

    async def publish(self, text: str, first: str, last: str = "") -> None:
        digest = await self.put_forward(text, first, last)
        await Versions(self.settings.keys).enter(self.desk.pool, self.office, {"by": "li", "reason": "核对无误"}, lambda known, who: confirmed(known, who, digest))

    @asynccontextmanager
    async def open(self, **settings: Any) -> AsyncIterator["Counter"]:
        """An API process of its own."""
        used = replace(self.settings, **settings)
        app = application(used, self.offices(used.keys))
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
            yield Counter(http, app.state.parts, self.office)


@dataclass
class Counter:
    """Where people come."""

    http: httpx.AsyncClient
    parts: Parts
    office: str

    def as_(self, person: str, office: str = "") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.parts.tokens.issue(person, office or self.office)}", "Prefer": "wait=20"}

    async def file(self, received: str = "", key: str = "", wait: int = 20) -> httpx.Response:
        body = filing(office=self.office, **({"received_at": received} if received else {}))
        return await self.http.post("/api/v1/complaints", json=body, headers={**self.as_("wang"), "Idempotency-Key": key or uuid4().hex, "Prefer": f"wait={wait}"})

    async def act(self, case: str, person: str, act: str, **fields: Any) -> httpx.Response:
        return await self.http.post(f"/api/v1/complaints/{case}/acts/{act}", json={"fields": fields}, headers={**self.as_(person), "Idempotency-Key": uuid4().hex})

    async def shown(self, case: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"/api/v1/complaints/{case}", headers=self.as_("wang"))).json()
        return found

    async def post(self, path: str, person: str, **body: str) -> httpx.Response:
        return await self.http.post(f"/api/v1/offices/{self.office}/versions/{path}", json=body, headers=self.as_(person))

    async def versions(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.http.get(f"/api/v1/offices/{self.office}/versions", headers=self.as_("wang"))).json()["items"]
        return items


def case_clock(shown: dict[str, Any]) -> dict[str, Any]:
    return next(clock for clock in shown["clocks"] if clock["key"].startswith("case"))


@pytest.fixture
def house(desk: Desk, engine: str, database: str, home: Path, tmp_path: Path) -> House:
    office = f"o{uuid4().hex[:12]}"
    source = (library.OFFICES / "district.toml").read_text(encoding="utf-8")
    (tmp_path / "office.toml").write_text(source.replace('id = "district"', f'id = "{office}"'), encoding="utf-8")
    return House(office, tmp_path, Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0), desk)


async def test_two_versions_side_by_side(house: House) -> None:
    await house.publish(house.text(10), "2020-01-01")
    async with house.open() as one:
        old = (await one.file()).json()["case"]
        assert (await one.act(old, "wang", "accept")).status_code == 200
        before = await one.shown(old)
        assert (before["law"]["book"], before["law"]["version"]) == (BOOK, 1)

        await house.publish(house.text(33), today())
        new = (await one.file()).json()["case"]
        assert (await one.act(new, "wang", "accept")).status_code == 200
        after, fresh = await one.shown(old), await one.shown(new)
        assert (after["law"], after["clocks"]) == (before["law"], before["clocks"]), "the running case keeps its version and its dates"
        assert fresh["law"]["version"] == 2, "the same process binds the new case to the new version without a restart"
        assert case_clock(fresh)["due_day"] > case_clock(after)["due_day"]

        registered = await one.act(old, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
        assert registered.status_code == 200, "the old case goes on under its own version"
        early = await one.act(old, "li", "transfer", unit="land", excerpt="请核实")
        assert (early.status_code, early.json()["code"], early.json()["clause"]) == (409, "approval_missing", ["办理制度 4 a"])
        assert (await one.act(old, "li", "approve", decision="agree", opinion="转办")).status_code == 200, "its chain too"
        assert case_clock(await one.shown(old))["due_day"] == case_clock(before)["due_day"]

    laws = {row["case_id"]: row for row in await house.desk.pool.fetch("select c.case_id, c.law_sha256, l.text from cases c join law l on l.sha256 = c.law_sha256 where c.case_id = any($1)", [old, new])}
    assert {case: json.loads(row["text"])["book"]["book"]["version"] for case, row in laws.items()} == {old: 1, new: 2}
    signed = {row["sha256"] for row in await house.desk.pool.fetch("select sha256 from rulebook_texts")}
    assert {json.loads(row["text"])["book"]["book"]["published"]["sha256"] for row in laws.values()} <= signed, "each case says which signed text it is under"
    for case, number in ((old, 1), (new, 2)):
        text = printed(case, await settled(house, case))
        assert f"version {number} was put forward by luo:签名相符" in text
        for said in ("confirmed by li:签名相符", "two different people", "confirmed before the case began", f"binds what was received on {today()}", "the rules of the case are that text's"):
            assert said in text, said


async def settled(house: House, case: str) -> Findings:
    """The audit of a case once the last step's task has come into history; sound."""
    for _ in range(100):
        found = await audit(house, case, house.desk.pool)
        if found.sound:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(printed(case, found))


async def audit(house: House, case: str, pool: Any) -> Findings:
    return await replay(case, await histories_of(house.desk.parts.gateway.client, case), pool, codec_keys(house.settings.keys), rules=rules_public(house.settings.keys))


BODY = "update rulebook_versions set body = replace(body, {old}, {new}) where office = '{office}' and kind = '{kind}'"
FORGED: dict[str, tuple[str, str, list[str]]] = {  # what is done by SQL, signed anew with the installation's own key or not, and what the audit says
    "one person, by SQL": (BODY.format(old="'\"by\":\"li\"'", new="'\"by\":\"luo\"'", office="{office}", kind="confirmed"), "", ["confirmed by luo:签名不符", "ONE person put it forward and confirmed it: luo"]),
    "one person, with the key": (BODY.format(old="'\"by\":\"li\"'", new="'\"by\":\"luo\"'", office="{office}", kind="confirmed"), "confirmed", ["ONE person put it forward and confirmed it: luo", "does NOT bind what was received"]),
    "signature of the confirmation": ("update rulebook_versions set signature = reverse(signature) where office = '{office}' and kind = 'confirmed'", "", ["confirmed by li:签名不符 its signature is NOT this installation's"]),
    "signature of the proposal": ("update rulebook_versions set signature = 'ff' || substr(signature, 3) where office = '{office}' and kind = 'proposed'", "", ["put forward by luo:签名不符"]),
    "no signature at all": ("update rulebook_versions set signature = '' where office = '{office}'", "", ["put forward by luo:签名不符", "confirmed by li:签名不符"]),
    "confirmed after the case": (BODY.format(old="'\"at\":\"2'", new="'\"at\":\"3'", office="{office}", kind="confirmed"), "confirmed", ["NOT confirmed before the case began", "does NOT bind"]),
    "another first day": (BODY.format(old="'\"first\":\"2020-01-01\"'", new="'\"first\":\"2999-01-01\"'", office="{office}", kind="proposed"), "proposed", ["step 2 does not follow the one before it", "does NOT bind what was received"]),
    "no confirmation": ("delete from rulebook_versions where office = '{office}' and kind = 'confirmed'", "", ["lacks the published text of this case, or its two entries"]),
    "no JSON": ("update rulebook_versions set body = 'x' where office = '{office}' and kind = 'proposed'", "", ["lacks the published text of this case, or its two entries"]),
}


async def test_who_published_the_law_of_a_case_is_proved_line_by_line(house: House) -> None:
    await house.publish(house.text(10), "2020-01-01")
    async with house.open() as one:
        case = (await one.file()).json()["case"]
    await settled(house, case)
    for name, (statement, signs, said) in FORGED.items():
        async with house.desk.pool.acquire() as db:
            change = db.transaction()
            await change.start()
            await db.execute("alter table rulebook_versions disable trigger rulebook_versions_only_new")
            assert (await db.execute(statement.format(office=house.office))).split()[-1] != "0", name
            if signs:
                body = await db.fetchval("select body from rulebook_versions where office = $1 and kind = $2", house.office, signs)
                await db.execute("update rulebook_versions set signature = $3 where office = $1 and kind = $2", house.office, signs, sign(rules_key(house.settings.keys), body).signature)
            found = await audit(house, case, db)
            await change.rollback()
        wrong = "\n".join(text for holds, text in found.lines if not holds)
        assert [words for words in said if words not in wrong] == [], f"{name}: {wrong}"
        if signs:
            assert "签名不符" not in wrong, f"{name}: with the key the signature is good, and the rest is found all the same"
    history = await histories_of(house.desk.parts.gateway.client, case)
    without = await replay(case, history, house.desk.pool, codec_keys(house.settings.keys))
    assert "the key `rules` is not here" in printed(case, without)
    other = await replay(case, history, house.desk.pool, codec_keys(house.settings.keys), rules=Ed25519PrivateKey.generate().public_key())
    assert "its signature is NOT this installation's" in printed(case, other)
    assert (await audit(house, case, house.desk.pool)).sound


async def test_a_folder_book_that_nobody_published_is_no_law_to_stand_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house.open() as one:
        shipped = (await one.file()).json()["case"]
    assert "未经两人公布 the rulebook was not published by two people, 是随系统提供的文本" in printed(shipped, await settled(house, shipped))
    book = copy.deepcopy(library.book(BOOK))
    book["term"]["case"]["limit"] = {"working_days": 90}
    monkeypatch.setattr(library, "book", lambda _: book)
    async with house.open() as one:
        own = (await one.file()).json()["case"]
    for _ in range(100):
        found = await audit(house, own, house.desk.pool)
        wrong = [text for holds, text in found.lines if not holds]
        if len(wrong) == 1:
            break
        await asyncio.sleep(0.1)
    assert len(wrong) == 1, printed(own, found)
    assert "NOT a book that ever came with the system" in wrong[0]
    assert (await audit(house, shipped, house.desk.pool)).sound, "an upgrade replaced the book of the older case: its hash is still known"


async def test_the_day_of_receipt_chooses_the_version(house: House) -> None:
    await house.publish(house.text(10), "2020-01-01")
    await house.publish(house.text(33), today())
    async with house.open() as one:
        cases = {when: (await one.file(when)).json()["case"] for when in (f"{today(-1)}T23:59:59+08:00", f"{today()}T00:00:00+08:00")}
        assert [(await one.shown(case))["law"]["version"] for case in cases.values()] == [1, 2]
        utc = (datetime.fromisoformat(f"{today()}T00:00:00+08:00") - timedelta(seconds=1)).astimezone(tz=None).isoformat()
        assert (await one.shown((await one.file(utc)).json()["case"]))["law"]["version"] == 1, "the day at +08:00, whatever offset the caller writes"


async def test_a_day_without_a_version_is_refused_and_a_receipt_given_stays(house: House) -> None:
    await house.publish(house.text(10), "2020-01-01", today())
    async with house.open() as one:
        key = uuid4().hex
        received = f"{today()}T00:00:00+08:00"
        taken = await one.file(received, key)
        assert taken.status_code == 201, taken.text
        found = one.parts.laws.offices
        assert isinstance(found, Offices)
        with pytest.raises(Refusal) as no:
            found.on(house.office, datetime.fromisoformat(f"{today(1)}T00:00:00+08:00").date())
        assert (no.value.code, no.value.detail["received"]) == ("no_version_in_force", today(1))
        await house.publish(house.text(10), today(3))  # replaces nothing before its day
        again = await one.file(received, key)
        assert again.json()["receipt"] == taken.json()["receipt"]


async def test_the_second_person_confirms_under_their_own_sign_in(house: House) -> None:
    async with house.open() as one:
        listed = (await one.http.get("/api/v1/rulebooks")).json()["items"]
        assert [(item["state"], item["versions"]) for item in listed] == [("unpublished", [])]
        assert (await one.file()).status_code == 201, "an installation that published nothing goes on with the folder's book"
        digest = await house.put_forward(house.text(12), "2020-01-01", by="li")
        refusals = {
            "same_person": await one.post("confirm", "li", sha256=digest, reason="核对无误"), "not_publisher": await one.post("confirm", "luo", sha256=digest, reason="核对无误"),
            "version_hash": await one.post("confirm", "qian", sha256=digest[::-1], reason="核对无误"), "reason_missing": await one.post("confirm", "qian", sha256=digest, reason=""),
        }  # fmt: skip
        assert {name: answer.json()["code"] for name, answer in refusals.items()} == {name: name for name in refusals}
        assert all(answer.json()["remedy"] and answer.json()["remedy_en"] for answer in refusals.values())
        assert (await one.http.get("/api/v1/rulebooks")).json()["items"][0]["versions"] == [], "a proposal is the office's own business"
        full = (await one.http.get(f"/api/v1/offices/{house.office}/versions/{digest}", headers=one.as_("qian"))).json()
        assert full["book"]["term"]["case"]["limit"] == {"working_days": 12}
        assert full["canonical"] == house.text(12)
        good = await one.post("confirm", "qian", sha256=digest, reason="全文核对无误")
        assert good.status_code == 200, good.text
        assert [(row["version"], row["state"], row["by"], row["confirmed_by"], row["confirmed_why"]) for row in good.json()["items"]] == [(1, "in_force", "li", "qian", "全文核对无误")]
        assert (await one.shown((await one.file()).json()["case"]))["law"]["version"] == 1
        (public,) = (await one.http.get("/api/v1/rulebooks")).json()["items"]
        assert (public["state"], public["version"], public["versions"][0]["sha256"], public["versions"][0]["in_force_from"]) == ("in_force", 1, digest, "2020-01-01")
        assert "by" not in public["versions"][0], "the public is told no names"
        assert (await one.post("withdraw", "li", reason="不再需要")).json()["code"] == "version_not_pending"
        other = {"Authorization": f"Bearer {house.desk.parts.tokens.issue('wang', 'district')}"}
        assert (await house.desk.http.get(f"/api/v1/offices/{house.office}/versions", headers=other)).status_code == 404

        digest = await house.put_forward(house.text(14), today(1))
        assert (await one.post("withdraw", "wang", reason="不再需要")).json()["code"] == "not_publisher"
        gone = await one.post("withdraw", "zhao", reason="文本有误")
        assert [row["state"] for row in gone.json()["items"]] == ["in_force", "withdrawn"]
        assert (await one.post("confirm", "qian", sha256=digest, reason="核对无误")).json()["code"] == "version_not_pending"


async def test_a_file_that_changes_after_publication_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cli import life
    from workflows.place import Place

    await house.publish(drafted(BOOK, house.file), "2020-01-01")
    folder = tmp_path / "books"
    shutil.copytree(library.BOOKS, folder)
    monkeypatch.setattr(library, "BOOKS", folder)
    monkeypatch.setattr(library, "CLAUSES", folder / "clauses")
    here = replace(Place.of({}), database=house.settings.database, keys=house.settings.keys, offices=house.folder)
    (one,) = life.desks(here)
    assert "文件与第 1 版相同" in life.listed(one, await life.known(here))[-1]
    path = folder / f"{BOOK}.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('until = "finished", limit = { working_days = 10 }', 'until = "finished", limit = { working_days = 90 }'), encoding="utf-8")
    office = house.folder / "office.toml"
    office.write_text(office.read_text(encoding="utf-8").replace("working_days = 1 }", "working_days = 80 }", 1), encoding="utf-8")
    library.book.cache_clear()
    library.office.cache_clear()
    try:
        (one,) = life.desks(here)
        assert "草稿" in life.listed(one, await life.known(here))[-1]
        told = life.difference(one, await life.known(here), "1", "draft")
        assert any("10个工作日 → 90个工作日" in line for line in told), told
        assert any("80个工作日" in line for line in told), told
        law = house.offices().on(house.office, datetime.now(ZONE).date())
        assert law.row("term", "case")["limit"] == {"working_days": 10}
        assert "80" not in json.dumps(law.office["vague"])
    finally:
        library.book.cache_clear()
        library.office.cache_clear()


async def test_filing_goes_on_under_the_published_text_with_the_record_down_and_after_a_restart(house: House) -> None:
    await house.publish(house.text(10), "2020-01-01")
    await house.publish(house.text(33), today())
    key = uuid4().hex
    async with house.open(database="postgresql://nobody@127.0.0.1:1/none") as one:
        answer = await one.file(key=key, wait=1)
        assert (answer.status_code, answer.json()["why"]) == (202, "record_down"), answer.text
    async with house.open() as one:
        for _ in range(20):
            if (recorded := await one.file(key=key)).status_code == 201:
                break
            await asyncio.sleep(0.5)
        assert recorded.json()["case"] == answer.json()["case"]
        shown = await one.shown(answer.json()["case"])
        assert shown["law"]["version"] == 2
    law = house.offices().on(house.office, datetime.now(ZONE).date())
    assert await house.desk.pool.fetchval("select law_sha256 from cases where case_id = $1", answer.json()["case"]) == law_hash(law)


async def test_another_host_hears_of_it_and_a_restored_record_gets_it_back(house: House, tmp_path: Path) -> None:
    other = tmp_path / "other-host"
    shutil.copytree(house.settings.keys, other)
    (other / "published").unlink(missing_ok=True)
    async with house.open(keys=other) as one:
        assert (await one.http.get("/api/v1/rulebooks")).json()["items"][0]["state"] == "unpublished"
        await house.publish(house.text(12), "2020-01-01")
        for _ in range(80):
            if [row["version"] for row in await one.versions()] == [1]:
                break
            await asyncio.sleep(0.1)
        assert [row["state"] for row in await one.versions()] == ["in_force"], "within seconds, by the record"
        offices = one.parts.laws.offices
        assert isinstance(offices, Offices)
        assert offices[house.office].row("term", "case")["limit"] == {"working_days": 12}

    pool, count = house.desk.pool, "select count(*) from rulebook_versions where office = $1"
    await emptied(pool, house.office)
    assert await pool.fetchval(count, house.office) == 0
    versions = Versions(other)
    await versions.refresh(pool)
    assert await pool.fetchval(count, house.office) == 2, "a record restored from an older backup gets back what was signed"
    assert (versions.torn & {house.office}, versions.history(house.office).versions[0].number) == (set(), 1)


async def emptied(pool: asyncpg.Pool, office: str) -> None:
    async with pool.acquire() as db, db.transaction():
        await db.execute("alter table rulebook_versions disable trigger rulebook_versions_only_new")
        await db.execute("delete from rulebook_versions where office = $1", office)
        await db.execute("alter table rulebook_versions enable trigger rulebook_versions_only_new")


async def test_who_can_only_write_into_the_record_cannot_change_the_law(house: House, tmp_path: Path) -> None:
    await house.publish(house.text(10), "2020-01-01")
    pool, evil = house.desk.pool, house.text(99)
    for statement in ("update rulebook_versions set seq = 9", "delete from rulebook_versions", "delete from rulebook_texts"):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await pool.execute(statement)
    versions = Versions(house.settings.keys)
    history = versions.history(house.office)
    forged = proposed(history, {"by": "luo", "reason": "伪造", "at": f"{today()}T00:00:00+08:00"}, BOOK, evil, today(), "")
    assert await pool.fetchval("select rulebook_step($1, $2, $3)", json.dumps(forged), "00" * 64, evil)
    await versions.refresh(pool)
    history = versions.history(house.office)
    assert (history.unproved, history.pending, len(history.versions)) == (1, None, 1)
    assert house.offices()[house.office].row("term", "case")["limit"] == {"working_days": 10}
    await house.publish(house.text(12), today())
    assert versions.history(house.office).versions[-1].number == 2, "the office goes on after it"

    fresh = tmp_path / "fresh"
    shutil.copytree(house.settings.keys, fresh)
    (fresh / "rules").write_bytes(bytes(32))  # the key for rules was lost and made anew: nothing that is stored verifies
    async with house.open(keys=fresh) as one:
        refused = await one.file()
        assert (refused.status_code, refused.json()["code"]) == (503, "versions_unsound"), refused.text


async def test_an_office_file_that_changes_counts_without_a_restart(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who enters paper for whom, and who is there at all; a file that cannot be read leaves the last one in force."""
    monkeypatch.setattr("api.offices.LOOK", 0.0)
    office = house.folder / "office.toml"
    text = office.read_text(encoding="utf-8")
    async with house.open() as one:
        case = (await one.file()).json()["case"]
        assert (await one.act(case, "wang", "accept")).status_code == 200

        async def typed(by: str, person: str) -> str:
            body = {"fields": {"text": "领导批示"}, "for_person": person, "paper": "a" * 64}
            answer = await one.http.post(f"/api/v1/complaints/{case}/acts/note", json=body, headers={**one.as_(by), "Idempotency-Key": uuid4().hex})
            return str(answer.json().get("code", answer.status_code))

        assert await typed("wang", "zhao") == "200"
        office.write_text('paper = [{ by = "he", for = "zhao" }, { by = "intake", for = "complainant" }]\n' + text, encoding="utf-8")
        assert await typed("wang", "zhao") == "not_your_act"
        assert await typed("he", "zhao") == "200"
        assert await typed("he", "li") == "not_your_act"
        office.write_text("[office", encoding="utf-8")
        assert await typed("he", "zhao") == "200"
        office.write_text(text.replace("示例·王受理", "示例·王新来").replace("\nwang = ", "\nwangx = "), encoding="utf-8")
        gone = await one.http.get(f"/api/v1/complaints/{case}", headers=one.as_("wang"))
        assert (gone.status_code, gone.json()["code"]) == (401, "unauthenticated"), "who has left the office is out at once"


async def test_one_step_at_a_time(house: House) -> None:
    """Two proposals at the same moment: one stands, the other hears of it."""
    answers = await asyncio.gather(*(house.put_forward(house.text(days), "2020-01-01") for days in (11, 12, 13)), return_exceptions=True)
    assert sorted(one.code if isinstance(one, Refusal) else "ok" for one in answers if isinstance(one, Refusal | str)) == ["ok", "version_pending", "version_pending"]
    assert await house.desk.pool.fetchval("select count(*) from rulebook_versions where office = $1", house.office) == 1
    key, body = rules_key(house.settings.keys), await house.desk.pool.fetchrow("select body, signature from rulebook_versions where office = $1", house.office)
    assert body is not None
    assert Versions(house.settings.keys).published.history(house.office).seq == 0, "known only after the file was read"
    key.public_key().verify(bytes.fromhex(body["signature"]), b"huiyin rulebook\n" + body["body"].encode())
    assert Signed(**dict(body)).body == body["body"]
