"""Where a book asks for several scores, the complainant's page asks for each of them (12315 二.3)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import application
from api.settings import Settings
from cli import library
from tests.pages.conftest import Browser
from tests.workflows import rig as rigs

pytestmark = [pytest.mark.engine, pytest.mark.database]
OFFICE = "e12315-practical"


async def test_each_score_is_asked_and_kept(desk: Any, home: Path, engine: str, database: str) -> None:
    settings = Settings(engine, rigs.NAMESPACE, database, home / "keys", home / "files", 0, story_clock=True)
    law = library.law(library.office(OFFICE)["office"]["rulebook"], OFFICE)
    office = str(law.office["office"]["id"])
    clerk = next(one for one, row in law.office["person"].items() if any(law.row("post", post).get("role") == "intake" for post in row.get("posts", ())))
    app = application(settings, {office: law})
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
        head = {**desk.as_(clerk, office), "Prefer": "wait=20"}
        filed = await http.post("/api/v1/complaints", json={"office": office, "channel": "web", "text": "商家不退款", "identity": {"name": "示例·消费者", "telephone": "13800000000"}}, headers={"Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
        assert filed.status_code == 201, filed.text
        case, receipt = filed.json()["case"], filed.json()["receipt"]
        for act, fields in ACTS:
            answer = await http.post(f"/api/v1/complaints/{case}/acts/{act}", json={"fields": fields}, headers={**head, "Idempotency-Key": uuid4().hex})
            assert answer.status_code == 200, (act, answer.text)
        one = Browser(http, desk)
        app.state.parts.tries.known.clear()
        shown = await one.post("/follow", {"code": receipt})
        assert "对办理过程的满意度" in shown.text
        assert 'name="result_score" type="number"' in shown.text
        half = await one.post("/follow/rate", {"process_score": "4", "key": "s-1"})
        assert half.status_code == 422
        assert 'value="4"' in half.text
        done = await one.post("/follow/rate", {"process_score": "4", "result_score": "2.5", "key": "s-2"})
        assert "评价已记录" in done.text
        facts = await desk.pool.fetchval("select body from events where case_id = $1 and kind = 'rated'", case)
        assert re.search(r'"process_score":4\b', facts)
        assert '"result_score":2.5' in facts


ACTS: tuple[tuple[str, dict[str, Any]], ...] = (("accept", {}), ("own", {}), ("conclude", {"finding": "solved", "report": "已退款"}), ("feedback", {"text": "已退款"}))
