"""`doctor` on a sound installation and on each thing that can be wrong."""

from datetime import date
from pathlib import Path

import pytest

from activities.migrate import migrate
from engine import doctor, temporal
from engine.configuration import write_configuration
from engine.doctor import Subject, check_calendar, check_configuration, check_database, check_keys, examine, healthy
from engine.engine_checks import check_engine
from engine.findings import Finding
from engine.namespaces import RETENTION_DAYS
from engine.ports import any_free, free_ports
from engine.stores import Memory
from engine.testing import RunningEngine, database, engine

MIGRATIONS = Path(doctor.__file__).parents[1] / "migrations"


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.about: finding.level for finding in findings}


def keys_in(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "codec").touch(0o600)
    return folder


@pytest.mark.engine
@pytest.mark.database
async def test_a_sound_installation(tmp_path: Path) -> None:
    async with engine(time_skipping=False) as running, database() as cluster:
        await migrate(cluster.url())
        years, today = {2026, 2027}, date(2026, 11, 24)
        subject = Subject(running.address, running.namespace, cluster.url(), keys_in(tmp_path / "keys"), today, years, running.server.plan.folder)
        findings = await examine(subject)
    assert healthy(findings), findings
    assert set(levels(findings)) == {"engine", "namespace", "attributes", "time", "faults", "database", "schema", "checksums", "calendar", "keys"}
    assert f"{RETENTION_DAYS} days" in next(finding.en for finding in findings if finding.about == "namespace")


@pytest.mark.engine
async def test_time_skipping_is_found_by_asking_the_server(server: RunningEngine) -> None:
    assert levels(await check_engine(server.address, server.namespace))["time"] == "fail"


@pytest.mark.engine
async def test_a_namespace_that_is_not_there(server: RunningEngine) -> None:
    assert levels(await check_engine(server.address, "nobodys")) == {"engine": "ok", "namespace": "fail"}


async def test_an_engine_that_does_not_answer() -> None:
    (finding,) = await check_engine(f"127.0.0.1:{any_free()}", "huiyin")
    assert finding.level == "fail"
    assert "huiyin up" in finding.remedy_en


@pytest.mark.database
async def test_a_database_without_our_tables() -> None:
    async with database() as cluster:
        assert levels(await check_database(cluster.url(), MIGRATIONS))["schema"] == "fail"
    (finding,) = await check_database(cluster.url(), MIGRATIONS)
    assert (finding.about, finding.level) == ("database", "fail")


@pytest.mark.parametrize(
    ("today", "years", "expected"),
    [
        (date(2026, 10, 31), {2026}, ["ok"]),
        (date(2026, 11, 1), {2026}, ["ok", "warn"]),
        (date(2026, 11, 1), {2026, 2027}, ["ok", "ok"]),
        (date(2027, 1, 1), {2026}, ["fail"]),
    ],
)
def test_calendar_years(today: date, years: set[int], expected: list[str]) -> None:
    assert [finding.level for finding in check_calendar(years, today)] == expected


def test_keys(tmp_path: Path) -> None:
    assert levels(check_keys(tmp_path / "absent")) == {"keys": "fail"}
    keys = keys_in(tmp_path / "keys")
    assert levels(check_keys(keys)) == {"keys": "ok"}
    (keys / "codec").chmod(0o644)
    (finding,) = check_keys(keys)
    assert (finding.level, "codec" in finding.zh) == ("fail", True)


def test_what_production_never_has_in_its_configuration(tmp_path: Path) -> None:
    write_configuration(tmp_path, Memory(), free_ports(temporal.PORT_NAMES), time_skipping=True, faults=0.01)
    assert [finding.level for finding in check_configuration(tmp_path, story_clock=True)] == ["fail", "fail", "fail"]
    write_configuration(tmp_path, Memory(), free_ports(temporal.PORT_NAMES))
    assert levels(check_configuration(tmp_path, story_clock=False)) == {"faults": "ok"}
