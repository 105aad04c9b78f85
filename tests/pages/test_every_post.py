"""Every address that takes something without naming a case in it is either walked, by everybody and with what would tempt it to talk, or named here with the reason why not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from api import follow
from api import office as office_parts
from tests.api.test_filing import PDF
from tests.pages.doors import NONE, filled, routes
from tests.pages.seeds import Seeded, seed
from tests.pages.test_nothing_shows import PEOPLE, flat, leaks, somebody

pytestmark = [pytest.mark.engine, pytest.mark.database]
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
# What is sent, by address: forms of pages as fields, of the API as JSON. Nothing of it changes a case beyond a refusal, or a call that is noted.
Sent = Callable[[Seeded], Iterable[dict[str, Any]]]
NOT_WALKED = {
    "/sign-in": "nobody is anybody before it: test_entrance", "/sign-out": "ends the session that walks: test_entrance", "/api/v1/sign-out": "closes the token that walks: tests/api/test_tokens",
    "/language": "sets a cookie and sends back to one's own address: test_entrance",
}  # fmt: skip


def once(**fields: Any) -> Sent:
    return lambda _: [fields]


def identities(seeded: Seeded) -> Iterable[dict[str, str]]:
    """The name and telephone of every complainant, of cases and of old records, as somebody might guess them."""
    yield from ({"name": one.identity[0], "telephone": one.identity[3]} for one in seeded.cases)
    yield from ({"name": row.identity[0], "telephone": row.identity[1]} for row in seeded.old)


def several(seeded: Seeded) -> Iterable[dict[str, Any]]:
    yield {"act": "note", "word": "", "key": uuid4().hex, "case": [one.case for one in seeded.cases]}  # a note without words is refused for each by itself
    yield {"act": "accept", "key": uuid4().hex, "case": [row.record for row in seeded.old]}


def looked_for(seeded: Seeded) -> Iterable[dict[str, Any]]:
    for one in identities(seeded):
        yield {"channel": "telephone", "go": "look", "key": uuid4().hex, "i.name": one["name"], "i.telephone": one["telephone"], "r1.unit": "tax", "fact.ground": "g8"}


def words_alike(seeded: Seeded) -> Iterable[dict[str, Any]]:
    yield from ({"text": "。".join(["线索", *one.original]), "ground": "g8", "respondents": [{"unit": "tax", "person": "zhou"}]} for one in seeded.cases)
    yield from ({"identity": one} for one in identities(seeded))


WALKED: dict[str, Sent] = {
    "/away": once(do="nonsense"), "/desk/call": lambda seeded: ({**one, "key": uuid4().hex} for one in identities(seeded)), "/desk/call/{wish}": once(call="eyJ9.00", note="没有来电"),
    "/desk/candidates": looked_for, "/desk/new": looked_for, "/desk/drafts/{draft}/drop": once(), "/file/{office}": once(go="check", text="线索", mode="anonymous"), "/file/{office}/send": once(),
    "/follow": lambda seeded: [{"code": "1" * 20}, {"code": seeded.cases[0].case}], "/follow/file": lambda _: [{"file": NONE}], "/follow/onward": lambda _: [{"seq": str(n)} for n in range(1, 12)], "/follow/{wish}": once(note="", key="walk"),
    "/imports": once(reason="试试"), "/imports/{name}/mapping": once(how="toml", toml="=="), "/imports/{name}/run": once(report=NONE), "/old-records/{name}/identity": once(reason="核对旧件"),
    "/me/password": once(old="", new="", again=""), "/people": once(id="X", name="", reason=""), "/people/{person}": once(do="nonsense", reason="试试"), "/register/acts": several, "/register/views": once(name=""),
    "/rules/confirm": once(sha256=NONE, reason="试试"), "/rules/withdraw": once(reason=""),
    "/api/v1/candidates": words_alike, "/api/v1/complaints": once(office="nowhere", channel="web"), "/api/v1/follow/{wish}": lambda _: [{"fields": {"nonsense": "x"}}], "/api/v1/imports": once(), "/api/v1/imports/{name}/mapping": once(columns={"编号": "nonsense"}),
    "/api/v1/imports/{name}/run": once(report=NONE), "/api/v1/lookups": lambda seeded: ({"kind": kind, "value": value, "reason": "核对来电"} for one in identities(seeded) for kind, value in one.items()), "/api/v1/offices/{office}/ledger/acts/{act}": lambda _: [{"fields": {}}],
    "/api/v1/offices/{office}/versions/confirm": once(sha256=NONE, reason="试试"), "/api/v1/offices/{office}/versions/withdraw": once(reason=""), "/api/v1/old-records/{name}/identity": once(reason="核对旧件"),
    "/api/v1/people/{person}/changes": once(what="posts", reason=""), "/api/v1/people/{person}/account": once(do="disable", reason=""), "/api/v1/views": once(name="", wish={}), "/api/v1/views/{name}": once(),
}  # fmt: skip
FORMS = frozenset({"/desk/new", "/imports", "/follow/{wish}", "/file/{office}/send", "/api/v1/imports"})  # sent as forms with a file too
REASONED = ("/identity",)  # doors that a reason opens


def without_a_case(app: Any) -> list[tuple[str, str]]:
    return [(method, path) for method in CHANGING for path in routes(app, method) if "{case_id}" not in path]


@pytest.fixture(scope="module")
async def seeded(desk: Any) -> AsyncIterator[Seeded]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(office_parts, "LEAST", 0.0)
        patch.setattr(follow, "LEAST", 0.0)
        patch.setattr("api.pages.calls.LEAST", 0.0)
        yield await seed(desk)
    desk.parts.laws.offices.pop("community", None)


async def test_every_address_is_walked_or_named_with_its_reason(desk: Any) -> None:
    known = {path for _, path in without_a_case(desk.http._transport.app)}
    assert known == set(WALKED) | set(NOT_WALKED)
    assert set(WALKED).isdisjoint(NOT_WALKED)
    assert set(WALKED) >= FORMS


async def walk(seeded: Seeded, http: httpx.AsyncClient, look: set[str], opened: set[str]) -> tuple[list[str], set[str], set[str]]:
    """Every door with all that is sent to it: what leaked, which secrets were seen where they may be, which doors answered."""
    app: Any = seeded.desk.http._transport.app  # type: ignore[attr-defined]
    found: list[str] = []
    seen: set[str] = set()
    doors: set[str] = set()
    for method, template in without_a_case(app):
        if template in NOT_WALKED:
            continue
        for path in dict.fromkeys(one.partition("?")[0] for one in filled(template, seeded)):
            for data in WALKED[template](seeded):
                for as_form in (False, True) if template in FORMS else (False,):
                    seeded.desk.parts.tries.known.clear()
                    answer = await _send(http, method, path, data, as_form=as_form)
                    assert answer.status_code < 500 or answer.status_code == 503, (path, answer.text[:500])
                    content, where = flat(answer), f"{path}?{urlencode(data, doseq=True)}"
                    doors.add(template)
                    found += leaks(seeded, opened if path.endswith(REASONED) else look, where, content)
                    seen |= {one for one in opened if one.encode() in content}
    return found, seen, doors


async def _send(http: httpx.AsyncClient, method: str, path: str, data: dict[str, Any], *, as_form: bool) -> httpx.Response:
    if as_form:
        fields = [(name, (None, str(value).encode())) for name, value in data.items() if not isinstance(value, dict)]
        return await http.post(path, files=[*fields, ("files", ("x.pdf", PDF))])
    if method == "DELETE":
        return await http.delete(path)
    headers = {"Idempotency-Key": uuid4().hex}
    return await (http.post(path, json=data, headers=headers) if path.startswith("/api/") else http.post(path, data=data))


@pytest.mark.parametrize(("office", "person"), PEOPLE)
async def test_nobody_of_an_office_is_told_what_the_view_closes(seeded: Seeded, office: str, person: str) -> None:
    look, opened = await seeded.allowed(office, person)
    async with somebody(seeded, office, person) as http:
        found, seen, doors = await walk(seeded, http, look, opened)
    assert found == []
    assert doors == set(WALKED)
    if (office, person) == ("kaiyang", "zhao"):  # the walk finds what is there
        plain = seeded.old[2]
        assert {*plain.identity, *plain.original} <= seen
        assert {one.number for one in seeded.cases[:2] if one.number} <= seen, "looked for by name and telephone, found by who may"


@pytest.mark.parametrize("follows", [None, 0])
async def test_complainants_and_strangers_are_told_nothing(seeded: Seeded, follows: int | None) -> None:
    look, opened = await seeded.allowed("kaiyang" if follows is not None else "", "", follows=seeded.cases[0].case if follows is not None else "")
    async with somebody(seeded, "kaiyang", "", follows=follows) as http:
        found, _, doors = await walk(seeded, http, look, opened)
    assert found == []
    assert doors == set(WALKED)


async def test_the_walk_has_filed_nothing(seeded: Seeded) -> None:
    async with somebody(seeded, "kaiyang", "zhao") as http:
        before = await seeded.desk.pool.fetchval("select count(*) from cases")
        await walk(seeded, http, *await seeded.allowed("kaiyang", "zhao"))
        assert await seeded.desk.pool.fetchval("select count(*) from cases") == before
