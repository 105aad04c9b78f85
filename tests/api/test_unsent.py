"""A notice that does not arrive, as people see it: the administrator's task, which nobody can click away and which ends with its arrival."""

import asyncio

import pytest

from api.keyring import Keyring
from tests.api.conftest import Desk
from tests.api.test_api import act, filed
from worker.marking import Marker
from workflows.keyfile import system_key

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def unsent_tasks(desk: Desk, person: str) -> list[tuple[str, str]]:
    answer = await desk.http.get("/api/v1/tasks", headers=desk.as_(person))
    assert answer.status_code == 200
    return [(item["id"], task["subject"]) for item in answer.json()["items"] for task in item["tasks"] if task["act"] == "mark_sent"]


async def recorded(desk: Desk, case: str, kind: str) -> None:
    for _ in range(1000):
        if await desk.pool.fetchval("select 1 from events where case_id = $1 and kind = $2", case, kind):
            return
        await asyncio.sleep(0.02)
    raise TimeoutError(kind)


async def test_the_administrators_task_comes_and_goes(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    folder = desk.parts.files.parent / "keys"
    assert Keyring.load(folder).secrets["system"] == system_key(folder).private_bytes_raw(), "worker and API read one key"
    mark, notice = Marker(desk.worker.client, system_key(folder), story_clock=True), f"{case}:1:told"
    assert await mark(case, "mark_unsent", {"notice": notice, "tries": 6})
    await recorded(desk, case, "notice_failed")
    assert await unsent_tasks(desk, "luo") == [(case, "1:told")]
    seen = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("luo"))).json()
    assert set(seen) == {"case", "register_no", "phase", "tasks"}
    for person in ("luo", "wang"):
        for name in ("mark_sent", "mark_unsent"):
            answer = await desk.http.post(
                f"/api/v1/complaints/{case}/acts/{name}", json={"fields": {"notice": notice}}, headers={**desk.as_(person), "Idempotency-Key": f"click-{person}-{name}"}
            )
            assert answer.status_code == 422 and answer.json()["code"] == "unknown_act"
    assert await unsent_tasks(desk, "luo") == [(case, "1:told")]
    assert await mark(case, "mark_sent", {"notice": notice})
    await recorded(desk, case, "notice_sent_late")
    assert await unsent_tasks(desk, "luo") == []
    assert (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("luo"))).status_code == 404
