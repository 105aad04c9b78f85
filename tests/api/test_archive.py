"""After the end: late acts are answered from the record and kept at the door; the audit works from what was kept."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from activities.archives import Archives
from activities.files import Folder
from activities.histories import key_of, packed
from activities.types import Checking
from api.settings import Settings
from cli import audit_run
from domain.core import law_value
from tests.api.conftest import Desk
from tests.api.test_api import act, filed
from tests.workflows.rig import NAMESPACE
from tests.workflows.test_histories_kept import checked, deleted, until
from workflows import contract
from workflows.keyfile import ACTOR

pytestmark = [pytest.mark.engine, pytest.mark.database]
RECORDING = {"told_at": "2025-11-10T09:00:00+08:00", "started_at": "2025-11-10T09:00:20+08:00"}
FACTS = {"ground": "g8", "respondent_name": "示例·周窗口", "window_no": "3", "business_time": "办事当日上午", "matter": "发票代开", "reason": "态度粗暴"}


async def does(desk: Desk, case: str, name: str, key: str = "", **fields: Any) -> httpx.Response:
    headers = {**desk.as_("wang", "kaiyang"), "Idempotency-Key": key or uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/complaints/{case}/acts/{name}", json={"fields": fields}, headers=headers)


async def follows(desk: Desk, receipt: str, wish: str, key: str = "", **fields: Any) -> httpx.Response:
    headers = {"X-Receipt-Code": receipt, "Idempotency-Key": key or uuid4().hex, "Prefer": "wait=20"}
    return await desk.http.post(f"/api/v1/follow/{wish}", json={"fields": fields}, headers=headers)


async def ended(desk: Desk) -> dict[str, Any]:
    """A case that was withdrawn and archived, its run completed."""
    wish = {"office": "kaiyang", "channel": "telephone", "text": "窗口态度", "recording": RECORDING, "facts": FACTS, "respondents": [{"person": "zhou", "unit": "tax", "window": "3"}]}
    answer = await desk.http.post("/api/v1/complaints", json=wish, headers={**desk.as_("wang", "kaiyang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    assert (await follows(desk, found["receipt"], "withdraw", "w", reason="已解决")).status_code == 200
    assert (await does(desk, found["case"], "settle_withdrawal", own_wish=True, reason="本人电话确认")).status_code == 200
    last = await does(desk, found["case"], "archive", "last")
    assert last.status_code == 200, last.text
    assert last.json()["phase"] == "archived"
    await desk.parts.gateway.client.get_workflow_handle(found["case"]).result()
    return {**found, "last": last.json()}


async def late(desk: Desk, one: dict[str, Any]) -> None:
    """A known act gets its events again, a new one 409 with a remedy and a row at the door; from the office and by receipt."""
    case, receipt = one["case"], one["receipt"]
    before = await desk.pool.fetchval("select count(*) from door_log where case_id = $1", case)
    again = await does(desk, case, "archive", "last")
    assert again.status_code == 200
    assert again.json()["events"] == one["last"]["events"]
    assert (await follows(desk, receipt, "withdraw", "w", reason="已解决")).status_code == 200
    new = await does(desk, case, "note", text="补记")
    mine = await follows(desk, receipt, "add", note="还有一点")
    for answer in (new, mine):
        assert answer.status_code == 409
        body = answer.json()
        assert body["code"] == "archived"
        assert body["title"] and body["title_en"] and body["remedy"] and body["remedy_en"]
    rows = await desk.pool.fetch("select act, actor, code, body from door_log where case_id = $1 order by id", case)
    assert [(row["act"], row["actor"], row["code"]) for row in rows][before:] == [("note", "wang", "archived"), ("add_material", "complainant", "archived")]
    kept = json.loads(rows[-1]["body"])["fields"]
    assert kept["note"] and "还有一点" not in kept["note"], "whole, and its words sealed"
    assert (await desk.http.get("/api/v1/follow", headers={"X-Receipt-Code": receipt})).status_code == 200


async def test_late_acts_are_answered_from_the_record_before_and_after_the_engine_forgets(desk: Desk) -> None:
    one = await ended(desk)
    await late(desk, one)
    await deleted(desk.parts.gateway.client, one["case"])
    await late(desk, one)
    assert await desk.pool.fetchval("select max(seq) from events where case_id = $1", one["case"]) == one["last"]["version"]


async def test_a_case_that_the_engine_does_not_run_is_not_called_archived(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    await deleted(desk.parts.gateway.client, case)
    answer = await act(desk, case, "wang", "accept")
    assert answer.status_code == 503
    assert (answer.json()["code"], answer.json()["detail"]) == ("engine_down", "not_running")
    assert await desk.pool.fetchval("select code from door_log where case_id = $1", case) == "not_running"


@pytest.fixture
def here(engine: str, database: str, home: Path, tmp_path: Path) -> Settings:
    """This installation, with files of the test's own."""
    return Settings(engine, NAMESPACE, database, home / "keys", tmp_path, 0)


async def replayed(here: Settings, case: str = "", file: Path | None = None) -> tuple[int, str]:
    """What the command says, and its exit code; of every case where none is named."""
    said: list[str] = []
    code = await (audit_run.one(here, case, file, said.append) if case else audit_run.every(here, said.append))
    return code, "\n".join(said)


async def test_replay_from_the_engine_then_from_the_file(desk: Desk, here: Settings, tmp_path: Path) -> None:
    one = await ended(desk)
    case = one["case"]
    code, text = await replayed(here, case)
    assert (code, "from the engine" in text) == (0, True), text

    archives = Archives(desk.pool, desk.parts.gateway.client, Folder(tmp_path))
    assert await archives.keep_one(case)
    path = tmp_path / key_of(case)
    whole = path.read_bytes()
    code, text = await replayed(here, case)
    assert code == 0, text
    assert "from the engine, with the SHA-256 that was kept" in text
    assert "kept by build" in text and "the law in the start input" in text

    path.write_bytes(whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:])  # one bit
    code, text = await replayed(here, case)
    assert code == 1
    assert "SHA-256 不符 differs" in text
    path.write_bytes(whole)

    await late(desk, one)
    await deleted(desk.parts.gateway.client, case)
    await late(desk, one)
    code, text = await replayed(here, case)
    assert code == 0, text
    assert f"from the archive {key_of(case)}, SHA-256 checked" in text
    assert "acts after the end: 4 件留在门口日志 kept in the door log, 4 件签名有效" in text

    for place in (200, 2000, len(whole) - 20):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        code, text = await replayed(here, case)
        assert code == 1, text
        assert "SHA-256 不符 differs" in text

    path.unlink()
    code, text = await replayed(here, case)
    assert code == 2
    assert "archive file is missing" in text and "backup" in text
    path.write_bytes(whole)
    code, text = await replayed(replace(here, engine="127.0.0.1:1"), case)
    assert code == 0, text
    assert "does not answer" in text and "from the archive" in text


async def test_by_number_all_at_once_and_what_cannot_be_checked(desk: Desk, here: Settings, tmp_path: Path) -> None:
    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    registered = await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    assert registered.status_code == 200
    number = await desk.pool.fetchval("select register_no from cases where case_id = $1", case)
    code, text = await replayed(here, number)
    assert code == 0, text
    assert f"audit {case}" in text and number in text
    assert (await replayed(here, "no-such-case"))[0] == 2
    code, text = await replayed(replace(here, database="postgresql://127.0.0.1:1/x"), case)
    assert (code, "could not check" in text) == (2, True)
    code, text = await replayed(replace(here, keys=tmp_path / "other-keys"), case)
    assert (code, "the key that opens this history is not in HUIYIN_KEYS" in text) == (2, True), text
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert (await replayed(here, case, broken))[0] == 2

    client, law = desk.parts.gateway.client, desk.parts.laws.offices["district"]
    start = contract.Start("case-unrecorded", "district", "district-e-supervision", law_value(law), {ACTOR: desk.parts.keys.public("actor")})
    waiting = await client.start_workflow(contract.WORKFLOW, start, id=start.case_id, task_queue="nobody-works-here")
    await until(lambda: _listed(client, start.case_id))
    code, text = await replayed(here)
    assert code in (1, 2), text  # 1 where another test has left a case that differs
    assert "? case-unrecorded" in text and "not recorded yet" in text
    await waiting.terminate()

    await desk.pool.execute("update cases set grade = 'none' where case_id = $1", case)
    code, text = await replayed(here)
    await desk.pool.execute("update cases set grade = \"row\" ->> 'grade' where case_id = $1", case)
    assert code == 1
    assert f"✗ {case}" in text and "column grade" in text
    count = await desk.pool.fetchval("select count(*) from cases")
    assert f"共 {count + 1} 件 cases" in text


async def _listed(client: Client, case: str) -> bool:
    return bool([run async for run in client.list_workflows(f"WorkflowId = '{case}'")])


async def test_an_old_export_is_still_read(desk: Desk, here: Settings, tmp_path: Path) -> None:
    case = (await filed(desk))["case"]
    handle = desk.parts.gateway.client.get_workflow_handle(case)
    await until(lambda: _recorded(handle))
    history = await handle.fetch_history()
    old, other = tmp_path / "old.json", tmp_path / "other.json"
    old.write_text(json.dumps([json.loads(history.to_json())]))
    code, text = await replayed(replace(here, engine="127.0.0.1:1"), case, old)
    assert code == 0, text
    other.write_bytes(packed("another-case", [history]))
    code, text = await replayed(here, case, other)
    assert (code, "this file is of another-case" in text) == (2, True)


async def _recorded(handle: Any) -> bool:
    return "marker_recorded_event_attributes" in {event.WhichOneof("attributes") for event in (await handle.fetch_history()).events}


async def test_what_is_not_kept_is_a_task_of_the_administrator(desk: Desk, tmp_path: Path) -> None:
    one = await ended(desk)
    case = one["case"]
    archives = Archives(desk.pool, desk.parts.gateway.client, Folder(tmp_path))

    async def tasks(person: str) -> list[dict[str, Any]]:
        answer = (await desk.http.get("/api/v1/tasks", headers=desk.as_(person, "kaiyang"))).json()
        return [row for row in answer["office"] if row["case"] == case]

    await checked(archives, Checking().older_than)
    assert await tasks("luo") == []  # within the hour
    await checked(archives)
    (task,) = await tasks("luo")
    assert (task["what"], task["title_en"]) == ("archive_missing", "An ended case has no kept history")
    assert await tasks("wang") == []
    assert await archives.keep_one(case)
    assert await tasks("luo") == []
