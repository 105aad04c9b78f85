"""Under whose law a case stands, as the audit proves it: what was forged by SQL or with the key, and books that nobody signed."""

import asyncio
import copy
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli import library
from cli.audit import histories_of, printed, replay
from tests.api.conftest import Desk
from tests.api.house import BOOK, House, audit, house_of, settled
from workflows.keyfile import codec_keys, rules_key
from workflows.published import sign

pytestmark = [pytest.mark.engine, pytest.mark.database]


@pytest.fixture
def house(desk: Desk, engine: str, database: str, home: Path, tmp_path: Path) -> House:
    return house_of(desk, engine, database, home, tmp_path)


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
