"""`huiyin calendar add` and `huiyin case` as an administrator types them, in processes of their own, on a real engine and database."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import library
from cli.doctor import waiting
from tests.workflows.rig import Rig
from tests.workflows.test_revision import GRADE, OFFICE, Office, about_the_end, law_without, office
from tests.workflows.test_worker import worker
from workflows.keyfile import codec_keys

pytestmark = [pytest.mark.engine, pytest.mark.database]


class Desk:
    """The commands of one installation."""

    def __init__(self, engine: str, database: str, home: Path, namespace: str) -> None:
        self.env = {
            "HUIYIN_HOME": str(home), "HUIYIN_ENGINE_ADDRESS": engine, "HUIYIN_DATABASE_URL": database, "HUIYIN_NAMESPACE": namespace, "PYTHONWARNINGS": "ignore",
        }  # fmt: skip

    async def __call__(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "cli.main", *words]
        own = {**os.environ, **self.env, **env}
        return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False, cwd=library.ROOT, timeout=180, env=own)


def notice(folder: Path, first: Any, last: Any, name: str = "year.toml") -> Path:
    path = folder / name
    path.write_text(
        f'year = {first.year}\nnumber = "国办发明电〔{first.year - 1}〕9号"\nissued_on = {first.year - 1}-11-20\n'
        f'off = [{{ zh = "演示假", en = "sample", first = {first}, last = {last} }}]\n',
        encoding="utf-8",
    )
    return path


async def test_an_administrator_publishes_a_year(rig: Rig, engine: str, database: str, tmp_path: Path) -> None:
    year = about_the_end().year
    here: Office = await office(rig, engine, tmp_path, law_without(year), "huiyin-command", OFFICE)
    case, plain = here.ids(2)
    huiyin = Desk(engine, database, tmp_path, "huiyin-command")
    known = [] if all(one["year"] != year for one in library.calendars()) else ["--replace", "--reason", "测试"]
    async with worker(engine, database, tmp_path / "keys", HUIYIN_NAMESPACE="huiyin-command"):
        await here.complex_case(case)
        await here.complex_case(plain, "general")
        for one in (case, plain):
            await rig.answer(one, f"{one}:2", 60)
        number, end = (await here.row(case))["register_no"], await here.last_day(case)
        file = notice(tmp_path, end, end + timedelta(days=1))
        listed = await huiyin("case", "list", "--provisional", "--office", OFFICE, "--json")
        assert case in [item["id"] for item in json.loads(listed.stdout)["items"]], listed.stderr
        added = await huiyin("calendar", "add", str(file), *known)
        assert added.returncode == 0, added.stdout + added.stderr
        moved = await here.last_day(case)
        assert moved > end + timedelta(days=1)
        assert f"✓ {number} {GRADE}: {end} → {moved}" in added.stdout
        again = await huiyin("calendar", "add", str(file))
        assert again.returncode == 0, again.stdout + again.stderr
        assert "same content" in again.stdout
        assert await here.events(case, "revised") == 1
        other = notice(tmp_path, end, end + timedelta(days=7), "other.toml")
        refused = await huiyin("calendar", "add", str(other))
        assert refused.returncode == 2
        assert "--replace --reason" in refused.stdout
        replaced = await huiyin("calendar", "add", str(other), "--replace", "--reason", "更正通知")
        assert replaced.returncode == 0, replaced.stdout + replaced.stderr
        assert f"{number} {GRADE}: {moved} → {await here.last_day(case)}" in replaced.stdout
    await _case_commands(huiyin, case, number)


async def _case_commands(huiyin: Desk, case: str, number: str) -> None:
    """The record alone answers them: no worker runs any more, and no engine is asked."""
    dead = {"HUIYIN_ENGINE_ADDRESS": "127.0.0.1:1"}
    for words in ((case,), (number, "--office", OFFICE)):
        shown = await huiyin("case", "show", *words, **dead)
        assert shown.returncode == 0, shown.stderr
    for part in (number, "approved opinion  meng", f"date_moved {GRADE}", "更正通知", "转办 transfer: lin", "三.3", "slip → meng"):
        assert part in shown.stdout, part
    why = await huiyin("case", "why", case, GRADE, **dead)
    assert "三.3" in why.stdout, why.stderr
    assert "演示假" in why.stdout
    assert (await huiyin("case", "why", case, "no-such-term", **dead)).returncode == 2
    assert (await huiyin("case", "show", "no-such-case", **dead)).returncode == 2
    filtered = await huiyin("case", "list", "--waiting-on", "lin", "--phase", "opinion", "--limit", "1", **dead)
    assert filtered.returncode == 0, filtered.stderr
    assert len(filtered.stdout.splitlines()) == 2
    down = await huiyin("case", "list", HUIYIN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (down.returncode, "Traceback" in down.stderr) == (1, False)
    assert "huiyin up" in down.stderr


async def test_with_the_engine_down_the_year_is_kept_and_the_command_says_so(database: str, tmp_path: Path) -> None:
    huiyin = Desk("127.0.0.1:1", database, tmp_path, "huiyin-down")
    codec_keys(tmp_path / "keys")
    end = date(2031, 1, 6)
    out = await huiyin("calendar", "add", str(notice(tmp_path, end, end)))
    assert (out.returncode, "Traceback" in out.stderr) == (1, False)
    assert "run the same command" in out.stdout
    assert (tmp_path / "calendars" / "2031.toml").exists()
    listed = await huiyin("calendar", "list")
    assert "2031" in listed.stdout


async def test_a_command_makes_no_keys_of_its_own(database: str, tmp_path: Path) -> None:
    """With the wrong home a fresh key would seal a message that no worker could open."""
    huiyin = Desk("127.0.0.1:1", database, tmp_path, "huiyin-keyless")
    end = date(2031, 1, 6)
    for words in (("calendar", "add", str(notice(tmp_path, end, end))), ("audit", "replay", "case-none")):
        out = await huiyin(*words)
        assert out.returncode == 2
        assert "HUIYIN_KEYS" in out.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["year.toml"]


async def test_doctor_finds_cases_that_nobody_told(rig: Rig, database: str) -> None:
    await rig.pool.execute("insert into cases (case_id, office, book, version, chain_head, phase, provisional, \"row\") values ('untold', 'o', 'b', 1, '', 'handling', true, '{}')")
    today = date(2031, 11, 20)
    assert await waiting(database, {2031}, today) == [], "they wait for a year that is not published"
    (found,) = await waiting(database, {2031, 2032}, today)
    assert (found.level, "calendar add" in found.remedy_en) == ("warn", True)
    await rig.pool.execute("update cases set phase = 'archived' where provisional")
    assert await waiting(database, {2031, 2032}, today) == []
