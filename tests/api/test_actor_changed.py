"""The API after its signing key was changed: what people do goes on, late acts are kept verifiable, ledgers hear of it, and an unfit signature is said."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.gateway import Gateway
from api.keyring import Keyring
from api.pages.render import Names
from api.settings import Settings
from cli import audit_run
from domain.workdays import ZONE
from tests.api.conftest import Desk
from tests.api.test_archive import does, ended
from tests.api.test_ledger_api import act as ledger_act
from tests.api.test_ledger_api import fed
from tests.workflows import rig as rigs
from workflows.actorkeys import FILE, ActorKeys

pytestmark = [pytest.mark.engine, pytest.mark.database]


@pytest.fixture
def moved(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The keys of the desk in a folder of this test's own, read by its gateway."""
    shutil.copytree(desk.parts.keys.folder, tmp_path / "keys")
    (tmp_path / "keys").chmod(0o700)
    monkeypatch.setattr(desk.parts, "gateway", Gateway(desk.parts.gateway.client, Keyring.load(tmp_path / "keys")))
    yield tmp_path / "keys"


async def filed(desk: Desk) -> str:
    wish = {"office": "kaiyang", "channel": "telephone", "text": "窗口态度", "facts": {"ground": "g8", "respondent_name": "某", "window_no": "3", "business_time": "上午", "matter": "办证", "reason": "态度"}, "respondents": [{"person": "zhou", "unit": "tax", "window": "3"}]}
    answer = await desk.http.post("/api/v1/complaints", json=wish, headers={**desk.as_("wang", "kaiyang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case"])


async def revised(desk: Desk, case: str) -> int:
    return int(await desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'revised'", case))


async def test_cases_of_before_and_of_after_go_on(desk: Desk, moved: Path) -> None:
    before = await filed(desk)
    ActorKeys(moved).change("按年更换")
    for text in ("一", "二"):
        assert (await does(desk, before, "note", text=text)).status_code == 200
    assert await revised(desk, before) == 1
    (told,) = [one for one in (await desk.http.get(f"/api/v1/complaints/{before}/timeline", headers=desk.as_("wang", "kaiyang"))).json()["events"] if one["kind"] == "revised"]
    assert (told["actor"], told["fields"]) == ("system", {"what": "keys"})
    assert [Names(None, lang).value("what", "keys") for lang in ("zh", "en")] == ["签名密钥", "signing key"], "as a page names it"
    after = await filed(desk)
    assert (await does(desk, after, "note", text="三")).status_code == 200
    assert await revised(desk, after) == 0, "filed under the new key"
    another = desk.parts.gateway = Gateway(desk.parts.gateway.client, Keyring.load(moved))  # another API process: it cannot know by which key that was filed
    assert (await does(desk, after, "note", text="四")).status_code == 200
    assert await revised(desk, after) == 1
    rows = [json.loads(line) for line in (moved / FILE).read_text(encoding="utf-8").splitlines()]
    rows[-1]["at"] = (datetime.now(ZONE) - timedelta(hours=1)).isoformat()
    (moved / FILE).write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    later = await filed(desk)
    another.told.clear()
    assert (await does(desk, later, "note", text="五")).status_code == 200
    assert await revised(desk, later) == 0, "well after the change there is no doubt"


async def test_what_comes_after_the_end_is_kept_under_the_new_key_and_verifies(desk: Desk, moved: Path, engine: str, database: str, tmp_path: Path) -> None:
    one = await ended(desk)
    ActorKeys(moved).change("按年更换")
    assert (await does(desk, one["case"], "note", text="补记")).status_code == 409
    said: list[str] = []
    assert await audit_run.one(Settings(engine, rigs.NAMESPACE, database, moved, tmp_path / "files", 0), one["case"], None, said.append) == 0, said
    assert "1 件签名有效 signatures verify" in "\n".join(said)


async def test_a_ledger_hears_of_the_key_before_the_act_that_it_signs(desk: Desk, moved: Path) -> None:
    await fed(desk)
    ActorKeys(moved).change("按年更换")
    status, said = await ledger_act(desk, "wang", "post_up", f"key-{uuid4().hex}", board="red_black", person="lu")
    assert (status, said["recorded"]) == (200, True)


async def test_an_unfit_signature_is_said_and_the_same_wish_can_be_sent_again(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, right = await filed(desk), desk.parts.gateway
    shutil.copytree(desk.parts.keys.folder, tmp_path / "keys")
    (tmp_path / "keys").chmod(0o700)
    (tmp_path / "keys" / "actor").write_bytes(Ed25519PrivateKey.generate().private_bytes_raw())
    monkeypatch.setattr(desk.parts, "gateway", Gateway(right.client, Keyring.load(tmp_path / "keys")))
    refused: Any = await does(desk, case, "note", "same", text="记")
    assert (refused.status_code, refused.json()["code"]) == (403, "unsigned_act")
    assert "huiyin doctor" in refused.json()["remedy"]
    monkeypatch.setattr(desk.parts, "gateway", right)
    assert (await does(desk, case, "note", "same", text="记")).status_code == 200
