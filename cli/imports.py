"""`huiyin import register`: an old register from the command line, by the same code as the API; progress as it goes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client

from api import queries_imports
from api.answers import Answers
from api.errors import Problem, body_of
from api.gateway import Gateway, now
from api.identity import Caller, Tokens
from api.imports import service
from api.imports.reports import report_sheet
from api.indexing import Index
from api.keyring import Keyring
from api.laws import Laws
from api.office import Parts
from api.offices import Offices
from api.roster import People
from api.settings import Settings
from api.tries import Tries
from api.vault import Kept, Vault
from api.versions import Versions
from domain.core import Law, reader_of
from workflows.keyfile import codec_keys
from workflows.place import Place
from workflows.plugin import plugin

Say = Callable[[str], None]
STEP = 2.0  # seconds between two lines of progress
SHOWN = 20  # findings printed; the workbook has all


class Refused(Exception):
    """The import cannot go on; the message says why and what to do."""


@asynccontextmanager
async def parts_of(settings: Settings, here: Place) -> AsyncIterator[Parts]:
    """The parts of an installation, as an API process has them."""
    keys = Keyring.load(settings.keys)
    client = await Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(codec_keys(settings.keys), story_clock=settings.story_clock)], lazy=True)
    async with asyncpg.create_pool(settings.database, min_size=0, max_size=6, timeout=2, command_timeout=30) as pool:
        laws = Laws(Offices(here.offices, here.calendars, here.keys))
        made = Parts(keys, Tokens(keys, settings.keys / "revoked"), Gateway(client, keys), pool, Answers(pool), laws, Vault(settings.files, keys), Tries(), Index(keys), Versions(settings.keys), People(settings.keys), settings.story_clock)
        yield made
        await made.beside.end()


async def register(settings: Settings, here: Place, file: Path, who: Caller, reason: str, mapping: Path | None, report: Path | None, say: Say, *, dry_run: bool) -> int:
    """Dry-run a register, and run it unless told not to: 0 when every row was taken, 1 when some were refused. Raises Refused."""
    async with parts_of(settings, here) as made:
        law = made.laws.offices.get(who.office)
        if law is None or who.person not in law.office.get("person", {}):
            raise Refused(f"{who.office} {who.person}: 没有此机构或此人 no such office or person")
        try:
            return await _registered(made, law, file, who, reason, mapping, report, say, dry_run=dry_run)
        except Problem as wrong:
            body = body_of(wrong)
            raise Refused(f"{body['title']} {body['title_en']}: {body['remedy']} {body['remedy_en']} {body.get('detail') or ''}") from None


async def _registered(made: Parts, law: Law, file: Path, who: Caller, reason: str, mapping: Path | None, report: Path | None, say: Say, *, dry_run: bool) -> int:
    service.allowed(reader_of(who.person, law))
    kept, year = await asyncio.to_thread(_kept, made.vault, who.office, file)
    given = service.mapping_of(mapping.read_bytes()) if mapping else None
    name = await service.submit(made, law, who, reason, given, kept, year)
    await service.check(made, law, who.office, name, 0)
    shown = await _watched(made, who.office, name, "预演 dry run", say)
    _told(shown, say)
    found = await queries_imports.findings(made.pool, name)
    if not dry_run and shown["state"] == "checked":
        await service.run(made, law, who, name, shown["report"], 0)
        shown = await _watched(made, who.office, name, "导入 import", say)
        done = shown["done"]
        say(f"✓ 旧册记录 records {done['record']}  在办件 cases {done['case']}  已有 known {done['known']}  拒绝 refused {done['refused']}")
        found = await queries_imports.findings(made.pool, name)
    for one in found[:SHOWN]:
        say(f"✗ {one['row'] or ''} {one['column']}: {one['title']} {one['title_en']} → {one['remedy']}  {one['detail'] or ''}")
    if report:
        report.write_bytes(await report_sheet(made.pool, name))
        say(f"✓ {report}")
    if shown["error"]:
        raise Refused(f"{shown['error']['title']} {shown['error']['title_en']}: {shown['error']['remedy']} {shown['error']['remedy_en']}")
    return 1 if found else 0


def _kept(vault: Vault, office: str, file: Path) -> tuple[Kept, int]:
    year = now().year
    writer = vault.writer(office, year)
    try:
        writer.write(file.read_bytes())
        return writer.close(), year
    except BaseException:
        writer.discard()
        raise


async def _watched(made: Parts, office: str, name: str, what: str, say: Say) -> dict[str, Any]:
    """Wait until nobody works on it any more."""
    while True:
        shown = await service.shown(made, await service.row_of(made, office, name))
        if not made.beside.busy(name):
            return shown
        done = shown["done"]
        say(f"… {what}: {done['record'] + done['case'] + done['known'] + done['refused']}/{shown['rows']['total'] or '?'}")
        await asyncio.sleep(STEP)


def _told(shown: dict[str, Any], say: Say) -> None:
    rows = shown["rows"]
    say(f"{shown['id']}  {shown['state']}")
    say(f"共 rows {rows['total']}: 旧册记录 to be records {rows['record']}, 在办件 to be cases {rows['case']}, 已有 known {shown.get('known', 0)}, 拒绝 refused {rows['refused']}")
    if shown.get("with_missed"):
        say(f"其中 {shown['with_missed']} 件录入前已过期,只记明,不催办 were late before they came in: noted, nobody is urged")
    for one in shown.get("preview", ()):
        say(f"  {one['row']}: {one['number']}  收 {one['received_at'][:16]}  {'→ ' + one['phase']}  " + " ".join(f"{step['act']}@{step['at'][:10]}" for step in one["steps"]))
    for one in shown.get("groups", ()):
        say(f"  ✗ ×{one['rows']} {one['column']}: {one['code']} {one.get('value', '')}")
    if shown.get("beside"):
        say(f"  不作栏目、随件封存的列 columns kept sealed beside: {'、'.join(shown['beside'])}")


def mapping(here: Place, file: Path, office: str) -> str:
    """The mapping that the headings of a file suggest, as TOML to edit."""
    from api.imports.guessing import KNOWN, guess
    from api.imports.mapping import to_toml
    from api.imports.reading import Unreadable, read

    law = Laws(Offices(here.offices, here.calendars, here.keys)).offices.get(office)
    if law is None:
        raise Refused(f"没有此机构 no such office: {office}")
    try:
        return to_toml(guess(read(file.read_bytes(), "", 0, KNOWN).headings, law))
    except Unreadable as wrong:
        raise Refused(str(wrong)) from None
