"""The demo's own installation: a folder of its own, sample offices that say 演示, an engine that skips time, one clock for all."""

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client

from api import sealing
from api.identity import Tokens
from api.keyring import Keyring
from api.receipts import index_of, receipt
from cli import library
from cli.demo.desk import Desk
from cli.telling import Teller, case_of
from domain.core import Law
from domain.stories import when
from domain.workdays import ZONE
from engine.folder import demo_folder, held, wipe
from engine.postgres import clear_remains
from engine.progress import Progress
from engine.up import Options, Running, parts
from workflows import contract
from workflows.converter import CodecKeys
from workflows.keyfile import ACTOR, codec_keys
from workflows.plugin import plugin

DAY = when("Thu 2026-12-31 16:00")  # after every story's end; whatever is due next falls into 2027, which is not published yet
ENVIRONMENT = "environment.sh"


@dataclass
class Stage:
    """What a story needs: the teller, the laws of the demo's offices, the keys, a desk at the API, and the demo's clock."""

    running: Running
    teller: Teller
    laws: Mapping[str, Law]
    keys: Keyring
    codec: CodecKeys
    desk: Desk
    offset: int

    @property
    def folder(self) -> Path:
        """The demo's data folder."""
        return self.running.folder.path

    def now(self) -> datetime:
        """The demo's clock: its day, running on from the start of the demo."""
        return datetime.now(ZONE) + timedelta(seconds=self.offset)


@asynccontextmanager
async def stage(path: Path, progress: Progress, stop: Any, day: datetime = DAY) -> AsyncIterator[Stage | None]:
    """A fresh demo on that folder for the length of the context; None when `stop` was set while it came up. `day` = where its clock begins.

    WrongFolder, NoEngine, PartFailed are the caller's to show.
    """
    folder = demo_folder(path)
    with held(folder):
        await clear_remains(folder.cluster, folder.sockets)
        wipe(folder)
    laws = offices_of(path / "offices")
    offset = round((day - datetime.now(ZONE)).total_seconds())  # whole seconds, as the API's own instants are
    env = {"HUIYIN_OFFICES": str(path / "offices"), "HUIYIN_STORY_OFFSET": str(offset), "HUIYIN_METRICS": ""}
    options = Options(kind="demo", time_skipping=True, story_clock=True, env=env)
    async with parts(path, options, progress=progress, stop=stop) as running:
        if running is None:
            yield None
            return
        keep_environment(path, running.environment(story_clock=True) | env)
        codec, keys = codec_keys(running.folder.keys), Keyring.load(running.folder.keys)
        client = await Client.connect(running.engine, namespace=running.namespace, plugins=[plugin(codec, story_clock=True)])
        async with asyncpg.create_pool(running.database, min_size=1, max_size=6) as pool:
            teller = Teller(client, pool, ACTOR, keys.signer("actor"), keys.public("actor"), further={contract.SYSTEM_KEY: keys.public("system")})
            desk = Desk(running.api, Tokens(keys, running.folder.keys / "revoked"))
            yield Stage(running, teller, laws, keys, codec, desk, offset)


def offices_of(folder: Path) -> dict[str, Law]:
    """The sample offices, copied with 演示 in name and register number, so that every list, notice and view says it; their laws by name."""
    folder.mkdir(parents=True, exist_ok=True)
    laws = {}
    for sample in sorted(library.OFFICES.glob("*.toml")):
        copy = folder / sample.name
        copy.write_text(marked(sample.read_text(encoding="utf-8")), encoding="utf-8")
        laws[sample.stem] = library.law(library.office(str(copy))["office"]["rulebook"], str(copy))
    return laws


def marked(text: str) -> str:
    """An office file as the demo has it: name and register number say 演示, nobody is told outside."""
    head, office, rest = re.split(r"(?m)^(\[office\]\n(?:.+\n)*)", text, maxsplit=1)
    for key, pattern in (("zh", r"\1【演示】"), ("en", r"\1 (demo)")):
        office = re.sub(rf'(?m)^({key} = "[^"]*)(?=")', pattern, office)
    office = re.sub(r'(?m)^(number = ")', r"\1演示·", office)
    return head + office + re.sub(r",?\s*notify = \[[^\]]*\]", "", rest)


def demonstrated(story: Mapping[str, Any], keys: Keyring, number: int) -> dict[str, Any]:
    """The story with an invented person behind it, sealed as the API seals, and found by receipt code; an anonymous one stays so."""
    told = deepcopy(dict(story))
    fields = told["act"][0].setdefault("with", {})
    digests = [index_of(keys, receipt(keys, case_of(story)))]
    if not fields.get("anonymous"):
        person = {"name": f"示例·投诉人{number:03}", "telephone": f"1390000{number:04}"}
        year = when(told["act"][0]["at"]).year
        fields["identity"] = sealing.seal(keys, story["office"], year, {"identity": person, "text": str(story.get("title", ""))})
        digests += sealing.digests(keys, story["office"], person)
    fields["digests"] = [*fields.get("digests", []), *digests]
    return told


def keep_environment(path: Path, env: Mapping[str, str]) -> None:
    """A file to source, so that `huiyin audit replay …` and its relatives speak to the demo."""
    file = path / ENVIRONMENT
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}='{value}'\n" for name, value in sorted(env.items()) if value), encoding="utf-8")


def terminal() -> bool:
    """Whether a person looks on: then the demo stays up after its checks."""
    return os.isatty(1)
