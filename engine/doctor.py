"""Looks at an installation and says what is wrong and what to do. Changes nothing."""

import asyncio
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import asyncpg

from engine.configuration import dynamic_values, has_faults
from engine.engine_checks import check_engine
from engine.findings import Finding, fail, ok, warn

SKIPPING_FLAG = "frontend.WorkflowTimeSkippingEnabled"
OLDEST_DATABASE = 150000
LOOK_AHEAD_MONTH = 11  # the State Council's notice for the next year comes in November


@dataclass(frozen=True)
class Subject:
    """What to look at. `years` = calendar years published for the office, `today` in +08:00, `engine_folder` = where an
    embedded engine's configuration lies (None in a cluster).
    """

    engine: str
    namespace: str
    database: str
    keys: Path
    today: date
    years: Collection[int]
    engine_folder: Path | None = None
    migrations: Path = Path(__file__).resolve().parent.parent / "migrations"
    story_clock: bool = False


async def examine(subject: Subject) -> list[Finding]:
    """All findings, the engine's first."""
    engine, database = await asyncio.gather(
        check_engine(subject.engine, subject.namespace), check_database(subject.database, subject.migrations)
    )
    return [
        *engine,
        *check_configuration(subject.engine_folder, story_clock=subject.story_clock),
        *database,
        *check_calendar(subject.years, subject.today),
        *check_keys(subject.keys),
    ]


def healthy(findings: Collection[Finding]) -> bool:
    """True when nothing failed; warnings do not count."""
    return all(finding.level != "fail" for finding in findings)


async def check_database(url: str, migrations: Path) -> list[Finding]:
    """Reachable, new enough, at this version's schema, pages with checksums."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return [
            fail(
                "database",
                f"数据库无应答（{type(error).__name__}）",
                f"the database does not answer ({type(error).__name__})",
                "运行 huiyin up，或检查 HUIYIN_DATABASE_URL",
                "run `huiyin up`, or check HUIYIN_DATABASE_URL",
            )
        ]
    try:
        version = int(await connection.fetchval("show server_version_num"))
        checksums = await connection.fetchval("show data_checksums") == "on"
        has_table = await connection.fetchval("select to_regclass('migrations') is not null")
        applied = {row["name"] for row in await connection.fetch("select name from migrations")} if has_table else set()
    finally:
        await connection.close()
    return [database_version(version), database_schema(applied, migrations), database_checksums(checksums)]


def database_version(version: int) -> Finding:
    shown = f"PostgreSQL {version // 10000}.{version % 10000}"
    if version >= OLDEST_DATABASE:
        return ok("database", f"{shown} 应答正常", f"{shown} answers")
    return fail("database", f"{shown} 过旧", f"{shown} is too old", "升级到 15 或更新", "upgrade to 15 or newer")


def database_schema(applied: Collection[str], migrations: Path) -> Finding:
    wanted = {path.name for path in migrations.glob("[0-9]*.sql")}
    if missing := sorted(wanted - set(applied)):
        names = "、".join(missing)
        return fail("schema", f"缺少迁移：{names}", f"migrations missing: {names}", "运行 huiyin db migrate", "run `huiyin db migrate`")
    if newer := sorted(set(applied) - wanted):
        names = "、".join(newer)
        return warn("schema", f"数据库比程序新：{names}", f"the database is newer than this program: {names}", "升级程序", "upgrade")
    return ok("schema", "表结构为本版", "the schema is this version's")


def database_checksums(checksums: bool) -> Finding:
    if checksums:
        return ok("checksums", "数据页有校验和", "data pages have checksums")
    return warn("checksums", "数据页没有校验和", "data pages have no checksums", "停库后运行 pg_checksums --enable", "stop it and run `pg_checksums --enable`")


def check_calendar(years: Collection[int], today: date) -> list[Finding]:
    """This year must be published; the next one from November on should be."""
    remedy_zh, remedy_en = "huiyin calendar add 年份.toml", "huiyin calendar add YEAR.toml"
    found = []
    for year, needed in ((today.year, True), (today.year + 1, today.month >= LOOK_AHEAD_MONTH)):
        if year in years:
            found.append(ok("calendar", f"{year} 年放假安排已录入", f"the calendar of {year} is published"))
        elif needed:
            say = fail if year == today.year else warn
            found.append(
                say("calendar", f"{year} 年放假安排未录入，日期为暂定", f"the calendar of {year} is missing: dates are provisional", remedy_zh, remedy_en)
            )
    return found


def check_keys(keys: Path) -> list[Finding]:
    """Present, and readable by nobody else."""
    files = [path for path in keys.iterdir() if path.is_file()] if keys.is_dir() else []
    if not files:
        return [fail("keys", f"{keys} 没有密钥", f"no keys in {keys}", "运行 huiyin up 生成，或恢复备份", "run `huiyin up` to make them, or restore them")]
    loose = sorted(path.name for path in (keys, *files) if path.stat().st_mode & 0o077)
    if loose:
        names = "、".join(loose)
        return [fail("keys", f"他人可读：{names}", f"others may read: {names}", f"chmod -R go= {keys}", f"chmod -R go= {keys}")]
    return [ok("keys", f"{len(files)} 个密钥，仅本人可读", f"{len(files)} keys, readable by their owner only")]


def check_configuration(folder: Path | None, *, story_clock: bool) -> list[Finding]:
    """No injected faults, no time skipping, no story clock in what was configured."""
    found = []
    if folder is not None and has_faults(folder):
        found.append(
            fail("faults", "引擎配置含故障注入", "the engine's configuration injects faults", f"删除 {folder} 中的配置后重启", f"remove the configuration in {folder} and start again")
        )
    elif folder is not None:
        found.append(ok("faults", "引擎配置不含故障注入", "no faults are injected"))
    if folder is not None and dynamic_values(folder).get(SKIPPING_FLAG):
        found.append(fail("time", "引擎配置允许跳时", "the engine's configuration allows time skipping", "关闭后重启", "turn it off and start again"))
    if story_clock or os.environ.get("HUIYIN_STORY_CLOCK") == "1":
        found.append(fail("time", "故事时钟已打开", "the story clock is on", "去掉 HUIYIN_STORY_CLOCK", "unset HUIYIN_STORY_CLOCK"))
    return found
