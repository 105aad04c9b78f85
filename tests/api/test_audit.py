"""Who changes the record by SQL is found: the history decided otherwise, and the chain breaks."""

import pytest

from cli.audit import histories_of, printed, replay
from tests.api.conftest import Desk
from tests.api.test_api import act, filed
from workflows.converter import CodecKeys

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_replay_is_sound_and_finds_a_changed_approver(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})
    await act(desk, case, "zhao", "approve", decision="agree", opinion="同意")
    assert (await act(desk, case, "li", "approve", decision="agree", opinion="转办")).status_code == 200
    keys = CodecKeys({"k1": desk.parts.keys.secrets["codec"]}, "k1")
    histories = await histories_of(desk.parts.gateway.client, case)
    sound = await replay(case, histories, desk.pool, keys)
    assert sound.sound, printed(case, sound)
    assert len(sound.lines) >= 6

    async with desk.pool.acquire() as db:
        await db.execute("alter table events disable trigger events_only_new")
        await db.execute("update events set actor = 'zhao', body = replace(body, '\"actor\":\"li\"', '\"actor\":\"zhao\"') where case_id = $1 and kind = 'approved'", case)
        await db.execute("alter table events enable trigger events_only_new")
    changed = await replay(case, histories, desk.pool, keys)
    assert not changed.sound
    text = printed(case, changed)
    assert "approved" in text
    assert "actor" in text
    assert "hash chain broken" in text
