"""A complainant's name, numbers, address and words are nowhere in clear: not in either database, a log, an id, a file, a mail or an answer to others."""

import sqlite3
from uuid import uuid4

import httpx
import pytest

from tests.faults.search import encodings, executions, files, hits, tables
from tests.faults.site import Site
from tests.faults.walk import FILING, Walk

pytestmark = [pytest.mark.engine, pytest.mark.database, pytest.mark.faults]
NAME, PHONE, NUMBER, HOME = "欧阳碧霄", "13976540123", "110105198803071234", "朝云巷七十三号"
WORDS = "半夜被锁在天台之上"
SECRETS = (NAME, PHONE, NUMBER, HOME, WORDS)
CONTROL = "对照词玉衡"
FILED = {
    **FILING, "text": f"{NAME}住{HOME},{WORDS},电话{PHONE},证件{NUMBER}。",
    "identity": {"name": NAME, "telephone": PHONE, "id_number": NUMBER, "address": HOME},
}  # fmt: skip


def test_the_search_finds_each_encoding() -> None:
    for how, coded in encodings(NAME).items():
        assert hits([NAME], [("here", b"before" + coded + b"after")]), how
    assert not hits([NAME], [("here", "欧阳修".encode())])


async def test_nothing_of_a_complainant_is_in_clear_anywhere(place: Site) -> None:
    walk = await Walk(place, f"secret-{uuid4().hex}").file(FILED)
    receipt = next(answer.json()["receipt"] for answer in reversed(place.told) if "receipt" in answer.text and walk.case in answer.text)
    others = len(place.told)
    path = f"/api/v1/complaints/{walk.case}"
    answers = await _mistakes(place, path)
    await walk.to("approve")
    paper = [("files", ("x.txt", FILED["text"].encode()))]
    answers.append(await place.http.post(f"{path}/attachments", files=paper, headers={**place.as_("wang"), "Idempotency-Key": "paper", "Prefer": "wait=20"}))
    assert answers[-1].status_code in (200, 202), answers[-1].text
    gone = await place.kill("worker")
    await walk.to("conclude")
    await place.back("worker", gone)
    follow = {"X-Receipt-Code": receipt, "Idempotency-Key": "more", "Prefer": "wait=20"}
    answers.append(await place.http.get("/api/v1/follow", headers=follow))
    answers += [await place.http.get(f"/api/v1{where}", headers=place.as_(who)) for who in ("zhou", "liu", "he", "shen", "wang", "li") for where in ("/complaints", "/tasks", "/inbox", f"/complaints/{walk.case}", f"/complaints/{walk.case}/timeline")]
    await walk.finish()

    home = place.running.folder
    with sqlite3.connect(home.engine / "temporal.db") as engine:
        engine.execute("pragma wal_checkpoint")
    said = [(f"answer {answer.request.method} {answer.status_code}", answer.content + str(answer.headers).encode()) for answer in (*answers, *place.told[others:])]
    mails = [("mail", mail.raw + mail.text.encode()) for mail in place.mail.mails]
    kept = [*files(home.engine, home.logs, home.files, home.cluster), *await tables(place.pool), *await executions(place.client)]
    assert len(kept) > 200
    assert mails
    assert not hits(SECRETS, [*kept, *said, *mails])


async def test_a_planted_word_is_found_in_table_and_file(place: Site) -> None:
    walk = await Walk(place, f"planted-{uuid4().hex}").file()
    await walk.to("register")
    fields = {"forms": {"register": {"content": CONTROL}}}  # a form stays readable in the record
    planted = await place.ask("POST", f"/complaints/{walk.case}/acts/register", "register", "wang", json={"fields": fields})
    assert planted.status_code == 200
    (place.running.folder.logs / "planted.log").write_bytes(CONTROL.encode("gb18030"))
    found = hits([CONTROL], [*await tables(place.pool), *files(place.running.folder.logs)])
    assert any(one.startswith("table events") for one in found), found
    assert any("planted.log" in one and "gb18030" in one for one in found), found


async def _mistakes(place: Site, path: str) -> list[httpx.Response]:
    """Requests that are wrong in every way and hold the name: what is said about them must not."""
    key, answers = {"Idempotency-Key": uuid4().hex}, []
    wrong = [
        ("POST", "/api/v1/complaints", {**FILED, "channel": ["x", NAME]}, place.as_("wang")),
        ("POST", "/api/v1/complaints", {**FILED, "office": NAME}, place.as_("wang")),
        ("POST", f"{path}/acts/{NAME}", {"fields": {}}, place.as_("wang")),
        ("POST", f"{path}/identity", {"reason": 7, "x": NAME}, place.as_("zhou")),
        ("POST", "/api/v1/lookups", {"kind": NAME, "value": PHONE, "reason": "x"}, place.as_("wang")),
        ("GET", f"/api/v1/complaints/{NAME}", None, place.as_("wang")),
    ]
    for method, where, body, headers in wrong:
        answer = await place.http.request(method, where, json=body, headers={**key, **headers})
        assert 400 <= answer.status_code < 500, (where, answer.status_code)
        answers.append(answer)
    return answers
