"""Sealed things: opened with a reason, by those whose view holds them, and every look is in the log."""

import pytest

from api.keyring import Destroyed, Keyring
from api.receipts import index_of, receipt
from api.sealing import digests, normalised, seal, unseal
from api.words import opened
from cli.keys import Refusal, destroy, overwrite
from tests.api.conftest import Desk
from tests.api.test_api import NAME, PHONE, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]


async def test_a_caller_is_found_by_digest_with_a_reason(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    wish = {"kind": "telephone", "value": "+86 139-1234-5678", "reason": "来电人称曾投诉过"}
    found = await desk.http.post("/api/v1/lookups", json=wish, headers=desk.as_("wang"))
    assert case in [item["case"] for item in found.json()["items"]]
    assert (await desk.http.post("/api/v1/lookups", json=wish, headers=desk.as_("liu"))).status_code == 403
    assert await desk.pool.fetchval("select count(*) from reader_log where person = 'wang' and what = 'lookup'") >= 1


async def test_identity_opens_for_the_clerk_only_and_is_logged(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    opened = await desk.http.post(f"/api/v1/complaints/{case}/identity", json={"reason": "回电核实"}, headers=desk.as_("wang"))
    assert opened.json()["identity"] == {"name": NAME, "telephone": PHONE}
    closed = await desk.http.post(f"/api/v1/complaints/{case}/identity", json={"reason": "好奇"}, headers=desk.as_("zhou"))
    assert closed.status_code == 404
    assert await desk.pool.fetchval("select reason from reader_log where case_id = $1", case) == "回电核实"


def test_keys_receipts_and_seals(tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = Keyring.load(tmp_path_factory.mktemp("keys"))
    code = receipt(keys, "case-1")
    assert code == receipt(keys, "case-1") != receipt(keys, "case-2")
    digits = code.replace(" ", "")
    assert index_of(keys, code) == index_of(keys, digits)
    for place in range(20):
        wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert index_of(keys, wrong) == ""
    assert unseal(keys, seal(keys, "district", 2025, {"identity": {"name": NAME}})) == {"identity": {"name": NAME}}
    assert normalised("telephone", "+86 139 1234 5678") == normalised("telephone", "13912345678")
    assert digests(keys, "a", {"name": NAME}) != digests(keys, "b", {"name": NAME})


async def test_a_years_key_is_destroyed_by_two_people_and_takes_identities_along(desk: Desk, database: str) -> None:
    case = (await filed(desk))["case"]
    year = int(await desk.pool.fetchval("select extract(year from received_at at time zone interval '8 hours') from cases where case_id = $1", case))
    keys, known = desk.parts.keys, {"wang", "liu"}
    with pytest.raises(Refusal, match="two different"):
        await destroy(keys, database, "district", year, ("wang", "wang"), "到期", known)
    with pytest.raises(Refusal, match="not archived"):
        await destroy(keys, database, "district", year, ("wang", "liu"), "到期", known)
    sealed = seal(keys, "district", 1999, {"words": NAME})
    await destroy(keys, database, "district", 1999, ("wang", "liu"), "保管期满", known)
    with pytest.raises(Destroyed):
        unseal(keys, sealed)
    with pytest.raises(Destroyed):
        seal(keys, "district", 1999, {"words": NAME})
    assert NAME not in str(opened(keys, {"said": sealed}))
    assert await desk.pool.fetchval("select person from reader_log where what = 'key_destroyed'") == "wang+liu"
    again = await desk.http.post(f"/api/v1/complaints/{case}/identity", json={"reason": "回电核实"}, headers=desk.as_("wang"))
    assert again.json()["identity"]["name"] == NAME, "other years are untouched"
    path = keys.seal_file(f"district:{year}")
    held = path.read_bytes()
    try:
        overwrite(path)
        gone = await desk.http.post(f"/api/v1/complaints/{case}/identity", json={"reason": "回电核实"}, headers=desk.as_("wang"))
        assert (gone.status_code, gone.json()["code"]) == (410, "disposed")
    finally:
        path.write_bytes(held)
