"""Secrets lie in files: made once, read by the settings, given to the database's users, never shown."""

import asyncio
import http.server
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from api.identity import Caller, Tokens
from api.keyring import Keyring
from api.settings import Settings as ApiSettings
from engine.compose_file import PROJECT
from engine.compose_process import HERE
from engine.healthcheck import trouble
from engine.ports import any_free
from engine.roles import make_roles
from engine.secret_files import NAMES, make_secrets
from engine.testing import database
from worker.settings import Settings as WorkerSettings
from workflows.keyfile import codec_keys
from workflows.secretfile import PASSWORD_FILE, URL, database_url, secret, with_password


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert all("made" in line for line in make_secrets(folder, owner=None))
    first = {name: (folder / name).read_text() for name in NAMES}
    assert len(set(first.values())) == len(NAMES)
    assert all("kept" in line for line in make_secrets(folder, owner=None))
    assert {name: (folder / name).read_text() for name in NAMES} == first
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in NAMES} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_gives_the_files_to_the_containers_user(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    assert {path.stat().st_uid for path in (tmp_path / "secrets").iterdir()} == {1000}


@pytest.mark.skipif(os.geteuid() in (0, 1000), reason="these two may")
def test_anybody_else_is_told_to_use_sudo(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match="sudo make secrets"):
        make_secrets(tmp_path / "secrets")


def test_both_settings_take_the_password_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "password"
    file.write_text("p@ss/wörd:#\n")
    monkeypatch.setenv(URL, "postgresql://huiyin_app@postgres:5432/huiyin")
    monkeypatch.setenv(PASSWORD_FILE, str(file))
    expected = "postgresql://huiyin_app:p%40ss%2Fw%C3%B6rd%3A%23@postgres:5432/huiyin"
    assert database_url() == ApiSettings.from_environment().database == WorkerSettings.from_environment().database == expected
    monkeypatch.delenv(PASSWORD_FILE)
    assert database_url() == "postgresql://huiyin_app@postgres:5432/huiyin"


def test_an_address_over_a_socket_keeps_its_query() -> None:
    assert with_password("postgresql://huiyin@/huiyin?host=%2Frun", "x") == "postgresql://huiyin:x@/huiyin?host=%2Frun"


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_missing_or_empty_file_is_named_with_its_setting(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match="HUIYIN_DATABASE_PASSWORD_FILE: .*password"):
        secret(file, PASSWORD_FILE)


def test_two_containers_that_start_together_make_one_set_of_keys(tmp_path: Path) -> None:
    """In containers every process is number 1: threads of one process stand for that here."""
    folder, together = tmp_path / "keys", threading.Barrier(8)

    def load(_: int) -> tuple[bytes, ...]:
        together.wait(timeout=30)
        codec = codec_keys(folder).keys["k1"]
        return (codec, *(value for _, value in sorted(Keyring.load(folder).secrets.items())))

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(load, range(8)))
    assert len(found) == 1
    assert found == {load_again(folder)}
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def load_again(folder: Path) -> tuple[bytes, ...]:
    return (codec_keys(folder).keys["k1"], *(value for _, value in sorted(Keyring.load(folder).secrets.items())))


def test_a_token_is_issued_for_an_office_of_this_installation(tmp_path: Path) -> None:
    office = (PROJECT / "examples" / "offices" / "kaiyang.toml").read_text("utf-8").replace('id = "kaiyang"', 'id = "our-centre"')
    (tmp_path / "offices").mkdir()
    (tmp_path / "offices" / "ours.toml").write_text(office, "utf-8")
    env = {**os.environ, "HUIYIN_OFFICES": str(tmp_path / "offices"), "HUIYIN_KEYS": str(tmp_path / "keys")}

    def issue(person: str, where: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "cli.main", "token", "issue", person, where], capture_output=True, text=True, check=False, cwd=PROJECT, env=env, timeout=60)

    good = issue("wang", "our-centre")
    assert good.returncode == 0, good.stderr
    assert Tokens(Keyring.load(tmp_path / "keys"), tmp_path / "revoked").check(f"Bearer {good.stdout.strip()}") == Caller("wang", "our-centre")
    assert issue("wang", "kaiyang").returncode == 2
    assert issue("nobody", "our-centre").returncode == 2


@pytest.mark.database
async def test_roles_get_their_passwords_and_their_own_database_only() -> None:
    async with database(port=any_free()) as running:
        passwords = {"huiyin_app": "one'; drop", "temporal": "two"}
        assert all("made" in line for line in await make_roles(running.url("postgres"), passwords))
        passwords["huiyin_app"] = "changed"
        assert all("updated" in line for line in await make_roles(running.url("postgres"), passwords))

        def url(role: str, password: str, name: str) -> str:
            return with_password(f"postgresql://{role}@{HERE}:{running.cluster.port}/{name}", password)

        ours = await asyncpg.connect(url("huiyin_app", "changed", "huiyin"))
        await ours.execute("create table kept ()")
        rights = await ours.fetchrow("select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'huiyin_app'")
        await ours.close()
        assert tuple(rights) == (False, False, False)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(url("huiyin_app", "one'; drop", "huiyin"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(url("temporal", "two", "huiyin"))
        engines = await asyncpg.connect(url("temporal", "two", "postgres"))
        await engines.execute("create database temporal")
        await engines.close()


class Metrics(http.server.BaseHTTPRequestHandler):
    """What a worker shows of itself."""

    polling = 5

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 503)
        self.end_headers()
        self.wfile.write(f'# HELP temporal_num_pollers x\ntemporal_num_pollers{{queue="a"}} {type(self).polling}\n'.encode())

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def metrics() -> Iterator[str]:
    with http.server.ThreadingHTTPServer((HERE, 0), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{HERE}:{server.server_port}"
        server.shutdown()


async def test_the_health_check_sees_a_worker_that_polls(metrics: str) -> None:
    assert await asyncio.to_thread(trouble, f"{metrics}/metrics", "temporal_num_pollers") == ""
    Metrics.polling = 0
    assert "temporal_num_pollers" in await asyncio.to_thread(trouble, f"{metrics}/metrics", "temporal_num_pollers")
    assert "503" in await asyncio.to_thread(trouble, f"{metrics}/ready")
    assert await asyncio.to_thread(trouble, f"http://{HERE}:{any_free()}/") != ""
