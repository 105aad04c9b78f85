"""Tokens: signed, short-lived, revocable; every process honours a revocation, from its cache when the record is away."""

import asyncio
import time
from pathlib import Path

import asyncpg
import jwt
import pytest

from api import accounts
from api.errors import Problem
from api.identity import Caller, Tokens
from api.keyring import Keyring
from api.revoked import Revoked, publish
from tests.api.conftest import Desk

pytestmark = [pytest.mark.engine, pytest.mark.database]


def bearer(token: str) -> str:
    return f"Bearer {token}"


async def test_two_hosts_share_what_is_revoked(desk: Desk, database: str, tmp_path: Path) -> None:
    keys = Keyring.load(tmp_path / "keys")
    here, there = Tokens(keys, tmp_path / "here"), Tokens(keys, tmp_path / "there")
    token, other = here.issue("wang", "district"), here.issue("li", "district")
    assert here.check(bearer(token)) == there.check(bearer(token)) == Caller("wang", "district")
    assert here.revoke(token)
    with pytest.raises(Problem):
        here.check(bearer(token))
    assert there.check(bearer(token)).person == "wang", "not yet"
    await here.revoked.refresh(desk.pool)
    await there.revoked.refresh(desk.pool)
    with pytest.raises(Problem):
        there.check(bearer(token))
    assert there.check(bearer(other)).person == "li"
    again = Tokens(keys, tmp_path / "there")  # started anew while the record is away: its own file remembers
    with pytest.raises(Problem):
        again.check(bearer(token))
    assert not await publish(again.revoked, "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Problem):
        again.check(bearer(token))


async def test_expired_revocations_drop_out(desk: Desk, tmp_path: Path) -> None:
    revoked = Revoked(tmp_path / "revoked")
    revoked.add("old", int(time.time()) - 5)
    revoked.add("new", int(time.time()) + 500)
    await desk.pool.execute("insert into revoked_tokens (jti, expires) values ('ancient', now() - interval '3 days') on conflict do nothing")
    await revoked.refresh(desk.pool)
    assert "old" not in revoked
    assert "new" in revoked
    assert await desk.pool.fetchval("select count(*) from revoked_tokens where jti in ('ancient', 'old')") == 0
    kept = {line.split()[0] for line in (tmp_path / "revoked").read_text().splitlines()}
    assert "new" in kept
    assert not {"old", "ancient"} & kept
    assert (tmp_path / "revoked").stat().st_mode & 0o077 == 0


async def test_whoever_signs_out_is_out(desk: Desk) -> None:
    headers = desk.as_("wang")
    assert (await desk.http.post("/api/v1/sign-out", headers=headers)).json() == {"signed_out": True}
    answer = await desk.http.get("/api/v1/tasks", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_what_is_no_token_is_no_token(desk: Desk, tmp_path: Path) -> None:
    keys = desk.parts.keys
    stranger = Keyring.load(tmp_path / "other")
    claims = {"iss": "huiyin", "sub": "wang", "office": "district", "exp": int(time.time()) + 100, "jti": "x"}
    bad = [
        Tokens(stranger, tmp_path / "r").issue("wang", "district"), desk.parts.tokens.issue("wang", "district", -1), desk.parts.tokens.issue("nobody", "district"),
        desk.parts.tokens.issue("wang", "nowhere"), jwt.encode(claims, "", algorithm="none"), jwt.encode(claims, keys.public("token") * 2, algorithm="HS512"),
        jwt.encode({k: v for k, v in claims.items() if k != "exp"}, keys.signer("token"), algorithm="EdDSA"), "x", "",
    ]  # fmt: skip
    for token in bad:
        answer = await desk.http.get("/api/v1/tasks", headers={"Authorization": bearer(token)})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert not desk.parts.tokens.revoke("x")


async def test_a_refresh_without_its_table_is_no_end(database: str, tmp_path: Path) -> None:
    async with asyncpg.create_pool(database, min_size=0, max_size=1, server_settings={"search_path": "pg_catalog"}) as pool:
        with pytest.raises(asyncpg.UndefinedTableError):
            await Revoked(tmp_path / "revoked").refresh(pool)


async def test_a_disabled_account_closes_its_tokens_everywhere(desk: Desk, tmp_path: Path) -> None:
    keys, office = Keyring.load(tmp_path / "keys"), "district"
    here, there = Tokens(keys, tmp_path / "here"), Tokens(keys, tmp_path / "there")
    await accounts.give(desk.pool, office, "tang", "sample password 2", by="test", must_change=False)
    token, other = here.issue("tang", office), here.issue("wu", office)
    assert await accounts.able(desk.pool, office, "tang", able=False, by="test")
    await there.revoked.refresh(desk.pool)
    with pytest.raises(Problem):
        there.check(bearer(token))
    with pytest.raises(Problem):
        there.check(bearer(here.issue("tang", office, 7200)))  # none is good while the account is disabled
    assert there.check(bearer(other)) == Caller("wu", office)
    assert there.check(bearer(here.issue("tang", "kaiyang"))).office == "kaiyang", "the same name in another office is another person"
    again = Tokens(keys, tmp_path / "there")  # started anew while the record is away
    with pytest.raises(Problem):
        again.check(bearer(token))
    assert await accounts.able(desk.pool, office, "tang", able=True, by="test")
    await there.revoked.refresh(desk.pool)
    with pytest.raises(Problem):
        there.check(bearer(token))
    assert there.check(bearer(here.issue("tang", office))).person == "tang"


async def test_tokens_end_within_a_second_of_the_account(desk: Desk) -> None:
    office, person = "district", "wu"
    await accounts.give(desk.pool, office, person, "sample password 2", by="test", must_change=False)
    headers = desk.as_(person)
    assert (await desk.http.get("/api/v1/tasks", headers=headers)).status_code == 200
    await accounts.able(desk.pool, office, person, able=False, by="another host")
    began = time.monotonic()
    while (await desk.http.get("/api/v1/tasks", headers=headers)).status_code == 200:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.05)
    await accounts.able(desk.pool, office, person, able=True, by="test")
    await desk.parts.tokens.revoked.refresh(desk.pool)
    assert (await desk.http.get("/api/v1/tasks", headers=headers)).status_code == 401
    assert (await desk.http.get("/api/v1/tasks", headers=desk.as_(person))).status_code == 200
