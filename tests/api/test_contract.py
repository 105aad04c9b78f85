"""The description of the API is true: every route is described with examples, and every kind of wrong request is answered in the one shape."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import jsonschema
import pytest

from api.acts import INTERNAL
from api.examples import FILING, FOLLOW
from api.filing import Filing
from domain.acts import ACTS
from tests.api.conftest import Desk

pytestmark = [pytest.mark.engine, pytest.mark.database]
KEYS = {"type", "status", "code", "title", "title_en", "remedy", "remedy_en", "clause"}


async def described(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.http.get("/api/v1/openapi.json")).json()
    return found


def check_problem(answer: httpx.Response, schema: dict[str, Any]) -> None:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    jsonschema.validate(body, schema)
    assert set(body) >= KEYS
    assert body["status"] == answer.status_code
    assert re.search(r"[\u4e00-\u9fff]", body["title"])
    assert body["title_en"].isascii()
    assert body["remedy"]
    assert body["remedy_en"]
    assert "Traceback" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_every_route_is_described_with_examples(desk: Desk) -> None:
    made = await described(desk)
    assert set(made["components"]["securitySchemes"]) == {"token", "receipt"}
    for path, methods in made["paths"].items():
        for method, route in methods.items():
            where = f"{method} {path}"
            assert route["description"], where
            assert {"4XX", "5XX"} <= set(route["responses"]), where
            assert "422" not in route["responses"], f"{where}: the framework's own shape"
            good = [one for status, one in route["responses"].items() if status[0] == "2" and status != "202"]
            assert path.endswith(("{digest}", "{form}", ".xlsx", ".{kind}")) or all("example" in one["content"]["application/json"] for one in good), where
            assert "security" in route, where
            if method == "post" and not path.endswith("/sign-out"):
                assert route["requestBody"]["content"], where
    acts = made["paths"]["/api/v1/complaints/{case_id}/acts/{act}"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert set(acts) == set(ACTS) - INTERNAL
    filing = made["paths"]["/api/v1/complaints"]["post"]["requestBody"]["content"]
    assert set(filing) == {"application/json", "multipart/form-data"}
    text = json.dumps(made)
    refs = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert refs <= set(made["components"]["schemas"])


async def test_the_examples_are_good(desk: Desk) -> None:
    Filing.model_validate(FILING)
    made = await described(desk)
    schemas = made["components"]["schemas"]
    jsonschema.validate(FILING, {**schemas["Filing"], "components": {"schemas": schemas}})
    answer = await desk.http.post("/api/v1/complaints", json=FILING, headers={**desk.as_("wang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"})
    assert answer.status_code == 201, answer.text
    assert set(answer.json()) == set(made["paths"]["/api/v1/complaints"]["post"]["responses"]["201"]["content"]["application/json"]["example"])
    for wish, fields in FOLLOW.items():
        headers = {"X-Receipt-Code": answer.json()["receipt"], "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
        said = await desk.http.post(f"/api/v1/follow/{wish}", json={"fields": fields}, headers=headers)
        assert said.status_code in (200, 409, 422), said.text
        assert said.status_code == 200 or said.json()["code"] not in ("field_unknown", "field_missing", "body_invalid"), said.text


async def test_every_route_answers_wrong_requests_in_one_shape(desk: Desk) -> None:
    made = await described(desk)
    schema = made["components"]["schemas"]["Problem"]
    walked = 0
    for path, methods in made["paths"].items():
        address = re.sub(r"{\w+}", "nothing", path)
        check_problem(await desk.http.request("DELETE", address), schema)
        for method in methods:
            if method == "post":
                sign = desk.as_("wang")
                for content, kind in ((b"{", "application/json"), (b"", "application/json"), (b"[1]", "application/json"), (b"<x/>", "application/xml"), (b"x", "multipart/form-data"), (b"x", "multipart/form-data; boundary=b")):
                    answer = await desk.http.post(address, content=content, headers={**sign, "Content-Type": kind, "Idempotency-Key": "x"})
                    if answer.status_code != 200:
                        check_problem(answer, schema)
                    assert answer.status_code < 500, f"{path} {content!r}: {answer.text}"
                    walked += 1
            signed_in = {"security": made["paths"][path][method]["security"]}
            bare = await desk.http.request(method.upper(), address, headers={"Idempotency-Key": "x", "X-Receipt-Code": "1"}, **({"json": {}} if method == "post" else {}))
            if signed_in["security"] and {} not in signed_in["security"]:
                check_problem(bare, schema)
                assert bare.status_code in (401, 404, 422, 429), f"{path}: {bare.text}"
            walked += 1
    desk.parts.tries.known.clear()
    assert walked > 60


@pytest.mark.parametrize("address", ["/nothing", "/api/v1/nothing", "/api/v2/complaints", "/api/v1/complaints/x/y/z"])
async def test_unknown_addresses(desk: Desk, address: str) -> None:
    schema = (await described(desk))["components"]["schemas"]["Problem"]
    answer = await desk.http.get(address)
    check_problem(answer, schema)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_route")


async def test_characters_that_no_database_holds(desk: Desk) -> None:
    schema = (await described(desk))["components"]["schemas"]["Problem"]
    for address in ("/api/v1/complaints/%00", "/api/v1/complaints?grade=%00", "/api/v1/complaints/%ff", "/api/v1/complaints?cursor=xx", "/api/v1/complaints?limit=0", "/api/v1/complaints?due_before=soon"):
        answer = await desk.http.get(address, headers=desk.as_("wang"))
        check_problem(answer, schema)
        assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid"), address
    strange = await desk.http.get("/api/v1/complaints/'%20or%201=1", headers=desk.as_("wang"))
    assert strange.status_code == 404


async def test_too_much_is_refused_early_and_while_it_streams(desk: Desk) -> None:
    schema = (await described(desk))["components"]["schemas"]["Problem"]
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(400):
            read += 1
            yield b"x" * 65_536

    headers = {**desk.as_("wang"), "Idempotency-Key": "x", "Content-Type": "application/json"}
    early = await desk.http.post("/api/v1/complaints", content=b"x", headers={**headers, "Content-Length": str(300 * 1024 * 1024), "Content-Type": "multipart/form-data; boundary=b"})
    check_problem(early, schema)
    assert (early.status_code, early.json()["code"]) == (413, "too_large")
    late = await desk.http.post("/api/v1/complaints", content=endless(), headers=headers)
    check_problem(late, schema)
    assert late.status_code == 413
    assert read < 40, "the rest is not even read"


async def test_a_fault_of_ours_shows_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    from api.app import application
    from api.settings import Settings

    app = application(Settings("127.0.0.1:1", "x", "postgresql://nobody@127.0.0.1:1/x", desk.parts.vault.folder / "k", desk.parts.vault.folder, 0), {})

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("张秘密 13912345678")

    schema = (await described(desk))["components"]["schemas"]["Problem"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as http:
        answer = await http.get("/broken")
    check_problem(answer, schema)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "秘密" not in answer.text
    assert "ZeroDivisionError at test_contract.py" in caplog.text
    assert "秘密" not in caplog.text


async def test_due_says_why(desk: Desk) -> None:
    ask = {"office": "kaiyang", "start": "2026-09-30", "term": "general", "grade": "general"}
    item = (await desk.http.get("/api/v1/due", params=ask)).json()["items"][0]
    assert [day["day"] for day in item["days"] if day["kind"] == "counted"] == ["2026-10-08", "2026-10-09", "2026-10-10"]
    assert {day["day_kind"] for day in item["days"]} >= {"festival", "make_up"}
    assert item["readings"]
    for wrong, code in (({"office": "nowhere"}, "office_unknown"), ({"start": "soon"}, "body_invalid"), ({"start": "9999-12-31"}, "body_invalid"), ({"colour": "red"}, "value_undefined"), ({"term": "none"}, "value_undefined")):
        answer = await desk.http.get("/api/v1/due", params={**ask, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code), wrong
    books = (await desk.http.get("/api/v1/rulebooks")).json()["items"]
    assert {one["id"] for one in books} == {"district-e-supervision", "kaiyang-one-window"}
    one = (await desk.http.get("/api/v1/rulebooks/kaiyang")).json()
    assert one["term"]["general"]["clause"] == ["六.1"]
