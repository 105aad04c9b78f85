"""The administrator's commands in processes of their own: migrate, token, export, replay from the file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import library
from tests.api.conftest import Desk
from tests.api.test_api import act, filed

pytestmark = [pytest.mark.engine, pytest.mark.database]


def huiyin(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cli.main", *words], capture_output=True, text=True, check=False, cwd=library.ROOT, timeout=60, env={**os.environ, **env})


async def test_export_then_replay_from_the_file_alone(desk: Desk, engine: str, database: str, home: Path, tmp_path: Path) -> None:
    import asyncio

    case = (await filed(desk))["case"]
    await act(desk, case, "wang", "accept")
    env = {"HUIYIN_ENGINE_ADDRESS": engine, "HUIYIN_NAMESPACE": "huiyin-test", "HUIYIN_DATABASE_URL": database, "HUIYIN_KEYS": str(home / "keys"), "PYTHONWARNINGS": "ignore"}
    assert (await asyncio.to_thread(huiyin, env, "db", "migrate")).returncode == 0
    kept = tmp_path / "history.json"
    exported = await asyncio.to_thread(huiyin, env, "audit", "export", case, str(kept))
    assert exported.returncode == 0, exported.stderr
    offline = {**env, "HUIYIN_ENGINE_ADDRESS": "127.0.0.1:1"}
    replayed = await asyncio.to_thread(huiyin, offline, "audit", "replay", case, "--history", str(kept))
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert "sound" in replayed.stdout
    both = await asyncio.to_thread(huiyin, env, "audit", "replay", case, "--all")
    assert both.returncode == 2
    assert "--all" in both.stderr
    nothing = await asyncio.to_thread(huiyin, {**offline, "HUIYIN_FILES": str(tmp_path)}, "audit", "replay", case)
    assert (nothing.returncode, "could not check" in nothing.stdout) == (2, True), nothing.stdout + nothing.stderr
    token = await asyncio.to_thread(huiyin, env, "token", "issue", "wang", "district")
    answer = await desk.http.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token.stdout.strip()}"})
    assert answer.status_code == 200
    assert (await asyncio.to_thread(huiyin, env, "token", "issue", "nobody", "district")).returncode == 2
    closed = await asyncio.to_thread(huiyin, env, "token", "revoke", token.stdout.strip())
    assert closed.returncode == 0, closed.stderr
    assert (await desk.http.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token.stdout.strip()}"})).status_code == 401
    assert await desk.pool.fetchval("select count(*) from revoked_tokens where expires > now()") >= 1, "every other host reads it there"
    assert (await asyncio.to_thread(huiyin, env, "token", "revoke", "nonsense")).returncode == 2
