"""People changed on the administrator's page, a substitute named on one's own: new and running cases, sessions, refusals, secrecy."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendars import Calendars
from activities.migrate import migrate
from activities.notices import Notices, addresses_of
from activities.records import Records
from api import accounts
from api.app import application
from api.offices import Offices
from api.pages.audit import replayed
from api.settings import Settings
from cli import library
from cli.people_commands import run
from domain.workdays import ZONE
from engine.namespaces import prepare
from tests.pages.conftest import PASSWORD, SAME_SITE, Browser
from worker.revising import Sender
from workflows import policies
from workflows.keyfile import codec_keys
from workflows.place import Place
from workflows.plugin import plugin

pytestmark = [pytest.mark.engine, pytest.mark.database]
OFFICE, NAMESPACE = "district-people", "huiyin-people"
TODAY = datetime.now(ZONE).date()


class House:
    """One installation with one office file, and its people at their browsers."""

    def __init__(self, app: Any, pool: asyncpg.Pool, folder: Path, settings: Settings) -> None:
        self.app, self.pool, self.folder, self.settings, self.parts = app, pool, folder, settings, app.state.parts

    @property
    def env(self) -> dict[str, str]:
        """What a command of this installation is told."""
        folders = {name: str(self.folder / part) for name, part in (("HUIYIN_HOME", ""), ("HUIYIN_KEYS", "keys"), ("HUIYIN_OFFICES", "offices"), ("HUIYIN_CALENDARS", "calendars"))}
        return {**folders, "HUIYIN_ENGINE_ADDRESS": self.settings.engine, "HUIYIN_NAMESPACE": self.settings.namespace, "HUIYIN_DATABASE_URL": self.settings.database}

    @asynccontextmanager
    async def browser(self, person: str) -> AsyncIterator[Browser]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://huiyin") as http:
            one = Browser(http, self)  # type: ignore[arg-type]  # what a browser needs of a desk is its pool
            await accounts.give(self.pool, OFFICE, person, PASSWORD, by="test", must_change=False)
            assert (await one.sign_in(person, OFFICE)).status_code == 200
            yield one

    async def api(self, person: str, method: str, path: str, **json: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.parts.tokens.issue(person, OFFICE)}", "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://huiyin") as http:
            return await http.request(method, f"/api/v1{path}", headers=headers, **({"json": json} if json else {}))

    async def filed(self) -> str:
        answer = await self.api("wang", "POST", "/complaints", office=OFFICE, channel="telephone", text="窗口没有一次告知", facts={"ground": "y5"}, respondents=[{"person": "zhou", "unit": "land"}])
        assert answer.status_code == 201, answer.text
        case = str(answer.json()["case"])
        assert (await self.act("wang", case, "accept")).status_code == 200
        assert (await self.act("wang", case, "register", forms={"register": {"content": "窗口没有一次告知"}})).status_code == 200
        return case

    async def act(self, who: str, case: str, act: str, **fields: Any) -> httpx.Response:
        return await self.api(who, "POST", f"/complaints/{case}/acts/{act}", fields=fields)

    async def revised(self, case: str) -> int:
        return int(await self.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'revised'", case))


@pytest.fixture(scope="session")  # one a process: its keys sign what lies in the one record
async def house(engine: str, database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "offices").mkdir()
    (folder / "calendars").mkdir()
    written = (library.OFFICES / "district.toml").read_text(encoding="utf-8").replace('id = "district"', f'id = "{OFFICE}"')
    (folder / "offices" / "district.toml").write_text(written, encoding="utf-8")
    await migrate(database)
    await prepare(engine, NAMESPACE)
    settings = Settings(engine, NAMESPACE, database, folder / "keys", folder / "files", 0)
    app = application(settings, Offices(folder / "offices", folder / "calendars", settings.keys))
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool, app.router.lifespan_context(app):
        client = await Client.connect(engine, namespace=NAMESPACE, plugins=[plugin(codec_keys(settings.keys))])
        records, notices = Records(pool), Notices(pool, addresses_of({}))
        calendars = Calendars(pool, Sender(client, settings.keys))
        async with Worker(client, task_queue=policies.TASK_QUEUE, activities=[records.record, notices.notify, calendars.revise], sticky_queue_schedule_to_start_timeout=policies.STICKY):
            yield House(app, pool, folder, settings)


async def until(look: Any, seconds: float = 20.0) -> None:
    for _ in range(int(seconds * 10)):
        if await look():
            return
        await asyncio.sleep(0.1)
    pytest.fail("it did not come to be")


async def test_a_substitute_named_on_the_page_approves_a_running_case(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    running = await house.filed()
    word = {"decision": "agree", "opinion": "转办"}
    before = await house.act("sun", running, "approve", **word)
    assert before.status_code in (403, 404), before.text
    async with house.browser("li") as li, house.browser("sun") as sun:
        assert "现在没有人代您" in (await li.get("/away")).text
        wish = {"do": "substitute", "by": "sun", "from": TODAY.isoformat(), "until": (TODAY + timedelta(days=3)).isoformat(), "reason": "外出开会"}
        done = await li.post("/away", wish)
        assert "已指定" in done.text
        twice = await li.post("/away", wish)
        assert (twice.status_code, "已由此人代理" in twice.text) == (422, True), "a double click is one"
        assert "示例·孙代管" in done.text

        async def told() -> bool:
            return await house.revised(running) == 1

        await until(told)
        assert "今天您代" in (await sun.get("/home")).text
        assert "代您行使职责" in (await li.get("/home")).text
        assert "今天由谁代理: 示例·孙代管" in (await li.get(f"/cases/{running}")).text
        done = await sun.post(f"/cases/{running}/acts/approve", {"f.decision": "agree", "f.opinion": "转办", "key": uuid4().hex})
        assert (done.status_code, done.url.path) == (200, f"/cases/{running}")
        assert "基本情况" in done.text, "and stays before them"
        approved = await house.pool.fetch("select actor, data ->> 'for' as meant from events where case_id = $1 and kind = 'approved'", running)
        assert [(one["actor"], one["meant"]) for one in approved] == [("sun", "li")]
        assert "示例·孙代管" in (await sun.get(f"/cases/{running}")).text, "what they have decided stays before them while they stand in"
        case_page = (await sun.get(f"/cases/{running}")).text
        assert "已封存" in case_page, "the register's column of the identity"
        assert f"v1.{OFFICE}" not in case_page
        number = await house.pool.fetchval("select register_no from cases where case_id = $1", running)
        assert number in (await sun.get("/register")).text
        assert (await sun.get("/board")).status_code == 200
        opened = await house.api("sun", "POST", f"/complaints/{running}/identity", reason="审批前核对原文")
        assert opened.status_code == 200, opened.text
        assert await house.pool.fetchval("select reason from reader_log where office = $1 and case_id = $2 and person = 'sun'", OFFICE, running) == "审批前核对原文 〔代理 for li〕"
        fresh = await house.filed()
        assert (await house.act("sun", fresh, "approve", **word)).status_code == 200
        assert await house.revised(fresh) == 0, "what is filed under these people has nothing to hear"
        third = await house.filed()
        assert (await li.get(f"/cases/{third}")).status_code == 200
        assert (await house.act("li", third, "recuse", person="li", reason="亲属")).status_code == 200
        assert (await house.act("sun", third, "approve", **word)).status_code in (403, 404), "nobody acts for somebody who has withdrawn"
        assert (await house.api("sun", "GET", f"/complaints/{third}")).status_code == 404, "nor reads for them"
        assert third not in (await house.api("sun", "GET", "/complaints")).text
        ended = await li.post("/away", {"do": "substitute_ended", "by": "sun", "from": TODAY.isoformat(), "reason": "提前回来"})
        assert "代理已结束" in ended.text
        assert (await house.api("sun", "GET", f"/complaints/{running}")).status_code == 404, "with the last day it is over"
        assert (await house.api("sun", "GET", "/complaints")).json()["total"] == 0

        async def heard() -> bool:
            return await house.revised(running) == 2 and await house.revised(fresh) == 1

        await until(heard)
        for name, value in house.env.items():
            monkeypatch.setenv(name, value)
        verdict = await replayed(running)
        assert verdict.word == "sound", verdict.lines
        assert (await house.act("sun", fresh, "note", text="x")).status_code in (403, 404)


async def test_a_change_of_posts_ends_sessions_and_the_next_request_is_judged_by_the_new_posts(house: House) -> None:
    filing = {"office": OFFICE, "channel": "telephone", "text": "投诉", "facts": {"ground": "y5"}, "respondents": [{"person": "zhou", "unit": "land"}]}
    async with house.browser("luo") as luo, house.browser("mei") as mei:
        assert (await house.api("mei", "POST", "/complaints", **filing)).status_code == 403
        done = await luo.post("/people/mei", {"do": "posts", "posts": "clerk", "unit": "jczx", "rank": "科员", "first": TODAY.isoformat(), "reason": "轮岗"})
        assert "已生效并记录" in done.text, done.text
        assert (await mei.http.get("/home", headers=SAME_SITE)).status_code == 303
        again = await luo.post("/people/mei", {"do": "posts", "posts": "clerk", "unit": "jczx", "rank": "科员", "first": TODAY.isoformat(), "reason": "轮岗"})
        assert (again.status_code, "没有改动" in again.text) == (422, True)
        assert (await mei.sign_in("mei", OFFICE)).status_code == 200
        assert "受理" in (await mei.get("/me")).text
        assert (await house.api("mei", "POST", "/complaints", **filing)).status_code == 201
        left = await luo.post("/people/mei", {"do": "left", "first": TODAY.isoformat(), "reason": "调离"})
        assert "已离任" in left.text
        assert (await mei.http.get("/home", headers=SAME_SITE)).status_code == 303
        assert (await mei.sign_in("mei", OFFICE)).status_code == 403
        assert (await house.api("mei", "GET", "/tasks")).status_code == 401
        shown = (await luo.get("/people/mei")).text
        for word in ("轮岗", "调离", "停用", "示例·罗管理"):
            assert word in shown


async def test_a_role_that_a_clause_needs_is_never_left_empty(house: House) -> None:
    async with house.browser("luo") as luo:
        refused = await luo.post("/people/wang", {"do": "posts", "unit": "jczx", "rank": "科员", "first": TODAY.isoformat(), "reason": "减编"})
        assert refused.status_code == 422
        assert "中心受理人员 (post clerk): 无人担任" in refused.text
        assert "办理制度" in refused.text
        assert 'value="减编"' in refused.text
        gone = await luo.post("/people/zhao", {"do": "left", "first": TODAY.isoformat(), "reason": "退休"})
        assert gone.status_code == 422
        assert house.parts.laws.offices[OFFICE].office["person"]["wang"]["posts"] == ["clerk"]
        heir = await luo.post("/people/xu", {"do": "posts", "posts": "leader_in_charge", "unit": "jczx", "rank": "副处级", "first": TODAY.isoformat(), "reason": "接任"})
        assert heir.status_code == 200
        went = await luo.post("/people/zhao", {"do": "left", "successor": "xu", "first": TODAY.isoformat(), "reason": "退休"})
        assert went.status_code == 200, went.text
        assert house.parts.laws.offices[OFFICE].office["unit"]["jczx"]["leader"] == "xu"


async def test_somebody_is_taken_in_and_has_an_account(house: House) -> None:
    async with house.browser("luo") as luo:
        fields = {"id": "tian", "name": "示例·田新来", "unit": "jczx", "rank": "科员", "posts": "clerk", "reason": "新录用"}
        assert (await luo.post("/people", {**fields, "id": "clerk"})).status_code == 422
        done = await luo.post("/people", fields)
        assert "示例·田新来" in done.text
        shown = await luo.post("/people/tian", {"do": "password", "reason": "开设账号"})
        password = shown.text.partition('<p class="big code"><code>')[2].partition("<")[0]
        assert len(password) >= accounts.LEAST
        assert password not in (await luo.get("/people/tian")).text
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url="http://huiyin") as http:
            tian = Browser(http, house)  # type: ignore[arg-type]
            first = await tian.sign_in("tian", OFFICE, password=password)
            assert "请先换成自己的" in first.text
            token = {"Authorization": f"Bearer {house.parts.tokens.issue('tian', OFFICE)}"}
            assert (await http.get("/api/v1/tasks", headers=token)).status_code == 200
            assert (await luo.post("/people/tian", {"do": "disable", "reason": "借调"})).status_code == 200
            assert (await http.get("/api/v1/tasks", headers=token)).status_code == 401
            assert (await http.get("/home", headers=SAME_SITE)).status_code == 303
    assert "tian" not in (house.folder / "offices" / "district.toml").read_text(encoding="utf-8")


async def test_nobody_else_sees_the_accounts_and_nobody_raises_themselves(house: House) -> None:
    for person in ("wang", "li", "shen"):
        async with house.browser(person) as one:
            for path in ("/people", "/people/li"):
                answer = await one.get(path)
                assert answer.status_code == 403
                assert "没有账号" not in answer.text
            assert (await one.post("/people/li", {"do": "password", "reason": "试试"})).status_code == 403
            assert 'href="/people"' not in (await one.get("/home")).text
    days = {"from": TODAY.isoformat(), "until": TODAY.isoformat()}
    async with house.browser("luo") as luo:
        own = await luo.post("/people/luo", {"do": "posts", "posts": ["admin", "centre"], "unit": "jczx", "first": TODAY.isoformat(), "reason": "兼任"})
        assert own.status_code == 403
        assert (await luo.post("/people/qian", {"do": "substitute", "by": "luo", **days, "reason": "代理"})).status_code == 403
        assert (await luo.post("/people/qian", {"do": "left", "successor": "luo", "first": TODAY.isoformat(), "reason": "离任"})).status_code == 403
        assert (await luo.post("/people/qian", {"do": "substitute", "by": "xu", **days, "reason": ""})).status_code == 422
        foreign = await luo.http.post("/people/qian", data={"do": "password", "reason": "试试"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "cross_site")


async def test_people_are_found_by_name_unit_or_post(house: House) -> None:
    async with house.browser("luo") as luo:
        whole = (await luo.get("/people")).text
        everybody = set(re.findall(r'href="/people/(\w+)"', whole))
        assert {"wang", "li", "luo"} <= everybody
        assert "data-wide open" not in whole
        for q, found in (("WANG", {"wang"}), ("没有这个人", set())):
            shown = (await luo.get(f"/people?q={q}")).text
            assert set(re.findall(r'href="/people/(\w+)"', shown)) == found, q
        post = re.search(r'data-label="岗位">([^<、\s]+)', whole)[1]  # type: ignore[index]
        by_post = set(re.findall(r'href="/people/(\w+)"', (await luo.get(f"/people?q={post}")).text))
        assert by_post
        assert by_post < everybody


async def test_forged_changes_count_for_nothing_and_lost_ones_come_back(house: House) -> None:
    days = {"from": TODAY.isoformat(), "until": TODAY.isoformat()}
    async with house.browser("luo") as luo:  # one that is signed, whatever stood there before
        await luo.post("/people/zhou", {"do": "substitute", "by": "qian", **days, "reason": "外出"})
    body = json.dumps({"by": "wang", "from": "2026-01-01", "office": OFFICE, "person": "wang", "reason": "x", "seq": 99, "value": {"posts": ["centre"], "unit": "jczx"}, "what": "posts"})
    last = await house.pool.fetchval("select max(seq) from people_changes where office = $1", OFFICE)
    await house.pool.execute("insert into people_changes values ($1, $2, 'posts', 'wang', 'wang', now(), $3, $4)", OFFICE, last + 1, body, "00" * 64)
    await house.parts.people.refresh(house.pool)
    assert house.parts.laws.offices[OFFICE].office["person"]["wang"]["posts"] == ["clerk"]
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await house.pool.execute("delete from people_changes where office = $1", OFFICE)
    await house.pool.execute("truncate people_changes")  # a record restored from before
    await house.parts.people.refresh(house.pool)
    assert await house.pool.fetchval("select count(*) from people_changes where office = $1", OFFICE) == last + 1


async def test_the_command_tells_running_cases_of_an_edited_file(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    case = await house.filed()
    before = await house.revised(case)
    file = house.folder / "offices" / "district.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("[person]\n", '[person]\nbo = { name = "示例·薄新任", posts = ["centre"], unit = "jczx", rank = "正科级" }\n'), encoding="utf-8")
    here, known, keys = Place.of(house.env), house.settings, codec_keys(house.folder / "keys")
    assert await run(OFFICE, here, known, keys) == 0
    number = await house.pool.fetchval("select register_no from cases where case_id = $1", case)
    assert number in capsys.readouterr().out
    assert await house.revised(case) == before + 1

    async def known_here() -> bool:  # an API looks at its office files each few seconds
        return "bo" in house.parts.laws.offices[OFFICE].office["person"]

    await until(known_here)
    assert (await house.act("bo", case, "approve", decision="agree", opinion="转办")).status_code == 200
    assert await run(OFFICE, here, known, keys) == 0
    assert await house.revised(case) == before + 1, "the same state is the same edition"


async def test_people_are_changed_by_the_api_as_by_the_pages(house: House) -> None:
    first = await house.api("luo", "POST", "/people/min/changes", what="added", name="示例·闵新来", posts=["clerk"], unit="jczx", rank="科员", reason="新录用")
    assert first.status_code == 200, first.text
    shown = first.json()
    assert (shown["name"], shown["posts"], shown["unit"], shown["account"]) == ("示例·闵新来", ["clerk"], "jczx", "")
    assert [(one["what"], one["by"], one["reason"]) for one in shown["changes"]] == [("added", "luo", "新录用")]
    assert house.parts.laws.offices[OFFICE].office["person"]["min"]["posts"] == ["clerk"]
    made = await house.api("luo", "POST", "/people/min/account", do="password", reason="开设账号")
    assert (made.json()["account"], len(made.json()["password"]) >= accounts.LEAST) == ("first", True)
    assert (await house.api("min", "GET", "/tasks")).status_code == 200
    token = {"Authorization": f"Bearer {house.parts.tokens.issue('min', OFFICE)}"}
    assert (await house.api("luo", "POST", "/people/min/account", do="disable", reason="借调")).json() == {"person": "min", "account": "disabled"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url="http://huiyin") as http:
        assert (await http.get("/api/v1/tasks", headers=token)).status_code == 401
    assert (await house.api("luo", "POST", "/people/min/account", do="enable", reason="回来")).json()["account"] == "first"
    async with house.browser("luo") as luo:  # the page says what the API did
        page = (await luo.get("/people/min")).text
        assert all(word in page for word in ("示例·闵新来", "新录用", "借调"))
    days = {"from": TODAY.isoformat(), "until": TODAY.isoformat()}
    away = await house.api("min", "POST", "/people/min/changes", what="substitute", by="xu", reason="外出学习", **days)
    assert away.status_code == 200, away.text
    assert away.json()["substitutes"] == [{"for": "min", "by": "xu", **days}]
    back = await house.api("min", "POST", "/people/min/changes", what="substitute_ended", by="xu", reason="提前返回", **{"from": TODAY.isoformat()})
    assert back.json()["substitutes"] == []
    assert (await house.api("luo", "POST", "/people/min/changes", what="left", reason="调走")).json()["left"] == TODAY.isoformat()
    assert (await house.api("min", "GET", "/people/min")).status_code == 401, "who has left is nobody's caller"
    listed = (await house.api("luo", "GET", "/people")).json()
    assert listed["items"][-1]["person"] == "min" or listed["items"][-1]["left"]
    log = (await house.api("luo", "GET", "/people-changes")).json()["items"]
    assert [one["what"] for one in log if one["person"] == "min"] == ["left", "substitute_ended", "substitute", "added"]


async def test_the_api_refuses_what_the_pages_refuse(house: House) -> None:
    days = {"from": TODAY.isoformat(), "until": TODAY.isoformat()}
    refused = [
        ("wang", "/people/li/changes", {"what": "posts", "posts": ["admin"], "unit": "jczx", "reason": "试试"}, "not_admin"),
        ("wang", "/people/wang/changes", {"what": "posts", "posts": ["admin"], "unit": "jczx", "reason": "试试"}, "not_admin"),
        ("wang", "/people/li/changes", {"what": "substitute", "by": "wang", "reason": "试试", **days}, "not_admin"),
        ("wang", "/people/li/account", {"do": "password", "reason": "试试"}, "not_admin"),
        ("luo", "/people/luo/changes", {"what": "posts", "posts": ["admin", "centre"], "unit": "jczx", "reason": "兼任"}, "own_posts"),
        ("luo", "/people/luo/account", {"do": "disable", "reason": "试试"}, "own_posts"),
        ("luo", "/people/qian/changes", {"what": "substitute", "by": "luo", "reason": "代理", **days}, "own_posts"),
        ("luo", "/people/nobody/changes", {"what": "left", "reason": "试试"}, "person_unknown"),
        ("luo", "/people/nobody/account", {"do": "enable", "reason": "试试"}, "person_unknown"),
        ("luo", "/people/qian/changes", {"what": "left", "reason": ""}, "reason_missing"),
        ("luo", "/people/Q!/changes", {"what": "added", "name": "示例·新", "unit": "jczx", "reason": "新录用"}, "people_unfit"),
        ("luo", "/people/neu/changes", {"what": "added", "name": "示例·新", "unit": "nowhere", "posts": ["no_post"], "reason": "新录用"}, "people_unfit"),
        ("luo", "/people/qian/changes", {"what": "promoted", "reason": "试试"}, "body_invalid"),
        ("luo", "/people/qian/changes", {"what": "left", "seq": 1, "reason": "试试"}, "body_invalid"),
    ]  # fmt: skip
    before = len((await house.api("luo", "GET", "/people-changes")).json()["items"])
    for person, path, body, code in refused:
        answer = await house.api(person, "POST", path, **body)
        assert (answer.status_code >= 400, answer.json().get("code")) == (True, code), f"{person} {path} {body}: {answer.text}"
    for person in ("wang", "shen", "zhou"):
        for path in ("/people", "/people-changes", "/people/li"):
            assert (await house.api(person, "GET", path)).json()["code"] == "not_admin"
    assert (await house.api("wang", "GET", "/people/wang")).status_code == 200
    assert len((await house.api("luo", "GET", "/people-changes")).json()["items"]) == before
