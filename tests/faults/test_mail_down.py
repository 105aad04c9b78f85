"""The mail server is down while many cases are worked on: acts and alarms go their way at once, and each notice arrives afterwards."""

import asyncio
from uuid import uuid4

import pytest

from tests.faults.site import Site
from tests.faults.walk import Walk

pytestmark = [pytest.mark.engine, pytest.mark.database, pytest.mark.faults]
CASES = 8


async def test_without_a_mail_server_nothing_waits_and_nothing_is_lost(place: Site) -> None:
    before = len(place.mail.mails)
    await place.mail.down()
    try:
        walks = await asyncio.gather(*(Walk(place, f"mail-{uuid4().hex}").file() for _ in range(CASES)))
        await asyncio.gather(*(walk.to("conclude") for walk in walks))  # past the transfer, whose notice a clause demands
        await asyncio.gather(*(walk.ring() for walk in walks[:3]))  # a date of the law comes while the notice still waits
        waiting = await place.pool.fetchval("select count(*) from outbox where demanded and sent_at is null and case_id = any($1)", [walk.case for walk in walks])
        assert waiting >= CASES
        assert len(place.mail.mails) == before
    finally:
        await place.mail.up()
    await asyncio.gather(*(walk.finish() for walk in walks))
    assert len(place.mail.mails) >= before + CASES
