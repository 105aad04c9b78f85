"""Published rulebooks on the real engine and record: two versions side by side, the day of receipt, two people, outages, restarts, and a file that changed."""

import asyncio
import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from api.offices import Offices, drafted
from api.versions import Versions
from cli import library
from cli.audit import printed
from domain.asking import Refusal
from domain.core import law_hash
from domain.versions import proposed
from domain.workdays import ZONE
from tests.api.conftest import Desk
from tests.api.house import BOOK, House, case_clock, house_of, settled, today
from workflows.keptfile import Signed
from workflows.keyfile import rules_key

pytestmark = [pytest.mark.engine, pytest.mark.database]


@pytest.fixture
def house(desk: Desk, engine: str, database: str, home: Path, tmp_path: Path) -> House:
    return house_of(desk, engine, database, home, tmp_path)


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
