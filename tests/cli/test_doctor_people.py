"""What `doctor` says about people and templates: each thing that can be wrong with them, with a remedy; and nothing where all is well."""

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from activities.mailing import TEMPLATES
from activities.migrate import migrate
from api.forms.templates import exported
from api.roster import NEW
from cli import library
from cli.doctor_people import people
from cli.doctor_templates import notices, templates
from domain.workdays import ZONE
from engine.findings import Finding
from tests.workflows.conftest import database as _database
from workflows.keptfile import Signed
from workflows.place import Place
from workflows.roster import FILE, Roster, sign

database = _database
OFFICE = re.compile(r"([a-z][a-z0-9-]+): ")
TODAY = datetime.now(ZONE).date()


def said(found: list[Finding]) -> dict[str, str]:
    """Level by what is said; whatever is not well has a remedy in both languages."""
    assert all(one.level == "ok" or (one.remedy_zh and one.remedy_en) for one in found)
    return {f"{one.zh} {one.en}": one.level for one in found}


class House:
    """An installation of one office of a name of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.office, self.folder = f"doctor-{uuid4().hex[:6]}", folder
        for name in ("offices", "keys"):
            (folder / name).mkdir()
        written = (library.OFFICES / "district.toml").read_text(encoding="utf-8").replace('id = "district"', f'id = "{self.office}"')
        (folder / "offices" / "district.toml").write_text(written, encoding="utf-8")
        here = Place.of({"HUIYIN_HOME": str(folder), **{f"HUIYIN_{name.upper()}": str(folder / name) for name in ("keys", "offices", "templates")}})
        self.here = replace(here, database=url)
        self.entries: list[Signed] = []

    def change(self, person: str, what: str, **value: Any) -> Signed:
        body = {"office": self.office, "what": what, "person": person, "value": value, "reason": "轮岗", "by": "luo", "from": TODAY.isoformat(), "seq": len(self.entries) + 1, "at": datetime.now(ZONE).isoformat()}
        self.entries.append(sign(self.here.keys, body))
        return self.entries[-1]

    def write(self, entries: list[Signed] | None = None) -> None:
        Roster(self.here.keys).write({self.office: self.entries if entries is None else entries})

    async def keep(self, db: asyncpg.Connection, entries: list[Signed] | None = None) -> None:
        for seq, one in enumerate(self.entries if entries is None else entries, 1):
            await db.execute(NEW, self.office, seq, "?", "?", "?", datetime.now(ZONE), one.body, one.signature)

    async def look(self) -> dict[str, str]:
        """Without what the record says of the offices of other tests."""
        found = said(await people(self.here, TODAY))
        return {text: level for text, level in found.items() if not (named := OFFICE.match(text)) or named[1] == self.office}


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    await migrate(database)
    yield House(tmp_path, database)


def about(found: dict[str, str], words: str) -> str:
    return next((level for text, level in found.items() if words in text), "")


@pytest.mark.database
async def test_people_that_agree_are_well_and_changes_nobody_signed_are_not(house: House, database: str) -> None:
    assert set((await house.look()).values()) <= {"ok"}
    db = await asyncpg.connect(database)
    try:
        house.change("wang", "posts", posts=["clerk"], unit="jczx", rank="科员")
        house.write()
        assert about(await house.look(), "差 1 项") == "warn", "the record has not got it yet"
        await house.keep(db)
        assert about(await house.look(), "还没有得知") == "warn"
        forged = Signed(house.entries[0].body.replace("wang", "zhou"), house.entries[0].signature)
        house.write([forged])
        found = await house.look()
        assert about(found, "签名不符") == "fail"
        assert about(found, "不一致") == "fail"
    finally:
        await db.close()


@pytest.mark.database
async def test_an_office_that_does_not_stand_with_its_changes_is_said(house: House) -> None:
    house.change("li", "left", successor="")
    house.change("ghost", "posts", posts=[], unit="jczx")
    house.write()
    found = await house.look()
    assert about(found, "人员改动后机构不合规定") == "fail"
    assert about(found, "已不在机构文件中") == "warn"
    assert "ghost" in " ".join(found)
    file = house.here.offices / "district.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('posts = ["main_leader"]', "posts = []"), encoding="utf-8")
    assert about(await house.look(), "机构文件不合规定") == "warn"


@pytest.mark.database
async def test_files_that_cannot_be_read_are_said_and_never_raised(house: House) -> None:
    (house.here.keys / FILE).write_text("{", encoding="utf-8")
    assert about(await house.look(), "读不懂") == "fail"
    (house.here.keys / FILE).unlink()
    assert set((await house.look()).values()) <= {"ok"}
    assert not (house.here.keys / "rules").exists(), "doctor makes no key"
    assert set(said(await people(replace(house.here, database="postgresql://nobody@127.0.0.1:1/none"), TODAY)).values()) == {"ok"}, "a record that is away is said elsewhere"


def test_templates_of_an_office_are_tried_whole(tmp_path: Path) -> None:
    here = Place.of({"HUIYIN_HOME": str(tmp_path), "HUIYIN_TEMPLATES": str(tmp_path / "templates")})
    own = here.templates / "forms"
    assert said(templates(here, ["district"])) == {}
    exported(own, "district")
    assert set(said(templates(here, ["district"])).values()) == {"ok"}
    (own / "district" / "slip.docx").write_bytes(b"PK broken")
    shutil.copy(own / "district" / "cover.docx", own / "district" / "封面.docx")
    (own / "elsewhere").mkdir()
    shutil.copy(own / "district" / "cover.docx", own / "elsewhere" / "cover.docx")
    found = said(templates(here, ["district"]))
    assert about(found, "slip.docx 不能用") == about(found, "封面.docx 不会被用到") == about(found, "elsewhere/cover.docx 不会被用到") == "warn"
    assert len(found) == 3


def test_texts_of_notices_are_tried_with_and_without_what_they_may_lack(tmp_path: Path) -> None:
    folder = shutil.copytree(TEMPLATES, tmp_path / "notices")
    books = set(library.books())
    assert notices(folder, books) == []
    (folder / "no-such-book").mkdir()
    (folder / "no-such-book" / "overdue.txt.j2").write_text("{{ zh }}\n", encoding="utf-8")
    for name, text in (("opened", "{{ zh }\n"), ("warned", "{{ complainant }}\n"), ("urge_due", "\n{{ zh }}"), ("approved", "{% if not due_day %}{{ clause[5] }}{% endif %}题\n")):
        (folder / "district-e-supervision" / f"{name}.txt.j2").write_text(text, encoding="utf-8")
    found = said(notices(folder, books))
    assert [about(found, f"{name}.txt.j2 写不成") for name in ("opened", "warned", "urge_due", "approved")] == ["fail"] * 4
    assert about(found, "没有制度 no-such-book") == "warn"
    assert len(found) == 5


@pytest.mark.database
async def test_without_its_key_nothing_is_proved_and_none_is_made(house: House) -> None:
    house.change("wang", "posts", posts=["clerk"], unit="jczx", rank="科员")
    house.write()
    (house.here.keys / "rules").unlink()
    assert about(await house.look(), "签名不符") == "fail"
    assert not (house.here.keys / "rules").exists()
