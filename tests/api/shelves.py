"""All stories as cases of one office each, in a real PostgreSQL; and the core's own cases, to hold lists and searches against."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg

from activities.migrate import migrate
from activities.records import Records
from api.indexing import Index
from api.keyring import Keyring
from api.laws import Laws
from api.office import Parts
from api.words import sealed
from cli import library
from domain.acts import ACTS
from domain.core import Case, Event, Law, Reader, in_place, instant, law_hash, law_text, law_value, line, reader_of, view
from domain.stories import run
from workflows.batches import batch_of

ACT_OF = {row.event: name for name, row in ACTS.items()}


@dataclass
class Shelf:
    """The record, the laws by office, the cases as the core has them with their events, and what the API's functions ask of a process."""

    pool: asyncpg.Pool
    laws: dict[str, Law]
    cases: dict[str, list[Case]]
    events: dict[str, list[Event]]
    here: Parts

    def readers(self, office: str) -> list[Reader]:
        law = self.laws[office]
        return [reader_of(person, law) for person in law.office["person"]]

    def stand_ins(self, office: str, every: int = 1) -> list[Reader]:
        """People without a post that looks over cases, each in the place of those who have one: every so-manieth pair, and one person for two."""
        law, people = self.laws[office], self.laws[office].office["person"]
        looking = [person for person in people if reader_of(person, law).looks_over]
        others = [person for person in people if reader_of(person, law).outside]
        pairs = [(one, meant) for meant in looking for one in others][::every]
        return [reader for one, meant in pairs for reader in in_place(reader_of(one, law, [meant]), law)] + [in_place(reader_of(one, law, looking[:2]), law)[-1] for one in others[:3] if looking]

    async def rows(self, office: str) -> dict[str, dict[str, Any]]:
        return {row["case_id"]: json.loads(row["row"]) for row in await self.pool.fetch("select case_id, row from cases where office = $1", office)}

    def seen(self, office: str, one: Reader, rows: dict[str, dict[str, Any]]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """Line and view of every case that the core lets this reader know of."""
        views = {case.id: view(case, one, self.laws[office]) for case in self.cases[office]}
        return {key: (line(rows[key], shown, one), shown) for key, shown in views.items() if shown is not None}


@asynccontextmanager
async def shelf(database: str, folder: Path, stories: Iterable[Mapping[str, Any]] | None = None) -> AsyncIterator[Shelf]:
    """The stories (all of them where none are named) in a migrated database; words that the API would seal are sealed."""
    await migrate(database)
    keys = Keyring.load(folder)
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        bound, index = Laws({}), Index(keys)
        made = Shelf(pool, {}, {}, {}, cast("Parts", SimpleNamespace(pool=pool, laws=bound, keys=keys, index=index)))
        for story in ({**told, "story": f"{told['story']}-listed"} for _, told in library.walked()) if stories is None else stories:
            await put(made, story)
        bound.offices = made.laws
        yield made


async def put(here: Shelf, story: Mapping[str, Any]) -> Case | None:
    """One story as a case of its office; None where nothing was filed."""
    name, law = f"list-{story['office']}", here.laws.get(f"list-{story['office']}") or library.law(story["rulebook"], story["office"])
    out = run(story, law)
    if not out.events or out.case.phase == "none":
        return None
    year = instant(out.case.attrs["received_at"]).year if out.case.attrs.get("received_at") else 2025
    kept = [closed(here.here.keys, name, year, event) for event in out.events]
    batch = batch_of(Case.new(out.case.id, name, story["rulebook"]), out.case, kept, law, law_hash(law))
    no = f"{len(here.events)}" if batch.row["register_no"] else ""
    await Records(here.pool).record(replace(batch, row={**batch.row, "office": name, "register_no": no}, law_text=law_text(law_value(law))))
    here.laws[name] = law
    here.cases.setdefault(name, []).append(out.case)
    here.events[out.case.id] = kept
    return out.case


def closed(keys: Keyring, office: str, year: int, event: Event) -> Event:
    """An event with its words sealed as the API seals them."""
    fields = event.data.get("fields")
    return replace(event, data={**event.data, "fields": sealed(keys, office, year, ACT_OF.get(event.kind, ""), fields)}) if fields else event
