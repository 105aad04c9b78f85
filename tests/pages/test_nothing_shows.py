"""200 secrets are looked for, in every encoding, in every answer that anybody of an office, of another office, or of none can get: found only where the core's view holds them."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest

from api import follow, queries
from api import office as office_parts
from api.identity import Caller
from api.pages.live import Look, Pulse, _stream
from api.pages.visitor import Visitor
from domain.core import reader_of
from tests.faults.search import encodings, hits
from tests.pages.conftest import SAME_SITE
from tests.pages.doors import filled, routes
from tests.pages.seeds import MARK, NUMBER, Seeded, cookie, seed
from tests.pages.test_live import _request

pytestmark = [pytest.mark.engine, pytest.mark.database]
# Everybody whom an office knows, by what they are to the cases.
PEOPLE = (
    ("kaiyang", "wang"), ("kaiyang", "zhao"), ("kaiyang", "sun"), ("kaiyang", "he"), ("kaiyang", "fang"), ("kaiyang", "tang"), ("kaiyang", "zhou"), ("kaiyang", "wu"), ("kaiyang", "chen"), ("kaiyang", "lu"), ("kaiyang", "luo"),
    ("kaiyang", "shen"), ("community", "lin"), ("community", "qiao"), ("community", "fan"), ("community", "bao"), ("community", "hua"), ("community", "song"), ("community", "pan"), ("community", "shen"), ("district", "wang"),
)  # fmt: skip
# Addresses that send on or end something, and prove nothing by being asked a second time.
ENDS = frozenset({"/sign-out", "/api/v1/sign-out", "/sign-in"})
MARKS = [coded for word in (MARK, NUMBER) for coded in encodings(word).values() if len(coded) > 3]


@pytest.fixture(scope="module")
async def seeded(desk: Any) -> AsyncIterator[Seeded]:
    with pytest.MonkeyPatch.context() as patch:  # thousands of refusals, and this is about their words; test_closed_is_absent sees to their time
        patch.setattr(office_parts, "LEAST", 0.0)
        patch.setattr(follow, "LEAST", 0.0)
        yield await seed(desk)
    desk.parts.laws.offices.pop("community", None)


@asynccontextmanager
async def somebody(seeded: Seeded, office: str, person: str, follows: int | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser and a program of one person at once: the cookie for pages, the token for the API; a complainant with their code."""
    headers = dict(SAME_SITE)
    if person:
        headers |= seeded.desk.as_(person, office)
    if follows is not None:
        headers["X-Receipt-Code"] = seeded.cases[follows].receipt
    async with httpx.AsyncClient(transport=httpx.ASGITransport(seeded.desk.http._transport.app), base_url="http://huiyin", headers=headers) as one:  # type: ignore[attr-defined]
        if person or follows is not None:
            one.cookies.set("huiyin", await cookie(seeded.desk, office, person or "complainant", seeded.cases[follows].case if follows is not None else ""))
        yield one


def flat(answer: httpx.Response) -> bytes:
    """All that an answer says: its body, the members of a file that is an archive, its headers."""
    content = answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    return content + b"\n" + "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()


def leaks(seeded: Seeded, may: set[str], where: str, content: bytes) -> list[str]:
    """Secrets, cases and numbers in an answer that its reader may not know; what they asked for by name themselves is no news to them."""
    wanted = [one for one in seeded.existence if one not in may and one not in unquote(where)]
    if any(mark in content for mark in MARKS):
        wanted += [one for one in seeded.secrets if one not in may and one not in unquote(where)]
    return hits(wanted, [(where, content)])


async def walk(seeded: Seeded, http: httpx.AsyncClient, look: set[str], opened: set[str]) -> tuple[list[str], set[str], int]:
    """Every door: what leaked, which secrets were seen where they may be, how many answers there were."""
    app: Any = seeded.desk.http._transport.app  # type: ignore[attr-defined]
    found: list[str] = []
    seen: set[str] = set()
    count = 0
    for template in routes(app, "GET"):
        if template == "/live":
            continue  # it never ends: test_a_stream_tells_no_more
        for path in filled(template, seeded):
            seeded.desk.parts.tries.known.clear()
            answer = await http.get(path, follow_redirects=False)
            assert answer.status_code < 500, (path, answer.text[:500])
            content = flat(answer)
            count += 1
            found += leaks(seeded, look, path, content)
            seen |= {one for one in look if one.encode() in content}
    for path, data, may in posts(seeded, app):
        answer = await (http.post(path, json=data) if path.startswith("/api/") else http.post(path, data=data))
        assert answer.status_code < 500, (path, answer.text[:500])
        content = flat(answer)
        count += 1
        found += leaks(seeded, opened if may else look, path, content)
        seen |= {one for one in opened if one.encode() in content}
    return found, seen, count


def posts(seeded: Seeded, app: Any) -> list[tuple[str, dict[str, Any], bool]]:
    """What can be sent without changing a case: doors with a reason, forms with the identity, wrong and stale acts, repeats looked for."""
    made: list[tuple[str, dict[str, Any], bool]] = []
    for template in routes(app, "POST"):
        if "{case_id}" not in template or template.endswith(("/files", "/attachments")):
            continue
        act = template.endswith("/acts/{act}") or template.startswith("/desk/paper")
        paths = [path.replace("{act}", "accept") for path in filled(template.replace("{act}", "accept") if act else template, seeded)]
        data = {"version": "0", "key": uuid4().hex, "reason": "核对情况"} if not template.startswith("/api/") else {"fields": {"nonsense": "x"}} if act else {"reason": "核对情况", "identity": True}
        if "/forms/" in template:
            data["identity"] = "1"
        made += [(path, data, True) for path in paths]
    facts = {"respondents": [{"unit": "tax", "person": "zhou"}], "ground": "g8"}
    made += [("/desk/candidates", {"r1.unit": unit, "fact.ground": "g8", "channel": "telephone"}, False) for unit in ("tax", "housing", "labour")]
    made += [("/api/v1/candidates", facts, False), ("/follow", {"code": "00000000000000000000"}, False)]
    return made


def test_a_secret_is_found_in_each_encoding() -> None:
    for word in (f"{MARK}的一是了", f"{NUMBER}12345"):
        for how, coded in encodings(word).items():
            assert hits([word], [("here", b"<p>" + coded + b"</p>")]), how
            assert any(mark in coded for mark in MARKS), f"{how}: the quick look would pass it over"


async def test_there_are_two_hundred(seeded: Seeded) -> None:
    assert len(set(seeded.secrets)) >= 200
    assert all(one.startswith((MARK, NUMBER)) for one in seeded.secrets)
    assert len(seeded.existence) > len(seeded.cases), "some have a register number"
    accused = await seeded.allowed("community", "fan")
    assert seeded.cases[5].case not in accused[0], "an accusation that its unit may not know of"


@pytest.mark.parametrize(("office", "person"), PEOPLE)
async def test_a_person_of_an_office_reads_what_the_view_holds(seeded: Seeded, office: str, person: str) -> None:
    look, opened = await seeded.allowed(office, person)
    async with somebody(seeded, office, person) as http:
        found, seen, count = await walk(seeded, http, look, opened)
    after, later = await seeded.allowed(office, person)
    assert (look, opened) == (after, later), "nothing that was asked has changed a case"
    assert count > 150
    assert found == []
    if (office, person) == ("kaiyang", "wang"):  # the search finds what is there: what may be read was read
        assert len(seen & set(seeded.secrets)) > 20
        assert set(seeded.parked) <= seen


async def test_a_complainant_reads_their_own_case_and_no_other(seeded: Seeded) -> None:
    look, opened = await seeded.allowed("kaiyang", "", follows=seeded.cases[0].case)
    assert seeded.cases[0].number in look
    assert look <= {seeded.cases[0].number, *seeded.cases[0].secrets}
    async with somebody(seeded, "kaiyang", "", follows=0) as http:
        found, seen, _ = await walk(seeded, http, look, opened)
    assert found == []
    assert seeded.cases[0].number in seen


async def test_nobody_reads_nothing(seeded: Seeded) -> None:
    assert await seeded.allowed("", "") == (set(), set())
    async with somebody(seeded, "", "") as http:
        found, _, count = await walk(seeded, http, set(), set())
    assert count > 150
    assert found == []


@pytest.mark.parametrize(("office", "person"), PEOPLE)
async def test_a_count_is_the_number_of_cases_that_the_view_holds(seeded: Seeded, office: str, person: str) -> None:
    look, _ = await seeded.allowed(office, person)
    mine = {one.case for one in seeded.cases if one.case in look}
    async with somebody(seeded, office, person) as http:
        answer = (await http.get("/api/v1/complaints?limit=200")).json()
    listed = {item["id"] for item in answer["items"]}
    assert answer["total"] == len(listed)
    assert listed & {one.case for one in seeded.cases} == mine


@pytest.mark.parametrize(("office", "person"), PEOPLE)
async def test_a_stream_tells_no_more(seeded: Seeded, office: str, person: str) -> None:
    look, _ = await seeded.allowed(office, person)
    here = seeded.desk.parts
    law = here.laws.offices[office]
    cases = await queries.cases_of(here.pool, [one.case for one in seeded.cases])
    of: dict[str, list[str]] = {}
    for one in seeded.cases:
        of.setdefault(one.office, []).append(one.case)
    pulse = Pulse(here)
    stream = _stream(_request(seeded.desk, await cookie(seeded.desk, office, person)), here, pulse, Visitor(Caller(person, office), reader_of(person, law), law, "zh"))
    text = [await anext(stream)]
    pulse._tell(Look(of, cases))
    mine = [one.case for one in seeded.cases if one.case in look]
    for _ in mine:
        text.append(await asyncio.wait_for(anext(stream), 20))
    await stream.aclose()  # type: ignore[attr-defined]
    assert leaks(seeded, look, "/live", "".join(text).encode()) == []
    assert all(any(case in one for one in text) for case in mine)


@pytest.mark.parametrize(("office", "person"), [one for one in PEOPLE if one[0] == "kaiyang"])
async def test_a_search_of_old_records_finds_a_word_only_for_who_may_read_it(seeded: Seeded, office: str, person: str) -> None:
    look, _ = await seeded.allowed(office, person)
    async with somebody(seeded, office, person) as http:
        for row in seeded.old:
            for word in (*row.identity, *row.original):
                answer = (await http.get("/api/v1/old-records", params={"q": word})).json()
                found = [one["id"] for one in answer["items"]]
                assert set(found) <= ({row.record} if word in look else set()), word
                assert (answer["total"] or 0) == len(found), "a count is an answer too"
                page = (await http.get("/old-records", params={"q": word})).text
                assert (row.record in page) == (row.record in found)


async def test_some_old_records_were_found_and_opened_by_who_may(seeded: Seeded) -> None:
    look, opened = await seeded.allowed("kaiyang", "zhao")
    plain = seeded.old[2]
    assert plain.original[1] in look, "how it ended is shown with the original"
    assert {*plain.identity, plain.original[0]} <= opened
    async with somebody(seeded, "kaiyang", "zhao") as http:
        assert [one["id"] for one in (await http.get("/api/v1/old-records", params={"q": plain.original[1]})).json()["items"]] == [plain.record]
        told = (await http.post(f"/api/v1/old-records/{plain.record}/identity", json={"reason": "核对旧件"})).text
    assert plain.identity[0] in told
    accused, _ = await seeded.allowed("kaiyang", "wang")
    assert seeded.old[1].original[1] not in accused, "whom it accuses does not read it"
